"""How many requests an organization may send in a minute: counted once for all processes, and never exceeded."""

import asyncio
from collections import Counter
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import pytest

from carelane.kit import clock
from carelane.organizations.limits import PORTIONS, AddressLimiter, RequestLimiter
from tests.own_clinic import make_clinic

ADDRESS = "192.0.2.1"


@contextmanager
def in_a_fresh_minute():
    """Time stands a second into a minute, so that nothing of a test falls into the next."""
    now = clock.now()
    with clock.moved(now.replace(second=1, microsecond=0) - now):
        yield


@pytest.fixture
async def organization_id(services, tmp_path):
    clinic = await make_clinic(services, tmp_path)
    return UUID(clinic.organization_id)


async def take(limiter, organization_id, limit, count):
    return await asyncio.gather(*(limiter.take(organization_id, "billing", limit) for _ in range(count)))


@pytest.mark.parametrize("limit", [1, 7, PORTIONS, 120, 199])
async def test_two_processes_together_grant_the_limit_and_not_one_more(services, organization_id, limit):
    first, second = RequestLimiter(services.db), RequestLimiter(services.db)
    with in_a_fresh_minute():
        answered = await asyncio.gather(
            take(first, organization_id, limit, 100), take(second, organization_id, limit, 100)
        )
    granted = Counter(standing.is_refused for standings in answered for standing in standings)
    assert granted[False] <= limit
    # A process may hold one portion that the other one needed.
    assert granted[False] >= min(200, limit) - max(1, limit // PORTIONS)


async def test_a_process_alone_grants_all_of_it(services, organization_id):
    with in_a_fresh_minute():
        standings = await take(RequestLimiter(services.db), organization_id, 150, 200)
    assert sum(not standing.is_refused for standing in standings) == 150


async def test_what_is_left_falls_to_nothing_and_stays_there(services, organization_id):
    limiter = RequestLimiter(services.db)
    with in_a_fresh_minute():
        standings = [await limiter.take(organization_id, "billing", 120) for _ in range(125)]
        ends_at = int((clock.now() + timedelta(minutes=1)).replace(second=0).timestamp())
    assert [standing.remaining for standing in standings] == [*range(119, -1, -1), *[0] * 5]
    assert [standing.is_refused for standing in standings] == [False] * 120 + [True] * 5
    assert {(standing.limit, standing.resets_at) for standing in standings} == {(120, ends_at)}


async def test_the_next_minute_begins_anew(services, organization_id):
    limiter = RequestLimiter(services.db)
    with in_a_fresh_minute():
        before = await take(limiter, organization_id, 3, 4)
        with clock.moved(timedelta(seconds=58)):
            late = await limiter.take(organization_id, "billing", 3)
        with clock.moved(timedelta(minutes=1)):
            after = await take(limiter, organization_id, 3, 4)
    assert [standing.is_refused for standing in before] == [False, False, False, True]
    assert late.is_refused
    assert [standing.is_refused for standing in after] == [False, False, False, True]


async def test_a_process_whose_clock_is_behind_takes_from_the_later_minute(services, organization_id):
    ahead, behind = RequestLimiter(services.db), RequestLimiter(services.db)
    with in_a_fresh_minute():
        with clock.moved(timedelta(minutes=1)):
            granted = [await ahead.take(organization_id, "billing", 5) for _ in range(3)]
        granted += [await behind.take(organization_id, "billing", 5) for _ in range(3)]
    assert sum(not standing.is_refused for standing in granted) == 5


@pytest.mark.parametrize("ahead", [timedelta(minutes=2), timedelta(hours=3), timedelta(days=400)])
async def test_a_clock_that_was_ahead_locks_nobody_out(services, organization_id, ahead):
    """Not this process, nor another, nor a second minute later."""
    limiter = RequestLimiter(services.db)
    with in_a_fresh_minute():
        with clock.moved(ahead):
            used_up = await take(limiter, organization_id, 5, 6)
        back = await take(limiter, organization_id, 5, 6)
        other = await RequestLimiter(services.db).take(organization_id, "billing", 5)
        with clock.moved(timedelta(minutes=1)):
            later = await take(limiter, organization_id, 5, 6)
    for standings in (used_up, back, later):
        assert [standing.is_refused for standing in standings] == [False] * 5 + [True]
    assert other.is_refused


async def test_a_limit_that_was_lowered_counts_at_once(services, organization_id):
    with in_a_fresh_minute():
        await take(RequestLimiter(services.db), organization_id, 50, 10)
        lowered = await RequestLimiter(services.db).take(organization_id, "billing", 5)
    assert (lowered.is_refused, lowered.remaining) == (True, 0)


async def test_one_organizations_limit_is_not_anothers(services, organization_id, other_clinic):
    limiter = RequestLimiter(services.db)
    with in_a_fresh_minute():
        refused = (await take(limiter, organization_id, 1, 2))[1]
        other = await limiter.take(UUID(other_clinic.organization_id), "billing", 6_000)
    assert refused.is_refused
    assert not other.is_refused


async def test_a_busy_process_asks_the_database_fifty_times_a_minute(services, organization_id):
    limiter, asked = RequestLimiter(services.db), 0
    with in_a_fresh_minute():
        for _ in range(400):
            before = await count_taken(services, organization_id)
            await limiter.take(organization_id, "billing", 400)
            asked += await count_taken(services, organization_id) != before
    assert asked == PORTIONS


async def count_taken(services, organization_id):
    async with services.db.reading(organization_id) as conn:
        cursor = await conn.execute("SELECT taken FROM request_counts")
        return [taken for (taken,) in await cursor.fetchall()]


def test_strangers_are_counted_by_their_address():
    strangers = AddressLimiter()
    with in_a_fresh_minute():
        standings = [strangers.take(ADDRESS, 3) for _ in range(5)]
        other = strangers.take("192.0.2.2", 3)
        with clock.moved(timedelta(minutes=1)):
            later = strangers.take(ADDRESS, 3)
    assert [(standing.remaining, standing.is_refused) for standing in standings] == [
        (2, False), (1, False), (0, False), (0, True), (0, True),
    ]  # fmt: skip
    assert not other.is_refused
    assert (later.remaining, later.is_refused) == (2, False)


def test_a_clock_that_was_ahead_locks_no_stranger_out():
    strangers = AddressLimiter(timedelta(minutes=15))
    with clock.moved(timedelta(days=1)):
        assert [strangers.take(ADDRESS, 1).is_refused for _ in range(2)] == [False, True]
    assert not strangers.take(ADDRESS, 1).is_refused


def test_a_strangers_window_begins_with_the_first_failure():
    """On the quarter of an hour it would begin anew for everybody, and two in a row would be allowed twice as many."""
    strangers, length = AddressLimiter(timedelta(minutes=15)), timedelta(minutes=15)
    assert [strangers.take(ADDRESS, 1).is_refused for _ in range(2)] == [False, True]
    for passed in (timedelta(minutes=5), timedelta(minutes=10), length - timedelta(seconds=1)):
        with clock.moved(passed):
            assert strangers.take(ADDRESS, 1).is_refused
    with clock.moved(length):
        assert not strangers.take(ADDRESS, 1).is_refused


def test_what_was_no_failure_is_given_back():
    strangers = AddressLimiter()
    with in_a_fresh_minute():
        for _ in range(5):
            assert not strangers.take(ADDRESS, 1).is_refused
            strangers.give_back(ADDRESS)
        strangers.give_back(ADDRESS)
        assert [strangers.take(ADDRESS, 1).is_refused for _ in range(2)] == [False, True]


def test_the_addresses_of_one_ipv6_network_are_counted_as_one():
    strangers = AddressLimiter()
    with in_a_fresh_minute():
        taken = [strangers.take(f"2001:db8:1:2::{number:x}", 3).is_refused for number in range(4)]
        assert taken == [False, False, False, True]
        assert not strangers.take("2001:db8:1:3::1", 3).is_refused
        assert strangers.take("::ffff:192.0.2.1", 3).remaining == 2
        assert strangers.take("192.0.2.1", 3).remaining == 1
