"""Hours as the organization file and the database have them, and clinicians with free times on the wire."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Annotated, Literal
from uuid import UUID
from zoneinfo import available_timezones

import msgspec
from msgspec import UNSET, Meta, UnsetType

from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.kit.us_addresses import is_state

# On the clock, in steps of five minutes; 24:00 is the end of the day.
Time = Annotated[str, Meta(pattern=r"^(([01]\d|2[0-3]):[0-5][05]|24:00)$(?!\n)")]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

STEP_MINUTES = 5
MAX_MINUTES = 480
MAX_SPANS = 50
# Two years of days that differ.
MAX_EXCEPTIONS = 800
# Of one question.
MAX_STATES = 60
MAX_PERIOD_DAYS = 31

# With an offset: what a clock shows without one is a guess.
Moment = Annotated[datetime, Meta(tz=True)]


class HoursIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From a time until just before another, on one day."""

    begins: Time = msgspec.field(name="from")
    ends: Time = msgspec.field(name="to")


class WeeklyHoursIn(HoursIn, frozen=True, kw_only=True):
    days: Annotated[list[Weekday], Meta(min_length=1, max_length=7)]


class DifferentDayIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A day on which other hours hold than in other weeks; none: the clinician is away."""

    date: date
    hours: Annotated[list[HoursIn], Meta(max_length=MAX_SPANS)] = []


def minutes_of(time: str) -> int:
    """Since midnight."""
    hours, minutes = time.split(":")
    return 60 * int(hours) + int(minutes)


def timezone_problems(place: str, timezone: str) -> Iterator[FieldProblem]:
    if timezone not in available_timezones():
        yield FieldProblem(place, "expected an IANA time zone such as America/New_York")


def hours_problems(place: str, hours: list[WeeklyHoursIn], exceptions: list[DifferentDayIn]) -> Iterator[FieldProblem]:
    """Hours that end before they begin, or that overlap; days that stand there twice."""
    yield from _order_problems(f"{place}.hours", hours)
    for weekday in WEEKDAYS:
        yield from _overlaps(f"{place}.hours", weekday, [span for span in hours if weekday in span.days])
    days = [day.date for day in exceptions]
    for index, day in enumerate(exceptions):
        where = f"{place}.exceptions[{index}]"
        yield from _order_problems(f"{where}.hours", day.hours)
        yield from _overlaps(f"{where}.hours", str(day.date), day.hours)
        if day.date in days[:index]:
            yield FieldProblem(f"{where}.date", f"{day.date} stands in the list before")


def _order_problems(place: str, spans: Sequence[HoursIn]) -> Iterator[FieldProblem]:
    for index, span in enumerate(spans):
        if minutes_of(span.begins) >= minutes_of(span.ends):
            yield FieldProblem(f"{place}[{index}].to", "expected a time after `from`; 24:00 is the end of the day")


def _overlaps(place: str, day: str, spans: Sequence[HoursIn]) -> Iterator[FieldProblem]:
    ordered = sorted((minutes_of(span.begins), minutes_of(span.ends)) for span in spans)
    if any(before[1] > after[0] for before, after in pairwise(ordered)):
        yield FieldProblem(place, f"expected hours that do not overlap; those of {day} do")


class Period(msgspec.Struct, frozen=True):
    """From a moment until just before another."""

    begins_at: datetime
    ends_at: datetime


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which clinicians: with a license in one of the states, and, where it is not None, with this e-mail or event type."""

    states: list[str]
    email: str | None
    event_type_id: str | None
    period: Period | None


class CliniciansQuery(msgspec.Struct, frozen=True, kw_only=True):
    """The query of a storefront as it was sent, by its own names."""

    provider_states: str | None
    provider_email: str | None
    event_type_id: str | None
    start_time: str | None
    end_time: str | None

    def wanted(self) -> Wanted:
        """Raises InvalidRequestError that names everything that is wrong."""
        states = [state.strip().upper() for state in (self.provider_states or "").split(",")]
        problems = list(_state_problems(self.provider_states, states))
        period = self._period(problems)
        if problems:
            raise InvalidRequestError(problems=problems)
        return Wanted(
            states=states,
            email=(self.provider_email or "").strip().lower() or None,
            event_type_id=(self.event_type_id or "").strip() or None,
            period=period,
        )

    def _period(self, problems: list[FieldProblem]) -> Period | None:
        if self.start_time is None and self.end_time is None:
            return None
        for name in ("start_time", "end_time", "event_type_id"):
            if not getattr(self, name):
                needed = f"{name} is required when start_time or end_time is given"
                problems.append(FieldProblem(name, needed, "query"))
        begins_at = _moment("start_time", self.start_time, problems)
        ends_at = _moment("end_time", self.end_time, problems)
        if begins_at is None or ends_at is None:
            return None
        if not timedelta() < ends_at - begins_at <= timedelta(days=MAX_PERIOD_DAYS):
            later = f"expected a moment after start_time, at most {MAX_PERIOD_DAYS} days later"
            problems.append(FieldProblem("end_time", later, "query"))
        return Period(begins_at, ends_at)


def _state_problems(sent: str | None, states: list[str]) -> Iterator[FieldProblem]:
    if not (sent or "").strip():
        yield FieldProblem("provider_states", "provider_states is required", "query")
    elif len(states) > MAX_STATES or not all(is_state(state) for state in states):
        yield FieldProblem("provider_states", "expected US state codes such as CA, separated by commas", "query")


def _moment(name: str, text: str | None, problems: list[FieldProblem]) -> datetime | None:
    """A plus sign that was not escaped arrives as a space."""
    if not text:
        return None
    try:
        found = msgspec.convert(text[:19] + text[19:].replace(" ", "+"), Moment)
        return found.astimezone(UTC)
    except (msgspec.ValidationError, OverflowError):
        problems.append(FieldProblem(name, "expected a moment such as 2026-03-02T09:30:00Z", "query"))
        return None


class AvailableTimeOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`endTime` is when an appointment that begins at `startTime` would end."""

    status: Literal["available"] = "available"
    start_time: datetime
    end_time: datetime


class BookableClinicianOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`eventTypeId` books an appointment with this clinician. `availableTimes` is there when a period was asked for."""

    provider_name: str
    provider_email: str
    calendly_link: str
    event_type_id: UUID
    timezone: str
    appointment_minutes: int
    available_times: list[AvailableTimeOut] | UnsetType = UNSET


class BookableCliniciansOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    status: int = 200
    success: bool = True
    message: str = "Providers Availability link fetched successfully"
    data: list[BookableClinicianOut]
