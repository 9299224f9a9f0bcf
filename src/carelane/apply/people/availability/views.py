"""Hours as somebody else says them. No I/O.

The console puts the days of the same hours together and in its own order; the file may put them apart. That is no change.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from carelane.apply.queries import Fields
from carelane.apply.views import fields_of
from carelane.calendar.availability.queries import Availability
from carelane.calendar.availability.schemas import DifferentDayIn, WeeklyHoursIn

AVAILABILITY = "availability"


class _Said(msgspec.Struct):
    """What can be said in several ways."""

    hours: list[WeeklyHoursIn]
    exceptions: list[DifferentDayIn]


def said_as(row: Availability, said: Fields) -> Availability:
    """`row`, in the words of `said` where both say the same."""
    put = msgspec.convert(fields_said_as(fields_of(AVAILABILITY, row), said), _Said)
    return msgspec.structs.replace(row, hours=put.hours, exceptions=put.exceptions)


def fields_said_as(fields: Fields, said: Fields) -> Fields:
    """The same of what is compared."""
    same = {name for name, content in _CONTENT.items() if content(fields[name]) == content(said.get(name))}
    return fields | {name: said[name] for name in same}


def _week(hours: Any) -> list[tuple[str, str, str]] | None:
    return None if hours is None else sorted((day, one["from"], one["to"]) for one in hours for day in one["days"])


def _days(exceptions: Any) -> list[tuple[str, list[tuple[str, str]]]] | None:
    if exceptions is None:
        return None
    return sorted((day["date"], sorted((one["from"], one["to"]) for one in day.get("hours", []))) for day in exceptions)


_CONTENT: dict[str, Callable[[Any], object]] = {"hours": _week, "exceptions": _days}
