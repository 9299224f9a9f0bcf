"""How orders stand: lists with filters and pages, one order in full, and nothing of the patient in either."""

import pytest

from tests.desk.counter import MARK, ORDERS, open_counter
from tests.detail.asking import create_case
from tests.factories.orders import log_shipping
from tests.factories.pharmacies import add_pharmacy
from tests.factories.rows import insert_row, update_row


@pytest.fixture(scope="module")
async def shelf(client, services, tmp_path_factory):
    """A desk with seven orders, oldest first: (counter, ids)."""
    counter = await open_counter(client, services, tmp_path_factory.mktemp("shelf"))
    states = ("RECEIVED", "SENDING", "SENT", "NEEDS_ATTENTION", "DELIVERED", "NEEDS_ATTENTION", "CANCELED")
    return counter, [str(await counter.order(status)) for status in states]


async def ids(counter, **query):
    answer = await counter.get(ORDERS, **query)
    assert answer.status_code == 200, answer.text
    return [order["id"] for order in answer.json()["orders"]]


async def test_all_orders_newest_first(shelf):
    counter, orders = shelf
    assert await ids(counter) == orders[::-1]


async def test_filters(shelf):
    counter, orders = shelf
    assert await ids(counter, status="SENT") == [orders[2]]
    assert await ids(counter, status=["SENT", "CANCELED"]) == [orders[6], orders[2]]
    assert await ids(counter, needsAttention="true") == [orders[5], orders[3]]
    assert await ids(counter, needsAttention="false") == [orders[6], orders[4], *orders[2::-1]]
    assert await ids(counter, pharmacyId=str(counter.pharmacy_id)) == orders[::-1]
    case_id = (await counter.stands(orders[1]))["caseId"]
    assert await ids(counter, caseId=case_id) == [orders[1]]
    assert await ids(counter, caseId=case_id, status="SENT") == []


async def test_another_pharmacys_orders_are_another_list(shelf):
    counter, _ = shelf
    pharmacy_id = await add_pharmacy(counter.services, counter.organization_id, code="second")
    assert await ids(counter, pharmacyId=str(pharmacy_id)) == []


async def test_pages_hold_every_order_once(shelf):
    counter, orders = shelf
    seen, after = [], None
    while True:
        page = (await counter.get(ORDERS, limit=3, **({"after": after} if after else {}))).json()
        seen += [order["id"] for order in page["orders"]]
        after = page["next"]
        if after is None:
            break
        assert len(page["orders"]) == 3
    assert seen == orders[::-1]


async def test_one_order_in_full(counter):
    case_id = await create_case(counter.client, counter.clinic)
    order_id = await counter.order("SHIPPED", case_id=case_id, tracking_id="1Z999", carrier_name="UPS", attempts=1)
    await counter.attempt(order_id, failure="no answer", http_status=500)
    values = {"pharmacy_id": counter.pharmacy_id, "message_id": "m-1", "sealed": b"secret", "order_id": order_id}
    await insert_row(counter.services, counter.organization_id, "pharmacy_callbacks", status="APPLIED", **values)
    await log_shipping(
        counter.services, counter.organization_id, order_id, "2026-01-02T03:04:05Z", status="OUT", tracking_id="1Z999"
    )
    shown = await counter.stands(order_id)
    assert (shown["id"], shown["caseId"], shown["status"]) == (str(order_id), str(case_id), "SHIPPED")
    assert shown["caseShortId"].startswith("OWN-")
    assert shown["pharmacyName"] == "Harbor Pharmacy"
    assert (shown["trackingId"], shown["carrierName"]) == ("1Z999", "UPS")
    (call,) = shown["calls"]
    assert (call["call"], call["outcome"], call["failure"], call["httpStatus"]) == (
        "new_rx",
        "unknown",
        "no answer",
        500,
    )
    (callback,) = shown["callbacks"]
    assert (callback["messageId"], callback["status"]) == ("m-1", "APPLIED")
    (parcel,) = shown["shipping"]
    assert parcel == {"trackingId": "1Z999", "status": "OUT", "statusUpdatedAt": "2026-01-02T03:04:05Z"}


async def test_nothing_of_the_patient_is_shown(counter):
    case_id = await create_case(counter.client, counter.clinic)
    organization_id = counter.organization_id
    order_id = await counter.order("SENT", case_id=case_id, message=f"{MARK} was not at home")
    await log_shipping(
        counter.services, organization_id, order_id, "2026-01-02T03:04:05Z", message=f"left with {MARK}", location=MARK
    )
    patient = (await counter.rows("SELECT patient_id FROM cases WHERE id = %s", case_id))[0][0]
    await update_row(counter.services, organization_id, "patients", patient, last_name=MARK)
    for path in (ORDERS, f"{ORDERS}/{order_id}", f"{ORDERS}/{order_id}/why"):
        told = (await counter.get(path)).text
        assert str(order_id) in told
        assert MARK not in told, path
        assert str(patient) not in told, path


async def test_a_parcel_of_what_was_canceled_needs_a_person(client, services, tmp_path):
    counter = await open_counter(client, services, tmp_path)
    order_id = str(await counter.order("CANCELED", failure="the pharmacy says that it is SHIPPED"))
    assert await ids(counter, needsAttention="true") == [order_id]
    assert await ids(counter, needsAttention="false") == []
