"""The words of a mail about an appointment, and its iCalendar object (RFC 5545). No I/O.

Mail is read in many places: a clinician's names the case, not the patient, and neither says what the appointment is about.
"""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec
from icalendar import Calendar, Event, vCalAddress

from carelane.kit.formatting import moment_text
from carelane.kit.phi import Phi
from carelane.messages.schemas import Content

Change = Literal["booked", "moved", "canceled"]


class Invited(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a mail may say."""

    id: UUID
    change: Change
    starts_at: datetime
    ends_at: datetime
    # How often it was changed: calendars take the highest.
    revision: int
    clinic: str
    provider_name: str
    provider_email: str
    provider_timezone: str
    meeting_link: str | None
    short_id: str
    is_test: bool
    patient_email: str
    patient_name: str | None
    patient_timezone: str
    reschedule_url: str
    cancel_url: str
    # Who sends the mails, and when this was written.
    organizer: str
    written_at: datetime


def for_patient(invited: Invited) -> Content:
    when = moment_text(invited.starts_at, invited.patient_timezone)
    greeting = f"{_line(invited.patient_name)}, your" if invited.patient_name else "Your"
    what = f"{greeting} appointment with {_line(invited.provider_name)} of {_line(invited.clinic)}"
    if invited.change == "canceled":
        text = f"{what} on {when} is canceled.\n"
    else:
        moved = " now" if invited.change == "moved" else ""
        text = f"{what} is{moved} on {when}.\n\n"
        text += f"To meet: {invited.meeting_link}\n\n" if invited.meeting_link else ""
        text += f"To take another time: {invited.reschedule_url}\nTo cancel: {invited.cancel_url}\n"
    title = f"Appointment with {_line(invited.provider_name)}"
    return _mail(invited, invited.patient_email, title, text)


def for_clinician(invited: Invited) -> Content:
    when = moment_text(invited.starts_at, invited.provider_timezone)
    title = f"Appointment {invited.short_id}"
    how = {"booked": f"is on {when}", "moved": f"is now on {when}", "canceled": f"on {when} is canceled"}
    text = f"The appointment with the patient of case {invited.short_id} {how[invited.change]}.\n"
    if invited.meeting_link and invited.change != "canceled":
        text += f"\nTo meet: {invited.meeting_link}\n"
    return _mail(invited, invited.provider_email, title, text)


def _mail(invited: Invited, recipient: str, title: str, text: str) -> Content:
    mark = "[test] " if invited.is_test else ""
    how = {"booked": title, "moved": f"Moved: {title}", "canceled": f"Canceled: {title}"}[invited.change]
    return Content(recipient, f"{mark}{how}", text, _invitation(invited, recipient, f"{mark}{title}"))


def _invitation(invited: Invited, recipient: str, title: str) -> str:
    """Its moments are UTC, so that no calendar's idea of a zone can move it."""
    is_canceled = invited.change == "canceled"
    event = Event()
    event.add("uid", f"{invited.id}@carelane")
    event.add("sequence", invited.revision)
    event.add("dtstamp", invited.written_at)
    event.add("dtstart", invited.starts_at)
    event.add("dtend", invited.ends_at)
    event.add("summary", title)
    event.add("status", "CANCELLED" if is_canceled else "CONFIRMED")
    event.add("organizer", vCalAddress(f"mailto:{invited.organizer}"))
    event.add("attendee", vCalAddress(f"mailto:{recipient}"))
    if invited.meeting_link:
        event.add("location", invited.meeting_link)
    calendar = Calendar()
    calendar.add("prodid", "-//Carelane//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if is_canceled else "REQUEST")
    calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written.decode()


def _line(text: str | None) -> str:
    return " ".join((text or "").split())
