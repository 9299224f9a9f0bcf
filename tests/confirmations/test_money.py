"""What confirmations come to: payments, postings, events, and what they never do."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from carelane.kit import clock
from carelane.kit.auth import system_actor
from carelane.payments.decided import take_payments
from tests.confirmations.conftest import Shop
from tests.factories.cases import change_case
from tests.factories.payments import add_gateway, charge
from tests.factories.rows import insert_row
from tests.factories.seen import take

ADDED = ("PAYMENT_ADDED", None, None)
COMPLETED = ("PAYMENT_COMPLETED", None, None)


@pytest.mark.parametrize("status", ["PAID", "UNPAID", "CANCELED", "IN_DISPUTE", "LOST_DISPUTE", "REFUND", "ERROR"])
async def test_every_status_is_recorded_and_only_what_was_paid_is_posted(shop: Shop, status: str):
    await shop.told(status, "50.00")
    assert await shop.elsewhere() == [(status, "50.00")]
    assert await shop.events() == ([ADDED, COMPLETED] if status == "PAID" else [ADDED])
    assert await shop.books() == ({"external": 5000, "credit": -5000} if status == "PAID" else {})


async def test_what_was_unpaid_is_paid_then(shop: Shop):
    await shop.told("UNPAID")
    await shop.told("PAID")
    assert await shop.elsewhere() == [("PAID", "50.00")]
    assert await shop.events() == [ADDED, ("PAYMENT_UPDATED", "UNPAID", "PAID"), COMPLETED]
    await shop.told("PAID")
    assert await shop.elsewhere() == [("PAID", "50.00")] * 2


async def test_parts_go_back_and_never_more_than_was_paid(shop: Shop):
    await shop.told()
    await shop.told("REFUND", 20.01)
    assert await shop.elsewhere() == [("PAID", "50.00")]
    assert await shop.books() == {"external": 2999, "credit": -2999}
    answer = await shop.send(shop.body("REFUND", 30))
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "amount"
    assert "29.99" in answer.json()["errors"][0]["message"]
    await shop.told("REFUND", 29.99)
    assert await shop.elsewhere() == [("REFUND", "50.00")]
    assert await shop.books() == {}
    assert (await shop.send(shop.body("REFUND", 0.01))).status_code == 400
    told = [name for name, _, _ in await shop.events()]
    assert told.count("REFUND_CREATED") == told.count("REFUND_COMPLETED") == 2
    assert told.count("PAYMENT_COMPLETED") == 1
    assert await shop.ask("SELECT status, amount_cents FROM refunds ORDER BY granted_at") == [
        ("SUCCEEDED", 2001),
        ("SUCCEEDED", 2999),
    ]


async def test_a_dispute_that_is_won_and_another_that_is_lost(shop: Shop):
    await shop.told()
    for status, books in (
        ("IN_DISPUTE", {"disputes": 5000, "credit": -5000}),
        ("PAID", {"external": 5000, "credit": -5000}),
        ("IN_DISPUTE", {"disputes": 5000, "credit": -5000}),
        ("LOST_DISPUTE", {}),
    ):
        await shop.told(status)
        assert await shop.elsewhere() == [(status, "50.00")]
        assert await shop.books() == books
    told = [event for event in await shop.events() if event[0].startswith("DISPUTE")]
    opened = ("DISPUTE_OPENED", None, "5000")
    assert told == [opened, ("DISPUTE_CLOSED", None, "WON"), opened, ("DISPUTE_CLOSED", None, "LOST")]
    assert (await shop.send(shop.body("REFUND"))).status_code == 400


@pytest.mark.parametrize("status", ["CANCELED", "ERROR"])
async def test_what_was_never_paid_after_all(shop: Shop, status: str):
    await shop.told()
    await shop.told(status)
    assert await shop.elsewhere() == [(status, "50.00")]
    assert await shop.books() == {}
    # Paid again, it is another payment.
    await shop.told()
    assert await shop.elsewhere() == [(status, "50.00"), ("PAID", "50.00")]
    assert await shop.books() == {"external": 5000, "credit": -5000}


async def test_of_an_approved_case_it_pays_a_charge(shop: Shop):
    await change_case(shop.services, shop.id, shop.case_id, status="APPROVED")
    await shop.told()
    assert await shop.books() == {"external": 5000, "revenue": -5000}
    assert await shop.ask("SELECT status, total_cents, outstanding_cents FROM charges") == [
        ("EXTERNAL_SETTLEMENT", 5000, 0)
    ]
    await shop.told("REFUND", 12.34)
    assert await shop.books() == {"external": 3766, "revenue": -3766}
    await shop.told("IN_DISPUTE", 37.66)
    await shop.told("LOST_DISPUTE", 37.66)
    assert await shop.books() == {"write-offs": 3766, "revenue": -3766}


async def test_what_was_never_paid_is_owed_again(shop: Shop):
    await change_case(shop.services, shop.id, shop.case_id, status="APPROVED")
    await shop.told()
    await shop.told("ERROR")
    assert await shop.books() == {"receivable": 5000, "revenue": -5000}
    assert await shop.ask("SELECT status, outstanding_cents FROM charges") == [("OUTSTANDING", 5000)]
    await shop.told()
    assert await shop.books() == {"external": 5000, "revenue": -5000}
    assert await shop.ask("SELECT status, outstanding_cents FROM charges") == [("EXTERNAL_SETTLEMENT", 0)]


@pytest.mark.parametrize(
    ("currency", "amount", "cents"), [("JPY", 5000, 5000), ("KWD", 1.234, 1234), ("EUR", "9.99", 999)]
)
async def test_amounts_are_in_the_currency_of_the_case(shop: Shop, currency: str, amount: Any, cents: int):
    await charge(shop.services, shop.id, shop.case_id, 1, currency=currency, status="UNPAID")
    await shop.told(amount=amount)
    assert await shop.ask("SELECT amount_cents, currency FROM payments WHERE method = 'EXTERNAL'") == [
        (cents, currency)
    ]
    if currency == "JPY":
        assert (await shop.send(shop.body(amount=0.5))).status_code == 400


async def gateway_payment(shop: Shop, **values: Any) -> UUID:
    account_id = await add_gateway(shop.services, shop.id, is_test=False)
    patient = await shop.ask("SELECT patient_id FROM cases WHERE id = %s", shop.case_id)
    usual = {"method": "GATEWAY", "stage": "WAITING", "status": "UNPAID", "policy": "charge_on_approval"}
    cards = {"gateway_account_id": account_id, "customer_id": "cus_1", "method_id": "pm_1", "patient_id": patient[0][0]}
    return await charge(shop.services, shop.id, shop.case_id, 15900, **(usual | cards | values))


@pytest.mark.parametrize(
    ("amount", "expected"), [(159, ("RETURN", "CANCELED", "DONE")), (158.99, (None, "UNPAID", "WAITING"))]
)
async def test_a_card_is_not_charged_for_what_was_paid_elsewhere(shop: Shop, amount: float, expected: tuple[str, ...]):
    await gateway_payment(shop)
    await shop.told(amount=amount)
    [row] = await shop.ask("SELECT wanted, status, stage FROM payments WHERE method = 'GATEWAY'")
    assert row == expected


async def test_nor_when_the_case_is_approved_after_that(shop: Shop):
    """What was paid elsewhere is the case's charge; the card's promise has come to its end."""
    await gateway_payment(shop)
    await shop.told(amount=159)
    actor, data_key = system_actor(shop.id), await shop.services.keyring.data_key(shop.id)
    async with shop.services.db.transaction(actor) as conn:
        await conn.execute("UPDATE cases SET status = 'APPROVED' WHERE id = %s", (shop.case_id,))
        await take_payments(shop.services, conn, actor, data_key, shop.case_id)
    assert await shop.ask("SELECT wanted, status, stage FROM payments WHERE method = 'GATEWAY'") == [
        ("RETURN", "CANCELED", "DONE")
    ]
    assert await shop.ask("SELECT total_cents, outstanding_cents FROM charges") == [(15900, 0)]
    assert await shop.books() == {"external": 15900, "revenue": -15900}


async def test_a_case_that_was_approved_is_paid_elsewhere_at_last(shop: Shop):
    """The card said no; the charge that the approval made is what the patient pays."""
    await gateway_payment(shop, stage="NEEDS_CARD", decline_code="stolen_card")
    actor, data_key = system_actor(shop.id), await shop.services.keyring.data_key(shop.id)
    async with shop.services.db.transaction(actor) as conn:
        await conn.execute("UPDATE cases SET status = 'APPROVED' WHERE id = %s", (shop.case_id,))
        await take_payments(shop.services, conn, actor, data_key, shop.case_id)
    assert await shop.books() == {"receivable": 15900, "revenue": -15900}
    await shop.told(amount=159)
    assert await shop.books() == {"external": 15900, "revenue": -15900}
    assert await shop.ask("SELECT status, outstanding_cents FROM charges") == [("EXTERNAL_SETTLEMENT", 0)]
    assert await shop.ask("SELECT status FROM payments WHERE method = 'GATEWAY'") == [("CANCELED",)]


async def test_what_the_gateway_took_already_is_left(shop: Shop):
    payment_id = await gateway_payment(shop, reference_type="PAYMENT_INTENT", reference_id=f"pi_{uuid4().hex}")
    await take(shop.services, shop.id, payment_id, 15900)
    await shop.told(amount=159)
    assert await shop.ask("SELECT status, stage FROM payments WHERE method = 'GATEWAY'") == [("PAID", "WAITING")]


async def test_test_money_stays_test_money(shop: Shop):
    await change_case(shop.services, shop.id, shop.case_id, is_test=True)
    await shop.told()
    assert await shop.ask("SELECT is_test FROM payments WHERE method = 'EXTERNAL'") == [(True,)]
    assert await shop.ask("SELECT DISTINCT is_test FROM ledger_postings") == [(True,)]


async def test_a_merged_record_is_still_who_submitted_it(shop: Shop):
    """The address of a record that was merged into another finds the other's case."""
    [(patient_id,)] = await shop.ask("SELECT patient_id FROM cases WHERE id = %s", shop.case_id)
    email = f"{uuid4().hex}@patient.example"
    names = {"email": email, "mailbox": email, "first_name": "Iris", "archived_at": clock.now()}
    await insert_row(shop.services, shop.id, "patients", merged_into_id=patient_id, **names)
    await shop.told(caseId=None, email=email)
    await shop.told(email=email)
