"""Clinicians with whom appointments can be booked, and when they are free."""

from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from carelane.calendar.access import EventType, booking_url
from carelane.calendar.availability import queries
from carelane.calendar.availability.queries import Clinician
from carelane.calendar.availability.rows import list_starts, steps_of
from carelane.calendar.availability.schemas import AvailableTimeOut, BookableClinicianOut, Period, Wanted
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.ids import parse_uuid
from carelane.permissions import CATALOG_READ, requires
from carelane.services import Services


@requires(CATALOG_READ)
async def list_clinicians(
    services: Services, actor: Actor, wanted: Wanted, base_url: str
) -> list[BookableClinicianOut]:
    """Those with a license in one of the states; of a period, with the times that are still free."""
    event_type_id = parse_uuid(wanted.event_type_id) if wanted.event_type_id else None
    if wanted.event_type_id and event_type_id is None:
        return []
    async with services.db.reading(actor.organization_id) as conn:
        found = await queries.list_clinicians(conn, actor.organization_id, event_type_id, wanted.email)
        licensed = [one for one in found if one.is_licensed(wanted.states, _today(one))]
        shown = [_show(services, actor.organization_id, one, base_url) for one in licensed]
        if wanted.period is None:
            return shown
        free = [await list_free(conn, actor.organization_id, one, wanted.states, wanted.period) for one in licensed]
    return [msgspec.structs.replace(one, available_times=times) for one, times in zip(shown, free, strict=True)]


async def list_free(
    conn: Connection, organization_id: UUID, clinician: Clinician, states: list[str], period: Period
) -> list[AvailableTimeOut]:
    """The times of the period that are neither taken nor past, and for which the clinician's license is good."""
    length = timedelta(minutes=clinician.appointment_minutes)
    begins_at, zone = max(period.begins_at, clock.now()), ZoneInfo(clinician.timezone)
    # An appointment that begins in the period ends after it at most by its own length.
    taken = await queries.list_taken(conn, organization_id, [clinician.id], begins_at - length, period.ends_at + length)
    return [
        AvailableTimeOut(start_time=starts_at, end_time=starts_at + length)
        for starts_at in list_starts(clinician, begins_at, period.ends_at)
        if not any((clinician.id, step) in taken for step in steps_of(starts_at, starts_at + length))
        if clinician.is_licensed(states, starts_at.astimezone(zone).date())
    ]


def _today(clinician: Clinician) -> date:
    return clock.now().astimezone(ZoneInfo(clinician.timezone)).date()


def _show(services: Services, organization_id: UUID, clinician: Clinician, base_url: str) -> BookableClinicianOut:
    return BookableClinicianOut(
        provider_name=clinician.name,
        provider_email=clinician.email,
        calendly_link=booking_url(services.calendar_link_key, base_url, EventType(organization_id, clinician.id)),
        event_type_id=clinician.id,
        timezone=clinician.timezone,
        appointment_minutes=clinician.appointment_minutes,
    )
