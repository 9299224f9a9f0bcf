"""Taking turns: nobody gets more than there is, nobody more than a share, and everybody something."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carelane.kit.turns import NoTurnError, Turns


async def test_who_asks_a_thousand_times_is_no_more_in_the_way_than_who_asks_once():
    turns, order = Turns(1, 1, 30), []

    async def work(owner):
        async with turns.turn(owner):
            order.append(owner)
            await asyncio.sleep(0)

    await asyncio.gather(*(work("many") for _ in range(1_000)), *(work("few") for _ in range(3)))
    assert [place for place, owner in enumerate(order) if owner == "few"][-1] < 10


async def test_of_one_owner_no_more_than_a_share():
    turns = Turns(4, 2, 0.05)
    async with turns.turn("a", 2):
        with pytest.raises(NoTurnError):
            await turns.take("a")
        await turns.take("b", 2)
        turns.give_back("b", 2)


async def test_who_used_up_its_share_holds_up_nobody():
    turns = Turns(4, 2, 5)
    await turns.take("a", 2)
    waiting = asyncio.create_task(turns.take("a"))
    await asyncio.sleep(0)
    await asyncio.wait_for(turns.take("b", 2), 1)
    turns.give_back("a", 2)
    await asyncio.wait_for(waiting, 1)


async def test_what_is_larger_than_all_there_is_gets_its_turn_alone():
    turns = Turns(4, 2, 5)
    await turns.take("a", 1)
    large = asyncio.create_task(turns.take("b", 9))
    await asyncio.sleep(0)
    later = asyncio.create_task(turns.take("c", 1))
    await asyncio.sleep(0)
    assert not large.done()
    assert not later.done()
    turns.give_back("a", 1)
    await asyncio.wait_for(large, 1)
    turns.give_back("b", 9)
    await asyncio.wait_for(later, 1)


async def test_who_gives_up_leaves_nothing_behind():
    turns = Turns(1, 1, 5)
    await turns.take("a")
    waiting = [asyncio.create_task(turns.take("b")) for _ in range(3)]
    await asyncio.sleep(0)
    for one in waiting[:2]:
        one.cancel()
    turns.give_back("a")
    await asyncio.wait_for(waiting[2], 1)
    turns.give_back("b")
    await asyncio.wait_for(turns.take("c"), 1)


async def test_a_turn_that_comes_in_the_moment_of_giving_up_goes_on_to_the_next():
    turns = Turns(1, 1, 5)
    await turns.take("a")
    first, second = asyncio.create_task(turns.take("b")), asyncio.create_task(turns.take("c"))
    await asyncio.sleep(0)
    turns.give_back("a")
    first.cancel()
    await asyncio.wait_for(second, 1)


@settings(deadline=None)
@given(
    total=st.integers(1, 5),
    asked=st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 6), st.booleans()), max_size=30),
)
async def test_everybody_gets_a_turn_and_in_the_end_all_is_there_again(total, asked):
    turns, held = Turns(total, max(1, total // 2), 30), []

    async def work(owner, amount, gives_up):
        try:
            async with asyncio.timeout(0 if gives_up else None), turns.turn(owner, amount):
                held.append(amount)
                assert sum(held) <= total or len(held) == 1
                try:
                    await asyncio.sleep(0)
                finally:
                    held.remove(amount)
        except TimeoutError:
            assert gives_up

    await asyncio.gather(*(work(*one) for one in asked))
    async with asyncio.timeout(1):
        await turns.take("z", total)
