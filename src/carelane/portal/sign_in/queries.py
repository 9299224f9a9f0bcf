"""Every SQL statement about one-time codes and families of refresh tokens. `now` is the caller's clock."""

from datetime import datetime, timedelta
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import Connection
from carelane.patients.queries import STANDS_FOR

# The places that digests are bound to.
IDENTIFIER = "portal_codes.identifier_digest"
ADDRESS = "portal_codes.address_digest"
CODE = "portal_codes.code_digest"

# Serializes the counting of one organization. Codes are few; what is counted under it is exact.
_LOCK: LiteralString = "SELECT pg_advisory_xact_lock(hashtextextended('portal_codes ' || %s::text, 0))"
# A clock that was ahead for a while left rows behind from the future: they count for nobody.
_COUNT: LiteralString = """
SELECT
  (SELECT count(*) FROM portal_codes WHERE organization_id = %(organization_id)s
     AND identifier_digest = %(identifier)s AND created_at BETWEEN %(now)s::timestamptz - %(short)s::interval AND %(newest)s),
  (SELECT count(*) FROM portal_codes WHERE organization_id = %(organization_id)s
     AND identifier_digest = %(identifier)s AND created_at BETWEEN %(now)s::timestamptz - %(long)s::interval AND %(newest)s),
  (SELECT count(*) FROM portal_codes WHERE organization_id = %(organization_id)s
     AND address_digest = %(address)s AND created_at BETWEEN %(now)s::timestamptz - %(short)s::interval AND %(newest)s),
  (SELECT count(*) FROM portal_codes WHERE organization_id = %(organization_id)s
     AND created_at BETWEEN %(now)s::timestamptz - %(short)s::interval AND %(newest)s)
"""
_INSERT: LiteralString = """
INSERT INTO portal_codes (organization_id, id, patient_id, identifier_digest, address_digest, code_digest, created_at, expires_at)
VALUES (%(organization_id)s, %(id)s, %(patient_id)s, %(identifier_digest)s, %(address_digest)s, %(code_digest)s, %(created_at)s,
  %(expires_at)s)
"""
# Rows are updated one after the other, so the sixth of ten concurrent guesses finds none left.
_CLAIM_GUESS: LiteralString = """
UPDATE portal_codes SET guesses = guesses + 1
WHERE organization_id = %(organization_id)s AND guesses < %(most)s AND expires_at > %(now)s AND id = (
  SELECT id FROM portal_codes WHERE organization_id = %(organization_id)s AND identifier_digest = %(identifier)s
    AND created_at <= %(newest)s ORDER BY created_at DESC, id DESC LIMIT 1)
RETURNING id, patient_id, code_digest
"""
_CLAIM_USE: LiteralString = """
UPDATE portal_codes SET used_at = %s WHERE organization_id = %s AND id = %s AND used_at IS NULL RETURNING id
"""
_CLAIM_REPLACEMENT: LiteralString = """
UPDATE refresh_tokens SET replaced_at = now() WHERE organization_id = %s AND token_digest = %s AND replaced_at IS NULL
RETURNING session_id
"""
# The session's row is locked, so that no refresh can slip past its end.
_LOCK_FAMILY: LiteralString = """
SELECT s.id, s.patient_id FROM sessions s
WHERE s.organization_id = %(organization_id)s AND s.id = %(id)s AND s.patient_id IS NOT NULL AND s.revoked_at IS NULL
  AND s.expires_at > %(now)s AND s.idle_ends_at > %(now)s FOR UPDATE
"""
# A record that was merged stands for the one that stayed, which has to be there still.
_FIND_PERSON: LiteralString = f"""
SELECT p.id FROM sessions s CROSS JOIN LATERAL (
  SELECT * FROM patients o WHERE o.organization_id = s.organization_id AND o.id = s.patient_id LIMIT 1) r {STANDS_FOR}
WHERE s.organization_id = %(organization_id)s AND s.id = %(id)s AND s.patient_id = %(patient_id)s AND s.revoked_at IS NULL
  AND s.expires_at > %(now)s AND s.idle_ends_at > %(now)s AND p.archived_at IS NULL
"""
_SET_USED: LiteralString = """
UPDATE sessions SET idle_ends_at = least(%s, expires_at) WHERE organization_id = %s AND id = %s
"""
_REVOKE: LiteralString = """
UPDATE sessions SET revoked_at = now()
WHERE organization_id = %(organization_id)s AND revoked_at IS NULL AND id = (
  SELECT session_id FROM refresh_tokens WHERE organization_id = %(organization_id)s AND token_digest = %(digest)s)
RETURNING id, patient_id
"""
# Of several patients with one e-mail address the one who was active last: households share addresses. A record that was merged
# stands for the one that stayed.
_PATIENT_BY: dict[str, LiteralString] = {
    "email": "r.mailbox = %(identifier)s",
    "phone": "r.phone_e164 = %(identifier)s",
}
_FIND_PATIENT: LiteralString = f"""
SELECT p.id FROM patients r {STANDS_FOR}
WHERE r.organization_id = %(organization_id)s AND p.archived_at IS NULL AND """
_NEWEST: LiteralString = " ORDER BY p.updated_at DESC, p.id DESC LIMIT 1"


class NewCode(msgspec.Struct, frozen=True, kw_only=True):
    """`patient_id` None: nobody has the address, and no code leaves."""

    organization_id: UUID
    id: UUID
    patient_id: UUID | None
    identifier_digest: bytes
    address_digest: bytes
    code_digest: bytes
    created_at: datetime
    expires_at: datetime


class Sent(msgspec.Struct, frozen=True):
    """How many codes were asked for lately."""

    identifier_lately: int
    identifier_in_a_day: int
    address: int
    organization: int


class GuessedCode(msgspec.Struct, frozen=True):
    """The newest code of an identifier, with one more guess counted."""

    id: UUID
    patient_id: UUID | None
    code_digest: bytes


class Family(msgspec.Struct, frozen=True):
    """A session of a patient that is not over."""

    id: UUID
    patient_id: UUID


async def lock_counts(
    conn: Connection,
    organization_id: UUID,
    identifier: bytes,
    address: bytes,
    now: datetime,
    windows: tuple[timedelta, timedelta, timedelta],
) -> Sent:
    """Counts over the short and the long window; the third is how far ahead a row's time may be. Nobody adds to what was
    counted until the transaction ends."""
    await conn.execute(_LOCK, (organization_id,))
    short, long, ahead = windows
    values = {
        "organization_id": organization_id,
        "identifier": identifier,
        "address": address,
        "now": now,
        "newest": now + ahead,
        "short": short,
        "long": long,
    }
    row = (await (await conn.execute(_COUNT, values)).fetchall())[0]
    return Sent(*row)


async def find_patient(conn: Connection, organization_id: UUID, kind: str, identifier: str) -> UUID | None:
    """`kind` is `email` or `phone`."""
    statement = _FIND_PATIENT + _PATIENT_BY[kind] + _NEWEST
    cursor = await conn.execute(statement, {"organization_id": organization_id, "identifier": identifier})
    row = await cursor.fetchone()
    return row[0] if row else None


async def insert_code(conn: Connection, code: NewCode) -> None:
    await conn.execute(_INSERT, msgspec.structs.asdict(code))


async def claim_guess(
    conn: Connection, organization_id: UUID, identifier: bytes, most: int, now: datetime, ahead: timedelta
) -> GuessedCode | None:
    """None: no code was asked for, or it has expired, or all its guesses were made."""
    values = {
        "organization_id": organization_id,
        "identifier": identifier,
        "most": most,
        "now": now,
        "newest": now + ahead,
    }
    async with conn.cursor(row_factory=class_row(GuessedCode)) as cursor:
        await cursor.execute(_CLAIM_GUESS, values)
        return await cursor.fetchone()


async def claim_use(conn: Connection, organization_id: UUID, code_id: UUID, now: datetime) -> bool:
    """True for one caller."""
    cursor = await conn.execute(_CLAIM_USE, (now, organization_id, code_id))
    return await cursor.fetchone() is not None


async def insert_refresh_token(conn: Connection, organization_id: UUID, session_id: UUID, token_digest: bytes) -> None:
    await conn.execute(
        "INSERT INTO refresh_tokens (organization_id, token_digest, session_id) VALUES (%s, %s, %s)",
        (organization_id, token_digest, session_id),
    )


async def claim_replacement(conn: Connection, organization_id: UUID, token_digest: bytes) -> UUID | None:
    """The session of a refresh token that was not replaced; from now on it is."""
    row = await (await conn.execute(_CLAIM_REPLACEMENT, (organization_id, token_digest))).fetchone()
    return row[0] if row else None


async def find_replaced(conn: Connection, organization_id: UUID, token_digest: bytes) -> bool:
    """Whether there is such a refresh token, replaced or not."""
    cursor = await conn.execute(
        "SELECT FROM refresh_tokens WHERE organization_id = %s AND token_digest = %s", (organization_id, token_digest)
    )
    return await cursor.fetchone() is not None


async def lock_family(conn: Connection, organization_id: UUID, session_id: UUID, now: datetime) -> Family | None:
    async with conn.cursor(row_factory=class_row(Family)) as cursor:
        await cursor.execute(_LOCK_FAMILY, {"organization_id": organization_id, "id": session_id, "now": now})
        return await cursor.fetchone()


async def find_person(
    conn: Connection, organization_id: UUID, session_id: UUID, patient_id: UUID, now: datetime
) -> UUID | None:
    """Whom a session of the patient speaks for now. None: it is over, or nobody any more."""
    values = {"organization_id": organization_id, "id": session_id, "patient_id": patient_id, "now": now}
    row = await (await conn.execute(_FIND_PERSON, values)).fetchone()
    return row[0] if row else None


async def set_family_used(conn: Connection, organization_id: UUID, session_id: UUID, idle_ends_at: datetime) -> None:
    await conn.execute(_SET_USED, (idle_ends_at, organization_id, session_id))


async def set_family_ended(conn: Connection, organization_id: UUID, token_digest: bytes) -> Family | None:
    """The family of a refresh token, unless it had ended before."""
    values = {"organization_id": organization_id, "digest": token_digest}
    async with conn.cursor(row_factory=class_row(Family)) as cursor:
        await cursor.execute(_REVOKE, values)
        return await cursor.fetchone()


async def delete_old_codes(conn: Connection, older_than: timedelta) -> int:
    """Of all organizations. Works in `db.across()`."""
    row = await (await conn.execute("SELECT delete_old_portal_codes(%s)", (older_than,))).fetchone()
    return int(row[0]) if row else 0
