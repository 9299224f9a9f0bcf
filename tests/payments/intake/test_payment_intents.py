"""A case that comes with a payment intent: money that the storefront holds, or has taken already."""

import asyncio
import time
from collections import Counter

import pytest

from tests.payments.intake.world import paying

KIND = "PAYMENT_INTENT"
INTENT = """
SELECT gateway_id, status, captured_cents, capturable_cents, hold_ends_at IS NOT NULL FROM payment_intents
WHERE organization_id = %s AND payment_id = %s
"""
BOOKS = """
SELECT d.code, c.code, p.amount_cents, p.is_test FROM ledger_postings p
JOIN ledger_accounts d ON d.organization_id = p.organization_id AND d.id = p.debit_id
JOIN ledger_accounts c ON c.organization_id = p.organization_id AND c.id = p.credit_id
WHERE p.organization_id = %s ORDER BY p.amount_cents DESC
"""
EVENTS = "SELECT type FROM events WHERE organization_id = %s AND case_id = (SELECT case_id FROM payments WHERE id = %s) ORDER BY case_sequence"


async def test_money_that_was_taken_is_in_the_books_with_the_case(world, paid):
    # With its fee: Stripe's default is to say that a moment later.
    intent = world.intent(paid, capture_method="automatic")

    payment = await world.created(paid, paying(paid, intent, KIND))

    assert (payment.method, payment.stage, payment.status, payment.captured_cents) == (
        "GATEWAY",
        "WAITING",
        "PAID",
        15_900,
    )
    assert await world.rows(paid, INTENT, payment.id) == [(intent.id, "succeeded", 15_900, 0, False)]
    (capture, *fees) = await world.rows(paid, BOOKS)
    assert capture == ("gateway", "credit", 15_900, True)
    assert [(debit, credit) for debit, credit, _, _ in fees] == [("gateway-fees", "gateway")]
    told = [kind for (kind,) in await world.rows(paid, EVENTS, payment.id)]
    assert told == ["CREATE_CASE", "PAYMENT_COMPLETED"]


@pytest.mark.parametrize("policy", ["hold", "charge_on_approval"])
async def test_a_hold_waits_for_the_decision(world, tmp_path, policy):
    paid = await world.clinic(tmp_path, policy)
    intent = world.hold(paid)

    payment = await world.created(paid, paying(paid, intent, KIND))

    assert (payment.policy, payment.stage, payment.status, payment.captured_cents) == ("hold", "WAITING", "UNPAID", 0)
    assert await world.rows(paid, INTENT, payment.id) == [(intent.id, "requires_capture", 0, 15_900, True)]
    # Six hours before the hold ends.
    ((hours,),) = await world.rows(
        paid,
        "SELECT extract(epoch FROM i.hold_ends_at - y.next_step_at) / 3600 FROM payments y JOIN payment_intents i"
        " ON i.payment_id = y.id WHERE y.organization_id = %s AND y.id = %s",
        payment.id,
    )
    assert 5.9 < hours < 6.1
    assert await world.rows(paid, BOOKS) == []


async def test_under_hold_a_card_may_be_set_up_instead(world, tmp_path):
    paid = await world.clinic(tmp_path, "hold")
    payment = await world.created(paid, paying(paid, world.setup(paid)))
    assert (payment.policy, payment.stage) == ("hold", "WAITING")
    assert payment.method_id is not None


async def test_one_that_is_processing_is_taken_later(world, paid):
    intent = world.intent(paid, metadata={"simulate": "processing"})
    assert intent.status == "processing"
    payment = await world.created(paid, paying(paid, intent, KIND))
    assert (payment.stage, payment.status) in {("WAITING", "UNPAID"), ("WAITING", "PAID")}


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"confirm": False, "payment_method": None}, "requires_payment_method"),
        ({"confirm": False}, "requires_confirmation"),
        ({"payment_method": "pm_card_authenticationRequired"}, "requires_action"),
    ],
)
async def test_what_nobody_has_confirmed_is_refused(world, paid, more, status):
    sent = {name: value for name, value in more.items() if value is not None}
    intent = (
        world.api(paid).v1.payment_intents.create(
            {"amount": 15_900, "currency": "usd", "payment_method_types": ["card"]}
        )
        if None in more.values()
        else world.intent(paid, **sent)
    )
    assert intent.status == status
    told = await world.refused(paid, paying(paid, intent, KIND))
    assert f"requires_capture, processing or succeeded, and this one is {status}" in told


async def test_a_canceled_one_is_refused(world, paid):
    intent = world.hold(paid)
    world.api(paid).v1.payment_intents.cancel(intent.id)
    assert "this one is canceled" in await world.refused(paid, paying(paid, intent, KIND))


@pytest.mark.parametrize("amount", [15_899, 15_901, 1_590_000, 159])
async def test_the_amount_must_be_the_payments(world, paid, amount):
    told = await world.refused(paid, paying(paid, world.intent(paid, amount), KIND))
    assert told == "expected a payment intent of 159.00 USD, as the payment says"


async def test_the_currency_must_be_the_payments(world, paid):
    told = await world.refused(paid, paying(paid, world.intent(paid, currency="eur"), KIND))
    assert told == "expected a payment intent of 159.00 USD, as the payment says"


@pytest.mark.parametrize(
    ("currency", "amount", "smallest"), [("JPY", 15_900, 15_900), ("KWD", "15.900", 15_900), ("EUR", "159.00", 15_900)]
)
async def test_amounts_are_compared_in_the_currencys_own_units(world, paid, currency, amount, smallest):
    intent = world.intent(paid, smallest, currency=currency.lower())
    payment = await world.created(paid, paying(paid, intent, KIND, currency=currency, amount=amount))
    assert (payment.status, payment.captured_cents) == ("PAID", smallest)


async def test_money_that_went_back_pays_nothing(world, paid):
    intent = world.intent(paid)
    world.api(paid).v1.refunds.create({"payment_intent": intent.id, "amount": 100})
    assert "was not given back or disputed" in await world.refused(paid, paying(paid, intent, KIND))


async def test_money_that_is_disputed_pays_nothing(world, paid):
    intent = world.intent(paid)
    world.gateway.dispute(intent.id)
    assert "was not given back or disputed" in await world.refused(paid, paying(paid, intent, KIND))


async def test_what_was_captured_in_part_is_refused(world, paid):
    intent = world.hold(paid)
    world.api(paid).v1.payment_intents.capture(intent.id, {"amount_to_capture": 5_000})
    assert "captured in full" in await world.refused(paid, paying(paid, intent, KIND))


async def test_one_that_was_made_for_another_payment_is_refused(world, paid):
    first = await world.created(paid, paying(paid, world.setup(paid)))
    ours = world.intent(paid, metadata={"carelane_payment": str(first.id), "carelane_attempt": str(first.id)})
    assert "of the storefront's own" in await world.refused(paid, paying(paid, ours, KIND))


async def test_one_pays_one_case(world, paid):
    intent = world.intent(paid)
    await world.created(paid, paying(paid, intent, KIND))
    assert "pays this case alone" in await world.refused(paid, paying(paid, intent, KIND))
    await taken_once(world, paid)


@pytest.mark.parametrize("time", range(3))
async def test_two_that_come_at_once_are_one_case(world, paid, time):
    intent = world.intent(paid)
    world.gateway.fail_next("payment_intents.retrieve", "slow", times=8, key=paid.key)
    answers = await asyncio.gather(*(world.send(paid, paying(paid, intent, KIND)) for _ in range(8)))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 422: 7}
    assert (await world.counts(paid))[0] == 1
    await taken_once(world, paid)


async def test_a_gateway_that_is_slow_keeps_no_transaction_open(world, paid):
    """The patient's e-mail address is not locked meanwhile: another case of the same patient goes through."""
    body = paying(paid, world.hold(paid), KIND)
    world.gateway.fail_next("payment_intents.retrieve", "slow", key=paid.key)
    waiting = asyncio.create_task(world.send(paid, body))
    await asyncio.sleep(0.2)
    began = time.monotonic()
    other = {name: value for name, value in body.items() if name != "payment"} | {"forceCreate": True}
    assert (await world.send(paid, other)).status_code == 200
    assert time.monotonic() - began < 0.35
    assert not waiting.done()
    assert (await waiting).status_code == 409


async def taken_once(world, paid):
    """The worker asks for the fee, before or after this look at the books."""
    (capture, *fees) = await world.rows(paid, BOOKS)
    assert capture == ("gateway", "credit", 15_900, True)
    assert [(debit, credit) for debit, credit, _, _ in fees] in ([], [("gateway-fees", "gateway")])
