"""Whatever makes an order leave again is held to the rules of a new one: what a clinician decided, today, and no more of it."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import msgspec
import pytest

from carelane.cases.schemas import MedicationIn
from carelane.kit import clock
from carelane.kit.ids import uuid7
from carelane.kit.us_zones import earliest_day_in
from carelane.orders.queries import ITEM, PRESCRIPTION
from carelane.pharmacies.schemas import RxItem
from tests.desk.counter import prescription
from tests.detail.asking import create_case
from tests.factories.cases import change_case
from tests.factories.decisions import decide, prescribe
from tests.factories.pharmacies import add_drug
from tests.factories.rows import insert_row, update_row
from tests.factories.staff import hire

LOST = {"reason": "The parcel was lost"}
BOUND = "drug-bound"
LONG = {"is_approved": True, "start_date": date(2020, 1, 1), "end_date": date(2199, 12, 31)}


@pytest.fixture(scope="module")
async def clinician_id(counter):
    """Who decided, and whose drug is bound to a product."""
    await add_drug(counter.services, counter.organization_id, BOUND, product_id=counter.clinic.product_id)
    return await hire(counter.services, counter.organization_id, "Ada", "Berg", npi="1234567893")


async def rule(counter, case_id, clinician_id, fill_count=1, **values):
    usual = LONG | {"product_id": counter.clinic.product_id}
    decision_id = await decide(counter.services, counter.organization_id, case_id, clinician_id, **(usual | values))
    medication = MedicationIn(medicine="Lisinopril", refill_count=fill_count - 1)
    await prescribe(counter.services, counter.organization_id, decision_id, medication)
    return decision_id


async def bound_order(counter, case_id, status, refill_count=0, **values):
    """An order for the drug of the case's product."""
    key = await counter.services.keyring.data_key(counter.organization_id)
    item = RxItem(drug_id=BOUND, name="Lisinopril", quantity="30", refill_count=refill_count)
    order_id, external_id, item_id = uuid7(), uuid4(), uuid7()
    content = msgspec.structs.replace(prescription(order_id, external_id, None), items=[item])
    sealed = key.seal(msgspec.json.encode(content), PRESCRIPTION, order_id)
    row = {"id": order_id, "external_id": external_id, "case_id": case_id, "sealed": sealed}
    await counter.order(status, **(row | values))
    await insert_row(
        counter.services, counter.organization_id, "order_items",
        id=item_id, order_id=order_id, position=0, sealed=key.seal(msgspec.json.encode(item), ITEM, item_id),
    )  # fmt: skip
    return order_id


@pytest.fixture
async def case_id(counter, clinician_id):
    case_id = await create_case(counter.client, counter.clinic)
    await change_case(counter.services, counter.organization_id, case_id, status="APPROVED")
    return case_id


async def refused(counter, order_id, name, body=None):
    answer = await counter.act(order_id, name, body)
    assert answer.status_code == 422, answer.text
    assert (await counter.stands(order_id))["replacedByOrderId"] is None
    return [problem["field"] for problem in answer.json()["errors"]]


async def replaced(counter, order_id):
    answer = await counter.act(order_id, "replace", LOST)
    assert answer.status_code == 200, answer.text
    fresh_id = UUID(answer.json()["id"])
    # Nobody sends it.
    await update_row(
        counter.services, counter.organization_id, "orders", fresh_id,
        status="SHIPPED", next_step_at=None, claim_id=None, failure=None,
    )  # fmt: skip
    return fresh_id


YESTERDAY = earliest_day_in("NY", clock.now()) - timedelta(days=1)
NO_MORE = [
    {"is_approved": False},
    {"is_approved": False, "is_no_decision": True},
    {"end_date": YESTERDAY},
    {"start_date": date(2098, 1, 1)},
]


@pytest.mark.parametrize("decision", NO_MORE)
async def test_what_is_no_longer_approved_is_not_placed_again(counter, clinician_id, case_id, decision):
    await rule(counter, case_id, clinician_id, **decision)
    order_id = await bound_order(counter, case_id, "DELIVERED")
    assert await refused(counter, order_id, "replace", LOST) == ["prescriptionItems[0].drugId"]


@pytest.mark.parametrize("decision", NO_MORE)
async def test_nor_is_it_sent_on(counter, clinician_id, case_id, decision):
    await rule(counter, case_id, clinician_id, **decision)
    order_id = await bound_order(counter, case_id, "NEEDS_ATTENTION", failure="the pharmacy is not active")
    assert await refused(counter, order_id, "send") == ["prescriptionItems[0].drugId"]
    assert (await counter.stands(order_id))["status"] == "NEEDS_ATTENTION"


async def test_what_the_pharmacy_may_have_is_asked_about_all_the_same(counter, clinician_id, case_id):
    await rule(counter, case_id, clinician_id, end_date=YESTERDAY)
    order_id = await bound_order(counter, case_id, "NEEDS_ATTENTION", sending_began_at=clock.now())
    assert (await counter.act(order_id, "send")).status_code == 200


@pytest.mark.parametrize("name", ["replace", "send"])
async def test_a_case_that_was_rejected_since_lets_nothing_leave(counter, clinician_id, case_id, name):
    order_id = await bound_order(counter, case_id, "NEEDS_ATTENTION")
    await change_case(counter.services, counter.organization_id, case_id, status="REJECTED")
    assert "caseId" in await refused(counter, order_id, name, LOST if name == "replace" else None)


async def test_a_drug_that_was_withdrawn_is_not_placed_again(counter, clinician_id, case_id):
    await rule(counter, case_id, clinician_id)
    drug_id = await add_drug(counter.services, counter.organization_id, f"drug-{uuid4()}")
    ((code,),) = await counter.rows("SELECT code FROM drugs WHERE id = %s", drug_id)
    order_id = await bound_order(counter, case_id, "DELIVERED")
    key = await counter.services.keyring.data_key(counter.organization_id)
    ((external_id,),) = await counter.rows("SELECT external_id FROM orders WHERE id = %s", order_id)
    item = RxItem(drug_id=code, name="Gone", quantity="1")
    content = msgspec.structs.replace(prescription(order_id, external_id, None), items=[item])
    sealed = key.seal(msgspec.json.encode(content), PRESCRIPTION, order_id)
    await update_row(counter.services, counter.organization_id, "orders", order_id, sealed=sealed)
    await update_row(counter.services, counter.organization_id, "drugs", drug_id, is_active=False)
    assert await refused(counter, order_id, "replace", LOST) == ["prescriptionItems[0].drugId"]


# ---- a replacement stands in the place of what it replaces


@pytest.mark.parametrize("status", ["CANCELED", "REJECTED", "SHIPPED", "DELIVERED"])
async def test_a_replacement_takes_over_the_fills_of_the_order(counter, clinician_id, case_id, status):
    await rule(counter, case_id, clinician_id, fill_count=3)
    order_id = await bound_order(counter, case_id, status, refill_count=2)
    fresh_id = await replaced(counter, order_id)
    # And once more, along the chain.
    again_id = await replaced(counter, fresh_id)
    assert (await counter.stands(again_id))["replacesOrderId"] == str(fresh_id)


async def test_what_was_canceled_and_used_up_elsewhere_is_not_replaced(counter, clinician_id, case_id):
    await rule(counter, case_id, clinician_id, fill_count=3)
    order_id = await bound_order(counter, case_id, "CANCELED", refill_count=2)
    await bound_order(counter, case_id, "SENT", refill_count=0)
    assert await refused(counter, order_id, "replace", LOST) == ["prescriptionItems[0].refillCount"]


async def test_a_replacement_that_came_to_nothing_gives_the_place_back(counter, clinician_id, case_id):
    await rule(counter, case_id, clinician_id, fill_count=3)
    order_id = await bound_order(counter, case_id, "DELIVERED", refill_count=2)
    fresh_id = await replaced(counter, order_id)
    await update_row(counter.services, counter.organization_id, "orders", fresh_id, status="CANCELED")
    # The first stands again, and its own replacement may be replaced in its place.
    await replaced(counter, fresh_id)


# ---- why


async def test_what_was_doubted_is_told_under_why(counter, clinician_id, case_id):
    order_id = await bound_order(counter, case_id, "DELIVERED")
    fresh_id = await replaced(counter, order_id)
    told = (await counter.get(f"/api/staff/orders/{fresh_id}/why")).json()
    assert [(one["field"], one["severity"]) for one in told["findings"]] == [
        ("prescriber.npi", "warn"),
        ("prescriptionItems[0].drugId", "warn"),
    ]
    assert (await counter.get(f"/api/staff/orders/{order_id}/why")).json()["findings"] == []
