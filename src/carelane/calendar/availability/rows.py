"""From a clinician's hours to moments: when appointments can begin, and which rows of five minutes they take. No I/O.

Hours are clock times of a zone, moments are UTC. Where the clock is put forward, the hour that is missing is nobody's working
time; where it is put back, the hour that comes twice belongs to whoever works then, both times. Neither is a special case
below: clock times are mapped to moments in their order, and appointments follow each other in elapsed time.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from carelane.calendar.availability.queries import Availability
from carelane.calendar.availability.schemas import STEP_MINUTES, WEEKDAYS, HoursIn, minutes_of

STEP = timedelta(minutes=STEP_MINUTES)
_DAY = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def list_starts(availability: Availability, begins_at: datetime, ends_at: datetime) -> Iterator[datetime]:
    """When appointments can begin, whether they are taken or not: from `begins_at` until just before `ends_at`."""
    zone, length = ZoneInfo(availability.timezone), timedelta(minutes=availability.appointment_minutes)
    # A moment of a day by the zone's clock may be another day's by UTC.
    day, last = begins_at.astimezone(zone).date() - _DAY, ends_at.astimezone(zone).date()
    while day <= last:
        for span in _spans_on(availability, day):
            starts_at, closes_at = moment_of(day, span.begins, zone), moment_of(day, span.ends, zone)
            while starts_at + length <= closes_at:
                if begins_at <= starts_at < ends_at:
                    yield starts_at
                starts_at += length
        day += _DAY


def is_start(availability: Availability, starts_at: datetime) -> bool:
    return starts_at in list_starts(availability, starts_at, starts_at + STEP)


def steps_of(starts_at: datetime, ends_at: datetime) -> list[datetime]:
    """The beginnings of all five minutes that the time touches."""
    first = starts_at - (starts_at - _EPOCH) % STEP
    return [first + STEP * number for number in range(-((first - ends_at) // STEP))]


def moment_of(day: date, clock_time: str, zone: tzinfo) -> datetime:
    """When the clock of the zone shows this. A time that the clock skips is the moment at which it is put forward; of a time
    that it shows twice, the first. So a later time is never an earlier moment."""
    local = datetime.combine(day, time()) + timedelta(minutes=minutes_of(clock_time))
    # Python reads a skipped time by the offset of before (fold 0) or of after (fold 1): the change lies between the two.
    late, early = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if late.astimezone(zone).replace(tzinfo=None) == local:
        return late
    offset_before = early.astimezone(zone).utcoffset()
    moment = early
    while moment < late and moment.astimezone(zone).utcoffset() == offset_before:
        moment += timedelta(minutes=1)
    return moment


def _spans_on(availability: Availability, day: date) -> list[HoursIn]:
    """In the order of the day."""
    different = next((one for one in availability.exceptions if one.date == day), None)
    if different is not None:
        spans = list(different.hours)
    else:
        spans = [span for span in availability.hours if WEEKDAYS[day.weekday()] in span.days]
    return sorted(spans, key=lambda span: minutes_of(span.begins))
