"""The loop itself: what is due is done, once, by however many workers; and none of them falls over."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import msgspec

from carelane.kit import claims, clock
from carelane.orders.sending import jobs
from carelane.orders.sending.jobs import order_queue
from carelane.services import Services, make_services, open_services
from tests.sending.conftest import with_settings
from tests.sending.world import World, until


@asynccontextmanager
async def working(*workers: Services) -> AsyncIterator[None]:
    """The loop, once for each of `workers`, until the block ends."""
    loops = [
        asyncio.create_task(claims.run(order_queue(services), services.settings.stop_seconds)) for services in workers
    ]
    try:
        yield
        assert not any(loop.done() for loop in loops)
    finally:
        for loop in loops:
            loop.cancel()
        await asyncio.gather(*loops, return_exceptions=True)


def steady(world: World) -> Services:
    """Patient enough for a machine that has much else to do."""
    return with_settings(
        world.services, pharmacy_timeout_seconds=5.0, pharmacy_ask_seconds=2.0, claim_lease_seconds=12.0
    )


async def place_due(world: World, count: int, scenario: str | None = None):
    return [await world.place(scenario, next_step_at=clock.now()) for _ in range(count)]


async def test_orders_are_sent_followed_and_completed(world: World):
    world.at_pharmacy.hurry()
    orders = await place_due(world, 3, "lost")
    async with working(steady(world)):
        for order in orders:
            await until(lambda order=order: _is_quiet(world, order, "DELIVERED"))
    for order in orders:
        after = await world.now(order)
        assert after.pharmacy_document_id is not None
        assert world.at_pharmacy.received_count(order) == 1


async def test_two_workers_never_send_an_order_twice(world: World):
    orders = await place_due(world, 30)
    first = steady(world)
    async with open_services(first.settings) as second, working(first, second):
        for order in orders:
            await until(lambda order=order: _has_left(world, order))
    assert [world.at_pharmacy.received_count(order) for order in orders] == [1] * 30


async def test_a_worker_takes_up_what_a_dead_one_held(world: World):
    order = await world.place(next_step_at=clock.now())
    short = with_settings(world.services, claim_lease_seconds=0.3)
    (task,) = await world.claim(short)
    assert task.order.id == order.id
    assert await world.claim(short) == []
    async with working(steady(world)):
        await until(lambda: _has_left(world, order))
    await jobs.take_step(task)
    assert world.at_pharmacy.received_count(order) == 1


async def test_a_claim_changes_nothing_that_is_told_of(world: World):
    order = await world.place(next_step_at=clock.now())
    (task,) = await world.claim()
    assert task.order.status == "RECEIVED"
    assert await world.events(order) == []


async def test_one_pharmacy_that_does_not_answer_leaves_hands_for_the_others(world: World, monkeypatch):
    monkeypatch.setattr(jobs, "MAX_FOR_ONE_PHARMACY", 2)
    slow = await place_due(world, 8, "slow")
    elsewhere = await world.place(next_step_at=clock.now(), pharmacy_id=await _second_pharmacy(world))
    async with working(steady(world)):
        await until(lambda: _has_left(world, elsewhere))
        begun = [(await world.now(order)).sending_began_at for order in slow]
        assert sum(began_at is not None for began_at in begun) <= 4


async def test_a_worker_that_is_told_to_stop_finishes_what_it_has_in_hand(world: World):
    order = await world.place("slow", next_step_at=clock.now())
    async with working(steady(world)):
        await until(lambda: _has_begun(world, order))
    assert (await world.now(order)).status in {"SENT", "ACCEPTED"}


async def test_a_worker_that_may_not_wait_leaves_an_unknown_outcome(world: World):
    order = await world.place("slow", next_step_at=clock.now())
    hasty = with_settings(world.services, pharmacy_timeout_seconds=3.5, stop_seconds=0.1)
    async with working(hasty):
        await until(lambda: _has_begun(world, order))
    order = await world.now(order)
    assert order.status == "SENDING"
    await world.step(order)
    assert world.at_pharmacy.received_count(order) == 1


async def test_an_order_whose_pharmacy_cannot_be_called_does_not_stop_the_others(world: World):
    bad = await world.place(next_step_at=clock.now(), sealed=b"\x01 nothing that we sealed")
    good = await world.place(next_step_at=clock.now())
    async with working(steady(world)):
        await until(lambda: _has_left(world, good))
        await until(lambda: _is_quiet(world, bad, "NEEDS_ATTENTION"))


async def test_without_a_database_the_worker_waits_and_sends_nothing(world: World):
    order = await world.place(next_step_at=clock.now())
    async with working(make_services(world.services.settings)):
        await asyncio.sleep(1)
    assert world.at_pharmacy.received_count(order) == 0
    async with working(steady(world)):
        await until(lambda: _has_left(world, order))


async def test_a_step_that_meets_a_lost_database_is_left_to_its_lease(world: World):
    task = await world.take(await world.place())
    closed = make_services(world.services.settings)
    await jobs.take_step(msgspec.structs.replace(task, services=closed))
    order = await world.now(task.order)
    assert (order.sending_began_at, order.attempts) == (None, 0)
    assert order.next_step_at is not None
    assert order.next_step_at > clock.now() + timedelta(minutes=30)


async def _second_pharmacy(world: World):
    rows = await world.ask("SELECT secret_sealed FROM pharmacies WHERE id = %s", world.pharmacy_id)
    key = await world.services.keyring.data_key(world.organization_id)
    secret = key.open(rows[0][0], "pharmacies.secret_sealed", world.pharmacy_id)
    return await world.add_pharmacy(secret, "elsewhere")


async def _has_left(world: World, order) -> bool:
    return (await world.now(order)).status in {"SENT", "ACCEPTED"}


async def _has_begun(world: World, order) -> bool:
    """And the pharmacy has it in front of it."""
    return world.at_pharmacy.received_count(order) == 1


async def _is_quiet(world: World, order, status: str) -> bool:
    after = await world.now(order)
    return after.status == status and after.next_step_at is None
