"""Orders give no more fills than the decision on the drug's product approved, whoever counts and however many ask at once."""

import asyncio
from datetime import timedelta

import pytest

from carelane.cases.schemas import MedicationIn
from carelane.kit import clock
from tests.factories.pharmacies import add_drug
from tests.factories.rows import update_row
from tests.orders.bodies import strict_body
from tests.orders.test_decisions import FIRST, THREE, bare, refused


async def test_refills_count_as_fills(any_shop):
    case_id = await any_shop.approved_case(THREE)
    told = await refused(any_shop, case_id, bare(99))
    assert list(told) == [f"{FIRST}.refillCount"]
    assert "at most 3 fills" in told[f"{FIRST}.refillCount"]
    await any_shop.placed(case_id, bare(2))
    assert "at most 0 fills" in (await refused(any_shop, case_id, bare()))[f"{FIRST}.drugId"]


async def test_orders_count_together(any_shop):
    case_id = await any_shop.approved_case(THREE)
    for _ in range(3):
        await any_shop.placed(case_id, bare())
    assert list(await refused(any_shop, case_id, bare(0))) == [f"{FIRST}.drugId"]


async def test_items_of_one_order_count_together(any_shop):
    case_id = await any_shop.approved_case(THREE)
    items = [{"drugId": "drug-456", "quantity": "30", "refillCount": 1}] * 2
    told = await refused(any_shop, case_id, strict_body(prescriptionItems=items))
    assert list(told) == ["order.prescriptionItems[1].refillCount"]


async def test_two_drugs_of_one_product_share_what_was_approved(any_shop):
    code = f"drug-strong-{any_shop.id}"
    await add_drug(any_shop.services, any_shop.id, code, product_id=any_shop.clinic.product_id)
    case_id = await any_shop.approved_case(THREE)
    await any_shop.placed(case_id, bare(1))
    await any_shop.placed(case_id, bare(drugId=code))
    assert list(await refused(any_shop, case_id, bare(drugId=code))) == [f"{FIRST}.drugId"]


async def test_every_medicine_of_the_decision_adds_its_fills(any_shop):
    month = [MedicationIn(medicine="Low"), MedicationIn(medicine="High", refill_count=1)]
    case_id = await any_shop.approved_case(month)
    await any_shop.placed(case_id, bare(2))
    await refused(any_shop, case_id, bare())


async def test_an_approval_without_a_medicine_is_for_one_fill(any_shop):
    case_id = await any_shop.approved_case([])
    await any_shop.placed(case_id, bare())
    await refused(any_shop, case_id, bare())


@pytest.mark.parametrize("status", ["CANCELED", "REJECTED"])
async def test_an_order_that_came_to_nothing_takes_nothing_away(any_shop, status):
    case_id = await any_shop.approved_case(THREE)
    order_id = await any_shop.placed(case_id, bare(2))
    await update_row(
        any_shop.services,
        any_shop.id,
        "orders",
        order_id,
        status=status,
        next_step_at=None,
        claim_id=None,
        failure=None,
    )
    await any_shop.placed(case_id, bare(2))


async def test_unless_the_pharmacy_says_that_it_is_on_its_way(any_shop):
    case_id = await any_shop.approved_case(THREE)
    order_id = await any_shop.placed(case_id, bare(2))
    said = "the pharmacy says that it is SHIPPED"
    await update_row(
        any_shop.services,
        any_shop.id,
        "orders",
        order_id,
        status="CANCELED",
        next_step_at=None,
        claim_id=None,
        failure=said,
    )
    await refused(any_shop, case_id, bare())


async def test_a_new_approval_begins_anew(any_shop):
    case_id = await any_shop.approved_case(THREE)
    await any_shop.placed(case_id, bare(2))
    await refused(any_shop, case_id, bare())
    await any_shop.decide(case_id, medications=THREE)
    await any_shop.placed(case_id, bare(2))
    await refused(any_shop, case_id, bare())


async def test_what_was_ordered_before_the_decision_counts(shop):
    """`compat` lets it pass with a warning; it is a fill all the same."""
    case_id = await shop.approved_case([])
    ((decision_id,),) = await shop.ask("SELECT id FROM decisions WHERE case_id = %s", case_id)
    await shop.placed(case_id, bare())
    await update_row(shop.services, shop.id, "decisions", decision_id, created_at=clock.now() + timedelta(days=1))
    await refused(shop, case_id, bare())


async def test_twenty_at_once_are_no_more_than_one_after_the_other(any_shop):
    case_id = await any_shop.approved_case(THREE)
    answers = await asyncio.gather(*(any_shop.place(case_id, bare()) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] * 3 + [400] * 17
