"""Amounts in Stripe's units: exact or refused, in what is sent and in what is read."""

from uuid import uuid4

import pytest

from carelane.kit.money import MINOR_DIGITS
from carelane.payments.gateways.errors import OutcomeUnknownError, RefusedByGatewayError
from carelane.payments.gateways.stripe.amounts import from_stripe, to_stripe

# Ours, and Stripe's.
SAME_MONEY = [
    (4_900, "USD", 4_900),
    (500, "JPY", 500),
    (1_230, "KWD", 1_230),
    (1_230, "TND", 1_230),
    (5, "ISK", 500),
    (5, "UGX", 500),
    (500, "MGA", 5),
    (0, "USD", 0),
]


@pytest.mark.parametrize(("ours", "currency", "stripes"), SAME_MONEY)
def test_the_same_money_in_both_units(ours, currency, stripes):
    assert to_stripe(ours, currency) == stripes
    assert from_stripe(stripes, currency) == ours


@pytest.mark.parametrize(
    ("amount", "currency", "code"),
    [
        (1_234, "KWD", "amount"),
        (1, "BHD", "amount"),
        (550, "MGA", "amount"),
        (100, "UYI", "currency"),
        (1_000, "IQD", "currency"),
        (100, "XXX", "currency"),
    ],
)
def test_what_stripe_cannot_take_is_refused_before_it_is_sent(amount, currency, code):
    with pytest.raises(RefusedByGatewayError) as error:
        to_stripe(amount, currency)
    assert error.value.code == code
    assert currency in str(error.value)


@pytest.mark.parametrize("currency", ["ISK", "UGX"])
def test_what_our_unit_cannot_say_is_not_rounded(currency):
    with pytest.raises(OutcomeUnknownError):
        from_stripe(550, currency)


def test_every_currency_comes_back_as_it_was_sent():
    for currency in MINOR_DIGITS:
        try:
            sent = to_stripe(12_300, currency)
        except RefusedByGatewayError:
            continue
        assert from_stripe(sent, currency) == 12_300


@pytest.mark.parametrize(("ours", "currency", "stripes"), [one for one in SAME_MONEY if one[0]])
async def test_on_the_wire(account, ours, currency, stripes):
    paid = await account.charge(ours * 100, currency)

    assert (paid.amount_cents, paid.captured_cents, paid.currency) == (ours * 100, ours * 100, currency)
    [made] = account.at_stripe()
    assert (made["amount"], made["currency"]) == (stripes * 100, currency.lower())
    refund = await account.gateway.refund(
        attempt_id=uuid4(), intent_id=paid.id, amount_cents=ours * 50, currency=currency, reason=None
    )
    assert refund.amount_cents == ours * 50
    assert (await account.gateway.fetch_intent(paid.id)).refunded_cents == ours * 50


async def test_a_capture_in_another_unit(account):
    held = await account.hold(500, "ISK")
    captured = await account.gateway.capture(attempt_id=uuid4(), intent_id=held.id, amount_cents=300, currency="ISK")
    assert (held.capturable_cents, captured.captured_cents) == (500, 300)


async def test_nothing_is_sent_of_an_amount_that_is_refused(account):
    with pytest.raises(RefusedByGatewayError):
        await account.charge(1_234, "KWD")
    assert account.at_stripe() == []
