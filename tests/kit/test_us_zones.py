"""Days are those of the state."""

from datetime import UTC, date, datetime

from carelane.kit import us_addresses, us_zones
from carelane.kit.us_zones import earliest_day_in, latest_day_in


def test_a_day_ends_with_the_last_zone_of_a_state_and_begins_with_the_first():
    moment = datetime(2026, 12, 1, 5, 30, tzinfo=UTC)
    assert (earliest_day_in("NY", moment), latest_day_in("NY", moment)) == (date(2026, 12, 1), date(2026, 12, 1))
    assert (earliest_day_in("FL", moment), latest_day_in("FL", moment)) == (date(2026, 11, 30), date(2026, 12, 1))
    assert (earliest_day_in("HI", moment), latest_day_in("GU", moment)) == (date(2026, 11, 30), date(2026, 12, 1))
    assert earliest_day_in("AS", datetime(2026, 12, 1, 10, 59, tzinfo=UTC)) == date(2026, 11, 30)


def test_every_state_has_its_days():
    assert set(us_addresses._STATES) <= set(us_zones._BY_STATE)
