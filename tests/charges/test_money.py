"""What a charge's money comes to: its status, and payments, refunds and what failed, as the billing dialect shows them."""

from uuid import uuid4

import msgspec
import pytest

from carelane.charges.schemas import ChargeStatus
from carelane.charges.states import status_of
from carelane.ledger import entries
from carelane.ledger.schemas import Books, ChargeSums
from tests.catalog.events import told_of
from tests.factories.rows import insert_row, update_row
from tests.factories.seen import dispute_of, refund_of
from tests.ledger.balances import balance_of

USD = Books("USD", False)


async def test_what_is_paid_is_shown(money):
    charge_id = await money.charge()
    payment_id, _ = await money.pay(charge_id, 10_000)
    shown = await money.shown(charge_id)
    assert (shown["status"], shown["total"], shown["totalOutstanding"], shown["adjustments"]) == ("PAID", 10_000, 0, [])
    (of_charge,) = shown["payments"]
    payment = of_charge["payment"]
    assert (of_charge["paymentId"], of_charge["amount"], of_charge["chargeId"]) == (
        str(payment_id),
        10_000,
        str(charge_id),
    )
    assert payment["stripePaymentIntentId"].startswith("pi_")
    wanted = {
        "id": str(payment_id), "patientId": money.clinic.patient_id, "amount": 10_000, "status": "SUCCEEDED", "currency": "USD",
        "paymentMedium": "SAVED_PAYMENT_METHOD", "failedReason": None, "fee": 59, "refunds": [],
    }  # fmt: skip
    assert {name: payment[name] for name in wanted} == wanted
    assert await told_of(money.services, money.clinic, charge_id) == [
        ("CHARGE_CREATED", "10000"),
        ("CHARGE_STATUS_CHANGED", "PAID"),
    ]


async def test_a_part_leaves_the_rest_outstanding(money):
    charge_id = await money.charge()
    await money.pay(charge_id, 2_500)
    shown = await money.shown(charge_id)
    assert (shown["status"], shown["totalOutstanding"]) == ("OUTSTANDING", 7_500)
    await money.pay(charge_id, 7_500)
    assert (await money.shown(charge_id))["status"] == "PAID"


async def test_more_than_is_owed_is_credit(money):
    charge_id = await money.charge()
    before = (await money.shown(charge_id))["patient"]["creditBalance"]
    payment_id, intent_id = await money.pay(charge_id, 10_500)
    shown = await money.shown(charge_id)
    assert (shown["status"], shown["totalOutstanding"]) == ("PAID", 0)
    assert shown["patient"]["creditBalance"] == before + 500
    assert await money.refund(payment_id, intent_id, 500) == "PAID"
    assert (await money.shown(charge_id))["patient"]["creditBalance"] == before


async def test_refunds_leave_it_paid_until_all_went_back(money):
    charge_id = await money.charge()
    payment_id, intent_id = await money.pay(charge_id, 10_000)
    for cents, reason, status in ((4_000, "DUPLICATE", "PAID"), (6_000, "because", "REFUNDED")):
        refund = refund_of(intent_id, cents)
        assert await money.hear(payment_id, refund) == status
        [(refund_id,)] = await money.rows("SELECT id FROM refunds WHERE gateway_id = %s", refund.id)
        await update_row(money.services, money.id, "refunds", refund_id, reason=reason)
    shown = await money.shown(charge_id)
    assert (shown["status"], shown["totalOutstanding"]) == ("REFUNDED", 0)
    refunds = shown["payments"][0]["payment"]["refunds"]
    assert [(one["amount"], one["reason"], one["status"], one["paymentId"]) for one in refunds] == [
        (4_000, "DUPLICATE", "SUCCEEDED", str(payment_id)), (6_000, "OTHER", "SUCCEEDED", str(payment_id)),
    ]  # fmt: skip
    assert [one["type"] for one in await money.timeline(payment_id=payment_id)] == [
        "CHARGE",
        "PAYMENT",
        "REFUND",
        "REFUND",
    ]


async def test_a_refund_that_came_back_is_none(money):
    charge_id = await money.charge()
    payment_id, intent_id = await money.pay(charge_id, 10_000)
    refund = refund_of(intent_id, 10_000)
    assert await money.hear(payment_id, refund) == "REFUNDED"
    assert await money.hear(payment_id, msgspec.structs.replace(refund, status="failed", failure="lost")) == "PAID"
    assert (await money.sums(charge_id)).refunded_cents == 0
    assert await money.refund(payment_id, intent_id, 10_000) == "REFUNDED"


async def test_a_dispute_that_is_lost(money):
    charge_id = await money.charge()
    payment_id, intent_id = await money.pay(charge_id, 10_000)
    dispute = dispute_of(intent_id, 10_000)
    assert await money.hear(payment_id, dispute) == "PAID"
    assert await money.hear(payment_id, msgspec.structs.replace(dispute, status="LOST")) == "CHARGEBACK"
    entry = (await money.timeline(charge_id=charge_id))[-1]
    assert (entry["type"], entry["amount"], entry["refundReason"]) == ("REFUND", 10_000, "DISPUTE")


async def test_what_failed_stands_in_the_timeline(money):
    charge_id = await money.charge()
    payment_id, _ = await money.pay(
        charge_id,
        0,
        amount=10_000,
        status="UNPAID",
        stage="NEEDS_CARD",
        failure="DECLINED",
        decline_code="expired_card",
        paid_at=None,
    )
    attempt = {"kind": "CHARGE", "gateway_account_id": money.gateway_id, "amount_cents": 10_000, "currency": "USD"}
    failed = {"status": "FAILED", "decline_code": "expired_card"}
    await insert_row(money.services, money.id, "payment_attempts", payment_id=payment_id, **attempt, **failed)
    entry = next(one for one in await money.timeline(charge_id=charge_id) if one["type"] == "FAILED_PAYMENT")
    assert (entry["amount"], entry["status"], entry["comment"]) == (10_000, "FAILED", "DECLINED")
    (of_charge,) = (await money.shown(charge_id))["payments"]
    assert (of_charge["payment"]["status"], of_charge["payment"]["failedReason"]) == ("FAILED", "DECLINED")


@pytest.mark.parametrize(
    ("values", "status", "medium"),
    [
        ({"stage": "WAITING", "policy": "on_page"}, "CREATED", "PAYMENT_LINK"),
        ({"stage": "DUE"}, "PROCESSING", "SAVED_PAYMENT_METHOD"),
        ({"stage": "NEEDS_PATIENT"}, "PRESENTING", "SAVED_PAYMENT_METHOD"),
        ({"stage": "NEEDS_STAFF"}, "IN_REVIEW", "SAVED_PAYMENT_METHOD"),
        ({"stage": "DONE", "status": "CANCELED"}, "CANCELED", "SAVED_PAYMENT_METHOD"),
        ({"stage": "DONE", "method": "CASH", "status": "PAID"}, "SUCCEEDED", "CASH"),
        ({"stage": "DONE", "method": "EXTERNAL", "status": "PAID"}, "SUCCEEDED", "EXTERNAL"),
    ],
)
async def test_where_a_payment_stands_is_said_in_the_dialects_words(money, values, status, medium):
    charge_id = await money.charge()
    await money.pay(charge_id, 0, amount=10_000, **({"status": "UNPAID", "paid_at": None} | values))
    answer = await money.client.get(
        "/billing/charge/table", params={"id": str(charge_id)}, headers=money.clinic.billing
    )
    (row,) = answer.json()["data"]
    (payment,) = row["payments"]
    assert (payment["amount"], payment["status"], payment["paymentMedium"]) == (10_000, status, medium)


@pytest.mark.parametrize("in_cash", [True, False])
async def test_what_was_paid_elsewhere_settles_it(money, in_cash):
    charge_id = await money.charge()
    of = {"charge_id": charge_id, "patient_id": money.patient_id, "method": "CASH" if in_cash else "EXTERNAL"}
    sums = {"amount_cents": 10_000, "captured_cents": 10_000, "currency": "USD", "stage": "DONE", "status": "PAID"}
    paid = entries.paid_elsewhere(
        await insert_row(money.services, money.id, "payments", **of, **sums),
        USD,
        patient_id=money.patient_id,
        amount_cents=10_000,
        charge_id=charge_id,
        outstanding_cents=10_000,
        in_cash=in_cash,
    )
    assert await money.post(charge_id, paid) == "EXTERNAL_SETTLEMENT"
    assert (await money.shown(charge_id))["totalOutstanding"] == 0


async def test_charges_are_found_by_the_day_of_a_payment(money):
    charge_id = await money.charge()
    await money.pay(charge_id, 10_000, paid_at="2031-03-05 01:00:00Z")

    async def found(*days, **query):
        params = {"payment_date": list(days), **query}
        answer = await money.client.get("/billing/charge/table", params=params, headers=money.clinic.billing)
        assert answer.status_code == 200, answer.text
        return [one["id"] for one in answer.json()["data"]]

    assert await found("2031-03-05") == [str(charge_id)]
    assert await found("2031-03-01", "2031-03-09") == [str(charge_id)]
    assert await found("2031-03-04") == []
    assert await found("2031-03-04", tz="America/New_York") == [str(charge_id)]


async def test_another_clinics_payment_is_not_there(money, other_clinic):
    charge_id = await money.charge()
    payment_id, _ = await money.pay(charge_id, 10_000)
    answer = await money.client.get(
        "/billing/charge/timeline", params={"payment_id": str(payment_id)}, headers=other_clinic.billing
    )
    assert (answer.status_code, answer.json()) == (404, {"detail": f"no payment {payment_id} here"})
    other = await money.charge()
    answer = await money.client.get(
        "/billing/charge/timeline",
        params={"payment_id": str(payment_id), "charge_id": str(other)},
        headers=money.clinic.billing,
    )
    assert answer.status_code == 404


async def test_a_caller_says_what_a_patient_brought_along_beside_what_was_paid_here(money):
    """A caller that writes back what it read changes nothing, and none can take away what was paid here."""
    before = await put_credit(money, 300)
    assert before == 300
    await money.pay(None, 700, case_id=await case_of(money))
    assert (await put_credit(money, None), await put_credit(money, 1_000)) == (1_000, 1_000)
    assert await put_credit(money, 0) == 700
    assert await put_credit(money, 750) == 750


async def put_credit(money, cents):
    body = {"leadSource": "Told"} | ({} if cents is None else {"creditBalance": cents})
    path = f"/user/patient/{money.clinic.patient_id}"
    answer = await money.client.put(path, json=body, headers=money.clinic.billing)
    assert answer.status_code == 200, answer.text
    return answer.json()["creditBalance"]


async def test_what_a_merged_record_has_follows(money):
    """Credit that stands in the other record's name, and the charge that moved over, with what is outstanding of it."""
    other_id = await insert_row(
        money.services, money.id, "patients", first_name="Robin", last_name="Vale", email=f"{uuid4()}@x.example"
    )
    other = msgspec.structs.replace(money, clinic=msgspec.structs.replace(money.clinic, patient_id=str(other_id)))
    charge_id = await other.charge()
    await other.pay(charge_id, 4_000)
    await other.pay(None, 250, case_id=await case_of(other))
    kept = await money.charge()
    before = (await money.shown(kept))["patient"]["creditBalance"]
    answer = await money.client.post(
        f"/api/staff/patients/{money.patient_id}/merge", json={"otherId": str(other_id)}, headers=money.manager
    )
    assert answer.status_code == 200, answer.text
    shown = await money.shown(charge_id)
    assert (shown["patientId"], shown["totalOutstanding"]) == (money.clinic.patient_id, 6_000)
    assert shown["patient"]["creditBalance"] == before + 250
    # What is still done to the charge stands in the account that it was posted to.
    assert (await money.ask(charge_id, "write-off")).json()["status"] == "WRITE_OFF"
    async with money.services.db.reading(money.id) as conn:
        owed = [await balance_of(conn, money.id, entries.receivable(one), USD) for one in (other_id, money.patient_id)]
    assert owed[0] == 0
    undone = await money.client.post(f"/api/staff/patient-merges/{answer.json()['id']}/undo", headers=money.manager)
    assert undone.status_code == 200, undone.text
    assert (await money.shown(charge_id))["patientId"] == str(other_id)
    assert (await money.shown(kept))["patient"]["creditBalance"] == before


async def case_of(money):
    values = {"short_id": f"A-{uuid4()}", "type": "T", "title": "T", "patient_id": money.patient_id, "status": "OPEN"}
    return await insert_row(money.services, money.id, "cases", **values)


@pytest.mark.parametrize(
    ("sums", "voided", "status"),
    [
        ({}, False, "PAID"),
        ({"charged": 5, "outstanding": 5}, False, "OUTSTANDING"),
        ({"charged": 5}, True, "VOID"),
        ({"charged": 5, "paid": 5}, False, "PAID"),
        ({"charged": 5, "paid": 5, "refunded": 4}, False, "PAID"),
        ({"charged": 5, "paid": 5, "refunded": 5}, False, "REFUNDED"),
        ({"charged": 5, "paid": 5, "refunded": 2, "lost": 3}, False, "CHARGEBACK"),
        ({"charged": 5, "written_off": 5}, False, "WRITE_OFF"),
        ({"charged": 5, "paid": 2, "written_off": 3}, False, "WRITE_OFF"),
        ({"charged": 5, "paid": 5, "settled_elsewhere": 5}, False, "EXTERNAL_SETTLEMENT"),
        ({"charged": 5, "paid": 5, "settled_elsewhere": 2}, False, "PAID"),
        ({"charged": 5, "paid": 2, "outstanding": 3, "refunded": 2}, False, "OUTSTANDING"),
    ],
)
def test_the_status_follows_from_the_sums(sums, voided, status):
    before: ChargeStatus = "OUTSTANDING"
    assert status_of(before, _sums(**sums), is_voided=voided) == status


def test_what_people_said_of_a_charge_stays_while_it_is_owed():
    assert status_of("COLLECTIONS", _sums(charged=5, outstanding=1), is_voided=False) == "COLLECTIONS"
    assert status_of("COLLECTIONS", _sums(charged=5, paid=5), is_voided=False) == "PAID"


def _sums(**cents):
    names = ("charged", "outstanding", "paid", "settled_elsewhere", "refunded", "lost", "written_off")
    return ChargeSums(**{f"{name}_cents": cents.get(name, 0) for name in names})
