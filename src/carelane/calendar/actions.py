"""Booking, moving and canceling appointments. Locks are taken in one order: the case, the appointment, the clinician's hours."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from carelane import events
from carelane.calendar import queries
from carelane.calendar.availability.queries import Clinician, lock_clinician
from carelane.calendar.availability.rows import is_start, steps_of
from carelane.calendar.availability.schemas import timezone_problems
from carelane.calendar.errors import (
    AppointmentNotFoundError,
    AppointmentStateError,
    PatientNotFoundError,
    TimeTakenError,
)
from carelane.calendar.invitations.actions import News, queue_invitations
from carelane.calendar.invitations.views import Change
from carelane.calendar.queries import CANCEL_REASON, Appointment, NewAppointment, PatientCase
from carelane.calendar.schemas import (
    AppointmentAnswerOut,
    AppointmentOut,
    CancelAppointmentIn,
    CanceledOut,
    RescheduleAppointmentIn,
    ScheduleAppointmentIn,
)
from carelane.calendar.views import open_appointment
from carelane.event_names import EventType
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.emails import mailbox_of
from carelane.kit.errors import FieldProblem, RuleBrokenError
from carelane.kit.ids import parse_uuid, uuid7
from carelane.kit.phi import DataKey
from carelane.permissions import CASES_WRITE, requires
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once

# Of one case, that are not over; nobody needs more.
MAX_WAITING = 5
_NO_CLINICIAN = "expected an eventTypeId that GET /api/v1/calendar/provider-availability gave"
_NO_LICENSE = "expected a clinician with a license in the patient's state on that day"
_NOT_OFFERED = "expected one of the clinician's times that are to come"


@requires(CASES_WRITE)
async def schedule_appointment(
    services: Services, actor: Actor, body: ScheduleAppointmentIn, request_key: RequestKey | None, base_url: str
) -> AppointmentAnswerOut:
    """Books a free time for the patient's newest case.

    Raises PatientNotFoundError, RuleBrokenError (no such clinician or time, no license), TimeTakenError,
    AppointmentStateError (the case has enough of them), and what `run_once` raises.
    """
    data_key = await services.keyring.data_key(actor.organization_id)
    book = AppointmentBook(services, actor, data_key, base_url)
    return await run_once(services, actor, request_key, partial(_schedule, book, body))


async def _schedule(book: "AppointmentBook", body: ScheduleAppointmentIn, conn: Connection) -> AppointmentAnswerOut:
    case = await _lock_newest_case(conn, book.actor.organization_id, _key_of(body.email))
    booked = await book.schedule(conn, case, body)
    return AppointmentAnswerOut(message="Meeting scheduled successfully", data=booked)


@requires(CASES_WRITE)
async def reschedule_appointment(
    services: Services, actor: Actor, body: RescheduleAppointmentIn, request_key: RequestKey | None, base_url: str
) -> AppointmentAnswerOut:
    """Moves the patient's appointment to another free time of the same clinician.

    Raises AppointmentNotFoundError, AppointmentStateError, RuleBrokenError, TimeTakenError, and what `run_once` raises.
    """
    data_key = await services.keyring.data_key(actor.organization_id)
    book = AppointmentBook(services, actor, data_key, base_url)
    return await run_once(services, actor, request_key, partial(_reschedule, book, body))


async def _reschedule(book: "AppointmentBook", body: RescheduleAppointmentIn, conn: Connection) -> AppointmentAnswerOut:
    case, appointment = await book.lock(conn, body.appointment_id, _key_of(body.email))
    moved = await book.move(conn, case, appointment, body.start_time, body.timezone)
    return AppointmentAnswerOut(message="Meeting rescheduled successfully", data=moved)


@requires(CASES_WRITE)
async def cancel_appointment(
    services: Services, actor: Actor, body: CancelAppointmentIn, request_key: RequestKey | None, base_url: str
) -> CanceledOut:
    """Cancels the patient's appointment; its time is free again.

    Raises AppointmentNotFoundError, AppointmentStateError, and what `run_once` raises.
    """
    data_key = await services.keyring.data_key(actor.organization_id)
    book = AppointmentBook(services, actor, data_key, base_url)
    return await run_once(services, actor, request_key, partial(_cancel, book, body))


async def _cancel(book: "AppointmentBook", body: CancelAppointmentIn, conn: Connection) -> CanceledOut:
    case, appointment = await book.lock(conn, body.appointment_id, _key_of(body.email))
    await book.cancel(conn, case, appointment, body.reason)
    return CanceledOut()


def _key_of(email: str) -> str:
    return mailbox_of(email.strip())


async def _lock_newest_case(conn: Connection, organization_id: UUID, email_key: str) -> PatientCase:
    case = await queries.lock_newest_case(conn, organization_id, email_key)
    if case is None:
        known = await queries.find_patient(conn, organization_id, email_key)
        raise PatientNotFoundError(
            "email: the patient has no case that is not archived" if known else "email: no patient has this address"
        )
    return case


class AppointmentBook(msgspec.Struct, frozen=True):
    """A clinic's appointments, as one actor writes them, each in the caller's transaction.

    The addresses of our pages, for the mails, begin with `base_url`.
    """

    services: Services
    actor: Actor
    data_key: DataKey
    base_url: str

    async def lock(self, conn: Connection, ref: str, email_key: str | None = None) -> tuple[PatientCase, Appointment]:
        """The appointment with its case; with `email_key`, only if its patient has this address.

        Raises AppointmentNotFoundError.
        """
        appointment_id, organization_id = parse_uuid(ref.strip()), self.actor.organization_id
        case_id = None
        if appointment_id is not None:
            case_id = await queries.find_case_of(conn, organization_id, appointment_id, email_key)
        if appointment_id is None or case_id is None:
            raise AppointmentNotFoundError
        case = await queries.lock_case(conn, organization_id, case_id)
        return case, await queries.lock_appointment(conn, organization_id, appointment_id)

    async def schedule(self, conn: Connection, case: PatientCase, body: ScheduleAppointmentIn) -> AppointmentOut:
        """`case` is locked. Raises RuleBrokenError, TimeTakenError, AppointmentStateError."""
        if case.waiting_count >= MAX_WAITING:
            raise AppointmentStateError(f"the case has {case.waiting_count} appointments already; cancel one first")
        staff_id = parse_uuid(body.event_type_id.strip())
        clinician = await self._lock_clinician(conn, staff_id, case, body.start_time, body.timezone)
        starts_at = body.start_time.astimezone(UTC)
        new = NewAppointment(
            organization_id=self.actor.organization_id,
            id=uuid7(),
            case_id=case.id,
            staff_id=clinician.id,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=clinician.appointment_minutes),
            timezone=body.timezone,
            meeting_link=clinician.meeting_link,
            meeting_provider=body.location,
            provider_name=clinician.name,
            provider_email=clinician.email,
            tracking=_tracking(body),
        )
        await queries.insert_appointment(conn, new)
        appointment = await queries.lock_appointment(conn, self.actor.organization_id, new.id)
        await self._take(conn, appointment)
        await self._record(conn, case, appointment, "CALENDAR_EVENT_CREATED", value_after=_text(starts_at))
        await self._tell(conn, case, appointment, "booked", clinician.timezone)
        return await self._shown(conn, appointment.id)

    async def move(
        self, conn: Connection, case: PatientCase, before: Appointment, start_time: datetime, timezone: str | None
    ) -> AppointmentOut:
        """Raises AppointmentStateError, RuleBrokenError, TimeTakenError."""
        _require_to_come(before)
        clinician = await self._lock_clinician(conn, before.staff_id, case, start_time, timezone)
        starts_at = start_time.astimezone(UTC)
        after = msgspec.structs.replace(
            before,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=clinician.appointment_minutes),
            timezone=timezone or before.timezone,
            meeting_link=clinician.meeting_link,
            revision=before.revision + 1,
        )
        await queries.delete_steps(conn, self.actor.organization_id, before.id)
        await self._take(conn, after)
        await queries.set_moved(conn, self.actor.organization_id, after)
        values = {"value_before": _text(before.starts_at), "value_after": _text(starts_at)}
        await self._record(conn, case, after, "CALENDAR_EVENT_RESCHEDULED", **values)
        await self._tell(conn, case, after, "moved", clinician.timezone)
        return await self._shown(conn, after.id)

    async def cancel(self, conn: Connection, case: PatientCase, before: Appointment, reason: str | None) -> None:
        """Raises AppointmentStateError."""
        _require_to_come(before)
        organization_id = self.actor.organization_id
        sealed = self.data_key.seal(reason.encode(), CANCEL_REASON, before.id) if reason else None
        await queries.delete_steps(conn, organization_id, before.id)
        await queries.set_canceled(conn, organization_id, before.id, sealed)
        await self._record(conn, case, before, "CALENDAR_EVENT_CANCELED", value_before=_text(before.starts_at))
        after = msgspec.structs.replace(before, revision=before.revision + 1)
        clinician = await lock_clinician(conn, organization_id, before.staff_id)
        await self._tell(conn, case, after, "canceled", clinician.timezone if clinician else before.timezone)

    async def _lock_clinician(
        self, conn: Connection, staff_id: UUID | None, case: PatientCase, start_time: datetime, timezone: str | None
    ) -> Clinician:
        """Raises RuleBrokenError unless the clinician may see this patient then."""
        clinician = await lock_clinician(conn, self.actor.organization_id, staff_id) if staff_id else None
        problems = [] if timezone is None else list(timezone_problems("timezone", timezone))
        if clinician is None:
            raise RuleBrokenError(problems=[FieldProblem("eventTypeId", _NO_CLINICIAN), *problems])
        on = start_time.astimezone(ZoneInfo(clinician.timezone)).date()
        if not clinician.is_licensed([(case.state or "").strip().upper()], on):
            problems.append(FieldProblem("eventTypeId", _NO_LICENSE))
        if start_time <= clock.now() or not is_start(clinician, start_time.astimezone(UTC)):
            problems.append(FieldProblem("startTime", _NOT_OFFERED))
        if problems:
            raise RuleBrokenError(problems=problems)
        return clinician

    async def _take(self, conn: Connection, appointment: Appointment) -> None:
        """Raises TimeTakenError."""
        steps = steps_of(appointment.starts_at, appointment.ends_at)
        organization_id = self.actor.organization_id
        if not await queries.claim_steps(conn, organization_id, appointment.staff_id, appointment.id, steps):
            raise TimeTakenError

    async def _record(
        self, conn: Connection, case: PatientCase, appointment: Appointment, event: EventType, **values: Any
    ) -> None:
        about: dict[str, Any] = {"target_id": appointment.id, "is_test": case.is_test}
        await events.record(conn, events.new_event(self.actor, event, case.id, **about, **values))

    async def _tell(
        self, conn: Connection, case: PatientCase, appointment: Appointment, change: Change, provider_timezone: str
    ) -> None:
        news = News(
            case=case,
            appointment=appointment,
            change=change,
            provider_timezone=provider_timezone,
            base_url=self.base_url,
        )
        await queue_invitations(self.services, conn, self.actor, self.data_key, news)

    async def _shown(self, conn: Connection, appointment_id: UUID) -> AppointmentOut:
        shown = await queries.get_shown(conn, self.actor.organization_id, appointment_id)
        return open_appointment(shown, self.services.calendar_link_key, self.actor.organization_id, self.base_url)


def _require_to_come(appointment: Appointment) -> None:
    """Raises AppointmentStateError."""
    if appointment.is_canceled:
        raise AppointmentStateError("the appointment is canceled")
    if appointment.starts_at <= clock.now():
        raise AppointmentStateError("the appointment has begun or is over")


def _tracking(body: ScheduleAppointmentIn) -> dict[str, Any]:
    return (
        {}
        if body.tracking is None
        else {name: getattr(body.tracking, name) for name in body.tracking.__struct_fields__}
    )


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
