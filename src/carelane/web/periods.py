"""Periods in the query of the billing dialect's lists. No I/O."""

from datetime import date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

import msgspec
from litestar.params import QueryParameter

from carelane.kit.errors import FieldProblem, InvalidRequestError

_EXPECTED = "expected one day, or sent twice the first and the last: dates or date-times of ISO 8601"
_SMALLEST = timedelta(microseconds=1)

FIRST_DAY = QueryParameter(name="from", max_length=10, description="The first day, such as 2026-03-01")
LAST_DAY = QueryParameter(name="until", max_length=10, description="The last day")
TZ = QueryParameter(max_length=60, description="Time zone of the days; without it UTC")


class Span(msgspec.Struct, frozen=True):
    """A period that may be open at either end. `ends_at` is excluded."""

    begins_at: datetime | None
    ends_at: datetime | None


class Period(msgspec.Struct, frozen=True):
    """From `begins_at` until just before `ends_at`."""

    begins_at: datetime
    ends_at: datetime


def read_periods(asked: dict[str, list[str] | None], tz: str | None) -> dict[str, Period]:
    """The periods by parameter. One value is the whole day it falls on, two are the first and the last day or moment. Days,
    and moments without an offset, are in the time zone `tz`. Raises InvalidRequestError with everything that is wrong."""
    zone, problems = ZoneInfo("UTC"), []
    try:
        zone = ZoneInfo(tz or "UTC")
    except (ValueError, OSError, LookupError):
        problems.append(FieldProblem("tz", "expected a time zone such as America/New_York", "query"))
    periods = {}
    for name, texts in asked.items():
        try:
            if texts is not None:
                periods[name] = _period(texts, zone)
        except (ValueError, OverflowError, msgspec.ValidationError):
            problems.append(FieldProblem(name, _EXPECTED, "query"))
    if problems:
        raise InvalidRequestError(problems=problems)
    return periods


def read_span(first: str | None, last: str | None, tz: str | None) -> Span:
    """From one day to another, both of them whole; without one it is open there. Raises InvalidRequestError."""
    asked = {"from": [first] if first else None, "until": [last] if last else None}
    found = read_periods(asked, tz)
    begins, ends = found.get("from"), found.get("until")
    span = Span(begins.begins_at if begins else None, ends.ends_at if ends else None)
    if span.begins_at is not None and span.ends_at is not None and span.begins_at >= span.ends_at:
        raise InvalidRequestError(
            problems=[FieldProblem("until", "expected a day that is not before the first", "query")]
        )
    return span


def read_day(name: str, text: str | None, problems: list[FieldProblem]) -> date | None:
    """None where none was sent, or where the text is none; then with a problem more."""
    try:
        return msgspec.convert(text, date) if text else None
    except msgspec.ValidationError:
        problems.append(FieldProblem(name, "expected a day such as 2026-11-27", "query"))
        return None


def days_before(day: date, days: int) -> date:
    """The first day there is, if that would be before it."""
    return date.fromordinal(max(day.toordinal() - days, 1))


def read_days(first: date, last: date, timezone: str, most_days: int, names: tuple[str, str]) -> Period:
    """The days from `first` to `last`, both of them whole, in the time zone. `names` are those of the two in the query.
    Raises InvalidRequestError with everything that is wrong."""
    zone, problems = ZoneInfo("UTC"), []
    try:
        zone = ZoneInfo(timezone)
    except (ValueError, OSError, LookupError):
        problems.append(FieldProblem("timezone", "expected a time zone such as America/New_York", "query"))
    if not 0 <= (last - first).days < most_days:
        expected = f"expected a day from {names[0]} on, and at most {most_days} days in all"
        problems.append(FieldProblem(names[1], expected, "query"))
    elif date.max - last < timedelta(days=2) or first - date.min < timedelta(days=2):
        problems.append(FieldProblem(names[0], "expected a day of this era", "query"))
    if problems:
        raise InvalidRequestError(problems=problems)
    return Period(_midnight(first, zone), _midnight(last + timedelta(days=1), zone))


def _period(texts: list[str], zone: tzinfo) -> Period:
    """Raises ValueError, OverflowError or msgspec.ValidationError for anything else."""
    if len(texts) == 1:
        first = last = _read(texts[0], zone)
        if isinstance(first, datetime):
            first = last = first.astimezone(zone).date()
    else:
        first, last = (_read(text, zone) for text in texts)
    begins_at = first if isinstance(first, datetime) else _midnight(first, zone)
    ends_at = last + _SMALLEST if isinstance(last, datetime) else _midnight(last + timedelta(days=1), zone)
    if begins_at >= ends_at:
        raise ValueError("the last comes before the first")
    return Period(begins_at, ends_at)


def _read(text: str, zone: tzinfo) -> datetime | date:
    try:
        return msgspec.convert(text, date)
    except msgspec.ValidationError:
        moment = msgspec.convert(text, datetime)
        return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone)
