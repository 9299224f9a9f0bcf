"""The words of a mail about an appointment, and its iCalendar object (RFC 5545). No I/O.

Mail is read in many places: a clinician's names the case, not the patient, and neither says what the appointment is about.
"""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec
from icalendar import Calendar, Event, vCalAddress

from carelane.kit.formatting import moment_text
from carelane.kit.languages import N_, _
from carelane.kit.phi import Phi
from carelane.kit.texts import one_line
from carelane.messages.schemas import Content
from carelane.messages.templates.schemas import MailKind

Change = Literal["booked", "moved", "canceled"]

KINDS: dict[Change, MailKind] = {
    "booked": "APPOINTMENT_BOOKED",
    "moved": "APPOINTMENT_MOVED",
    "canceled": "APPOINTMENT_CANCELED",
}
_TO_NAMED: dict[Change, str] = {
    "booked": N_("%(name)s, your appointment with %(provider)s of %(clinic)s is on %(when)s."),
    "moved": N_("%(name)s, your appointment with %(provider)s of %(clinic)s is now on %(when)s."),
    "canceled": N_("%(name)s, your appointment with %(provider)s of %(clinic)s on %(when)s is canceled."),
}
_TO_ANYBODY: dict[Change, str] = {
    "booked": N_("Your appointment with %(provider)s of %(clinic)s is on %(when)s."),
    "moved": N_("Your appointment with %(provider)s of %(clinic)s is now on %(when)s."),
    "canceled": N_("Your appointment with %(provider)s of %(clinic)s on %(when)s is canceled."),
}
_TO_CLINICIAN: dict[Change, str] = {
    "booked": N_("The appointment with the patient of case %(case)s is on %(when)s."),
    "moved": N_("The appointment with the patient of case %(case)s is now on %(when)s."),
    "canceled": N_("The appointment with the patient of case %(case)s on %(when)s is canceled."),
}


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
    said = (_TO_NAMED if invited.patient_name else _TO_ANYBODY)[invited.change]
    text = _(said) % {
        "name": one_line(invited.patient_name),
        "provider": one_line(invited.provider_name),
        "clinic": one_line(invited.clinic),
        "when": when,
    }
    if invited.change == "canceled":
        text += "\n"
    else:
        text += "\n\n"
        text += _("To meet: %(url)s") % {"url": invited.meeting_link} + "\n\n" if invited.meeting_link else ""
        text += _("To take another time: %(url)s") % {"url": invited.reschedule_url} + "\n"
        text += _("To cancel: %(url)s") % {"url": invited.cancel_url} + "\n"
    title = _("Appointment with %(provider)s") % {"provider": one_line(invited.provider_name)}
    return _mail(invited, invited.patient_email, title, text)


def for_clinician(invited: Invited) -> Content:
    when = moment_text(invited.starts_at, invited.provider_timezone)
    title = _("Appointment %(case)s") % {"case": invited.short_id}
    text = _(_TO_CLINICIAN[invited.change]) % {"case": invited.short_id, "when": when} + "\n"
    if invited.meeting_link and invited.change != "canceled":
        text += "\n" + _("To meet: %(url)s") % {"url": invited.meeting_link} + "\n"
    return _mail(invited, invited.provider_email, title, text)


def test_mark(invited: Invited) -> str:
    return f"[{_('test')}] " if invited.is_test else ""


def values_of(invited: Invited) -> dict[str, str | None]:
    """What the clinic's own words may name."""
    return {
        "clinic": one_line(invited.clinic),
        "firstName": one_line(invited.patient_name),
        "provider": one_line(invited.provider_name),
        "when": moment_text(invited.starts_at, invited.patient_timezone),
        "meetingLink": invited.meeting_link,
        "changeLink": invited.reschedule_url,
        "cancelLink": invited.cancel_url,
    }


def _mail(invited: Invited, recipient: str, title: str, text: str) -> Content:
    mark = test_mark(invited)
    how = {"booked": "%(title)s", "moved": _("Moved: %(title)s"), "canceled": _("Canceled: %(title)s")}[invited.change]
    how %= {"title": title}
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
