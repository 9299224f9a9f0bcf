"""After the pharmacy has the order: canceling it, its document, and where it is when nobody tells."""

from datetime import timedelta

import msgspec

from carelane.kit import clock
from carelane.kit.auth import system_actor
from carelane.orders.desk.actions import cancel_order
from carelane.orders.desk.schemas import CancelIn
from carelane.orders.sending import following, settling
from carelane.orders.sending.queries import CANCEL_REASON
from tests.sending.conftest import with_settings
from tests.sending.test_handover import NOBODY
from tests.sending.world import World, until


async def accepted(world: World, scenario: str | None = "hold"):
    """An order that the pharmacy has accepted, and says so."""
    order = await world.step(await world.place(scenario))
    await until(lambda: _stands(world, order, "ACCEPTED"))
    order = await world.step(order)
    assert order.status == "ACCEPTED"
    return order


async def test_an_order_at_the_pharmacy_is_canceled_there(world: World):
    order = await accepted(world)
    key = await world.services.keyring.data_key(world.organization_id)
    reason = key.seal(b"The dose was wrong", CANCEL_REASON, order.id)
    order = await world.change(order, cancel_requested_at=clock.now(), cancel_reason_sealed=reason)
    order = await world.step(order)
    assert (order.status, order.cancel_failure, order.next_step_at) == ("CANCELED", None, None)
    taken = world.at_pharmacy.orders(order)[0]
    assert (taken["status"], taken["message"]) == ("CANCELED", "The dose was wrong")
    assert await world.request_status(order) == ("APPROVED", None)


async def test_a_cancellation_that_comes_too_late_leaves_the_order_on_its_way(world: World):
    world.at_pharmacy.hurry()
    order = await world.step(await world.place("lost"))
    await until(lambda: _stands(world, order, "SHIPPED", "DELIVERED"))
    order = await world.change(order, cancel_requested_at=clock.now())
    order = await world.step(order)
    assert order.status in {"SHIPPED", "DELIVERED"}
    assert order.cancel_failure == "TOO_LATE"
    assert order.cancel_requested_at is not None
    assert (await world.attempts(order))[-1] == ("cancel_rx", "refused")


async def test_a_cancellation_that_nobody_answers_is_left_to_a_person(world: World):
    cut_off = with_settings(world.services, pharmacy_simulator_url=NOBODY)
    order = await accepted(world)
    order = await world.change(order, cancel_requested_at=clock.now())
    for _ in range(4):
        order = await world.step(order, cut_off)
    assert (order.status, order.cancel_failure, order.next_step_at) == ("NEEDS_ATTENTION", "UNANSWERED", None)
    await cancel_order(world.services, system_actor(world.organization_id), str(order.id), CancelIn("once more"))
    for _ in range(3):
        order = await world.step(order, cut_off)
        assert (order.cancel_failure, order.next_step_at is None) == (None, False)


async def test_the_pharmacys_own_document_becomes_one_of_the_case_once(world: World):
    order = await accepted(world)
    assert order.pharmacy_has_document
    first, second = await world.take(order), await world.take(order)
    await following.fetch_document(second)
    await following.fetch_document(first)
    order = await world.now(order)
    rows = await world.ask(
        "SELECT id, is_restricted, is_phi FROM attachments WHERE case_id = %s AND id <> %s",
        order.case_id,
        order.document_id,
    )
    assert rows == [(order.pharmacy_document_id, True, True)]
    assert [event for event, _, _ in await world.events(order)].count("ADD_CASE_ATTACHMENT") == 2
    assert order.next_step_at is not None


async def test_an_order_goes_on_without_a_document_that_cannot_be_had(world: World):
    cut_off = with_settings(world.services, pharmacy_simulator_url=NOBODY)
    order = await accepted(world)
    for _ in range(4):
        order = await world.step(order, cut_off)
    assert (order.status, order.pharmacy_has_document, order.failure) == ("ACCEPTED", False, settling.NO_DOCUMENT)
    assert order.next_step_at is not None


async def test_an_order_whose_callbacks_are_lost_is_followed_to_its_end(world: World):
    world.at_pharmacy.hurry()
    order = await world.place("lost")

    async def has_arrived() -> bool:
        after = await world.step(await world.now(order))
        return after.status == "DELIVERED"

    await until(has_arrived)
    arrived = await world.now(order)
    assert arrived.delivered_at is not None
    assert arrived.tracking_id is not None
    assert await world.request_status(order) == ("DELIVERED", order.id)
    assert world.at_pharmacy.received_count(order) == 1
    moves = [(before, after) for event, before, after in await world.events(order) if event == "ORDER_STATUS_CHANGED"]
    assert [before for before, _ in moves[1:]] == [after for _, after in moves[:-1]]


async def test_an_order_that_the_pharmacy_no_longer_knows_needs_attention(world: World):
    order = await accepted(world)
    order = await world.change(order, external_id=order.id, pharmacy_has_document=False)
    order = await world.step(order)
    assert (order.status, order.failure) == ("NEEDS_ATTENTION", following.NOT_KNOWN)


async def test_a_pharmacy_that_cannot_be_asked_is_asked_again_later(world: World):
    cut_off = with_settings(world.services, pharmacy_simulator_url=NOBODY)
    order = await world.change(await accepted(world), pharmacy_has_document=False)
    for _ in range(6):
        order = await world.step(order, cut_off)
    assert order.status == "ACCEPTED"
    assert order.next_step_at is not None
    order = await world.step(order)
    assert order.failure is None


async def test_an_order_that_stands_still_for_too_long_is_left_to_a_person(world: World):
    order = await world.change(await accepted(world), pharmacy_has_document=False)
    with clock.moved(timedelta(days=15)):
        order = await world.step(order)
    assert (order.status, order.failure) == ("NEEDS_ATTENTION", following.NO_NEWS)


async def test_tasks_and_orders_do_not_print_what_they_hold(world: World):
    task = await world.take(await world.place())
    assert repr(task) == "OrderTask(***)"
    assert repr(task.order) == "LockedOrder(***)"
    assert "Zo" not in repr(msgspec.structs.asdict(task)["lease"])


async def _stands(world: World, order, *statuses: str) -> bool:
    return world.at_pharmacy.orders(order)[0]["status"] in statuses
