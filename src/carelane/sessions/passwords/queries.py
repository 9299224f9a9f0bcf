"""Every SQL statement about passwords."""

from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import Connection
from carelane.sessions.queries import Account

# A password that its owner chose ends a lock: strangers' failures were none of the owner's.
_SET: LiteralString = """
UPDATE staff SET password_hash = %(password_hash)s, failed_sign_ins = 0, unlocks_at = NULL
WHERE organization_id = %(organization_id)s AND id = %(staff_id)s AND deactivated_at IS NULL
  AND (%(before)s::text IS NULL OR password_hash = %(before)s)
RETURNING id, first_name, last_name, role, password_hash, totp_secret_sealed
"""
_LOCK_FORGETFUL: LiteralString = """
SELECT id FROM staff
WHERE organization_id = %s AND email_key = lower(%s) AND password_hash IS NOT NULL AND deactivated_at IS NULL
FOR NO KEY UPDATE
"""


class NewPassword(msgspec.Struct, frozen=True, kw_only=True):
    """`before`: only in place of this one."""

    staff_id: UUID
    password_hash: str
    before: str | None = None

    def __repr__(self) -> str:
        return "NewPassword(***)"


async def set_password(conn: Connection, organization_id: UUID, new: NewPassword) -> Account | None:
    """The account as it stands then. None: the member is inactive, or has another password by now."""
    async with conn.cursor(row_factory=class_row(Account)) as cursor:
        await cursor.execute(_SET, msgspec.structs.asdict(new) | {"organization_id": organization_id})
        return await cursor.fetchone()


async def lock_forgetful(conn: Connection, organization_id: UUID, email: str) -> UUID | None:
    """The active member with this address and a password."""
    row = await (await conn.execute(_LOCK_FORGETFUL, (organization_id, email))).fetchone()
    return row[0] if row else None
