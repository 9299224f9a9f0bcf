"""From hours to moments: whatever the hours, on the days when clocks change too. Checked against the clock, minute by minute."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carelane.calendar.availability.queries import Availability
from carelane.calendar.availability.rows import is_start, list_starts, moment_of, steps_of
from carelane.calendar.availability.schemas import WEEKDAYS, DifferentDayIn, HoursIn, WeeklyHoursIn, hours_problems

# Forward and back again, in the middle of the night and at midnight, by an hour and by half of one; and one without changes.
CHANGES = [
    ("America/New_York", date(2026, 3, 8), date(2026, 11, 1)),
    ("America/Los_Angeles", date(2027, 3, 14), date(2027, 11, 7)),
    ("Australia/Lord_Howe", date(2026, 10, 4), date(2026, 4, 5)),
    ("America/Santiago", date(2026, 9, 6), date(2026, 4, 5)),
    ("Europe/London", date(2026, 3, 29), date(2026, 10, 25)),
    ("America/Phoenix", date(2026, 3, 8), date(2026, 11, 1)),
]
days_of_change = st.sampled_from([(zone, day) for zone, *days in CHANGES for day in days])


def clock_time(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


@st.composite
def spans(draw) -> list[HoursIn]:
    """Hours of one day that do not overlap; some touch."""
    ends = sorted(draw(st.lists(st.integers(0, 288), min_size=2, max_size=8, unique=True)))
    pairs = list(pairwise(ends)) if draw(st.booleans()) else list(zip(ends[::2], ends[1::2], strict=False))
    return [HoursIn(begins=clock_time(5 * begins), ends=clock_time(5 * ends)) for begins, ends in pairs]


def free_on(zone: str, day: date, hours: list[HoursIn], minutes: int) -> Availability:
    return Availability(
        id=uuid4(), email="ada@clinic.example", timezone=zone, appointment_minutes=minutes, meeting_link=None, hours=[],
        exceptions=[DifferentDayIn(date=day, hours=hours)],
    )  # fmt: skip


def working_minutes(zone: str, day: date, hours: list[HoursIn]) -> set[datetime]:
    """Found by looking at the clock on the wall, minute by minute, and in no other way: work begins when it first shows the
    time at which the hours begin, or a later one, and ends likewise."""
    tz, midnight = ZoneInfo(zone), datetime.combine(day, time())
    first = midnight.replace(tzinfo=UTC) - timedelta(hours=30)
    wall = [(moment, moment.astimezone(tz).replace(tzinfo=None)) for moment in minutes_from(first, 90 * 60)]

    def reached(shown: str) -> datetime:
        wanted = midnight + timedelta(hours=int(shown[:2]), minutes=int(shown[3:]))
        return next(moment for moment, local in wall if local >= wanted)

    ends = [(reached(span.begins), reached(span.ends)) for span in hours]
    return {moment for moment, _ in wall if any(begins <= moment < end for begins, end in ends)}


def minutes_from(first: datetime, count: int) -> list[datetime]:
    return [first + timedelta(minutes=minute) for minute in range(count)]


@settings(max_examples=100, deadline=None)
@given(days_of_change, spans(), st.sampled_from([5, 10, 15, 20, 30, 45, 60, 90]))
def test_appointments_lie_in_the_hours_one_after_another(changed, hours, minutes):
    zone, day = changed
    length, worked = timedelta(minutes=minutes), working_minutes(zone, day, hours)
    begins_at = datetime.combine(day, time(), UTC) - timedelta(days=1)
    starts = list(list_starts(free_on(zone, day, hours, minutes), begins_at, begins_at + timedelta(days=4)))
    assert starts == sorted(set(starts))
    assert all(after - before >= length for before, after in pairwise(starts))
    for start in starts:
        assert set(minutes_from(start, minutes)) <= worked
        assert is_start(free_on(zone, day, hours, minutes), start)


@settings(max_examples=100, deadline=None)
@given(days_of_change, spans())
def test_no_five_minutes_are_lost_or_doubled(changed, hours):
    """With the shortest appointments, what is offered is all of the working time, each minute once."""
    zone, day = changed
    begins_at = datetime.combine(day, time(), UTC) - timedelta(days=1)
    starts = list(list_starts(free_on(zone, day, hours, 5), begins_at, begins_at + timedelta(days=4)))
    offered = {moment for start in starts for moment in minutes_from(start, 5)}
    assert len(offered) == 5 * len(starts)
    assert offered == working_minutes(zone, day, hours)


@pytest.mark.parametrize(("zone", "forward", "back"), CHANGES[:1])
def test_the_whole_day_is_as_long_as_it_is(zone, forward, back):
    for day, hours in ((forward, 23), (back, 25), (date(2026, 6, 1), 24)):
        whole = free_on(zone, day, [HoursIn(begins="00:00", ends="24:00")], 60)
        begins_at = datetime.combine(day, time(), UTC) - timedelta(days=1)
        assert len(list(list_starts(whole, begins_at, begins_at + timedelta(days=4)))) == hours


@settings(max_examples=200, deadline=None)
@given(days_of_change, st.lists(st.integers(0, 288), min_size=2, max_size=20))
def test_a_later_time_is_never_an_earlier_moment(changed, times):
    zone, day = changed
    moments = [moment_of(day, clock_time(5 * time), ZoneInfo(zone)) for time in sorted(times)]
    assert moments == sorted(moments)


@pytest.mark.parametrize(
    ("zone", "day", "shown", "expected"),
    [
        ("America/New_York", date(2026, 3, 8), "01:55", "2026-03-08T06:55:00+00:00"),
        ("America/New_York", date(2026, 3, 8), "02:00", "2026-03-08T07:00:00+00:00"),
        ("America/New_York", date(2026, 3, 8), "02:30", "2026-03-08T07:00:00+00:00"),
        ("America/New_York", date(2026, 3, 8), "03:00", "2026-03-08T07:00:00+00:00"),
        ("America/New_York", date(2026, 11, 1), "01:30", "2026-11-01T05:30:00+00:00"),
        ("America/New_York", date(2026, 11, 1), "02:00", "2026-11-01T07:00:00+00:00"),
        ("America/New_York", date(2026, 11, 1), "24:00", "2026-11-02T05:00:00+00:00"),
        ("Australia/Lord_Howe", date(2026, 10, 4), "02:15", "2026-10-03T15:30:00+00:00"),
        ("America/Santiago", date(2026, 9, 6), "00:00", "2026-09-06T04:00:00+00:00"),
    ],
)
def test_moments_by_hand(zone, day, shown, expected):
    assert moment_of(day, shown, ZoneInfo(zone)).isoformat() == expected


def test_nine_to_five_is_nine_to_five_all_year():
    """By the clinician's clock; in UTC it moves with the clock."""
    zone = ZoneInfo("America/New_York")
    weekly = [WeeklyHoursIn(days=list(WEEKDAYS), begins="09:00", ends="17:00")]
    free = Availability(
        id=uuid4(), email="x", timezone=zone.key, appointment_minutes=60, meeting_link=None, hours=weekly, exceptions=[]
    )
    year = list(list_starts(free, datetime(2026, 1, 1, 12, tzinfo=UTC), datetime(2027, 1, 1, 12, tzinfo=UTC)))
    assert {f"{start.astimezone(zone):%H:%M}" for start in year} == {f"{hour:02}:00" for hour in range(9, 17)}
    assert len(year) == 365 * 8
    assert {start.hour for start in year} == set(range(13, 22))


def test_a_different_day_replaces_the_hours_of_the_week():
    weekly = [WeeklyHoursIn(days=["mon", "tue"], begins="09:00", ends="10:00")]
    away = DifferentDayIn(date=date(2026, 6, 1))
    extra = DifferentDayIn(date=date(2026, 6, 3), hours=[HoursIn(begins="20:00", ends="20:30")])
    free = Availability(
        id=uuid4(), email="x", timezone="UTC", appointment_minutes=30, meeting_link=None, hours=weekly,
        exceptions=[away, extra],
    )  # fmt: skip
    week = list_starts(free, datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 6, 8, tzinfo=UTC))
    assert [f"{start:%a %H:%M}" for start in week] == ["Tue 09:00", "Tue 09:30", "Wed 20:00"]


@given(st.integers(1_767_225_600, 1_893_456_000), st.integers(1, 600))
def test_steps_cover_the_time_and_no_more(seconds, minutes):
    start = datetime.fromtimestamp(seconds, UTC)
    end = start + timedelta(minutes=minutes)
    steps = steps_of(start, end)
    step = timedelta(minutes=5)
    assert steps[0] <= start < steps[0] + step
    assert steps[-1] < end <= steps[-1] + step
    assert all(after - before == step for before, after in pairwise(steps))
    assert all(one.minute % 5 == 0 and one.second == one.microsecond == 0 for one in steps)


def test_hours_that_cannot_be_are_named():
    weekly = [
        WeeklyHoursIn(days=["mon"], begins="09:00", ends="12:00"),
        WeeklyHoursIn(days=["mon", "fri"], begins="11:55", ends="13:00"),
        WeeklyHoursIn(days=["sat"], begins="17:00", ends="09:00"),
    ]
    twice = [DifferentDayIn(date=date(2026, 6, 1)), DifferentDayIn(date=date(2026, 6, 1))]
    places = [problem.field for problem in hours_problems("staff[0].availability", weekly, twice)]
    assert places == [
        "staff[0].availability.hours[2].to", "staff[0].availability.hours", "staff[0].availability.exceptions[1].date",
    ]  # fmt: skip
