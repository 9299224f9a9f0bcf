"""Every SQL statement about when clinicians are free."""

from collections.abc import Iterable
from datetime import date, datetime
from functools import partial
from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.calendar.availability.schemas import DifferentDayIn, WeeklyHoursIn
from carelane.kit.db import LOCK, Connection, to_json, uuid_array
from carelane.staff.queries import License

# More clinicians than a clinic has.
MAX_CLINICIANS = 1_000


class Availability(msgspec.Struct, frozen=True, kw_only=True):
    """A clinician's hours, by the clock of `timezone`. `id` and `email` are the member's."""

    id: UUID
    email: str
    timezone: str
    appointment_minutes: int
    meeting_link: str | None
    hours: list[WeeklyHoursIn]
    exceptions: list[DifferentDayIn]


class Clinician(Availability, frozen=True, kw_only=True):
    """Whom appointments can be booked with."""

    title: str | None
    first_name: str
    last_name: str
    licenses: list[License]

    @property
    def name(self) -> str:
        return " ".join(part for part in (self.title, self.first_name, self.last_name) if part)

    def is_licensed(self, states: Iterable[str], on: date) -> bool:
        """In one of the states (USPS codes) on that day of the clinician's."""
        return any(held.state in states and held.expires_on >= on for held in self.licenses)


_HOURS: LiteralString = """
'id', s.id, 'email', s.email, 'timezone', a.timezone, 'appointment_minutes', a.appointment_minutes,
'meeting_link', a.meeting_link, 'hours', a.hours, 'exceptions', a.exceptions
"""
_JOINED: LiteralString = """
FROM staff_availability a JOIN staff s ON s.organization_id = a.organization_id AND s.id = a.staff_id
WHERE a.organization_id = %(organization_id)s
"""
_FIND: LiteralString = f"""
SELECT json_build_object({_HOURS})::text {_JOINED} AND a.staff_id = ANY(%(ids)s::uuid[])
ORDER BY a.staff_id
"""
_SAVE: LiteralString = """
INSERT INTO staff_availability (organization_id, staff_id, timezone, appointment_minutes, meeting_link, hours, exceptions)
SELECT %s, (sent ->> 'id')::uuid, n.timezone, n.appointment_minutes, n.meeting_link, n.hours, n.exceptions
FROM json_array_elements(%s::json) sent, json_populate_record(null::staff_availability, sent) n
ON CONFLICT (organization_id, staff_id) DO UPDATE SET
  timezone = excluded.timezone, appointment_minutes = excluded.appointment_minutes, meeting_link = excluded.meeting_link,
  hours = excluded.hours, exceptions = excluded.exceptions, updated_at = now()
"""
_CLINICIAN: LiteralString = f"""
SELECT json_build_object({_HOURS}, 'title', s.title, 'first_name', s.first_name, 'last_name', s.last_name,
  'licenses', coalesce((
    SELECT json_agg(json_build_object('state', l.state, 'number', l.number, 'expires_on', l.expires_on) ORDER BY l.state)
    FROM staff_licenses l WHERE l.organization_id = s.organization_id AND l.staff_id = s.id), '[]'))::text
{_JOINED} AND s.deactivated_at IS NULL
"""
_LOCK_CLINICIAN: LiteralString = _CLINICIAN + " AND a.staff_id = %(id)s FOR NO KEY UPDATE OF a"
_LIST_CLINICIANS: LiteralString = (
    _CLINICIAN
    + """
AND (%(id)s::uuid IS NULL OR a.staff_id = %(id)s) AND (%(email)s::text IS NULL OR s.email_key = %(email)s)
ORDER BY s.last_name, s.first_name, s.id LIMIT %(most)s
"""
)
_TAKEN: LiteralString = """
SELECT staff_id, starts_at FROM calendar_slots
WHERE organization_id = %s AND staff_id = ANY(%s::uuid[]) AND starts_at >= %s AND starts_at < %s
"""


async def find_availability(
    conn: Connection, organization_id: UUID, ids: Iterable[UUID], *, lock: LiteralString = ""
) -> dict[UUID, Availability]:
    """Of these members, those who have hours; by the member's id."""
    cursor = await conn.execute(_FIND + lock, {"organization_id": organization_id, "ids": uuid_array(ids)})
    found = [msgspec.json.decode(row[0], type=Availability) for row in await cursor.fetchall()]
    return {one.id: one for one in found}


lock_availability = partial(find_availability, lock=LOCK + " OF a")


async def save_availability(conn: Connection, organization_id: UUID, rows: list[Availability]) -> None:
    await conn.execute(_SAVE, (organization_id, to_json(rows)))


async def lock_clinician(conn: Connection, organization_id: UUID, staff_id: UUID) -> Clinician | None:
    """None: nobody who has hours, or no longer active. Until the transaction ends, nobody else books with them."""
    cursor = await conn.execute(_LOCK_CLINICIAN, {"organization_id": organization_id, "id": staff_id})
    row = await cursor.fetchone()
    return msgspec.json.decode(row[0], type=Clinician) if row else None


async def list_clinicians(
    conn: Connection, organization_id: UUID, staff_id: UUID | None = None, email_key: str | None = None
) -> list[Clinician]:
    """Whoever has hours and is active, by name; with a filter only that member."""
    values = {"organization_id": organization_id, "id": staff_id, "email": email_key, "most": MAX_CLINICIANS}
    cursor = await conn.execute(_LIST_CLINICIANS, values)
    return [msgspec.json.decode(row[0], type=Clinician) for row in await cursor.fetchall()]


async def list_taken(
    conn: Connection, organization_id: UUID, staff_ids: Iterable[UUID], begins_at: datetime, ends_at: datetime
) -> set[tuple[UUID, datetime]]:
    """The members and the five minutes in which they are taken."""
    cursor = await conn.execute(_TAKEN, (organization_id, uuid_array(staff_ids), begins_at, ends_at))
    return {(row[0], row[1]) for row in await cursor.fetchall()}
