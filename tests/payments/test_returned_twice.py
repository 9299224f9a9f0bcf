"""What the desk gave back of a card's payment, and somebody gives back once more in the gateway's dashboard."""

from uuid import UUID

import pytest

from tests.payments.desk_world import FrontDesk


@pytest.fixture
def desk(till):
    return FrontDesk(till)


async def give(desk, paid, cents, destination="PATIENT_CREDIT"):
    body = {"paymentId": paid["payinId"], "providerId": desk.till.clinic.creator_id, "reason": "OTHER"}
    await desk.good("POST", "/billing/payment/refund", body | {"amount": cents, "destination": destination})


async def in_dashboard(desk, paid, cents):
    """The refund, told twice."""
    till = desk.till
    [intent] = [one for one in till.intents() if one["metadata"].get("carelane_payment") == paid["payinId"]]
    made = till.stripe.v1.refunds.create({"payment_intent": intent["id"], "amount": cents})
    gateway = await till.gateway()
    for _ in range(2):
        payment = await till.hear(await desk.payment(paid), await gateway.fetch_refund(made.id))
        payment = await till.hear(payment, await gateway.fetch_intent(intent["id"]))
    return made, payment


async def lost(desk):
    """What stands among the write-offs."""
    return (await desk.till.balances()).get("write-offs", 0)


def said(payment):
    return payment.stage, payment.failure, payment.status, payment.refunded_cents


async def test_all_of_it_once_more(desk, till):
    charge = await desk.charge(10_000)
    paid = await desk.paid(await desk.card(), await desk.config(charge))
    await give(desk, paid, 4_000)
    _, payment = await in_dashboard(desk, paid, 10_000)
    assert said(payment) == ("NEEDS_STAFF", "RETURNED_TWICE", "REFUND", 10_000)
    assert await desk.owed(charge) == ("REFUNDED", 0)
    assert await lost(desk) == 4_000
    assert -(await till.balances())["credit"] == 4_000
    assert (await till.told(payment)).count("PAYMENT_FAILED") == 1
    assert (await till.run(payment)).failure == "RETURNED_TWICE"


async def test_as_much_as_is_left_is_not_twice(desk):
    charge = await desk.charge(10_000)
    paid = await desk.paid(await desk.card(), await desk.config(charge))
    await give(desk, paid, 4_000)
    _, payment = await in_dashboard(desk, paid, 6_000)
    assert said(payment) == ("DONE", None, "REFUND", 10_000)
    assert await lost(desk) == 0


async def test_of_a_charge_that_was_paid_in_cash_too(desk):
    charge = await desk.charge(10_000)
    paid = await desk.paid(await desk.card(), await desk.config(charge, paymentAmount=5_000))
    row = (await desk.good("GET", "/billing/charge/table", params={"id": charge}))["data"][0]
    await desk.good("POST", "/billing/payment/cash/create", row)
    await give(desk, paid, 2_000)
    _, payment = await in_dashboard(desk, paid, 5_000)
    assert said(payment) == ("NEEDS_STAFF", "RETURNED_TWICE", "REFUND", 5_000)
    assert await lost(desk) == 2_000
    # What came in cash is the charge's still.
    back = "SELECT sum(amount_cents)::bigint FROM ledger_postings WHERE act = 'REFUND' AND charge_id = %s"
    assert await desk.till.ask(back, UUID(charge)) == [(5_000,)]


async def test_of_several_charges(desk):
    first, second = await desk.charge(3_000), await desk.charge(1_000)
    paid = await desk.paid(await desk.card(), await desk.config(first, second))
    await give(desk, paid, 2_000, "CASH")
    _, payment = await in_dashboard(desk, paid, 4_000)
    assert said(payment) == ("NEEDS_STAFF", "RETURNED_TWICE", "REFUND", 4_000)
    assert await lost(desk) == 2_000
    assert [await desk.owed(one) for one in (first, second)] == [("REFUNDED", 0)] * 2


@pytest.mark.parametrize("prices", [(66_620,), (33_310, 33_310)])
async def test_one_that_fails_later_was_none(desk, till, prices):
    charges = [await desk.charge(price) for price in prices]
    paid = await desk.paid(await desk.card(), await desk.config(*charges))
    await give(desk, paid, 4_000)
    made, payment = await in_dashboard(desk, paid, 66_620)
    assert payment.failure == "RETURNED_TWICE"
    till.bank.settle(made.id)
    payment = await till.hear(payment, await (await till.gateway()).fetch_refund(made.id))
    assert said(payment) == ("DONE", None, "PAID", 4_000)
    assert await lost(desk) == 0
    assert {await desk.owed(one) for one in charges} == {("PAID", 0)}
    # What is left can go back.
    await give(desk, paid, 62_620)
    assert (await desk.payment(paid)).status == "REFUND"
