"""Every SQL statement about links to set a password."""

from datetime import datetime, timedelta
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import Connection
from carelane.kit.phi import Phi
from carelane.permissions import Role
from carelane.sessions.links.access import Kind


class NewLink(msgspec.Struct, frozen=True, kw_only=True):
    organization_id: UUID
    id: UUID
    staff_id: UUID
    kind: Kind
    created_at: datetime
    expires_at: datetime


class OpenLink(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A link that is good, and whom it is for."""

    organization_id: UUID
    id: UUID
    staff_id: UUID
    kind: Kind
    expires_at: datetime
    email: str
    first_name: str
    last_name: str
    role: Role
    has_second_factor: bool
    organization_name: str
    tenant: str
    language: str | None


class Invitation(Phi, msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    staff_id: UUID
    email: str
    first_name: str
    last_name: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None


_OPEN: LiteralString = "l.used_at IS NULL AND l.revoked_at IS NULL AND l.expires_at > %(now)s"
_INSERT: LiteralString = """
INSERT INTO staff_links (organization_id, id, staff_id, kind, created_at, expires_at)
VALUES (%(organization_id)s, %(id)s, %(staff_id)s, %(kind)s, %(created_at)s, %(expires_at)s)
"""
_FIND: LiteralString = f"""
SELECT l.organization_id, l.id, l.staff_id, l.kind, l.expires_at, s.email, s.first_name, s.last_name, s.role,
  s.totp_secret_sealed IS NOT NULL AS has_second_factor, o.name AS organization_name, o.tenant, s.language
FROM staff_links l
JOIN staff s ON s.organization_id = l.organization_id AND s.id = l.staff_id AND s.deactivated_at IS NULL
JOIN organizations o ON o.id = l.organization_id
WHERE l.organization_id = %(organization_id)s AND l.id = %(id)s AND {_OPEN}
"""
_CLAIM: LiteralString = f"""
UPDATE staff_links l SET used_at = %(now)s
FROM staff s
WHERE l.organization_id = %(organization_id)s AND l.id = %(id)s AND l.kind = %(kind)s AND {_OPEN}
  AND s.organization_id = l.organization_id AND s.id = l.staff_id AND s.deactivated_at IS NULL
RETURNING l.staff_id
"""
_REVOKE_OTHERS: LiteralString = """
UPDATE staff_links SET revoked_at = now()
WHERE organization_id = %s AND staff_id = %s AND kind = %s AND used_at IS NULL AND revoked_at IS NULL
"""
_COUNT_LATELY: LiteralString = """
SELECT count(*) FILTER (WHERE created_at > %(lately)s), count(*)
FROM staff_links
WHERE organization_id = %(organization_id)s AND staff_id = %(staff_id)s AND kind = %(kind)s AND created_at > %(since)s
  AND created_at <= %(latest)s
"""
_INVITATIONS: LiteralString = """
SELECT l.id, l.staff_id, s.email, s.first_name, s.last_name, l.created_at, l.expires_at, l.used_at, l.revoked_at
FROM staff_links l JOIN staff s ON s.organization_id = l.organization_id AND s.id = l.staff_id
WHERE l.organization_id = %s AND l.kind = 'INVITATION'
"""
_LOCK_INVITATION: LiteralString = f"{_INVITATIONS} AND l.id = %s FOR UPDATE OF l"
_LIST_INVITATIONS: LiteralString = f"{_INVITATIONS} ORDER BY l.created_at DESC, l.id DESC LIMIT %s"
_FIND_OPEN_INVITATION: LiteralString = """
SELECT id FROM staff_links
WHERE organization_id = %s AND staff_id = %s AND kind = 'INVITATION' AND used_at IS NULL AND revoked_at IS NULL AND expires_at > %s
"""


async def insert_link(conn: Connection, link: NewLink) -> None:
    await conn.execute(_INSERT, msgspec.structs.asdict(link))


async def find_link(conn: Connection, organization_id: UUID, link_id: UUID, now: datetime) -> OpenLink | None:
    """None: it is over, or its member is deactivated."""
    async with conn.cursor(row_factory=class_row(OpenLink)) as cursor:
        await cursor.execute(_FIND, {"organization_id": organization_id, "id": link_id, "now": now})
        return await cursor.fetchone()


async def claim_link(conn: Connection, organization_id: UUID, link_id: UUID, kind: Kind, now: datetime) -> bool:
    """True for one caller. The member is locked already."""
    values = {"organization_id": organization_id, "id": link_id, "kind": kind, "now": now}
    return await (await conn.execute(_CLAIM, values)).fetchone() is not None


async def set_revoked(conn: Connection, organization_id: UUID, staff_id: UUID, kind: Kind) -> None:
    """Every link of this kind that the member has and that was not used."""
    await conn.execute(_REVOKE_OTHERS, (organization_id, staff_id, kind))


async def count_lately(
    conn: Connection, organization_id: UUID, staff_id: UUID, kind: Kind, now: datetime, windows: tuple[timedelta, ...]
) -> tuple[int, int]:
    """How many the member got within the shorter and within the longer window. Rows further ahead than the third are those of
    a clock that was wrong."""
    shorter, longer, tolerance = windows
    values = {"organization_id": organization_id, "staff_id": staff_id, "kind": kind}
    times = {"lately": now - shorter, "since": now - longer, "latest": now + tolerance}
    row = (await (await conn.execute(_COUNT_LATELY, values | times)).fetchall())[0]
    return row[0], row[1]


async def lock_invitation(conn: Connection, organization_id: UUID, link_id: UUID) -> Invitation | None:
    async with conn.cursor(row_factory=class_row(Invitation)) as cursor:
        await cursor.execute(_LOCK_INVITATION, (organization_id, link_id))
        return await cursor.fetchone()


async def list_invitations(conn: Connection, organization_id: UUID, limit: int) -> list[Invitation]:
    """Newest first."""
    async with conn.cursor(row_factory=class_row(Invitation)) as cursor:
        await cursor.execute(_LIST_INVITATIONS, (organization_id, limit))
        return await cursor.fetchall()


async def find_open_invitation(conn: Connection, organization_id: UUID, staff_id: UUID, now: datetime) -> UUID | None:
    row = await (await conn.execute(_FIND_OPEN_INVITATION, (organization_id, staff_id, now))).fetchone()
    return row[0] if row else None


async def delete_old(conn: Connection, older_than: timedelta) -> int:
    """Those that ended so long ago, of all organizations. Works in `db.across()`."""
    row = await (await conn.execute("SELECT delete_old_staff_links(%s)", (older_than,))).fetchone()
    return int(row[0]) if row else 0
