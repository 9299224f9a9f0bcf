"""Keys and clients with when they were used."""

from datetime import datetime
from functools import partial
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import LOCK, Connection
from carelane.organizations.queries import Credential

# Revoked ones are kept for good, so that nobody takes their secrets again.
MAX_SHOWN = 500
_COLUMNS: LiteralString = """
SELECT id, kind, name, secret_digest, scopes, revoked_at IS NOT NULL AS is_revoked, created_at, last_used_at, revoked_at
FROM credentials WHERE organization_id = %(organization_id)s
"""
_LIST: LiteralString = f"{_COLUMNS} ORDER BY revoked_at DESC NULLS FIRST, kind DESC, name, id LIMIT %(most)s"
_FIND: LiteralString = f"{_COLUMNS} AND id = %(id)s"
_TAKEN: LiteralString = """
SELECT id FROM credentials
WHERE organization_id = %s AND kind = %s AND name = %s AND revoked_at IS NULL AND id <> %s LIMIT 1
"""


class DatedCredential(Credential, frozen=True, kw_only=True):
    """With the moments of its life."""

    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None

    def plain(self) -> Credential:
        """Without them."""
        return msgspec.convert(self, Credential, from_attributes=True)


async def list_credentials(conn: Connection, organization_id: UUID) -> list[DatedCredential]:
    """Those that are good first."""
    async with conn.cursor(row_factory=class_row(DatedCredential)) as cursor:
        await cursor.execute(_LIST, {"organization_id": organization_id, "most": MAX_SHOWN})
        return await cursor.fetchall()


async def find_credential(
    conn: Connection, organization_id: UUID, credential_id: UUID, *, lock: LiteralString = ""
) -> DatedCredential | None:
    async with conn.cursor(row_factory=class_row(DatedCredential)) as cursor:
        await cursor.execute(_FIND + lock, {"organization_id": organization_id, "id": credential_id})
        return await cursor.fetchone()


lock_credential = partial(find_credential, lock=LOCK)


async def lock_credentials(conn: Connection, organization_id: UUID) -> None:
    """Nobody else makes or renames one until the transaction ends."""
    await conn.execute("SELECT FROM organizations WHERE id = %s FOR NO KEY UPDATE", (organization_id,))


async def find_is_taken(conn: Connection, organization_id: UUID, kind: str, name: str, but_id: UUID) -> bool:
    """Whether another one that is good is called so."""
    cursor = await conn.execute(_TAKEN, (organization_id, kind, name, but_id))
    return await cursor.fetchone() is not None
