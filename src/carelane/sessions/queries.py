"""Every SQL statement about sessions, and about the accounts that open them: tries to sign in, used codes."""

from datetime import datetime, timedelta
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import Connection
from carelane.kit.phi import Phi
from carelane.permissions import Role

# Counts the try and, at each `most_failures` of them in a row, locks: first for `lock`, then twice as long each time. Rows
# are updated one after the other, so the sixth of ten concurrent tries finds the account locked.
_COUNT_TRY: LiteralString = """
failed_sign_ins = t.failed_sign_ins + 1,
unlocks_at = CASE WHEN (t.failed_sign_ins + 1) %% %(most_failures)s = 0 THEN
  %(now)s + lock_length(t.failed_sign_ins + 1, %(most_failures)s, %(lock)s, %(longest_lock)s) END
"""
_IS_OPEN: LiteralString = """
NOT is_locked(t.unlocks_at, lock_length(t.failed_sign_ins, %(most_failures)s, %(lock)s, %(longest_lock)s), %(now)s)
"""
_CLAIM_TRY: LiteralString = f"""
UPDATE staff t SET {_COUNT_TRY}
WHERE t.organization_id = %(organization_id)s AND t.email_key = lower(%(email)s) AND t.password_hash IS NOT NULL
  AND t.deactivated_at IS NULL AND {_IS_OPEN}
RETURNING t.id, t.first_name, t.last_name, t.role, t.password_hash, t.totp_secret_sealed, NULL::uuid AS device_id
"""
_CLAIM_DEVICE_TRY: LiteralString = f"""
UPDATE staff_devices t SET {_COUNT_TRY}
FROM staff s
WHERE t.organization_id = %(organization_id)s AND t.token_digest = %(device)s AND {_IS_OPEN}
  AND s.organization_id = t.organization_id AND s.id = t.staff_id AND s.email_key = lower(%(email)s)
  AND s.password_hash IS NOT NULL AND s.deactivated_at IS NULL
RETURNING s.id, s.first_name, s.last_name, s.role, s.password_hash, s.totp_secret_sealed, t.id AS device_id
"""

# Whoever has the right code takes its step; a second one with the same code finds it taken, unless that step is of a clock that
# was ahead. The password must still be the one that was checked, and the role, which says whether a code is
# needed. Who came by a known device leaves the count of the others.
_CLAIM_ENTRY: LiteralString = """
UPDATE staff SET
  failed_sign_ins = CASE WHEN %(is_known)s THEN failed_sign_ins ELSE 0 END,
  unlocks_at = CASE WHEN %(is_known)s THEN unlocks_at END,
  totp_last_step = coalesce(%(step)s, totp_last_step),
  password_hash = coalesce(%(new_hash)s, password_hash)
WHERE organization_id = %(organization_id)s AND id = %(staff_id)s AND deactivated_at IS NULL
  AND password_hash = %(password_hash)s AND role = %(role)s
  AND (%(step)s::bigint IS NULL OR totp_last_step IS NULL OR totp_last_step < %(step)s
    OR totp_last_step > %(latest_step)s)
RETURNING id
"""
_SET_DEVICE_USED: LiteralString = """
UPDATE staff_devices SET failed_sign_ins = 0, unlocks_at = NULL, last_used_at = now() WHERE organization_id = %s AND id = %s
"""
_INSERT_DEVICE: LiteralString = """
INSERT INTO staff_devices (organization_id, id, staff_id, token_digest) VALUES (%s, %s, %s, %s)
"""
_FORGET_OLD_DEVICES: LiteralString = """
DELETE FROM staff_devices d WHERE d.organization_id = %(organization_id)s AND d.id IN (
  SELECT o.id FROM staff_devices o WHERE o.organization_id = %(organization_id)s AND o.staff_id = %(staff_id)s
  ORDER BY o.last_used_at DESC OFFSET %(most)s)
"""

_REVOKE: LiteralString = "UPDATE sessions SET revoked_at = now() WHERE organization_id = %s AND revoked_at IS NULL "


_FOUND: LiteralString = "SELECT organization_id, session_id, staff_id, patient_id, role, ends_at FROM"
_USE: LiteralString = f"{_FOUND} authenticate_session(%s)"
_LOOK_AT: LiteralString = f"{_FOUND} look_at_session(%s)"
_INSERT: LiteralString = """
INSERT INTO sessions (organization_id, id, staff_id, patient_id, token_digest, expires_at, idle_seconds, idle_ends_at, agent)
VALUES (%(organization_id)s, %(id)s, %(staff_id)s, %(patient_id)s, %(token_digest)s, %(expires_at)s, %(idle_seconds)s,
  %(idle_ends_at)s, %(agent)s)
"""


class NewSession(msgspec.Struct, frozen=True, kw_only=True):
    """Of a member of staff or of a patient. `idle_seconds`: it also ends so long after it was last used."""

    organization_id: UUID
    id: UUID
    staff_id: UUID | None = None
    patient_id: UUID | None = None
    token_digest: bytes
    expires_at: datetime
    idle_seconds: int | None = None
    idle_ends_at: datetime | None = None
    agent: str | None = None


class Session(msgspec.Struct, frozen=True):
    """`role` is that of the member of staff; None: it is a patient's."""

    organization_id: UUID
    session_id: UUID
    staff_id: UUID | None
    patient_id: UUID | None
    role: Role | None
    ends_at: datetime


class Account(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """What a try to sign in is checked against. `device_id`: the try came by a device that the member is known by."""

    id: UUID
    first_name: str
    last_name: str
    role: Role
    password_hash: str
    totp_secret_sealed: bytes | None
    device_id: UUID | None = None


class Lockout(msgspec.Struct, frozen=True, kw_only=True):
    most_failures: int
    lock: timedelta
    longest_lock: timedelta


async def claim_try(
    conn: Connection, organization_id: UUID, email: str, lockout: Lockout, now: datetime
) -> Account | None:
    """The account, with this try counted as a failure until it succeeds. None: unknown, deactivated or locked."""
    values = msgspec.structs.asdict(lockout) | {"organization_id": organization_id, "email": email, "now": now}
    async with conn.cursor(row_factory=class_row(Account)) as cursor:
        await cursor.execute(_CLAIM_TRY, values)
        return await cursor.fetchone()


async def claim_device_try(
    conn: Connection, organization_id: UUID, email: str, device: bytes, lockout: Lockout, now: datetime
) -> Account | None:
    """As `claim_try`, counted for the device with this digest. None: it is not known for the account, or locked itself."""
    values = msgspec.structs.asdict(lockout) | {"organization_id": organization_id, "email": email, "now": now}
    async with conn.cursor(row_factory=class_row(Account)) as cursor:
        await cursor.execute(_CLAIM_DEVICE_TRY, values | {"device": device})
        return await cursor.fetchone()


async def claim_entry(
    conn: Connection,
    organization_id: UUID,
    account: Account,
    step: int | None,
    latest_step: int,
    new_hash: str | None,
) -> bool:
    """Whether the member may come in: true for one caller with the code of this step. The count of failures is 0 then.

    No step after `latest_step` can have been used yet.
    """
    values = {
        "organization_id": organization_id,
        "staff_id": account.id,
        "password_hash": account.password_hash,
        "role": account.role,
        "step": step,
        "latest_step": latest_step,
        "new_hash": new_hash,
        "is_known": account.device_id is not None,
    }
    cursor = await conn.execute(_CLAIM_ENTRY, values)
    return await cursor.fetchone() is not None


async def set_device_used(conn: Connection, organization_id: UUID, device_id: UUID) -> None:
    await conn.execute(_SET_DEVICE_USED, (organization_id, device_id))


async def insert_device(
    conn: Connection, organization_id: UUID, device_id: UUID, staff_id: UUID, token_digest: bytes, most: int
) -> None:
    """A member is known by the `most` devices that were used last."""
    await conn.execute(_INSERT_DEVICE, (organization_id, device_id, staff_id, token_digest))
    await conn.execute(_FORGET_OLD_DEVICES, {"organization_id": organization_id, "staff_id": staff_id, "most": most})


async def find_session(conn: Connection, token_digest: bytes, *, is_use: bool = True) -> Session | None:
    """The session, unless it was signed out or its member deactivated; marks it used. Works in `db.across()`."""
    async with conn.cursor(row_factory=class_row(Session)) as cursor:
        await cursor.execute(_USE if is_use else _LOOK_AT, (token_digest,))
        return await cursor.fetchone()


async def insert_session(conn: Connection, session: NewSession) -> None:
    await conn.execute(_INSERT, msgspec.structs.asdict(session))


async def update_unlocked(conn: Connection, organization_id: UUID, staff_id: UUID) -> None:
    await conn.execute(
        "UPDATE staff SET failed_sign_ins = 0, unlocks_at = NULL WHERE organization_id = %s AND id = %s",
        (organization_id, staff_id),
    )


async def set_language(conn: Connection, organization_id: UUID, staff_id: UUID, language: str) -> None:
    """That which the console speaks in the browser in which the member signs in, or has just chosen it."""
    await conn.execute(
        "UPDATE staff SET language = %s WHERE organization_id = %s AND id = %s AND language IS DISTINCT FROM %s",
        (language, organization_id, staff_id, language),
    )


async def update_session_ended(conn: Connection, organization_id: UUID, token_digest: bytes) -> None:
    await conn.execute(_REVOKE + "AND token_digest = %s", (organization_id, token_digest))


async def update_sessions_ended(conn: Connection, organization_id: UUID, staff_id: UUID) -> int:
    """How many sessions of the member it ended that were still valid."""
    cursor = await conn.execute(
        _REVOKE + "AND staff_id = %s RETURNING expires_at > now()",
        (organization_id, staff_id),
    )
    return sum(was_good for (was_good,) in await cursor.fetchall())


async def delete_old_sessions(conn: Connection, older_than: timedelta) -> int:
    """Of all organizations. Works in `db.across()`."""
    cursor = await conn.execute("SELECT delete_old_sessions(%s)", (older_than,))
    row = await cursor.fetchone()
    return int(row[0]) if row else 0


async def delete_old_devices(conn: Connection, older_than: timedelta) -> int:
    """Those not used for so long, of all organizations. Works in `db.across()`."""
    cursor = await conn.execute("SELECT delete_old_devices(%s)", (older_than,))
    row = await cursor.fetchone()
    return int(row[0]) if row else 0
