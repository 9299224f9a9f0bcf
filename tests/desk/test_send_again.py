"""Sending an order on its way again, once somebody has looked at it."""

import asyncio
from datetime import timedelta

import pytest

from carelane.kit import clock
from tests.desk.counter import ORDERS


async def given_up(counter, **values):
    # Far from due: a worker that takes it up would change what is looked at here.
    usual = {"attempts": 10, "failure": "no connection (ClientConnectorError)"}
    return await counter.order("NEEDS_ATTENTION", **(usual | values))


async def test_it_is_taken_up_at_once_with_all_its_attempts(counter):
    order_id = await given_up(counter, pharmacy_id=None)
    before = clock.now()
    answer = await counter.act(order_id, "send")
    assert (answer.status_code, answer.json()["status"]) == (200, "SENDING")
    assert answer.json()["nextStepAt"] >= before.isoformat()[:19]
    moved = ("ORDER_STATUS_CHANGED", "staff", counter.manager_id, "NEEDS_ATTENTION", "SENDING")
    assert (await counter.moves(order_id))[0] == moved


async def test_what_the_pharmacy_may_have_is_asked_about_before_it_is_sent(counter):
    order_id = await given_up(counter, sending_began_at=clock.now() - timedelta(seconds=1))
    await counter.act(order_id, "send")
    why = (await counter.get(f"{ORDERS}/{order_id}/why")).json()
    assert why["next"].startswith("we ask the pharmacy by our own order id")


@pytest.mark.parametrize(
    "status", ["RECEIVED", "SENDING", "SENT", "ACCEPTED", "SHIPPED", "DELIVERED", "CANCELED", "REJECTED"]
)
async def test_only_what_needs_attention_can_be_sent_again(counter, status):
    order_id = await counter.order(status)
    answer = await counter.act(order_id, "send")
    assert answer.status_code == 409
    assert status in answer.json()["detail"]


async def test_twenty_at_once_send_it_on_once(counter):
    order_id = await given_up(counter, sending_began_at=clock.now())
    answers = await asyncio.gather(*(counter.act(order_id, "send") for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200, *[409] * 19]
    by_staff = [move for move in await counter.moves(order_id) if move[1] == "staff"]
    assert len(by_staff) == 1
