"""The way of a delivery, without a server: waits, jitter, what a receiver asks for."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from carelane.webhooks.sending import states
from carelane.webhooks.sending.states import MAX_ATTEMPTS, WAITS_SECONDS, Outcome, after, judge

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FAILED = Outcome(failure="no connection")


def test_the_waits_are_about_75_hours_in_all():
    assert sum(WAITS_SECONDS) / 3600 == pytest.approx(75.7, abs=0.05)
    assert list(WAITS_SECONDS) == sorted(WAITS_SECONDS)


def test_each_wait_has_jitter_of_a_tenth():
    for attempt, usual in enumerate(WAITS_SECONDS, start=1):
        waits = {after(FAILED, attempt, 5.0, NOW).wait_seconds for _ in range(200)}
        assert len(waits) > 100
        assert usual * 0.9 <= min(waits) < usual < max(waits) <= usual * 1.1


def test_the_first_wait_sets_the_scale():
    assert 0.09 <= after(FAILED, 1, 0.1, NOW).wait_seconds <= 0.11
    assert 0.54 <= after(FAILED, 2, 0.1, NOW).wait_seconds <= 0.66


def test_after_the_last_attempt_it_has_failed():
    assert after(FAILED, MAX_ATTEMPTS - 1, 5.0, NOW).status == "PENDING"
    assert after(FAILED, MAX_ATTEMPTS, 5.0, NOW).status == "FAILED"


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        (200, None),
        (204, None),
        (299, None),
        (301, "redirect"),
        (307, "redirect"),
        (400, "refused"),
        (410, "gone"),
        (500, "refused"),
    ],
)
def test_only_2xx_is_a_success(status, failure):
    assert judge(status, {}).failure == failure


def test_410_ends_it_at_once():
    assert after(judge(410, {}), 1, 5.0, NOW) == states.Next("FAILED", is_gone=True)


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_honoured_as_seconds_and_as_a_date(status):
    in_words = format_datetime(NOW + timedelta(seconds=90), usegmt=True)
    for asked in ("90", in_words):
        assert 90 <= after(judge(status, {"retry-after": asked}), 1, 5.0, NOW).wait_seconds <= 99


def test_retry_after_is_capped_at_a_day():
    for asked in ("999999999", "9" * 40, format_datetime(NOW + timedelta(days=400), usegmt=True)):
        assert after(judge(429, {"retry-after": asked}), 1, 5.0, NOW).wait_seconds == 86_400


LONG_AGO = format_datetime(NOW - timedelta(days=400), usegmt=True)


@pytest.mark.parametrize("asked", ["0", "1", "00", LONG_AGO, format_datetime(NOW, usegmt=True)])
@pytest.mark.parametrize("attempt", range(1, MAX_ATTEMPTS))
def test_retry_after_never_shortens_our_own_wait(asked, attempt):
    own = WAITS_SECONDS[attempt - 1]
    waits = [after(judge(503, {"retry-after": asked}), attempt, 5.0, NOW).wait_seconds for _ in range(20)]
    assert own * 0.9 <= min(waits) <= max(waits) <= own * 1.1


def test_the_cap_on_what_is_asked_for_shortens_nothing_either():
    waits = [after(judge(429, {"retry-after": "9" * 9}), MAX_ATTEMPTS - 1, 5.0, NOW).wait_seconds for _ in range(200)]
    assert min(waits) == 86_400 < max(waits)


@pytest.mark.parametrize("asked", ["", "soon", "-5", "Fri, 99 Foo 2026"])
def test_retry_after_that_cannot_be_read_changes_nothing(asked):
    assert 4.5 <= after(judge(503, {"retry-after": asked}), 1, 5.0, NOW).wait_seconds <= 5.5


def test_retry_after_means_nothing_with_another_status():
    assert after(judge(500, {"retry-after": "3600"}), 1, 5.0, NOW).wait_seconds < 10
