"""A new order for one that came to nothing, or whose parcel did."""

import asyncio
from uuid import UUID

import msgspec
import pytest

from carelane.kit import clock
from carelane.orders.queries import PRESCRIPTION
from carelane.pharmacies.schemas import Prescription
from tests.detail.asking import read_case
from tests.factories.pharmacies import add_pharmacy

LOST = {"reason": "the parcel was lost"}
ADDRESS = {
    "addressLine1": "9 Hill Road",
    "city": "Albany",
    "state": "ny",
    "country": "us",
    "postalCode": "12207",
}


async def prescribed(counter, order_id) -> Prescription:
    ((sealed,),) = await counter.rows("SELECT sealed FROM orders WHERE id = %s", order_id)
    key = await counter.services.keyring.data_key(counter.organization_id)
    return msgspec.json.decode(key.open(sealed, PRESCRIPTION, order_id), type=Prescription)


async def replaced(counter, order_id, **members) -> UUID:
    answer = await counter.act(order_id, "replace", LOST | members)
    assert answer.status_code == 200, answer.text
    assert answer.json()["replacesOrderId"] == str(order_id)
    return UUID(answer.json()["id"])


@pytest.mark.parametrize("status", ["CANCELED", "REJECTED", "SHIPPED", "DELIVERED"])
async def test_the_same_prescription_goes_out_under_new_ids(counter, status):
    order_id = await counter.order(status)
    fresh_id = await replaced(counter, order_id)
    old, fresh = await prescribed(counter, order_id), await prescribed(counter, fresh_id)
    assert fresh.external_id != old.external_id
    same = {"order_id": old.order_id, "external_id": old.external_id, "placed_at": old.placed_at}
    assert msgspec.structs.replace(fresh, **same) == old
    assert (await counter.stands(fresh_id))["replacesOrderId"] == str(order_id)
    stands = await counter.stands(order_id)
    assert (stands["status"], stands["replacedByOrderId"]) == (status, str(fresh_id))
    assert ("ORDER_CREATED", "staff", counter.manager_id, None, None) in await counter.moves(fresh_id)


async def test_the_case_detail_shows_why(counter):
    order_id = await counter.order("DELIVERED")
    fresh_id = await replaced(counter, order_id)
    case_id = (await counter.stands(order_id))["caseId"]
    case = await read_case(counter.client, counter.clinic, case_id, includeOrders="true")
    reasons = {order["id"]: order["replacementReason"] for order in case["orders"]}
    assert reasons == {str(order_id): None, str(fresh_id): LOST["reason"]}


async def test_what_never_left_us_ends_with_its_replacement(counter):
    order_id = await counter.order("NEEDS_ATTENTION", failure="the pharmacy is not active")
    await replaced(counter, order_id)
    assert (await counter.stands(order_id))["status"] == "CANCELED"
    assert (await counter.act(order_id, "send")).status_code == 409


async def test_to_another_pharmacy_and_another_address(counter):
    pharmacy_id = await add_pharmacy(counter.services, counter.organization_id, code="second")
    order_id = await counter.order("REJECTED")
    fresh_id = await replaced(counter, order_id, pharmacyId=str(pharmacy_id), shippingAddress=ADDRESS)
    assert (await counter.stands(fresh_id))["pharmacyId"] == str(pharmacy_id)
    fresh = await prescribed(counter, fresh_id)
    assert fresh.pharmacy_code == "second"
    address = fresh.shipping_address
    assert (address.city, address.state, address.country, address.postal_code) == ("Albany", "NY", "US", "12207")


@pytest.mark.parametrize("status", ["RECEIVED", "SENDING", "SENT", "ACCEPTED", "NEEDS_ATTENTION"])
async def test_what_the_pharmacy_may_have_must_be_canceled_first(counter, status):
    order_id = await counter.order(status, sending_began_at=clock.now())
    answer = await counter.act(order_id, "replace", LOST)
    assert answer.status_code == 409
    assert status in answer.json()["detail"]
    assert "cancel" in answer.json()["detail"]


async def test_twenty_at_once_make_one_replacement(counter):
    order_id = await counter.order("DELIVERED")
    answers = await asyncio.gather(*(counter.act(order_id, "replace", LOST) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200, *[409] * 19]
    count = "SELECT count(*) FROM orders WHERE replaces_order_id = %s"
    assert await counter.rows(count, order_id) == [(1,)]


async def test_a_replacement_can_be_replaced_in_its_turn(counter):
    order_id = await counter.order("DELIVERED")
    fresh_id = await replaced(counter, order_id)
    assert (await counter.act(fresh_id, "cancel", {"reason": "again"})).status_code in {200, 202}
    again = await counter.act(order_id, "replace", LOST)
    assert (again.status_code, again.json()["type"]) == (409, "urn:carelane:order-replaced")


async def test_unknown_and_closed_pharmacies_and_states_are_refused_together(counter, elsewhere):
    closed = await add_pharmacy(counter.services, counter.organization_id, code="closed", is_active=False)
    order_id = await counter.order("DELIVERED")
    for pharmacy_id in (closed, elsewhere.pharmacy_id):
        body = LOST | {"pharmacyId": str(pharmacy_id), "shippingAddress": ADDRESS | {"state": "ZZ"}}
        answer = await counter.act(order_id, "replace", body)
        assert answer.status_code == 422
        fields = [problem["field"] for problem in answer.json()["errors"]]
        assert fields == ["pharmacyId", "shippingAddress.state"]
    assert (await counter.stands(order_id))["replacedByOrderId"] is None


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("postalCode", "1"),
        ("state", "New York"),
        ("country", "USA"),
        ("city", 5),
        ("city", " "),
        ("addressLine1", None),
    ],
)
async def test_a_bad_address_is_refused_and_the_field_named(counter, member, value):
    order_id = await counter.order("DELIVERED")
    answer = await counter.act(order_id, "replace", LOST | {"shippingAddress": ADDRESS | {member: value}})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == f"shippingAddress.{member}"
