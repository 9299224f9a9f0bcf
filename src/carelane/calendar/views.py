"""From rows to what is shown: appointments get their links, signed as they are shown."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET

from carelane.calendar.access import AppointmentLink, cancel_url, reschedule_url
from carelane.calendar.schemas import AppointmentOut, AppointmentRecord, CalendarEventRecord


def open_appointment(shown: str | dict[str, Any], key: bytes, organization_id: UUID, base_url: str) -> AppointmentOut:
    """`shown` is what the database wrote."""
    if isinstance(shown, str):
        appointment = msgspec.json.decode(shown, type=AppointmentRecord)
    else:
        appointment = msgspec.convert(shown, AppointmentRecord)
    link_appointments([appointment], key, organization_id, base_url)
    return appointment


def link_appointments(
    appointments: Iterable[CalendarEventRecord | AppointmentRecord], key: bytes, organization_id: UUID, base_url: str
) -> None:
    """Those that were booked here get the pages on which their patient moves and cancels them."""
    for appointment in appointments:
        if appointment.is_booked_here is True:
            link = AppointmentLink(organization_id, appointment.id)
            appointment.cancel_url = cancel_url(key, base_url, link)
            appointment.reschedule_url = reschedule_url(key, base_url, link)
        appointment.is_booked_here = UNSET
