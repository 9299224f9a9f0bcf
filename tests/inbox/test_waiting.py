"""Callbacks for orders that nobody knows yet: they wait, and act when the order is known."""

import asyncio
from uuid import uuid4

from carelane.kit.auth import system_actor
from carelane.orders.inbox.actions import judge_or_leave
from tests.factories.rows import update_row
from tests.inbox.calling import message


async def until(look, wanted, seconds: float = 20.0):
    """Polls until `look()` yields `wanted`."""
    for _ in range(int(seconds / 0.05)):
        if await look() == wanted:
            return
        await asyncio.sleep(0.05)
    assert await look() == wanted


async def named_by_theirs(pharmacy, status="ACCEPTED"):
    """An order whose number at the pharmacy is not known yet, and a message that names only that number."""
    order_id, _ = await pharmacy.order("SENDING")
    number = f"RX-{uuid4().hex[:12]}"
    sent = message(None, status, pharmacyOrderId=number)
    assert (await pharmacy.call(sent)).json() == {"status": "waiting"}
    assert await pharmacy.kept(sent["messageId"]) == [("WAITING", None)]
    return order_id, number, sent


async def learn(pharmacy, order_id, number):
    await update_row(pharmacy.services, pharmacy.organization_id, "orders", order_id, pharmacy_order_id=number)


async def test_the_sweep_matches_what_nobody_asked_about(pharmacy):
    order_id, number, sent = await named_by_theirs(pharmacy)
    await learn(pharmacy, order_id, number)
    await until(lambda: pharmacy.kept(sent["messageId"]), [("APPLIED", order_id)])
    assert await pharmacy.status_of(order_id) == "ACCEPTED"


async def test_repeating_it_once_the_order_is_known_matches_it(pharmacy):
    order_id, number, sent = await named_by_theirs(pharmacy)
    await learn(pharmacy, order_id, number)
    # The sweep may have been here first; either way it acts once.
    assert (await pharmacy.call(sent)).json()["status"] in {"applied", "duplicate"}
    assert await pharmacy.status_of(order_id) == "ACCEPTED"


async def test_repeating_it_before_goes_on_waiting(pharmacy):
    _, _, sent = await named_by_theirs(pharmacy)
    assert (await pharmacy.call(sent)).json() == {"status": "waiting"}
    assert await pharmacy.kept(sent["messageId"]) == [("WAITING", None)]


async def test_many_matches_at_once_act_once(pharmacy):
    order_id, number, sent = await named_by_theirs(pharmacy)
    await learn(pharmacy, order_id, number)
    ((callback_id,),) = await pharmacy.rows(
        "SELECT id FROM pharmacy_callbacks WHERE message_id = %s", sent["messageId"]
    )
    actor = system_actor(pharmacy.organization_id)
    verdicts = await asyncio.gather(*(judge_or_leave(pharmacy.services, actor, callback_id) for _ in range(8)))
    # The sweep may have been here first.
    assert verdicts.count("applied") <= 1
    assert set(verdicts) <= {"applied", "duplicate"}
    events = "SELECT count(*) FROM events WHERE target_id = %s AND type = 'ORDER_STATUS_CHANGED'"
    assert await pharmacy.rows(events, order_id) == [(1,)]
    assert await pharmacy.kept(sent["messageId"]) == [("APPLIED", order_id)]


async def test_what_waits_for_nothing_known_is_left_alone_by_the_sweep(pharmacy, services):
    sent = message(uuid4(), "SHIPPED")
    assert (await pharmacy.call(sent)).json() == {"status": "waiting"}
    statement = "SELECT count(*) FROM find_open_callbacks(interval '0', 1000) o WHERE o.id = %s"
    ((callback_id,),) = await pharmacy.rows(
        "SELECT id FROM pharmacy_callbacks WHERE message_id = %s", sent["messageId"]
    )
    async with services.db.across() as conn:
        assert await (await conn.execute(statement, (callback_id,))).fetchone() == (0,)
