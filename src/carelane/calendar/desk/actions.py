"""Who missed an appointment."""

from functools import partial
from uuid import UUID

from carelane import events
from carelane.calendar import queries
from carelane.calendar.errors import AppointmentNotFoundError, AppointmentStateError
from carelane.calendar.queries import Appointment, PatientCase
from carelane.calendar.schemas import AppointmentOut, NoShowIn, Status
from carelane.calendar.views import open_appointment
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.ids import parse_uuid
from carelane.permissions import CASES_WORK, requires
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once

_MISSED: dict[str, Status] = {"USER": "MISSED_EVENT_BY_USER", "PROVIDER": "MISSED_EVENT_BY_PROVIDER"}


@requires(CASES_WORK)
async def mark_no_show(
    services: Services, actor: Actor, ref: str, body: NoShowIn, request_key: RequestKey | None, base_url: str
) -> AppointmentOut:
    """Says who missed an appointment that has begun.

    Raises AppointmentNotFoundError, AppointmentStateError, and what `run_once` raises.
    """
    act = partial(_mark, services, actor, ref, body, base_url)
    return await run_once(services, actor, request_key, act)


async def _mark(
    services: Services, actor: Actor, ref: str, body: NoShowIn, base_url: str, conn: Connection
) -> AppointmentOut:
    case, appointment = await _lock(conn, actor, ref)
    status = _MISSED[body.missed_by]
    if appointment.is_canceled or appointment.starts_at > clock.now():
        what = "is canceled" if appointment.is_canceled else "has not begun"
        raise AppointmentStateError(f"the appointment {what}; nobody can have missed it")
    if appointment.status == status:
        raise AppointmentStateError(f"the appointment is {status} already")
    await queries.set_status(conn, actor.organization_id, appointment.id, status)
    happened = events.new_event(
        actor,
        "CALENDAR_EVENT_NO_SHOW",
        case.id,
        target_id=appointment.id,
        is_test=case.is_test,
        value_after=body.missed_by,
    )
    await events.record(conn, happened)
    return await _shown(services, conn, actor, appointment.id, base_url)


@requires(CASES_WORK)
async def remove_no_show(
    services: Services, actor: Actor, ref: str, request_key: RequestKey | None, base_url: str
) -> AppointmentOut:
    """Takes it back: nobody missed the appointment.

    Raises AppointmentNotFoundError, AppointmentStateError, and what `run_once` raises.
    """
    return await run_once(services, actor, request_key, partial(_remove, services, actor, ref, base_url))


async def _remove(services: Services, actor: Actor, ref: str, base_url: str, conn: Connection) -> AppointmentOut:
    case, appointment = await _lock(conn, actor, ref)
    if appointment.status not in _MISSED.values():
        raise AppointmentStateError("nobody has said that the appointment was missed")
    await queries.set_status(conn, actor.organization_id, appointment.id, None)
    happened = events.new_event(
        actor, "CALENDAR_EVENT_NO_SHOW_REMOVED", case.id, target_id=appointment.id, is_test=case.is_test
    )
    await events.record(conn, happened)
    return await _shown(services, conn, actor, appointment.id, base_url)


async def _lock(conn: Connection, actor: Actor, ref: str) -> tuple[PatientCase, Appointment]:
    """Raises AppointmentNotFoundError."""
    appointment_id = parse_uuid(ref)
    case_id = await queries.find_case_of(conn, actor.organization_id, appointment_id) if appointment_id else None
    if appointment_id is None or case_id is None:
        raise AppointmentNotFoundError
    case = await queries.lock_case(conn, actor.organization_id, case_id)
    return case, await queries.lock_appointment(conn, actor.organization_id, appointment_id)


async def _shown(
    services: Services, conn: Connection, actor: Actor, appointment_id: UUID, base_url: str
) -> AppointmentOut:
    shown = await queries.get_shown(conn, actor.organization_id, appointment_id)
    return open_appointment(shown, services.calendar_link_key, actor.organization_id, base_url)
