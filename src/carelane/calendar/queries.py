"""Every SQL statement about appointments. In the case detail `c` is the case; `%(most)s` bounds the list."""

from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.calendar.schemas import Status
from carelane.kit.db import Connection, to_json
from carelane.kit.phi import Phi

# The place that the reason of a cancellation is bound to.
CANCEL_REASON = "calendar_events.cancel_reason_sealed"

CASE_CALENDAR_EVENTS: LiteralString = """
coalesce((
  SELECT json_agg(json_build_object('id', e.id, 'startDateTime', e.starts_at, 'endDateTime', e.ends_at,
    'timezone', e.timezone, 'meetingLink', e.meeting_link, 'meetingProvider', e.meeting_provider,
    'cancelURL', e.cancel_url, 'rescheduleURL', e.reschedule_url, 'providerName', e.provider_name,
    'providerEmail', e.provider_email, 'isBookedHere', e.staff_id IS NOT NULL) ORDER BY e.starts_at, e.id)
  FROM (SELECT * FROM calendar_events
        WHERE organization_id = c.organization_id AND case_id = c.id AND deleted_at IS NULL
        ORDER BY starts_at DESC LIMIT %(most)s) e), '[]')
"""

# An appointment `a` as JSON that reads as an AppointmentRecord.
APPOINTMENT: LiteralString = """
json_build_object('id', a.id, 'caseId', a.case_id, 'title', concat('Appointment with ', coalesce(a.provider_name, 'the clinic')),
  'startDateTime', a.starts_at, 'endDateTime', a.ends_at, 'timezone', a.timezone, 'meetingLink', a.meeting_link,
  'meetingProvider', a.meeting_provider, 'cancelURL', a.cancel_url, 'rescheduleURL', a.reschedule_url,
  'providerName', a.provider_name, 'providerEmail', a.provider_email, 'isBookedHere', a.staff_id IS NOT NULL,
  'status', a.status, 'isDeleted', a.deleted_at IS NOT NULL, 'createdAt', a.created_at, 'updatedAt', a.updated_at,
  'tracking', coalesce(a.tracking, '{}'))
"""


class PatientCase(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """The case that an appointment belongs to, locked, and its patient."""

    id: UUID
    short_id: str
    is_test: bool
    patient_id: UUID
    email: str
    first_name: str | None
    state: str | None
    organization_name: str
    # Appointments of the case that are not over.
    waiting_count: int


class Appointment(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """An appointment that was booked here, locked."""

    id: UUID
    case_id: UUID
    staff_id: UUID
    starts_at: datetime
    ends_at: datetime
    timezone: str
    meeting_link: str | None
    provider_name: str
    provider_email: str
    status: Status | None
    revision: int
    is_canceled: bool


class NewAppointment(Phi, msgspec.Struct, frozen=True, kw_only=True):
    organization_id: UUID
    id: UUID
    case_id: UUID
    staff_id: UUID
    starts_at: datetime
    ends_at: datetime
    timezone: str
    meeting_link: str | None
    meeting_provider: str
    provider_name: str
    provider_email: str
    tracking: dict[str, Any]


_CASE: LiteralString = """
SELECT c.id, c.short_id, c.is_test, p.id AS patient_id, p.email, p.first_name, p.state, o.name AS organization_name,
  (SELECT count(*) FROM calendar_events a WHERE a.organization_id = c.organization_id AND a.case_id = c.id
     AND a.deleted_at IS NULL AND a.ends_at > now())::integer AS waiting_count
FROM cases c JOIN patients p ON p.organization_id = c.organization_id AND p.id = c.patient_id
JOIN organizations o ON o.id = c.organization_id
WHERE c.organization_id = %(organization_id)s AND c.id = %(case_id)s
"""
_LOCK_NEWEST_CASE: LiteralString = """
SELECT c.id FROM cases c
WHERE c.organization_id = %(organization_id)s AND NOT c.is_archived AND c.patient_id = (
  SELECT p.id FROM patients p WHERE p.organization_id = %(organization_id)s AND p.mailbox = %(email)s)
ORDER BY c.created_at DESC, c.id DESC LIMIT 1 FOR NO KEY UPDATE
"""
_LOCK_CASE: LiteralString = "SELECT FROM cases WHERE organization_id = %s AND id = %s FOR NO KEY UPDATE"
_FIND_CASE_OF: LiteralString = """
SELECT a.case_id FROM calendar_events a
JOIN cases c ON c.organization_id = a.organization_id AND c.id = a.case_id
JOIN patients p ON p.organization_id = c.organization_id AND p.id = c.patient_id
WHERE a.organization_id = %(organization_id)s AND a.id = %(id)s AND a.staff_id IS NOT NULL
  AND (%(email)s::text IS NULL OR p.mailbox = %(email)s)
"""
_LOCK: LiteralString = """
SELECT id, case_id, staff_id, starts_at, ends_at, timezone, meeting_link, provider_name, provider_email, status, revision,
  deleted_at IS NOT NULL AS is_canceled
FROM calendar_events WHERE organization_id = %s AND id = %s FOR NO KEY UPDATE
"""
_INSERT: LiteralString = """
INSERT INTO calendar_events (organization_id, id, case_id, staff_id, starts_at, ends_at, timezone, meeting_link,
  meeting_provider, provider_name, provider_email, tracking)
SELECT organization_id, id, case_id, staff_id, starts_at, ends_at, timezone, meeting_link, meeting_provider, provider_name,
  provider_email, tracking
FROM json_populate_record(null::calendar_events, %s)
"""
# In the order of time, so that two who want the same steps never deadlock.
_TAKE: LiteralString = """
INSERT INTO calendar_slots (organization_id, staff_id, starts_at, event_id)
SELECT %s, %s, n.starts_at, %s FROM unnest(%s::timestamptz[]) AS n (starts_at) ORDER BY n.starts_at
ON CONFLICT DO NOTHING RETURNING 1
"""
_FREE: LiteralString = "DELETE FROM calendar_slots WHERE organization_id = %s AND event_id = %s"
_SET_MOVED: LiteralString = """
UPDATE calendar_events SET starts_at = %s, ends_at = %s, timezone = %s, meeting_link = %s, status = NULL,
  revision = revision + 1, updated_at = now()
WHERE organization_id = %s AND id = %s
"""
_SET_CANCELED: LiteralString = """
UPDATE calendar_events SET deleted_at = now(), cancel_reason_sealed = %s, revision = revision + 1, updated_at = now()
WHERE organization_id = %s AND id = %s
"""
_SET_STATUS: LiteralString = """
UPDATE calendar_events SET status = %s, updated_at = now() WHERE organization_id = %s AND id = %s
"""
_GET: LiteralString = f"SELECT {APPOINTMENT}::text FROM calendar_events a WHERE a.organization_id = %s AND a.id = %s"
_LIST: LiteralString = f"""
SELECT {APPOINTMENT}::text
FROM calendar_events a
JOIN cases c ON c.organization_id = a.organization_id AND c.id = a.case_id AND NOT c.is_archived
JOIN patients p ON p.organization_id = c.organization_id AND p.id = c.patient_id
WHERE a.organization_id = %(organization_id)s AND a.deleted_at IS NULL AND a.ends_at >= %(now)s
  AND (%(begins_at)s::timestamptz IS NULL OR a.starts_at >= %(begins_at)s AND a.starts_at < %(ends_at)s)
  AND (%(email)s::text IS NULL OR p.mailbox = %(email)s)
ORDER BY a.ends_at, a.id LIMIT %(limit)s
"""


async def lock_newest_case(conn: Connection, organization_id: UUID, email_key: str) -> PatientCase | None:
    """The patient's newest case that is not archived."""
    cursor = await conn.execute(_LOCK_NEWEST_CASE, {"organization_id": organization_id, "email": email_key})
    row = await cursor.fetchone()
    return await _get_case(conn, organization_id, row[0]) if row else None


async def lock_case(conn: Connection, organization_id: UUID, case_id: UUID) -> PatientCase:
    """Of a case that is there."""
    await conn.execute(_LOCK_CASE, (organization_id, case_id))
    return await _get_case(conn, organization_id, case_id)


async def _get_case(conn: Connection, organization_id: UUID, case_id: UUID) -> PatientCase:
    """In a statement of its own, which sees what was committed while the lock was waited for."""
    async with conn.cursor(row_factory=class_row(PatientCase)) as cursor:
        await cursor.execute(_CASE, {"organization_id": organization_id, "case_id": case_id})
        found = await cursor.fetchone()
    if found is None:
        raise LookupError("a case without its patient")
    return found


async def find_patient(conn: Connection, organization_id: UUID, email_key: str) -> UUID | None:
    cursor = await conn.execute(
        "SELECT id FROM patients WHERE organization_id = %s AND mailbox = %s", (organization_id, email_key)
    )
    row = await cursor.fetchone()
    return row[0] if row else None


async def find_case_of(
    conn: Connection, organization_id: UUID, appointment_id: UUID, email_key: str | None = None
) -> UUID | None:
    """The case of an appointment that was booked here; with `email_key`, only if its patient has this e-mail."""
    values = {"organization_id": organization_id, "id": appointment_id, "email": email_key}
    row = await (await conn.execute(_FIND_CASE_OF, values)).fetchone()
    return row[0] if row else None


async def lock_appointment(conn: Connection, organization_id: UUID, appointment_id: UUID) -> Appointment:
    """Of one that is there. The case's lock comes first."""
    async with conn.cursor(row_factory=class_row(Appointment)) as cursor:
        await cursor.execute(_LOCK, (organization_id, appointment_id))
        found = await cursor.fetchone()
    if found is None:
        raise LookupError("an appointment is gone")
    return found


async def insert_appointment(conn: Connection, appointment: NewAppointment) -> None:
    await conn.execute(_INSERT, (to_json(appointment),))


async def claim_steps(
    conn: Connection, organization_id: UUID, staff_id: UUID, appointment_id: UUID, steps: list[datetime]
) -> bool:
    """Whether all these five minutes were free and are now the appointment's. If not, the transaction must be undone."""
    cursor = await conn.execute(_TAKE, (organization_id, staff_id, appointment_id, steps))
    return len(await cursor.fetchall()) == len(steps)


async def delete_steps(conn: Connection, organization_id: UUID, appointment_id: UUID) -> None:
    await conn.execute(_FREE, (organization_id, appointment_id))


async def set_moved(conn: Connection, organization_id: UUID, moved: Appointment) -> None:
    times = (moved.starts_at, moved.ends_at, moved.timezone, moved.meeting_link)
    await conn.execute(_SET_MOVED, (*times, organization_id, moved.id))


async def set_canceled(
    conn: Connection, organization_id: UUID, appointment_id: UUID, reason_sealed: bytes | None
) -> None:
    await conn.execute(_SET_CANCELED, (reason_sealed, organization_id, appointment_id))


async def set_status(conn: Connection, organization_id: UUID, appointment_id: UUID, status: Status | None) -> None:
    await conn.execute(_SET_STATUS, (status, organization_id, appointment_id))


async def get_shown(conn: Connection, organization_id: UUID, appointment_id: UUID) -> str:
    """As JSON for views.open_appointment."""
    row = await (await conn.execute(_GET, (organization_id, appointment_id))).fetchone()
    if row is None:
        raise LookupError("an appointment is gone")
    return str(row[0])


async def list_shown(
    conn: Connection,
    organization_id: UUID,
    now: datetime,
    period: tuple[datetime, datetime] | None,
    email_key: str | None,
    limit: int,
) -> list[str]:
    """As JSON for views.open_appointment: those that are not over, the next first."""
    begins_at, ends_at = period or (None, None)
    values = {"organization_id": organization_id, "now": now, "begins_at": begins_at, "ends_at": ends_at}
    cursor = await conn.execute(_LIST, values | {"email": email_key, "limit": limit})
    return [row[0] for row in await cursor.fetchall()]
