"""`availability` of an entry of `staff`, by the clinician's own clock."""

from typing import Annotated

from msgspec import Meta

from carelane.apply.schemas import Entry, Link, Problems
from carelane.calendar.availability.schemas import (
    MAX_EXCEPTIONS,
    MAX_MINUTES,
    MAX_SPANS,
    STEP_MINUTES,
    DifferentDayIn,
    WeeklyHoursIn,
    hours_problems,
    timezone_problems,
)


class AvailabilityEntry(Entry, frozen=True):
    """`meeting_link` is where patients meet the clinician."""

    timezone: str
    hours: Annotated[list[WeeklyHoursIn], Meta(max_length=MAX_SPANS)] = []
    exceptions: Annotated[list[DifferentDayIn], Meta(max_length=MAX_EXCEPTIONS)] = []
    appointment_minutes: Annotated[int, Meta(ge=STEP_MINUTES, le=MAX_MINUTES, multiple_of=STEP_MINUTES)] = 30
    meeting_link: Link | None = None


def broken_rules(place: str, entry: AvailabilityEntry) -> Problems:
    """`place` is the entry's own."""
    yield from timezone_problems(f"{place}.timezone", entry.timezone)
    yield from hours_problems(place, entry.hours, entry.exceptions)
