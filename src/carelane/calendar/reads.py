"""Appointments of an organization that are not over."""

from datetime import UTC, datetime, time, timedelta

from carelane import events
from carelane.calendar import queries
from carelane.calendar.errors import PatientNotFoundError
from carelane.calendar.schemas import MAX_LISTED, AppointmentsOut, AppointmentsQuery, Days
from carelane.calendar.views import open_appointment
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.permissions import CASES_READ, requires
from carelane.services import Services


@requires(CASES_READ)
async def list_appointments(
    services: Services, actor: Actor, query: AppointmentsQuery, base_url: str
) -> AppointmentsOut:
    """Those that are not canceled, of cases that are not archived, by when they end.

    Raises InvalidRequestError, PatientNotFoundError.
    """
    days, email_key, organization_id = query.days(), query.email_key, actor.organization_id
    period = _period(days) if days is not None else None
    async with services.db.transaction(actor) as conn:
        if email_key is not None and await queries.find_patient(conn, organization_id, email_key) is None:
            raise PatientNotFoundError("user_email: no patient has this address")
        found = await queries.list_shown(conn, organization_id, clock.now(), period, email_key, MAX_LISTED + 1)
        await events.record_read(conn, actor, "calendar", organization_id, "list of appointments")
    key = services.calendar_link_key
    shown = [open_appointment(one, key, organization_id, base_url) for one in found[:MAX_LISTED]]
    return AppointmentsOut(data=shown, has_more=len(found) > MAX_LISTED)


def _period(days: Days) -> tuple[datetime, datetime]:
    begins_at = datetime.combine(days.first, time(), UTC)
    return begins_at, datetime.combine(days.last + timedelta(days=1), time(), UTC)
