"""Every SQL statement about second factors and recovery codes; `staff` deletes the codes, with all secrets of a member too."""

from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import Connection
from carelane.kit.phi import Phi
from carelane.permissions import Role
from carelane.staff.queries import delete_codes


class Owner(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """An active member, and what stands of the second factor."""

    id: UUID
    email: str
    first_name: str
    last_name: str
    role: Role
    password_hash: str | None
    totp_secret_sealed: bytes | None
    totp_pending_sealed: bytes | None
    organization_name: str
    # Recovery codes that were not used.
    codes_left: int


_FIND: LiteralString = """
SELECT s.id, s.email, s.first_name, s.last_name, s.role, s.password_hash, s.totp_secret_sealed, s.totp_pending_sealed,
  o.name AS organization_name,
  (SELECT count(*) FROM recovery_codes r WHERE r.organization_id = s.organization_id AND r.staff_id = s.id
     AND r.used_at IS NULL) AS codes_left
FROM staff s JOIN organizations o ON o.id = s.organization_id
WHERE s.organization_id = %s AND s.id = %s AND s.deactivated_at IS NULL
"""
_SET_PENDING: LiteralString = "UPDATE staff SET totp_pending_sealed = %s WHERE organization_id = %s AND id = %s"
# The pending secret must still be the one whose code was checked; who sets up the first one must not find one there.
_CLAIM_PENDING: LiteralString = """
UPDATE staff SET totp_secret_sealed = totp_pending_sealed, totp_pending_sealed = NULL, totp_last_step = %(step)s
WHERE organization_id = %(organization_id)s AND id = %(staff_id)s AND deactivated_at IS NULL
  AND totp_pending_sealed = %(pending)s AND totp_secret_sealed IS NOT DISTINCT FROM %(before)s
RETURNING id
"""
_FORGET: LiteralString = """
UPDATE staff SET totp_secret_sealed = NULL, totp_pending_sealed = NULL, totp_last_step = NULL
WHERE organization_id = %s AND id = %s
"""
_INSERT_CODES: LiteralString = """
INSERT INTO recovery_codes (organization_id, staff_id, code_digest) SELECT %s, %s, unnest(%s::bytea[])
"""
_CLAIM_CODE: LiteralString = """
UPDATE recovery_codes SET used_at = now()
WHERE organization_id = %s AND staff_id = %s AND code_digest = %s AND used_at IS NULL RETURNING staff_id
"""


async def find_owner(conn: Connection, organization_id: UUID, staff_id: UUID) -> Owner | None:
    async with conn.cursor(row_factory=class_row(Owner)) as cursor:
        await cursor.execute(_FIND, (organization_id, staff_id))
        return await cursor.fetchone()


async def set_pending(conn: Connection, organization_id: UUID, staff_id: UUID, sealed: bytes) -> None:
    await conn.execute(_SET_PENDING, (sealed, organization_id, staff_id))


async def claim_pending(conn: Connection, organization_id: UUID, owner: Owner, step: int) -> bool:
    """Makes the pending secret the second factor: true for one caller."""
    values = {
        "organization_id": organization_id,
        "staff_id": owner.id,
        "step": step,
        "pending": owner.totp_pending_sealed,
        "before": owner.totp_secret_sealed,
    }
    return await (await conn.execute(_CLAIM_PENDING, values)).fetchone() is not None


async def delete_second_factor(conn: Connection, organization_id: UUID, staff_id: UUID) -> None:
    """With its recovery codes."""
    await conn.execute(_FORGET, (organization_id, staff_id))
    await delete_codes(conn, organization_id, staff_id)


async def save_codes(conn: Connection, organization_id: UUID, staff_id: UUID, digests: list[bytes]) -> None:
    """Those of before are good no more."""
    await delete_codes(conn, organization_id, staff_id)
    await conn.execute(_INSERT_CODES, (organization_id, staff_id, digests))


async def claim_recovery_code(conn: Connection, organization_id: UUID, staff_id: UUID, code_digest: bytes) -> bool:
    """True once for each code."""
    return await (await conn.execute(_CLAIM_CODE, (organization_id, staff_id, code_digest))).fetchone() is not None
