"""Single values of a prescription that every pharmacist must read alike: quantities, and the days it names."""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal

from carelane.kit import clock
from carelane.kit.us_zones import day_in, latest_day_in
from carelane.patients.schemas import parse_date

# A number, and what is counted: "30", "2.5", "60 tablets". Of one that is written otherwise, two people may make two things.
_QUANTITY = re.compile(r"(?P<number>(0|[1-9]\d{0,4})(\.\d{1,3})?)(?P<unit> ?[A-Za-z][A-Za-z .()/-]{0,39})?", re.ASCII)
_MULTIPLES = re.compile(r"\b(dozen|hundred|thousand|million|billion|score|gross|half|nan|inf|e|k|m|x)\b", re.IGNORECASE)
# Nothing that is ordered here was written before anybody prescribed electronically.
EARLIEST_WRITTEN = date(2000, 1, 1)
# Two clocks may differ by so much.
CLOCK_TOLERANCE = timedelta(minutes=10)
_FARTHEST_OFFSET = timedelta(hours=14)


def is_quantity(text: str) -> bool:
    """Whether it is more than none, at most 99999.999, and cannot be read in two ways."""
    return quantity_number(text) is not None


def quantity_number(text: str) -> Decimal | None:
    match = _QUANTITY.fullmatch(text.strip())
    if match is None or _MULTIPLES.search(match["unit"] or ""):
        return None
    return Decimal(match["number"]) or None


def is_moment(text: str) -> bool:
    """Whether `text` is a calendar date, or an instant with its offset."""
    return parse_date(text) is not None or _instant(text) is not None


def is_written_in_time(text: str, state: str) -> bool:
    """Whether a date or an instant is no later than now where the prescriber is, and not absurdly old.

    Many programs write the day it is in UTC, which may be tomorrow's.
    """
    instant, now = _instant(text), clock.now()
    if instant is not None:
        return day_in(state, instant) > EARLIEST_WRITTEN and instant <= now + CLOCK_TOLERANCE
    day = parse_date(text)
    return day is not None and EARLIEST_WRITTEN <= day <= max(latest_day_in(state, now), now.date())


def day_written(text: str, state: str) -> str:
    """The day of the prescriber, as it is printed. Of what is neither a date nor an instant, what it begins with."""
    instant = _instant(text)
    return text[:10] if instant is None else day_in(state, instant).isoformat()


def _instant(text: str) -> datetime | None:
    if text[10:11] != "T" or parse_date(text[:10]) is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        offset = moment.utcoffset()
        # At the ends of the calendar there is no such moment in another zone.
        in_range = date.min + timedelta(days=2) < moment.date() < date.max - timedelta(days=2)
    except (ValueError, OverflowError):
        return None
    is_whole = offset is not None and not offset % timedelta(minutes=1)
    return moment if offset is not None and is_whole and abs(offset) <= _FARTHEST_OFFSET and in_range else None
