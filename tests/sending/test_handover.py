"""From a row to an order at the pharmacy: once, whatever happens on the way."""

import asyncio
from datetime import timedelta

import msgspec
import pytest

from carelane.kit import clock
from carelane.orders.sending import documents, handover, jobs
from carelane.orders.sending.task import NOT_OPENED
from carelane.orders.sending.views import render
from tests.sending.conftest import with_settings
from tests.sending.world import World, until

NOBODY = "http://127.0.0.1:1"


async def test_an_order_is_sent_with_its_document_and_told_of(world: World):
    order = await world.step(await world.place("hold"))
    assert order.status == "SENT"
    assert order.sent_at is not None
    assert order.pharmacy_order_id == world.at_pharmacy.orders(order)[0]["pharmacyOrderId"]
    assert await world.attempts(order) == [("new_rx", "done")]
    assert await world.events(order) == [
        ("ORDER_STATUS_CHANGED", "RECEIVED", "SENDING"),
        ("ADD_CASE_ATTACHMENT", None, None),
        ("ORDER_STATUS_CHANGED", "SENDING", "SENT"),
    ]
    assert await _documents(world, order) == [(order.document_id, "application/pdf", True, True)]


async def test_the_stored_document_is_the_one_that_was_sent(world: World):
    order = await world.step(await world.place())
    sent = world.at_pharmacy.orders(order)[0]["received"]["document"]["content"]
    rows = await world.ask("SELECT storage_key FROM attachments WHERE id = %s", order.document_id)
    key = await world.services.keyring.data_key(world.organization_id)
    assert order.document_id is not None
    stored = await world.services.storage.get(key, rows[0][0], order.document_id)
    assert sent == f"{len(stored)} bytes"
    assert stored == render((await world.take(order)).prescription())


async def test_a_refused_order_ends_and_its_product_can_be_ordered_again(world: World):
    order = await world.place("reject")
    assert await world.request_status(order) == ("ORDERED", order.id)
    order = await world.step(order)
    assert (order.status, order.next_step_at) == ("REJECTED", None)
    assert order.ended_at is not None
    assert await world.attempts(order) == [("new_rx", "refused")]
    assert await world.request_status(order) == ("APPROVED", None)


@pytest.mark.parametrize("scenario", ["drop", "slow", "unreadable"])
async def test_an_order_that_arrived_without_an_answer_is_asked_about_and_not_sent_again(world: World, scenario):
    order = await world.step(await world.place(scenario))
    assert (order.status, order.attempts) == ("SENDING", 1)
    assert order.sending_began_at is not None
    order = await world.step(order)
    assert order.status in {"SENT", "ACCEPTED"}
    assert (order.attempts, order.failure) == (0, None)
    assert await world.attempts(order) == [("new_rx", "unknown"), ("status", "done")]
    assert world.at_pharmacy.received_count(order) == 1


async def test_nobody_is_asked_before_the_time(world: World):
    """The message may still be on its way when another worker takes the order up."""
    patient = with_settings(world.services, pharmacy_ask_seconds=3600.0)
    order = await world.step(await world.place("drop"), patient)
    order = await world.step(order, patient)
    assert await world.attempts(order) == [("new_rx", "unknown")]
    assert order.sending_began_at is not None
    assert order.next_step_at == order.sending_began_at + timedelta(hours=1)


@pytest.mark.parametrize("scenario", ["5xx", "busy"])
async def test_what_was_not_taken_is_sent_again_after_asking(world: World, scenario):
    order = await world.place(scenario)
    calls = []
    for _ in range(5):
        order = await world.step(order)
        calls.append(order.sending_began_at is None)
    assert order.status in {"SENT", "ACCEPTED"}
    assert calls == [False, True, False, True, False]
    assert [call for call, _ in await world.attempts(order)] == ["new_rx", "status", "new_rx", "status", "new_rx"]
    assert len(world.at_pharmacy.orders(order)) == 1
    assert [event for event, _, _ in await world.events(order)].count("ADD_CASE_ATTACHMENT") == 1


async def test_an_order_that_did_not_leave_is_free_to_go_again(world: World):
    cut_off = with_settings(world.services, pharmacy_simulator_url=NOBODY)
    order = await world.step(await world.place(), cut_off)
    assert (order.status, order.sending_began_at, order.attempts) == ("SENDING", None, 1)
    assert await world.attempts(order) == [("new_rx", "retry")]
    order = await world.step(order)
    assert world.at_pharmacy.received_count(order) == 1


async def test_after_enough_failures_a_person_must_look(world: World):
    cut_off = with_settings(world.services, pharmacy_simulator_url=NOBODY)
    order = await world.place()
    for attempt in range(1, 5):
        order = await world.step(order, cut_off)
        assert order.attempts == attempt
    assert (order.status, order.next_step_at) == ("NEEDS_ATTENTION", None)
    assert order.failure is not None
    assert order.failure.startswith("no connection")
    assert (await world.events(order))[-1] == ("ORDER_STATUS_CHANGED", "SENDING", "NEEDS_ATTENTION")
    assert await world.request_status(order) == ("ORDERED", order.id)


async def test_an_order_whose_fate_cannot_be_learned_needs_attention_and_is_still_not_free(world: World):
    order = await world.step(await world.place("drop"))
    cut_off = with_settings(world.services, pharmacy_simulator_url=NOBODY)
    for _ in range(3):
        order = await world.step(order, cut_off)
    assert order.status == "NEEDS_ATTENTION"
    assert order.sending_began_at is not None
    order = await world.step(await world.change(order, status="SENDING", attempts=0))
    assert order.status in {"SENT", "ACCEPTED"}
    assert world.at_pharmacy.received_count(order) == 1


async def test_nothing_is_sent_to_a_pharmacy_that_was_switched_off(world: World):
    order = await world.place()
    task = await world.take(order)
    assert task.pharmacy is not None
    task.lease.item = msgspec.structs.replace(
        task.lease.item, pharmacy=msgspec.structs.replace(task.pharmacy, is_active=False)
    )
    await jobs.take_step(task)
    order = await world.now(order)
    assert (order.status, order.failure) == ("NEEDS_ATTENTION", handover.INACTIVE)
    assert [(before, after) for _, before, after in await world.events(order)] == [
        ("RECEIVED", "SENDING"),
        ("SENDING", "NEEDS_ATTENTION"),
    ]
    assert world.at_pharmacy.received_count(order) == 0


async def test_an_order_that_was_canceled_before_it_left_never_leaves(world: World):
    order = await world.step(await world.place(cancel_requested_at=clock.now()))
    assert (order.status, order.next_step_at, order.sent_at) == ("CANCELED", None, None)
    assert await world.attempts(order) == []
    assert await world.request_status(order) == ("APPROVED", None)
    assert world.at_pharmacy.received_count(order) == 0


async def test_a_cancellation_that_comes_while_the_document_is_made_wins(world: World):
    task = await world.take(await world.place())
    await world.change(task.order, cancel_requested_at=clock.now())
    await jobs.take_step(task)
    order = await world.now(task.order)
    assert (order.status, order.sending_began_at) == ("RECEIVED", None)
    assert world.at_pharmacy.received_count(order) == 0
    assert (await world.step(order)).status == "CANCELED"


async def test_a_cancellation_that_comes_while_the_order_is_on_its_way_waits_for_its_fate(world: World):
    order = await world.place("slow")
    on_its_way = asyncio.create_task(world.step(order))
    await until(lambda: _has_begun(world, order))
    await world.change(order, cancel_requested_at=clock.now())
    order = await on_its_way
    assert order.status == "SENDING"
    assert (await world.step(order)).status in {"SENT", "ACCEPTED"}
    order = await world.step(order)
    assert order.status == "CANCELED"
    assert [call for call, _ in await world.attempts(order)] == ["new_rx", "status", "cancel_rx"]
    assert [taken["status"] for taken in world.at_pharmacy.orders(order)] == ["CANCELED"]


async def test_a_cancellation_that_comes_while_nothing_can_be_sent_needs_no_person(world: World):
    """Also when the attempts are used up at that moment."""
    cut_off = with_settings(world.services, pharmacy_simulator_url=NOBODY, pharmacy_attempts=1)
    task = await world.take(await world.place(), cut_off)
    file = await documents.make_prescription(task, task.prescription())
    await handover.begin(task, file)
    await world.change(task.order, cancel_requested_at=clock.now())
    order = await world.step(task.order, cut_off)
    assert (order.status, order.cancel_failure) == ("NEEDS_ATTENTION", None)
    assert order.next_step_at is not None
    order = await world.step(order)
    assert (order.status, order.next_step_at) == ("CANCELED", None)
    assert world.at_pharmacy.received_count(order) == 0


async def test_a_worker_that_lost_its_claim_sends_nothing(world: World):
    late = await world.take(await world.place())
    current = await world.take(late.order)
    await jobs.take_step(late)
    assert world.at_pharmacy.received_count(late.order) == 0
    await jobs.take_step(current)
    await jobs.take_step(late)
    assert world.at_pharmacy.received_count(late.order) == 1
    assert await world.attempts(late.order) == [("new_rx", "done")]


async def test_a_worker_whose_lease_has_ended_sends_nothing(world: World):
    task = await world.take(await world.place())
    task.lease.end_at(0)
    await jobs.take_step(task)
    order = await world.now(task.order)
    assert (order.sending_began_at, order.failure) == (None, handover.LEASE_ENDED)
    assert world.at_pharmacy.received_count(order) == 0


async def test_two_workers_that_begin_at_the_same_moment_are_one(world: World):
    """Both hold the same claim, which cannot be; even then only one of them begins."""
    task = await world.take(await world.place())
    await asyncio.gather(*(jobs.take_step(task) for _ in range(4)))
    assert world.at_pharmacy.received_count(task.order) == 1


async def test_a_worker_that_died_before_it_sent_leaves_an_order_that_is_asked_about_first(world: World):
    task = await world.take(await world.place())
    file = await documents.make_prescription(task, task.prescription())
    assert await handover.begin(task, file) is not None
    order = await world.step(task.order)
    assert (order.status, order.sending_began_at) == ("SENDING", None)
    order = await world.step(order)
    assert [call for call, _ in await world.attempts(order)] == ["status", "new_rx"]
    assert world.at_pharmacy.received_count(order) == 1


async def test_a_worker_that_died_after_it_sent_leaves_an_order_that_is_found(world: World):
    task = await world.take(await world.place())
    prescription = task.prescription()
    file = await documents.make_prescription(task, prescription)
    await handover.begin(task, file)
    await task.adapter().new_rx(prescription, file.content, None)
    order = await world.step(task.order)
    assert order.status in {"SENT", "ACCEPTED"}
    assert await world.attempts(order) == [("status", "done")]
    assert world.at_pharmacy.received_count(order) == 1


async def test_a_prescription_that_cannot_be_opened_is_left_to_a_person(world: World):
    order = await world.place(sealed=b"\x01 nothing that we sealed")
    for _ in range(4):
        order = await world.step(order)
    assert (order.status, order.failure) == ("NEEDS_ATTENTION", NOT_OPENED)
    assert world.at_pharmacy.received_count(order) == 0


async def _documents(world: World, order):
    return await world.ask(
        "SELECT id, content_type, is_restricted, is_phi FROM attachments WHERE case_id = %s", order.case_id
    )


async def _has_begun(world: World, order) -> bool:
    return (await world.now(order)).sending_began_at is not None
