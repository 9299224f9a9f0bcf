"""What a callback does to its order: once, and only forwards."""

import asyncio
from uuid import uuid4

import msgspec

from carelane.orders.inbox.queries import KEPT
from carelane.orders.inbox.schemas import KeptCallback
from tests.inbox.calling import message, signature

MOVES = """
SELECT actor_kind, value_before, value_after FROM events WHERE target_id = %s AND type = 'ORDER_STATUS_CHANGED'
ORDER BY case_sequence
"""
KEPT_ROW = "SELECT id, sealed FROM pharmacy_callbacks WHERE message_id = %s"


async def test_a_callback_moves_the_order_and_is_recorded(pharmacy):
    order_id, external_id = await pharmacy.order()
    sent = message(external_id, "SHIPPED", shipments=[{"trackingId": "1Z999", "at": "2026-01-02T03:04:05Z"}])
    assert (await pharmacy.call(sent)).json() == {"status": "applied"}
    assert await pharmacy.rows(MOVES, order_id) == [("system", "SENT", "SHIPPED")]
    assert await pharmacy.kept(sent["messageId"]) == [("APPLIED", order_id)]
    parcels = "SELECT tracking_id, callback_id = (SELECT id FROM pharmacy_callbacks WHERE message_id = %s) FROM order_shipping_logs WHERE order_id = %s"
    assert await pharmacy.rows(parcels, sent["messageId"], order_id) == [("1Z999", True)]


async def test_the_second_of_a_name_does_nothing(pharmacy):
    order_id, external_id = await pharmacy.order()
    sent = message(external_id, "ACCEPTED")
    assert (await pharmacy.call(sent)).json() == {"status": "applied"}
    assert (await pharmacy.call(sent)).json() == {"status": "duplicate"}
    # Also when it says something else by now.
    assert (await pharmacy.call(sent | {"status": "SHIPPED"})).json() == {"status": "duplicate"}
    assert await pharmacy.status_of(order_id) == "ACCEPTED"


async def test_twenty_of_a_name_at_once_act_once(pharmacy):
    order_id, external_id = await pharmacy.order()
    sent = message(external_id, "ACCEPTED")
    answers = await asyncio.gather(*(pharmacy.call(sent) for _ in range(20)))
    assert sorted(answer.json()["status"] for answer in answers) == ["applied", *["duplicate"] * 19]
    assert await pharmacy.rows(MOVES, order_id) == [("system", "SENT", "ACCEPTED")]
    assert await pharmacy.kept(sent["messageId"]) == [("APPLIED", order_id)]


async def test_a_late_message_undoes_nothing(pharmacy):
    order_id, external_id = await pharmacy.order("ACCEPTED")
    assert (await pharmacy.call(message(external_id, "DELIVERED"))).json() == {"status": "applied"}
    late = message(external_id, "SHIPPED")
    assert (await pharmacy.call(late)).json() == {"status": "late"}
    assert await pharmacy.status_of(order_id) == "DELIVERED"
    assert await pharmacy.kept(late["messageId"]) == [("LATE", order_id)]
    assert await pharmacy.rows(MOVES, order_id) == [("system", "ACCEPTED", "DELIVERED")]


async def test_messages_in_any_order_at_once_end_at_the_furthest_state(pharmacy):
    orders = [await pharmacy.order() for _ in range(6)]
    calls = [
        pharmacy.call(message(external_id, status))
        for _, external_id in orders
        for status in ("DELIVERED", "ACCEPTED", "SHIPPED", "SENT")
    ]
    answers = await asyncio.gather(*calls)
    assert {answer.json()["status"] for answer in answers} <= {"applied", "late"}
    assert [await pharmacy.status_of(order_id) for order_id, _ in orders] == ["DELIVERED"] * 6


async def test_the_very_bytes_are_kept_and_sealed(pharmacy):
    _, external_id = await pharmacy.order()
    sent = message(external_id, "ACCEPTED", message="the patient is allergic to zephyr")
    body = msgspec.json.encode(sent) + b"\n "
    assert (await pharmacy.send(body, signature(body))).json() == {"status": "applied"}
    ((callback_id, sealed),) = await pharmacy.rows(KEPT_ROW, sent["messageId"])
    assert b"zephyr" not in sealed
    key = await pharmacy.services.keyring.data_key(pharmacy.organization_id)
    kept = msgspec.json.decode(key.open(sealed, KEPT, callback_id), type=KeptCallback)
    assert kept.body == body


async def test_what_cannot_be_read_is_kept_and_answered_400(pharmacy):
    bodies = [
        b"\xff not json",
        b"[]",
        msgspec.json.encode(message(uuid4(), "LOST")),
        msgspec.json.encode(message(None, "SHIPPED")),
    ]
    for body in bodies:
        before = await pharmacy.rows("SELECT count(*) FROM pharmacy_callbacks WHERE status = 'UNREADABLE'")
        for _ in range(2):
            answer = await pharmacy.send(body, signature(body))
            assert answer.status_code == 400, body
            assert answer.json()["type"] == "urn:carelane:unreadable"
            assert answer.json()["detail"]
        after = await pharmacy.rows("SELECT count(*) FROM pharmacy_callbacks WHERE status = 'UNREADABLE'")
        assert after[0][0] - before[0][0] == 1, body


async def test_a_field_that_cannot_be_read_is_named(pharmacy):
    answer = await pharmacy.call(message(uuid4(), "LOST", shipments=[{"at": "yesterday"}]))
    fields = [problem["field"] for problem in answer.json()["errors"]]
    assert (answer.status_code, fields) == (400, ["status", "shipments[0].trackingId", "shipments[0].at"])
