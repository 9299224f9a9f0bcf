"""/billing/payment/refund: cash as cash, credit as credit, a card's money to the card or as credit, never more than is left."""

from uuid import UUID

import pytest

from carelane.ledger.schemas import Books
from tests.catalog.events import told_of
from tests.charges.money import Till
from tests.factories.rows import update_row
from tests.own_clinic import make_clinic
from tests.payments.checking import require_order
from tests.till.desk import Desk, problems

USD = Books("USD", False)


async def test_cash_goes_back_as_cash(desk, patient):
    row = await desk.charge(patient, 6_000, 4_000)
    before = await desk.accounts()
    payment = await desk.paid(row)
    answer = await desk.refund(payment["id"], 2_500, reason="DUPLICATE", description="Twice", restoreInventory=True)
    assert answer.status_code == 200, answer.text
    refund = answer.json()
    assert {name: refund[name] for name in ("paymentId", "amount", "reason", "status", "rainforestRefundId", "fee")} == {
        "paymentId": payment["id"], "amount": 2_500, "reason": "DUPLICATE", "status": "SUCCEEDED", "rainforestRefundId": None, "fee": 0,
    }  # fmt: skip
    after = await desk.accounts()
    assert after["cash"] - before.get("cash", 0) == 7_500
    (of_charge,) = (await desk.shown(row["id"]))["payments"]
    assert [one["amount"] for one in of_charge["payment"]["refunds"]] == [2_500]
    entries = (await desk.send("GET", "/billing/charge/timeline", charge_id=row["id"])).json()
    assert [(one["type"], one["amount"]) for one in entries][-1] == ("REFUND", 2_500)
    told = await told_of(desk.services, desk.clinic, UUID(refund["id"]))
    assert sorted(one[0] for one in told) == ["REFUND_COMPLETED", "REFUND_CREATED"]
    assert (await desk.refund(payment["id"], 7_500)).status_code == 200
    assert (await desk.shown(row["id"]))["status"] == "REFUNDED"
    assert (await desk.accounts())["cash"] == before.get("cash", 0)
    assert (await desk.refund(payment["id"], 1)).status_code == 409


async def test_no_more_than_is_left(desk, patient):
    payment = await desk.paid(await desk.charge(patient))
    assert (await desk.refund(payment["id"], 4_000)).status_code == 200
    answer = await desk.refund(payment["id"], 6_001)
    assert problems(answer) == [("body", "amount", "expected 1 to 6000, which is left of the payment")]


async def test_credit_goes_back_to_its_credits(desk, patient):
    for cents in (300, 500):
        await desk.grant(patient, cents)
    row = await desk.charge(patient, 600)
    payment = (await desk.with_credit(row)).json()
    answer = await desk.refund(payment["id"], 400)
    assert (answer.status_code, answer.json()["status"]) == (200, "SUCCEEDED")
    left = [one["amountRemaining"] for one in reversed(await desk.credits(patient))]
    assert left == [100, 500]
    assert await desk.credit_in_books(patient, USD) == 600
    refused = await desk.refund(payment["id"], 100, destination="CASH")
    assert refused.status_code == 409
    assert (await desk.refund(payment["id"], 200, destination="PATIENT_CREDIT")).status_code == 200
    assert await desk.available(patient) == 800
    assert (await desk.shown(row["id"]))["status"] == "REFUNDED"


async def test_cash_becomes_credit_where_the_caller_says_so(desk, patient):
    row = await desk.charge(patient)
    before = await desk.accounts()
    payment = await desk.paid(row)
    answer = await desk.refund(payment["id"], 3_000, destination="PATIENT_CREDIT")
    assert (answer.status_code, answer.json()["status"]) == (200, "SUCCEEDED")
    assert await desk.available(patient) == 3_000 == await desk.credit_in_books(patient, USD)
    # The money stays in the drawer.
    assert (await desk.accounts())["cash"] - before.get("cash", 0) == 10_000
    assert (await desk.with_credit(await desk.charge(patient, 3_000))).status_code == 200
    assert (await desk.refund(payment["id"], 7_000)).status_code == 200
    assert (await desk.shown(row["id"]))["status"] == "REFUNDED"


async def test_what_was_paid_over_goes_back_as_far_as_it_was_not_spent(desk, patient):
    row = await desk.charge(patient)
    payment = await desk.paid(row, 10_500, credit_overpayment_amount=500)
    assert (await desk.with_credit(await desk.charge(patient, 200))).status_code == 200
    answer = await desk.refund(payment["id"], 10_301)
    assert problems(answer) == [("body", "amount", "expected 1 to 10300, which is left of the payment")]
    assert (await desk.refund(payment["id"], 100)).status_code == 200
    assert await desk.available(patient) == 200
    assert (await desk.sums(row["id"])).refunded_cents == 0
    assert (await desk.refund(payment["id"], 10_200)).status_code == 200
    assert await desk.available(patient) == 0
    assert (await desk.shown(row["id"]))["status"] == "REFUNDED"


@pytest.mark.parametrize("parts", [(1, 1, 1_497), (333, 333, 333, 500), (1_499,), (7,) * 214 + (1,)])
async def test_refunds_of_several_charges_undo_each_account_exactly(desk, patient, parts):
    if len(parts) > 100:
        parts = (97,) * 15 + (44,)
    before = await desk.accounts()
    bodies = [desk.sale(patient, 999), desk.sale(patient, 300, 200)]
    query = {"payment_medium": "CASH", "amount": 1_499}
    path = "/billing/payment-terminal/charge/create-cash-settled"
    payment = (await desk.send("POST", path, bodies, **query)).json()
    for cents in parts:
        answer = await desk.refund(payment["id"], cents)
        assert answer.status_code == 200, answer.text
    rows = (await desk.send("GET", "/billing/charge/table", patient_id=patient)).json()["data"]
    assert [row["status"] for row in rows] == ["REFUNDED", "REFUNDED"]
    after = await desk.accounts()
    assert {code: after[code] - before.get(code, 0) for code in ("cash", "revenue", "receivable")} == {
        "cash": 0, "revenue": 0, "receivable": 0,
    }  # fmt: skip


async def test_a_discount_and_a_tax_are_given_back_too(desk, patient):
    before = await desk.accounts()
    body = desk.sale(patient, 1_000, discountAmount=100) | {"totalOutstanding": 900, "total": 900}
    answer = await desk.send("POST", "/billing/payment-terminal/charge/create", body)
    assert answer.status_code == 200, answer.text
    payment = await desk.paid(await desk.row(answer.json()["id"]))
    for cents in (1, 400, 499):
        assert (await desk.refund(payment["id"], cents, destination="PATIENT_CREDIT")).status_code == 200
    after = await desk.accounts()
    assert after["revenue"] == before.get("revenue", 0)
    assert after.get("discounts", 0) == before.get("discounts", 0)
    assert await desk.available(patient) == 900


async def test_a_cards_payment_becomes_credit(desk, patient):
    row = await desk.charge(patient)
    payment_id, _ = await desk.till.pay(UUID(row["id"]), 10_000, patient_id=UUID(patient))
    answer = await desk.refund(str(payment_id), 4_000, destination="PATIENT_CREDIT")
    assert (answer.status_code, answer.json()["status"]) == (200, "SUCCEEDED")
    assert await desk.available(patient) == 4_000
    answer = await desk.refund(str(payment_id), 1_000, destination="CASH")
    assert answer.status_code == 200, answer.text
    assert problems(await desk.refund(str(payment_id), 5_001, destination="CASH"))[0][1] == "amount"
    assert (await desk.shown(row["id"]))["status"] == "PAID"
    assert (await desk.refund(str(payment_id), 5_000, destination="PATIENT_CREDIT")).status_code == 200
    assert (await desk.shown(row["id"]))["status"] == "REFUNDED"


async def test_a_cards_refund_is_granted_and_sent_by_who_may_send(desk, patient):
    row = await desk.charge(patient)
    payment_id, _ = await desk.till.pay(UUID(row["id"]), 10_000, patient_id=UUID(patient))
    answer = await desk.refund(str(payment_id), 4_000)
    assert (answer.status_code, answer.json()["status"]) == (200, "PROCESSING")
    (state,) = await desk.till.rows("SELECT status, reason, destination FROM refunds WHERE payment_id = %s", payment_id)
    assert state == ("SENDING", "OTHER", None)
    # What is promised is not given twice.
    assert problems(await desk.refund(str(payment_id), 6_001, destination="CASH"))[0][1] == "amount"
    refund_id = UUID(answer.json()["id"])
    await update_row(desk.services, desk.id, "refunds", refund_id, status="CANCELED")
    await update_row(desk.services, desk.id, "payments", payment_id, next_step_at=None)


async def test_a_key_that_only_grants_leaves_it_granted(client, services, tmp_path_factory):
    keys = [
        {"name": "Desk", "scopes": ["billing:read", "billing:write", "payments:refund"], "secret": "cvk_" + "g" * 43}
    ]
    clinic = await make_clinic(services, tmp_path_factory.mktemp("granting"), parts={"keys": keys})
    desk = Desk(client=client, services=services, clinic=clinic, till=await Till.open(client, services, clinic))
    headers = {"API-KEY": "cvk_" + "g" * 43, "TENANT": clinic.tenant}
    patient = await desk.patient()
    sold = await desk.send("POST", "/billing/payment-terminal/charge/create", desk.sale(patient, 500), headers)
    assert sold.status_code == 200, sold.text
    payment_id, _ = await desk.till.pay(UUID(sold.json()["id"]), 500, patient_id=UUID(patient))
    answer = await desk.refund(str(payment_id), 200, headers=headers)
    assert (answer.status_code, answer.json()["status"]) == (200, "CREATED")
    await require_order(services, [desk.id], asks_gateways=False)


async def test_the_same_key_gives_back_once(desk, patient):
    payment = await desk.paid(await desk.charge(patient))
    first, second = [await desk.refund(payment["id"], 100, key=f"back-{patient}") for _ in range(2)]
    assert first.json() == second.json()
    (row,) = await desk.till.rows("SELECT refunded_cents FROM payments WHERE id = %s", UUID(payment["id"]))
    assert row == (100,)


async def test_every_wrong_field_is_named(desk, patient):
    answer = await desk.send("POST", "/billing/payment/refund", {})
    assert sorted(loc[1] for loc in problems(answer)) == ["paymentId", "providerId", "reason"]
    wrong = {
        "paymentId": "a/b",
        "providerId": [],
        "amount": 0,
        "reason": "BORED",
        "destination": "MARS",
        "locationId": 0.5,
    }
    answer = await desk.send(
        "POST", "/billing/payment/refund", wrong | {"restoreInventory": "perhaps", "description": {}}
    )
    assert sorted(loc[1] for loc in problems(answer)) == [
        "amount", "description", "destination", "locationId", "paymentId", "providerId", "reason", "restoreInventory",
    ]  # fmt: skip


async def test_what_is_not_there(desk, stranger, patient):
    payment = await desk.paid(await desk.charge(patient))
    assert (await stranger.refund(payment["id"], 1)).status_code == 404
    assert (await desk.refund("nothing", 1)).status_code == 404
    assert (await desk.refund(payment["id"], 1, providerId="nobody")).status_code == 404
    assert (await desk.refund(payment["id"], 1, locationId="nowhere")).status_code == 404
    at = {"locationId": desk.clinic.location_id} if desk.clinic.location_id else {}
    assert (await desk.refund(payment["id"], 1, **at)).status_code == 200


async def test_who_may_not(desk, read_only, patient):
    payment = await desk.paid(await desk.charge(patient))
    assert (await desk.refund(payment["id"], 1, headers=read_only)).status_code == 403
    assert (await desk.refund(payment["id"], 1, headers={})).status_code == 401


async def test_what_a_card_brought_over_its_charge_goes_back_to_the_card_alone(desk, patient):
    row = await desk.charge(patient, 6_000)
    payment_id, intent_id = await desk.till.pay(UUID(row["id"]), 10_000, patient_id=UUID(patient))
    assert (await desk.available(patient), await desk.credit_in_books(patient, USD)) == (0, 4_000)
    assert (await desk.with_credit(await desk.charge(patient, 100))).status_code == 409
    too_much = await desk.refund(str(payment_id), 6_001, destination="CASH")
    assert problems(too_much) == [("body", "amount", "expected 1 to 6000, which is left of the payment")]
    await desk.till.refund(payment_id, intent_id, 4_000)
    assert await desk.credit_in_books(patient, USD) == 0
    assert (await desk.shown(row["id"]))["status"] == "PAID"
