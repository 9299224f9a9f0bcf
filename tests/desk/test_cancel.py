"""Taking an order back: at once while it is with us, by asking once the pharmacy may have it. Never both."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from carelane.documents.actions import NewFile
from carelane.kit import clock
from carelane.kit.claims import Lease, now_seconds
from carelane.kit.ids import uuid7
from carelane.orders.sending.handover import begin
from carelane.orders.sending.queries import CANCEL_REASON, find_order
from carelane.orders.sending.task import DueOrder, OrderTask
from carelane.pharmacies.queries import find_pharmacy

WRONG = {"reason": "the Quillon family moved"}


@pytest.mark.parametrize("status", ["RECEIVED", "SENDING", "NEEDS_ATTENTION"])
async def test_what_never_left_us_is_canceled_at_once(counter, status):
    order_id = await counter.order(status)
    answer = await counter.act(order_id, "cancel", WRONG)
    assert answer.status_code == 200
    assert answer.json() == {"id": str(order_id), "status": "CANCELED", "cancelRequestedAt": None, "nextStepAt": None}
    moved = ("ORDER_STATUS_CHANGED", "staff", counter.manager_id, status, "CANCELED")
    assert await counter.moves(order_id) == [moved]
    assert (await counter.stands(order_id))["endedAt"]


async def close(counter, order_id):
    ((case_id,),) = await counter.rows("SELECT case_id FROM orders WHERE id = %s", order_id)
    body = {"action": "CHANGE_CASE_STATUS", "status": "CLOSE"}
    answer = await counter.client.post(f"/api/v1/cases/{case_id}", json=body, headers=counter.clinic.key)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("status", ["RECEIVED", "SENDING", "NEEDS_ATTENTION"])
async def test_what_never_left_us_ends_with_its_case(counter, status):
    order_id = await counter.order(status)
    await close(counter, order_id)
    stands = await counter.stands(order_id)
    assert (stands["status"], bool(stands["endedAt"])) == ("CANCELED", True)
    [(kind, _, _, before, after)] = await counter.moves(order_id)
    assert (kind, before, after) == ("ORDER_STATUS_CHANGED", status, "CANCELED")
    assert await counter.rows("SELECT next_step_at, claim_id FROM orders WHERE id = %s", order_id) == [(None, None)]


@pytest.mark.parametrize(("reason", "ends"), [("DENIED", True), ("INELIGIBLE", True), ("RESOLVED", False)])
async def test_staff_who_file_a_case_without_a_sale_end_what_has_not_left(counter, reason, ends):
    order_id = await counter.order("RECEIVED")
    ((case_id,),) = await counter.rows("SELECT case_id FROM orders WHERE id = %s", order_id)
    path = f"/api/staff/cases/{case_id}/archive"
    answer = await counter.client.post(path, json={"reason": reason}, headers=counter.manager)
    assert answer.status_code < 300, answer.text
    assert (await counter.stands(order_id))["status"] == ("CANCELED" if ends else "RECEIVED")


@pytest.mark.parametrize("status", ["SENDING", "SENT", "ACCEPTED"])
async def test_what_the_pharmacy_may_have_stays_when_its_case_is_closed(counter, status):
    order_id = await counter.order(status, sending_began_at=clock.now() - timedelta(hours=1))
    await close(counter, order_id)
    assert (await counter.stands(order_id))["status"] == status


@pytest.mark.parametrize("status", ["SENDING", "SENT", "ACCEPTED", "NEEDS_ATTENTION"])
async def test_what_the_pharmacy_may_have_is_asked_back(counter, status):
    order_id = await counter.order(status, sending_began_at=clock.now() - timedelta(hours=1))
    answer = await counter.act(order_id, "cancel", WRONG)
    assert answer.status_code == 202
    assert answer.json()["status"] == status
    assert answer.json()["cancelRequestedAt"]
    event = ("ORDER_CANCEL_REQUESTED", "staff", counter.manager_id, None, None)
    assert event in await counter.moves(order_id)


async def test_the_reason_is_kept_sealed(counter):
    order_id = await counter.order("SENT", sending_began_at=clock.now())
    await counter.act(order_id, "cancel", WRONG)
    ((sealed,),) = await counter.rows("SELECT cancel_reason_sealed FROM orders WHERE id = %s", order_id)
    assert b"Quillon" not in sealed
    key = await counter.services.keyring.data_key(counter.organization_id)
    assert key.open(sealed, CANCEL_REASON, order_id).decode() == WRONG["reason"]


async def test_an_order_in_the_middle_of_being_handed_over_keeps_its_time(counter):
    """Were it taken up at once, the pharmacy would be asked before the order arrived there."""
    later = clock.now() + timedelta(hours=1)
    order_id = await counter.order("SENDING", sending_began_at=clock.now(), next_step_at=later)
    answer = await counter.act(order_id, "cancel", WRONG)
    assert (answer.status_code, answer.json()["nextStepAt"][:16]) == (202, later.isoformat()[:16])


async def test_asking_twice_is_asking_once(counter):
    order_id = await counter.order("SENDING", sending_began_at=clock.now())
    first, second = [(await counter.act(order_id, "cancel", WRONG)).json() for _ in range(2)]
    assert first == second
    assert len(await counter.moves(order_id)) == 1


async def test_after_a_refusal_it_can_be_asked_again(counter):
    order_id = await counter.order(
        "SENDING", sending_began_at=clock.now(), cancel_requested_at=clock.now(), cancel_failure="UNANSWERED"
    )
    assert (await counter.act(order_id, "cancel", WRONG)).status_code == 202
    assert (await counter.stands(order_id))["cancelFailure"] is None


@pytest.mark.parametrize("status", ["SHIPPED", "DELIVERED", "REJECTED", "CANCELED"])
async def test_it_is_too_late_then_and_the_answer_says_where_the_order_stands(counter, status):
    order_id = await counter.order(status)
    answer = await counter.act(order_id, "cancel", WRONG)
    assert answer.status_code == 409
    assert status in answer.json()["detail"]
    assert await counter.moves(order_id) == []


async def prepared(counter, claim_id):
    """An order that a worker holds and is about to hand over."""
    later = clock.now() + timedelta(hours=1)
    return await counter.order("SENDING", claim_id=claim_id, next_step_at=later)


async def hand_over(counter, order_id, claim_id):
    """What the worker does last before the first byte leaves; true if it then leaves."""
    services, organization_id = counter.services, counter.organization_id
    async with services.db.reading(organization_id) as conn:
        order = await find_order(conn, organization_id, order_id)
        pharmacy = await find_pharmacy(conn, organization_id, counter.pharmacy_id)
    data_key = await services.keyring.data_key(organization_id)
    due = DueOrder(order=order, pharmacy=pharmacy, data_key=data_key)
    task = OrderTask(services=services, lease=Lease(due, claim_id, now_seconds() + 60))
    file = NewFile(id=uuid7(), name="prescription.pdf", content_type="application/pdf", content=b"%PDF-")
    return await begin(task, file) is not None


async def test_cancel_against_send_ends_in_one_of_two_ways_never_in_both(counter):
    claim_id = uuid4()
    orders = [await prepared(counter, claim_id) for _ in range(24)]
    pairs = [
        asyncio.gather(hand_over(counter, order_id, claim_id), counter.act(order_id, "cancel", WRONG))
        for order_id in orders
    ]
    for order_id, (has_left, answer) in zip(orders, await asyncio.gather(*pairs), strict=True):
        stands = await counter.stands(order_id)
        if has_left:
            assert (answer.status_code, stands["status"]) == (202, "SENDING")
            assert stands["cancelRequestedAt"]
        else:
            assert (answer.status_code, stands["status"]) == (200, "CANCELED")


@pytest.mark.parametrize("is_canceled_first", [True, False])
async def test_each_of_the_two_ways(counter, is_canceled_first):
    claim_id = uuid4()
    order_id = await prepared(counter, claim_id)
    if is_canceled_first:
        assert (await counter.act(order_id, "cancel", WRONG)).status_code == 200
    assert await hand_over(counter, order_id, claim_id) is not is_canceled_first
    if not is_canceled_first:
        assert (await counter.act(order_id, "cancel", WRONG)).status_code == 202


async def test_twenty_cancels_at_once_are_one(counter):
    order_id = await counter.order()
    answers = await asyncio.gather(*(counter.act(order_id, "cancel", WRONG) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200, *[409] * 19]
    assert len(await counter.moves(order_id)) == 1
