"""Every SQL statement about logos."""

from functools import partial
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import LOCK, Connection
from carelane.organizations.logos.schemas import Use

# The digests of the organization `o`, parts of the statements that pages are made from; null: it has none.
PAGE_LOGO: LiteralString = "(SELECT z.digest FROM logos z WHERE z.organization_id = o.id AND z.used_on = 'pages')"
RECEIPT_LOGO: LiteralString = (
    "(SELECT z.digest FROM logos z WHERE z.organization_id = o.id ORDER BY z.used_on DESC LIMIT 1)"
)
_LIST: LiteralString = """
SELECT used_on, digest, media_type, width, height, octet_length(content) AS size FROM logos WHERE organization_id = %s
"""
_SAVE: LiteralString = """
INSERT INTO logos (organization_id, used_on, digest, media_type, width, height, content)
VALUES (%(organization_id)s, %(used_on)s, %(digest)s, %(media_type)s, %(width)s, %(height)s, %(content)s)
ON CONFLICT (organization_id, used_on) DO UPDATE SET digest = excluded.digest, media_type = excluded.media_type,
  width = excluded.width, height = excluded.height, content = excluded.content, updated_at = now()
WHERE logos.digest <> excluded.digest RETURNING used_on
"""
_DELETE: LiteralString = "DELETE FROM logos WHERE organization_id = %s AND used_on = %s RETURNING used_on"
_CONTENTS: LiteralString = "SELECT used_on, content FROM logos WHERE organization_id = %s"
_FIND: LiteralString = "SELECT media_type, content FROM find_logo(%s)"
_CONTENT: LiteralString = "SELECT content FROM logos WHERE organization_id = %s ORDER BY used_on DESC LIMIT 1"
_PAGE_DIGEST: LiteralString = "SELECT digest FROM logos WHERE organization_id = %s AND used_on = 'pages'"


class Logo(msgspec.Struct, frozen=True):
    """A picture, without its content."""

    used_on: Use
    digest: str
    media_type: str
    width: int
    height: int
    size: int


class LogoFile(msgspec.Struct, frozen=True):
    media_type: str
    content: bytes


async def list_logos(conn: Connection, organization_id: UUID, *, lock: LiteralString = "") -> list[Logo]:
    """At most one for each use."""
    async with conn.cursor(row_factory=class_row(Logo)) as cursor:
        await cursor.execute(_LIST + lock, (organization_id,))
        return await cursor.fetchall()


lock_logos = partial(list_logos, lock=LOCK)


async def list_contents(conn: Connection, organization_id: UUID) -> dict[Use, bytes]:
    """The pictures themselves."""
    cursor = await conn.execute(_CONTENTS, (organization_id,))
    return {use: bytes(content) for use, content in await cursor.fetchall()}


async def save_logo(conn: Connection, organization_id: UUID, logo: Logo, content: bytes) -> bool:
    """Whether it is another one than there was."""
    values: dict[str, object] = msgspec.structs.asdict(logo)
    values |= {"organization_id": organization_id, "content": content}
    return await (await conn.execute(_SAVE, values)).fetchone() is not None


async def delete_logo(conn: Connection, organization_id: UUID, use: Use) -> bool:
    """Whether there was one."""
    return await (await conn.execute(_DELETE, (organization_id, use))).fetchone() is not None


async def find_file(conn: Connection, digest: str) -> LogoFile | None:
    """Whosever it is. Works in `db.across()`."""
    async with conn.cursor(row_factory=class_row(LogoFile)) as cursor:
        await cursor.execute(_FIND, (digest,))
        return await cursor.fetchone()


async def find_receipt_logo(conn: Connection, organization_id: UUID) -> bytes | None:
    """The picture on receipts: their own, else that of the pages."""
    row = await (await conn.execute(_CONTENT, (organization_id,))).fetchone()
    return bytes(row[0]) if row else None


async def find_page_digest(conn: Connection, organization_id: UUID) -> str | None:
    row = await (await conn.execute(_PAGE_DIGEST, (organization_id,))).fetchone()
    return row[0] if row else None
