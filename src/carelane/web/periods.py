"""Periods in the query of the billing dialect's lists. No I/O."""

from datetime import date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

import msgspec

from carelane.kit.errors import FieldProblem, InvalidRequestError

_EXPECTED = "expected one day, or sent twice the first and the last: dates or date-times of ISO 8601"
_SMALLEST = timedelta(microseconds=1)


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
