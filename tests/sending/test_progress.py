"""What a pharmacy reports, in any order and any number of times: an order only moves on, and no parcel is lost."""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any, get_args

import msgspec
import pytest

from carelane.kit.auth import system_actor
from carelane.orders.queries import MESSAGE, PARCEL_LOCATION, PARCEL_MESSAGE
from carelane.orders.sending.actions import apply_report
from carelane.orders.sending.queries import LockedOrder, lock_order
from carelane.orders.states import FINAL, OrderStatus, may_follow
from carelane.pharmacies.adapters import PharmacyStatus, Report, Shipment
from tests.sending.world import AN_HOUR, World

MONDAY = datetime(2026, 11, 16, 9, tzinfo=UTC)


def parcel(tracking_id: str, hours: int = 0, status: str = "IN_TRANSIT") -> Shipment:
    at = MONDAY + timedelta(hours=hours)
    return Shipment(tracking_id=tracking_id, carrier_name="Parcels", status=status, location="Memphis", at=at)


async def report(world: World, order: LockedOrder, status: PharmacyStatus, **members: Any) -> bool:
    actor = system_actor(world.organization_id)
    key = await world.services.keyring.data_key(world.organization_id)
    async with world.services.db.transaction(actor) as conn:
        locked = await lock_order(conn, world.organization_id, order.id)
        assert locked is not None
        said = Report(status=status, **members)
        return await apply_report(conn, actor, key, locked, said, settings=world.services.settings)


@pytest.mark.parametrize(("before", "reported"), list(product(get_args(OrderStatus), get_args(PharmacyStatus))))
async def test_an_order_moves_only_where_it_may(world: World, before, reported):
    order = await world.place(status=before, sending_began_at=MONDAY)
    moves = may_follow(before, reported)
    contradicted = before in {"REJECTED", "CANCELED"} and reported in {"SHIPPED", "DELIVERED"}
    assert await report(world, order, reported) is (moves or contradicted)
    after = await world.now(order)
    assert after.failure == (f"the pharmacy says that it is {reported}" if contradicted else None)
    assert after.status == (reported if moves else before)
    told = [("ORDER_STATUS_CHANGED", before, reported)] if moves else []
    assert await world.events(order) == told
    assert (after.ended_at is not None) == (moves and reported in FINAL)
    assert not await report(world, order, reported)
    assert await world.events(order) == told


@pytest.mark.parametrize(
    ("reported", "status", "is_kept"),
    [
        ("SENT", "ORDERED", True),
        ("ACCEPTED", "ORDERED", True),
        ("SHIPPED", "SHIPPED", True),
        ("DELIVERED", "DELIVERED", True),
        ("REJECTED", "APPROVED", False),
        ("CANCELED", "APPROVED", False),
    ],
)
async def test_the_products_of_the_case_go_along(world: World, reported, status, is_kept):
    order = await world.place(status="SENDING", sending_began_at=MONDAY)
    await report(world, order, reported)
    assert await world.request_status(order) == (status, order.id if is_kept else None)


async def test_another_orders_products_stay_where_they_are(world: World):
    first = await world.place(status="SENDING", sending_began_at=MONDAY)
    second = await world.place(status="SENDING", case_id=first.case_id, sending_began_at=MONDAY)
    await report(world, first, "SHIPPED")
    assert await world.request_status(second) == ("ORDERED", second.id)


async def test_every_state_has_its_time(world: World):
    order = await world.place(status="SENDING", sending_began_at=MONDAY)
    for status in ("SENT", "ACCEPTED", "SHIPPED", "DELIVERED"):
        await report(world, order, status)
    after = await world.now(order)
    times = [after.sent_at, after.accepted_at, after.shipped_at, after.delivered_at]
    assert all(times)
    assert times == sorted(time for time in times if time is not None)


async def test_an_order_that_skipped_states_was_sent_when_it_left(world: World):
    order = await world.place(status="SENDING", sending_began_at=MONDAY)
    await report(world, order, "DELIVERED")
    after = await world.now(order)
    assert (after.sent_at, after.accepted_at) == (MONDAY, None)


async def test_a_late_shipment_of_a_delivered_order_is_kept_all_the_same(world: World):
    order = await world.place(status="SENDING", sending_began_at=MONDAY)
    await report(world, order, "DELIVERED", shipments=[parcel("P1", 5, "DELIVERED")])
    assert await report(world, order, "SHIPPED", shipments=[parcel("P2", 2)])
    after = await world.now(order)
    assert (after.status, after.tracking_id) == ("DELIVERED", "P1")
    assert [event for event, _, _ in await world.events(order)].count("ORDER_TRACKING_ADDED") == 2
    assert await _logs(world, order) == [("P2", "IN_TRANSIT"), ("P1", "DELIVERED")]


async def test_an_order_in_two_parcels_shows_the_one_heard_of_last(world: World):
    order = await world.place(status="ACCEPTED", sending_began_at=MONDAY)
    assert await report(world, order, "SHIPPED", shipments=[parcel("P1", 1)])
    assert await report(world, order, "SHIPPED", shipments=[parcel("P1", 1), parcel("P2", 2)])
    assert not await report(world, order, "SHIPPED", shipments=[parcel("P2", 2), parcel("P1", 1)])
    assert (await world.now(order)).tracking_id == "P2"
    assert await report(world, order, "SHIPPED", shipments=[parcel("P1", 3, "OUT_FOR_DELIVERY")])
    assert (await world.now(order)).tracking_id == "P1"
    assert await _logs(world, order) == [("P1", "IN_TRANSIT"), ("P2", "IN_TRANSIT"), ("P1", "OUT_FOR_DELIVERY")]
    assert [event for event, _, _ in await world.events(order)] == [
        "ORDER_STATUS_CHANGED",
        "ORDER_TRACKING_ADDED",
        "ORDER_TRACKING_ADDED",
    ]


async def test_a_report_that_names_a_parcel_twice_adds_it_once(world: World):
    order = await world.place(status="ACCEPTED", sending_began_at=MONDAY)
    await report(world, order, "SHIPPED", shipments=[parcel("P1"), parcel("P1")])
    assert await _logs(world, order) == [("P1", "IN_TRANSIT")]


async def test_what_the_pharmacy_says_is_sealed_and_of_the_present_state_only(world: World):
    order = await world.place(status="SENDING", sending_began_at=MONDAY)
    await report(world, order, "ACCEPTED", message="Filled on Tuesday", pharmacy_order_id="RX-1")
    assert not await report(world, order, "SENT", message="In the queue", pharmacy_order_id="RX-2")
    assert not await report(world, order, "ACCEPTED", message="Filled on Tuesday")
    assert await report(world, order, "ACCEPTED", message="Filled on Wednesday")
    after = await world.now(order)
    key = await world.services.keyring.data_key(world.organization_id)
    assert after.message_sealed is not None
    assert b"Wednesday" not in after.message_sealed
    assert key.open(after.message_sealed, MESSAGE, order.id) == b"Filled on Wednesday"
    assert after.pharmacy_order_id == "RX-1"


async def test_a_document_that_was_spoken_of_is_fetched_next(world: World):
    order = await world.place(status="SENT", sending_began_at=MONDAY, next_step_at=MONDAY + AN_HOUR)
    before = datetime.now(UTC)
    await report(world, order, "ACCEPTED", has_document=True)
    after = await world.now(order)
    assert after.pharmacy_has_document
    assert after.next_step_at is not None
    assert before <= after.next_step_at <= datetime.now(UTC)


async def test_news_ends_an_order_s_need_for_attention(world: World):
    order = await world.place(status="NEEDS_ATTENTION", sending_began_at=MONDAY, failure="no answer", attempts=9)
    await report(world, order, "ACCEPTED")
    after = await world.now(order)
    assert (after.status, after.failure, after.attempts) == ("ACCEPTED", None, 0)
    assert after.next_step_at is not None


async def test_a_shipment_ends_the_hope_for_a_cancellation(world: World):
    order = await world.place(status="ACCEPTED", sending_began_at=MONDAY, cancel_requested_at=MONDAY)
    await report(world, order, "SHIPPED")
    assert (await world.now(order)).cancel_failure == "TOO_LATE"


async def test_where_a_parcel_was_and_what_was_said_of_it_lies_sealed(world: World):
    order = await world.place(status="ACCEPTED", sending_began_at=MONDAY)
    left = msgspec.structs.replace(parcel("T-1"), location="12 Quillon Street", message="left with Mrs Quillon")
    await report(world, order, "SHIPPED", shipments=[left])
    logs = "SELECT id, location_sealed, message_sealed, l::text FROM order_shipping_logs l WHERE order_id = %s"
    ((log_id, location, message, row),) = await world.ask(logs, order.id)
    assert "Quillon" not in row
    key = await world.services.keyring.data_key(world.organization_id)
    assert key.open(location, PARCEL_LOCATION, log_id) == b"12 Quillon Street"
    assert key.open(message, PARCEL_MESSAGE, log_id) == b"left with Mrs Quillon"


async def _logs(world: World, order: LockedOrder) -> list[tuple[str, str]]:
    return await world.ask(
        "SELECT tracking_id, status FROM order_shipping_logs WHERE order_id = %s ORDER BY status_updated_at", order.id
    )
