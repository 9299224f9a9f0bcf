"""A member's hours on the wire; their rules are those of the organization file."""

from collections.abc import Iterator
from typing import Annotated

import msgspec
from msgspec import Meta

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
from carelane.kit.errors import FieldProblem
from carelane.web.versions import Version

USUAL_MINUTES = 30


class AvailabilityIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """As a whole, by the clock of `timezone`; without `hours` nothing can be booked but on days that differ."""

    timezone: Annotated[str, Meta(max_length=64)]
    appointment_minutes: Annotated[int, Meta(ge=STEP_MINUTES, le=MAX_MINUTES, multiple_of=STEP_MINUTES)] = USUAL_MINUTES
    meeting_link: Annotated[str, Meta(pattern=r"^https?://\S+$(?!\n)", max_length=2_000)] | None = None
    hours: Annotated[list[WeeklyHoursIn], Meta(max_length=MAX_SPANS)] = []
    exceptions: Annotated[list[DifferentDayIn], Meta(max_length=MAX_EXCEPTIONS)] = []
    version: Version | None = None


class AvailabilityOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`timezone` null: nothing was said yet, and nothing can be booked."""

    timezone: str | None
    appointment_minutes: int
    meeting_link: str | None
    hours: list[WeeklyHoursIn]
    exceptions: list[DifferentDayIn]
    version: str


def broken_rules(body: AvailabilityIn) -> Iterator[FieldProblem]:
    yield from timezone_problems("timezone", body.timezone)
    # At the top of the body.
    for problem in hours_problems("", body.hours, body.exceptions):
        yield FieldProblem(problem.field.removeprefix("."), problem.problem)
