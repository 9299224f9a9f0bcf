"""Callbacks that found no order: staff see them, without what they say, and may match them."""

import asyncio
from uuid import uuid4

import pytest

from tests.inbox.calling import PharmacyCaller, message, signature

INBOX = "/api/staff/pharmacy-inbox"


@pytest.fixture
def pharmacy(counter) -> PharmacyCaller:
    return PharmacyCaller(counter.client, counter.services, counter.clinic, counter.pharmacy_id)


async def waiting(pharmacy, counter, status="ACCEPTED") -> str:
    """The id of a callback about an order that nobody knows."""
    sent = message(None, status, pharmacyOrderId=f"RX-{uuid4().hex}", message="Quillon called")
    assert (await pharmacy.call(sent)).json() == {"status": "waiting"}
    return next(row["id"] for row in await listed(counter) if row["messageId"] == sent["messageId"])


async def listed(counter, **query):
    answer = await counter.get(INBOX, **query)
    assert answer.status_code == 200, answer.text
    assert "Quillon" not in answer.text
    return answer.json()["callbacks"]


async def match(counter, callback_id, order_id):
    return await counter.client.post(
        f"{INBOX}/{callback_id}/match", json={"orderId": str(order_id)}, headers=counter.manager
    )


async def test_what_waits_and_what_cannot_be_read_is_listed(counter, pharmacy):
    callback_id = await waiting(pharmacy, counter)
    body = b"Quillon"
    assert (await pharmacy.send(body, signature(body))).status_code == 400
    unread, waits = (await listed(counter))[:2]
    assert (unread["status"], unread["pharmacyOrderId"], unread["externalId"]) == ("UNREADABLE", None, None)
    assert (waits["id"], waits["status"], waits["pharmacyName"]) == (callback_id, "WAITING", "Harbor Pharmacy")
    assert waits["pharmacyOrderId"].startswith("RX-")
    assert waits["since"]


async def test_pages_hold_each_once(counter, pharmacy):
    made = [await waiting(pharmacy, counter) for _ in range(3)]
    first = (await counter.get(INBOX, limit=2)).json()
    second = (await counter.get(INBOX, limit=2, after=first["next"])).json()
    ids = [row["id"] for row in first["callbacks"] + second["callbacks"]]
    assert ids[:3] == made[::-1]
    assert len(set(ids)) == len(ids)


async def test_a_matched_callback_moves_its_order_and_leaves_the_list(counter, pharmacy):
    callback_id = await waiting(pharmacy, counter)
    order_id = await counter.order("SENT")
    answer = await match(counter, callback_id, order_id)
    assert answer.json() == {"id": callback_id, "orderId": str(order_id), "status": "APPLIED"}
    assert ("ORDER_STATUS_CHANGED", "staff", counter.manager_id, "SENT", "ACCEPTED") in await counter.moves(order_id)
    assert callback_id not in [row["id"] for row in await listed(counter)]
    assert [row["id"] for row in (await counter.stands(order_id))["callbacks"]] == [callback_id]


async def test_one_that_tells_nothing_new_is_late(counter, pharmacy):
    callback_id = await waiting(pharmacy, counter, "SENT")
    order_id = await counter.order("DELIVERED", pharmacy_order_id="RX-old")
    assert (await match(counter, callback_id, order_id)).json()["status"] == "LATE"


async def test_matching_twice_at_once_acts_once(counter, pharmacy):
    callback_id = await waiting(pharmacy, counter)
    orders = [await counter.order("SENT") for _ in range(8)]
    answers = await asyncio.gather(*(match(counter, callback_id, order_id) for order_id in orders))
    assert sorted(answer.status_code for answer in answers) == [200, *[409] * 7]
    states = [(await counter.stands(order_id))["status"] for order_id in orders]
    assert sorted(states) == ["ACCEPTED", *["SENT"] * 7]


async def test_an_order_of_another_pharmacy_or_clinic_does_not_match(counter, elsewhere, pharmacy):
    callback_id = await waiting(pharmacy, counter)
    for order_id in (await counter.order("SENT", pharmacy_id=None), await elsewhere.order("SENT"), uuid4()):
        answer = await match(counter, callback_id, order_id)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "orderId"


async def test_what_cannot_be_read_cannot_be_matched(counter, pharmacy):
    body = uuid4().bytes
    await pharmacy.send(body, signature(body))
    unread = (await listed(counter))[0]["id"]
    answer = await match(counter, unread, await counter.order("SENT"))
    assert answer.status_code == 409
    assert "UNREADABLE" in answer.json()["detail"]


@pytest.mark.parametrize("body", [{}, {"orderId": "12"}, {"orderId": None}, [], {"orderId": str(uuid4()), "x": 1}])
async def test_a_bad_body_is_refused(counter, pharmacy, body):
    callback_id = await waiting(pharmacy, counter)
    answer = await counter.client.post(f"{INBOX}/{callback_id}/match", json=body, headers=counter.manager)
    assert answer.status_code == 400
    assert answer.json()["errors"]
