"""Every SQL statement about staff."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Literal, LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import Connection, to_json, uuid_array
from carelane.kit.phi import Phi
from carelane.permissions import Role

# Locking staff rows alone would not do: a worker that waited for them would go on with the order it saw before the wait, and
# give the same member a case twice in a row. So the rota is locked as a whole, in a statement of its own, and the next
# statement sees whatever the holder before wrote. NO KEY: rows that refer to the organization can be written meanwhile.
_LOCK_ROTA: LiteralString = "SELECT FROM organizations WHERE id = %s FOR NO KEY UPDATE"

# Locked too, so that nobody is given a case who is deactivated at the same moment.
_ROTA: LiteralString = """
SELECT s.id, CASE WHEN %(policy)s = 'least_loaded' THEN (
  SELECT count(*) FROM cases c
  WHERE c.organization_id = s.organization_id AND c.assigned_to_id = s.id
    AND c.status IN ('ASSIGNED', 'IN_PROGRESS') AND NOT c.is_archived)::integer ELSE 0 END AS load
FROM staff s
WHERE s.organization_id = %(organization_id)s AND s.role = 'CASEWORKER' AND s.takes_cases AND s.deactivated_at IS NULL
ORDER BY s.last_assigned_at NULLS FIRST, s.id FOR NO KEY UPDATE OF s
"""

# The wall clock, not now(): a transaction that began earlier may come to its turn later. Each turn is later than the one before.
_SET_TURNS: LiteralString = """
UPDATE staff s SET last_assigned_at = clock_timestamp() + n.turn * interval '1 microsecond'
FROM (SELECT id, max(turn) AS turn FROM unnest(%(staff_ids)s::uuid[]) WITH ORDINALITY AS t (id, turn) GROUP BY id) n
WHERE s.organization_id = %(organization_id)s AND s.id = n.id
"""

# A member `s` as JSON that reads as a Member.
_MEMBER: LiteralString = """
json_build_object(
  'id', s.id, 'email', s.email, 'first_name', s.first_name, 'last_name', s.last_name, 'role', s.role, 'title', s.title,
  'title_suffix', s.title_suffix, 'npi', s.npi, 'dea', s.dea, 'phone_number', s.phone_number,
  'address_line1', s.address_line1, 'address_line2', s.address_line2, 'city', s.city, 'state', s.state,
  'postal_code', s.postal_code, 'country', s.country, 'takes_cases', s.takes_cases,
  'is_deactivated', s.deactivated_at IS NOT NULL, 'unlocks_at', s.unlocks_at, 'given_id', s.given_id,
  'licenses', coalesce((
    SELECT json_agg(json_build_object('state', l.state, 'number', l.number, 'expires_on', l.expires_on) ORDER BY l.state)
    FROM staff_licenses l WHERE l.organization_id = s.organization_id AND l.staff_id = s.id), '[]'))::text
"""
_MEMBERS: LiteralString = f"SELECT {_MEMBER} FROM staff s WHERE s.organization_id = %s "
_SIGNED_IN: LiteralString = """
SELECT s.id, s.first_name, s.last_name, s.title, s.title_suffix, s.role, o.name AS clinic
FROM staff s JOIN organizations o ON o.id = s.organization_id WHERE s.organization_id = %s AND s.id = %s
"""
_THESE_MEMBERS: LiteralString = """
FROM staff s
WHERE s.organization_id = %(organization_id)s AND (s.id = ANY(%(ids)s::uuid[]) OR s.email_key = ANY(%(emails)s::text[]))
ORDER BY s.id
"""
# In a statement of its own: the licenses that are read with the lock would be those from before the wait for it.
_LOCK_MEMBERS: LiteralString = f"SELECT {_THESE_MEMBERS} FOR NO KEY UPDATE"


def person_json(record: LiteralString, staff_column: LiteralString, patient_column: LiteralString) -> LiteralString:
    """SQL for whoever did something, staff or patient, as the dialect's "Basic User"; `record` is the table's name there."""
    return (
        """
(SELECT json_build_object('id', u.id, 'firstName', u.first_name, 'lastName', u.last_name) FROM (
   SELECT s.id, s.first_name, s.last_name FROM staff s
   WHERE s.organization_id = """
        + record
        + ".organization_id AND s.id = "
        + record
        + "."
        + staff_column
        + """
   UNION ALL
   SELECT p.id, p.first_name, p.last_name FROM patients p
   WHERE p.organization_id = """
        + record
        + ".organization_id AND p.id = "
        + record
        + "."
        + patient_column
        + ") u)"
    )


def member_json(record: LiteralString, column: LiteralString) -> LiteralString:
    """SQL for the member of staff in a column, as JSON or null; `record` is the table's name there."""
    return (
        "(SELECT json_build_object('id', s.id, 'firstName', s.first_name, 'lastName', s.last_name,"
        f" 'isActive', s.deactivated_at IS NULL) FROM staff s WHERE s.organization_id = {record}.organization_id"
        f" AND s.id = {record}.{column})"
    )


AssignmentPolicy = Literal["none", "round_robin", "least_loaded"]


class RotaMember(msgspec.Struct, frozen=True):
    """Somebody who takes cases; `load` is how many they have in hand, if the policy asks for that."""

    id: UUID
    load: int


async def lock_rota(conn: Connection, organization_id: UUID) -> None:
    """Until the transaction ends nobody else can take a turn."""
    await conn.execute(_LOCK_ROTA, (organization_id,))


async def list_rota(conn: Connection, organization_id: UUID, policy: AssignmentPolicy) -> list[RotaMember]:
    """Whoever takes cases, who waits longest first. Their rows stay locked until the transaction ends."""
    async with conn.cursor(row_factory=class_row(RotaMember)) as cursor:
        await cursor.execute(_ROTA, {"organization_id": organization_id, "policy": policy})
        return await cursor.fetchall()


async def set_turns(conn: Connection, organization_id: UUID, staff_ids: list[UUID]) -> None:
    """Marks the members as assigned now, in this order; one may stand there more than once."""
    await conn.execute(_SET_TURNS, {"organization_id": organization_id, "staff_ids": uuid_array(staff_ids)})


class License(msgspec.Struct, frozen=True, kw_only=True):
    """A prescriber's license in one US state; `expires_on` is the last day on which it is valid."""

    state: str
    number: str
    expires_on: date


class Member(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A member of staff, without secrets. `npi`, `dea` and `licenses` are what a prescriber has."""

    id: UUID
    email: str
    first_name: str
    last_name: str
    role: Role
    title: str | None
    title_suffix: str | None
    npi: str | None
    dea: str | None
    phone_number: str | None
    address_line1: str | None
    address_line2: str | None
    city: str | None
    state: str | None
    postal_code: str | None
    country: str | None
    takes_cases: bool
    is_deactivated: bool
    unlocks_at: datetime | None
    licenses: list[License]
    given_id: str | None = None


def find_license(member: Member, state: str, on: date) -> License | None:
    """The member's license in `state` (a USPS code, any case) that is valid on that day."""
    return next((held for held in member.licenses if held.state == state.upper() and held.expires_on >= on), None)


class SignedInMember(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """What a page says of whoever looks at it, and of their clinic."""

    id: UUID
    first_name: str
    last_name: str
    title: str | None
    title_suffix: str | None
    role: Role
    clinic: str

    @property
    def name(self) -> str:
        """`Dr. Amara Voss`, `Noor Haddad NP`"""
        return " ".join(part for part in (self.title, self.first_name, self.last_name, self.title_suffix) if part)


async def find_signed_in(conn: Connection, organization_id: UUID, staff_id: UUID) -> SignedInMember | None:
    async with conn.cursor(row_factory=class_row(SignedInMember)) as cursor:
        await cursor.execute(_SIGNED_IN, (organization_id, staff_id))
        return await cursor.fetchone()


async def find_member(conn: Connection, organization_id: UUID, staff_id: UUID) -> Member | None:
    """The member, deactivated or not."""
    cursor = await conn.execute(_MEMBERS + "AND s.id = %s", (organization_id, staff_id))
    row = await cursor.fetchone()
    return msgspec.json.decode(row[0], type=Member) if row else None


async def list_members(conn: Connection, organization_id: UUID) -> list[Member]:
    """Everybody, the deactivated too, by name."""
    cursor = await conn.execute(_MEMBERS + "ORDER BY s.last_name, s.first_name, s.id", (organization_id,))
    return [msgspec.json.decode(row[0], type=Member) for row in await cursor.fetchall()]


_FIND_HASH: LiteralString = "SELECT password_hash FROM staff WHERE organization_id = %s AND id = %s"
_SECRETS: LiteralString = "SELECT id, password_hash, totp_secret_sealed FROM staff WHERE organization_id = %s"
_WITHOUT_PASSWORD: LiteralString = f"""{_MEMBERS}
AND s.id = ANY(%s::uuid[]) AND s.password_hash IS NULL AND s.deactivated_at IS NULL ORDER BY s.id
"""
_SAVE_MEMBERS: LiteralString = """
INSERT INTO staff (organization_id, id, email, first_name, last_name, role, title, title_suffix, npi, dea, phone_number,
  address_line1, address_line2, city, state, postal_code, country, takes_cases, given_id, deactivated_at)
SELECT %s, n.id, n.email, n.first_name, n.last_name, n.role, n.title, n.title_suffix, n.npi, n.dea, n.phone_number,
  n.address_line1, n.address_line2, n.city, n.state, n.postal_code, n.country, n.takes_cases, n.given_id,
  CASE WHEN (sent ->> 'is_deactivated')::boolean THEN now() END
FROM json_array_elements(%s::json) sent, json_populate_record(null::staff, sent) n
ON CONFLICT (organization_id, id) DO UPDATE SET
  email = excluded.email, first_name = excluded.first_name, last_name = excluded.last_name, role = excluded.role,
  title = excluded.title, title_suffix = excluded.title_suffix, npi = excluded.npi, dea = excluded.dea,
  phone_number = excluded.phone_number, address_line1 = excluded.address_line1, address_line2 = excluded.address_line2,
  city = excluded.city, state = excluded.state, postal_code = excluded.postal_code, country = excluded.country,
  takes_cases = excluded.takes_cases, given_id = excluded.given_id,
  deactivated_at = CASE WHEN excluded.deactivated_at IS NOT NULL
    THEN coalesce(staff.deactivated_at, excluded.deactivated_at) END
"""
_REMOVE_LICENSES: LiteralString = (
    "DELETE FROM staff_licenses WHERE organization_id = %s AND staff_id = ANY (%s::uuid[])"
)
_ADD_LICENSES: LiteralString = """
INSERT INTO staff_licenses (organization_id, staff_id, state, number, expires_on)
SELECT %s, staff_id, state, number, expires_on FROM json_populate_recordset(null::staff_licenses, %s)
"""
# The failures so far are forgotten with what was failed at, and so are the used codes of another second factor, and one whose set-up
# was under way.
_SAVE_SECRETS: LiteralString = """
UPDATE staff SET
  password_hash = %(password_hash)s, totp_secret_sealed = %(totp_secret_sealed)s, totp_pending_sealed = NULL,
  totp_last_step = CASE WHEN totp_secret_sealed = %(totp_secret_sealed)s THEN totp_last_step END,
  failed_sign_ins = 0, unlocks_at = NULL
WHERE organization_id = %(organization_id)s AND id = %(id)s
"""
_DELETE_CODES: LiteralString = "DELETE FROM recovery_codes WHERE organization_id = %s AND staff_id = %s"


class Secrets(msgspec.Struct, frozen=True, kw_only=True):
    """What a member signs in with."""

    password_hash: str | None
    totp_secret_sealed: bytes | None

    def __repr__(self) -> str:
        return "Secrets(***)"


NO_SECRETS = Secrets(password_hash=None, totp_secret_sealed=None)


async def lock_members(
    conn: Connection, organization_id: UUID, ids: Iterable[UUID], emails: Iterable[str] = ()
) -> list[Member]:
    """Those of `ids` or with one of `emails`, which are in lower case; the deactivated too."""
    values = {"organization_id": organization_id, "ids": uuid_array(ids), "emails": list(emails)}
    await conn.execute(_LOCK_MEMBERS, values)
    cursor = await conn.execute(f"SELECT {_MEMBER} {_THESE_MEMBERS}", values)
    return [msgspec.json.decode(row[0], type=Member) for row in await cursor.fetchall()]


async def save_members(conn: Connection, organization_id: UUID, members: list[Member]) -> None:
    """Makes their licenses exactly those in `licenses`. Secrets stay as they are."""
    await conn.execute(_SAVE_MEMBERS, (organization_id, to_json([msgspec.structs.asdict(one) for one in members])))
    held = [
        msgspec.structs.asdict(license_) | {"staff_id": member.id} for member in members for license_ in member.licenses
    ]
    await conn.execute(_REMOVE_LICENSES, (organization_id, uuid_array(member.id for member in members)))
    await conn.execute(_ADD_LICENSES, (organization_id, to_json(held)))


async def list_secrets(conn: Connection, organization_id: UUID) -> dict[UUID, Secrets]:
    cursor = await conn.execute(_SECRETS, (organization_id,))
    return {row[0]: Secrets(password_hash=row[1], totp_secret_sealed=row[2]) for row in await cursor.fetchall()}


async def save_secrets(conn: Connection, organization_id: UUID, staff_id: UUID, secrets: Secrets) -> None:
    """Without a second factor there are no recovery codes."""
    values = msgspec.structs.asdict(secrets) | {"organization_id": organization_id, "id": staff_id}
    await conn.execute(_SAVE_SECRETS, values)
    if secrets.totp_secret_sealed is None:
        await delete_codes(conn, organization_id, staff_id)


async def delete_codes(conn: Connection, organization_id: UUID, staff_id: UUID) -> None:
    """The recovery codes."""
    await conn.execute(_DELETE_CODES, (organization_id, staff_id))


async def list_without_password(conn: Connection, organization_id: UUID, ids: Iterable[UUID]) -> list[Member]:
    """Of these, the active members who have no password."""
    cursor = await conn.execute(_WITHOUT_PASSWORD, (organization_id, uuid_array(ids)))
    return [msgspec.json.decode(row[0], type=Member) for row in await cursor.fetchall()]


async def find_password_hash(conn: Connection, organization_id: UUID, staff_id: UUID) -> str | None:
    """None for who has chosen no password."""
    row = await (await conn.execute(_FIND_HASH, (organization_id, staff_id))).fetchone()
    return row[0] if row else None
