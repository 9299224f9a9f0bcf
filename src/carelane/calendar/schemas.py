"""Appointments on the wire: as the case detail shows them (seed 002), whole as in webhooks, and what books, moves and cancels."""

from datetime import date, datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from carelane.calendar.availability.schemas import Moment
from carelane.kit.emails import mailbox_of
from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.kit.phi import Phi
from carelane.patients.schemas import parse_date

Status = Literal["EVENT_ACCEPTED_BY_PROVIDER", "MISSED_EVENT_BY_PROVIDER", "MISSED_EVENT_BY_USER", "NEED_RESCHEDULE"]
Location = Literal[
    "google_conference", "zoom_conference", "gotomeeting_conference", "microsoft_teams_conference", "webex_conference"
]
# Who missed an appointment.
Missing = Literal["USER", "PROVIDER"]

# Of one list; a caller who needs more asks for fewer days.
MAX_LISTED = 500

Email = Annotated[str, Meta(min_length=1, max_length=320)]
Tag = Annotated[str, Meta(max_length=500)]


class CalendarEventOut(msgspec.Struct, rename="camel", kw_only=True):
    """`timezone` is an IANA name."""

    id: UUID
    start_date_time: datetime
    end_date_time: datetime
    timezone: str
    meeting_link: str | None
    meeting_provider: str | None
    cancel_url: str | None = msgspec.field(name="cancelURL")
    reschedule_url: str | None = msgspec.field(name="rescheduleURL")
    provider_name: str | None
    provider_email: str | None


class CalendarEventRecord(CalendarEventOut, rename="camel", kw_only=True):
    """As it comes from the database: one that was booked here has links to be signed, which are kept nowhere."""

    is_booked_here: bool | UnsetType = UNSET


class TrackingIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Where the patient came from."""

    utm_campaign: Tag | None = None
    utm_source: Tag | None = None
    utm_medium: Tag | None = None
    utm_content: Tag | None = None
    utm_term: Tag | None = None
    salesforce_uuid: Tag | None = None


class TrackingOut(msgspec.Struct, frozen=True, kw_only=True):
    utm_campaign: str | None = None
    utm_source: str | None = None
    utm_medium: str | None = None
    utm_content: str | None = None
    utm_term: str | None = None
    salesforce_uuid: str | None = None


class MeetingNoteOut(msgspec.Struct, frozen=True, kw_only=True):
    answer: str
    position: int
    question: str


class AppointmentOut(Phi, CalendarEventOut, rename="camel", kw_only=True):
    """An appointment, whole: `calendarEvent` of a webhook, and what the calendar's own pages answer."""

    case_id: UUID
    title: str
    topic: str | None = None
    description: str | None = None
    color: str | None = None
    status: Status | None
    is_deleted: bool
    created_at: datetime
    updated_at: datetime
    meeting_notes: list[MeetingNoteOut] = []
    tracking: TrackingOut


class AppointmentRecord(AppointmentOut, rename="camel", kw_only=True):
    """As `CalendarEventRecord`."""

    is_booked_here: bool | UnsetType = UNSET


class AppointmentAnswerOut(Phi, msgspec.Struct, rename="camel", kw_only=True):
    status: int = 200
    success: bool = True
    message: str
    data: AppointmentOut


class AppointmentsOut(Phi, msgspec.Struct, rename="camel", kw_only=True):
    """`hasMore`: there are more than fit into one answer; ask for fewer days."""

    status: int = 200
    success: bool = True
    message: str = "Appointments fetched successfully"
    data: list[AppointmentOut]
    has_more: bool


class CanceledOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    status: int = 200
    success: bool = True
    message: str = "Meeting cancelled successfully"


class ScheduleAppointmentIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`startTime` is one of a clinician's free times; `email` is the patient's, whose newest case gets the appointment."""

    event_type_id: Annotated[str, Meta(min_length=1, max_length=200)]
    start_time: Moment
    email: Email
    first_name: Annotated[str, Meta(max_length=200)] | None = None
    last_name: Annotated[str, Meta(max_length=200)] | None = None
    timezone: Annotated[str, Meta(max_length=100)]
    location: Location
    tracking: TrackingIn | None = None


class RescheduleAppointmentIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`timezone` is the patient's, if it is another now."""

    email: Email
    appointment_id: Annotated[str, Meta(min_length=1, max_length=200)]
    start_time: Moment
    timezone: Annotated[str, Meta(max_length=100)] | None = None


class CancelAppointmentIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    email: Email
    appointment_id: Annotated[str, Meta(min_length=1, max_length=200)]
    reason: Annotated[str, Meta(max_length=2_000)] | None = None


class NoShowIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    missed_by: Missing = "USER"


class Days(msgspec.Struct, frozen=True):
    """Appointments that begin on these days of UTC, the last included."""

    first: date
    last: date


class AppointmentsQuery(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """The query of a storefront as it was sent."""

    start_date: str | None
    end_date: str | None
    user_email: str | None

    @property
    def email_key(self) -> str | None:
        return mailbox_of((self.user_email or "").strip()) or None

    def days(self) -> Days | None:
        """Raises InvalidRequestError that names everything that is wrong with the query."""
        if not self.start_date and not self.end_date and self.email_key:
            return None
        sent = {"start_date": self.start_date, "end_date": self.end_date}
        dates = {name: parse_date(text) if text else None for name, text in sent.items()}
        problems = [
            FieldProblem(name, _EXPECTED if text else f"{name} is required{_UNLESS}", "query")
            for name, text in sent.items()
            if dates[name] is None
        ]
        first, last = dates.values()
        if first is not None and last is not None:
            if first <= last < date.max - timedelta(days=1):
                return Days(first, last)
            problems = [FieldProblem("end_date", "expected a day that is not before start_date", "query")]
        raise InvalidRequestError(problems=problems)


_EXPECTED = "expected a calendar date as YYYY-MM-DD"
_UNLESS = ", together with the other date, unless user_email alone is given"
