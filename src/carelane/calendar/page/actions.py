"""What a patient does through a link: sees, moves and cancels an appointment, or books one. Each is recorded as the patient's."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from carelane import events
from carelane.calendar import queries as appointments
from carelane.calendar.access import AppointmentLink, EventType
from carelane.calendar.actions import AppointmentBook
from carelane.calendar.availability.queries import Clinician, list_clinicians
from carelane.calendar.availability.reads import list_free
from carelane.calendar.availability.schemas import Period
from carelane.calendar.errors import AppointmentStateError
from carelane.calendar.page import queries
from carelane.calendar.page.queries import PageRow
from carelane.calendar.schemas import ScheduleAppointmentIn
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import RecordNotFoundError, RuleBrokenError
from carelane.kit.languages import language
from carelane.kit.phi import Phi
from carelane.organizations.logos.queries import find_page_digest
from carelane.organizations.queries import get_organization_name
from carelane.patients.queries import set_language
from carelane.permissions import APPOINTMENTS_OWN, requires
from carelane.services import Services

DAYS_SHOWN = 7
# No further ahead can a time be taken on a page.
MAX_DAYS_AHEAD = 90


class Times(msgspec.Struct, frozen=True, kw_only=True):
    """When a clinician is free, in the week from `first` on, by the clock of `timezone`."""

    first: date
    today: date
    timezone: str
    starts: list[datetime]


class Seen(Phi, msgspec.Struct, frozen=True):
    """What a page about an appointment is made from. `times` is set where another one can be taken."""

    row: PageRow
    is_to_come: bool
    times: Times | None = None


class ClinicianSeen(msgspec.Struct, frozen=True):
    clinic: str
    logo: str | None
    clinician: Clinician
    times: Times


class Wish(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """What somebody entered on a clinician's page."""

    email: str
    start_time: datetime
    timezone: str


@requires(APPOINTMENTS_OWN)
async def view_appointment(
    services: Services, actor: Actor, link: AppointmentLink, first: date | None = None, *, with_times: bool = False
) -> Seen:
    """Raises RecordNotFoundError."""
    async with services.db.transaction(actor) as conn:
        row = await queries.find_page(conn, actor.organization_id, link.appointment_id)
        if row is None:
            raise RecordNotFoundError
        patient = msgspec.structs.replace(actor, id=row.patient_id)
        await events.record_read(conn, patient, "appointment", row.id, "the patient's page")
        is_to_come = not row.is_canceled and row.starts_at > clock.now()
        if not (with_times and is_to_come):
            return Seen(row, is_to_come)
        found = await list_clinicians(conn, actor.organization_id, row.staff_id)
        states = [(row.state or "").strip().upper()]
        times = await _times(conn, actor.organization_id, found, states, row.timezone, first)
        return Seen(row, is_to_come, times)


async def _times(
    conn: Connection,
    organization_id: UUID,
    clinicians: list[Clinician],
    states: list[str],
    timezone: str,
    first: date | None,
) -> Times:
    """Those of a week that begins neither before today nor beyond what can be booked."""
    zone = ZoneInfo(timezone)
    today = clock.now().astimezone(zone).date()
    first = min(max(first or today, today), today + timedelta(days=MAX_DAYS_AHEAD - DAYS_SHOWN))
    midnights = (first, first + timedelta(days=DAYS_SHOWN))
    period = Period(*(datetime.combine(day, time(), zone).astimezone(UTC) for day in midnights))
    starts = [
        one.start_time
        for clinician in clinicians
        for one in await list_free(conn, organization_id, clinician, states, period)
    ]
    return Times(first=first, today=today, timezone=timezone, starts=starts)


@requires(APPOINTMENTS_OWN)
async def move_appointment(
    services: Services, actor: Actor, link: AppointmentLink, start_time: datetime, base_url: str
) -> None:
    """`actor` is the patient by id. Raises AppointmentStateError, RuleBrokenError, TimeTakenError."""
    book = await _book(services, actor, base_url)
    async with services.db.transaction(actor) as conn:
        case, appointment = await book.lock(conn, str(link.appointment_id))
        await set_language(conn, actor.organization_id, case.patient_id, language())
        await book.move(conn, case, appointment, start_time, None)


@requires(APPOINTMENTS_OWN)
async def cancel_appointment(
    services: Services, actor: Actor, link: AppointmentLink, reason: str | None, base_url: str
) -> None:
    """`actor` is the patient by id. Raises AppointmentStateError."""
    book = await _book(services, actor, base_url)
    async with services.db.transaction(actor) as conn:
        case, appointment = await book.lock(conn, str(link.appointment_id))
        await set_language(conn, actor.organization_id, case.patient_id, language())
        await book.cancel(conn, case, appointment, reason)


@requires(APPOINTMENTS_OWN)
async def view_clinician(
    services: Services, actor: Actor, link: EventType, timezone: str | None, first: date | None
) -> ClinicianSeen:
    """Whoever has the clinician's link may see when the clinician is free. Raises RecordNotFoundError."""
    async with services.db.reading(actor.organization_id) as conn:
        found = await list_clinicians(conn, actor.organization_id, link.staff_id)
        if not found:
            raise RecordNotFoundError
        clinic = await get_organization_name(conn, actor.organization_id)
        logo = await find_page_digest(conn, actor.organization_id)
        states = [held.state for held in found[0].licenses]
        zone = timezone or found[0].timezone
        times = await _times(conn, actor.organization_id, found, states, zone, first)
        return ClinicianSeen(clinic, logo, found[0], times)


@requires(APPOINTMENTS_OWN)
async def book_appointment(services: Services, actor: Actor, link: EventType, wish: Wish, base_url: str) -> None:
    """Books for the patient with this address, if there is one with a case whom the clinician may see. Whether there is, only the
    patient's mail tells: the page answers all alike. Raises TimeTakenError: what is free, anybody can see.
    """
    book = await _book(services, actor, base_url)
    body = ScheduleAppointmentIn(
        event_type_id=str(link.staff_id),
        start_time=wish.start_time,
        email=wish.email,
        timezone=wish.timezone,
        location="google_conference",
    )
    try:
        async with services.db.transaction(actor) as conn:
            key = wish.email.strip().lower()
            case = await appointments.lock_newest_case(conn, actor.organization_id, key)
            if case is not None:
                as_patient = msgspec.structs.replace(book, actor=msgspec.structs.replace(actor, id=case.patient_id))
                await set_language(conn, actor.organization_id, case.patient_id, language())
                await as_patient.schedule(conn, case, body)
    except (RuleBrokenError, AppointmentStateError):
        return


async def _book(services: Services, actor: Actor, base_url: str) -> AppointmentBook:
    return AppointmentBook(services, actor, await services.keyring.data_key(actor.organization_id), base_url)
