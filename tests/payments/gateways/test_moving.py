"""Stripe's adapter moves money: charge, hold, capture, release, refund, and the pages where a patient enters a card."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest

from carelane.payments.gateways.errors import DeclinedError, RefusedByGatewayError
from tests.gateway_simulator.world import eventually

FEE = 172  # 2.9 % of 49.00 and 30 cents
CHECKOUT = {
    "amount_cents": 4_900,
    "currency": "USD",
    "description": "Case HAR-1",
    "success_url": "https://clinic.example/done",
    "cancel_url": "https://clinic.example/back",
}


async def test_a_kept_card_is_charged_once_whatever_is_repeated(account):
    customer_id, method_id = account.save_card()
    attempt_id, payment_id = uuid4(), uuid4()
    told = {
        "attempt_id": attempt_id,
        "payment_id": payment_id,
        "amount_cents": 4_900,
        "currency": "USD",
        "customer_id": customer_id,
        "method_id": method_id,
    }
    first = await account.gateway.charge_off_session(**told)
    again = await account.gateway.charge_off_session(**told)

    assert again == first
    assert (first.status, first.is_test, first.currency) == ("succeeded", True, "USD")
    assert (first.amount_cents, first.captured_cents, first.refunded_cents, first.fee_cents) == (4_900, 4_900, 0, FEE)
    assert (first.customer_id, first.method_id, first.is_disputed) == (customer_id, method_id, False)
    assert (first.attempt_id, first.payment_id) == (attempt_id, payment_id)
    assert abs(first.created_at - datetime.now(UTC)) < timedelta(minutes=2)
    [made] = account.at_stripe()
    assert made["metadata"] == {
        "carelane_attempt": str(attempt_id),
        "carelane_payment": str(payment_id),
        "carelane_organization": str(account.organization_id),
    }
    assert "4900" not in repr(first)
    assert await account.gateway.fetch_intent(first.id) == first


async def test_a_hold_is_captured_in_part(account):
    held = await account.hold()
    assert (held.status, held.capturable_cents, held.captured_cents, held.fee_cents) == (
        "requires_capture",
        4_900,
        0,
        None,
    )
    assert held.hold_ends_at is not None
    assert held.hold_ends_at > datetime.now(UTC) + timedelta(days=4)

    attempt_id = uuid4()
    told = {"attempt_id": attempt_id, "intent_id": held.id, "amount_cents": 3_000, "currency": "USD"}
    captured = await account.gateway.capture(**told)

    assert (captured.status, captured.captured_cents, captured.capturable_cents) == ("succeeded", 3_000, 0)
    assert captured.fee_cents == 117
    assert await account.gateway.capture(**told) == captured
    with pytest.raises(RefusedByGatewayError) as error:
        await account.gateway.capture(**(told | {"attempt_id": uuid4()}))
    assert error.value.code == "payment_intent_unexpected_state"


@pytest.mark.parametrize(
    ("card", "length"),
    [("pm_card_visa", timedelta(days=4, hours=18)), ("pm_card_mastercard", timedelta(days=7))],
)
async def test_a_hold_ends_when_its_own_charge_says(account, card, length):
    """Of a card that is held while the patient is not there: how long that may be is its network's."""
    customer_id, method_id = account.save_card(card)
    held = await account.gateway.charge_off_session(
        attempt_id=uuid4(), payment_id=uuid4(), amount_cents=4_900, currency="USD", customer_id=customer_id,
        method_id=method_id, holds=True,
    )  # fmt: skip
    [charge] = account.at_stripe("charge")
    assert held.status == "requires_capture"
    assert held.hold_ends_at == datetime.fromtimestamp(charge["created"], UTC) + length


async def test_a_hold_is_released_and_captured_no_more(account):
    held = await account.hold()
    attempt_id = uuid4()
    released = await account.gateway.release(attempt_id=attempt_id, intent_id=held.id)
    again = await account.gateway.release(attempt_id=attempt_id, intent_id=held.id)

    assert released == again
    assert (released.status, released.captured_cents, released.capturable_cents) == ("canceled", 0, 0)
    with pytest.raises(RefusedByGatewayError) as error:
        await account.gateway.capture(attempt_id=uuid4(), intent_id=held.id, amount_cents=4_900, currency="USD")
    assert error.value.code == "payment_intent_unexpected_state"
    with pytest.raises(RefusedByGatewayError):
        await account.gateway.refund(
            attempt_id=uuid4(), intent_id=held.id, amount_cents=100, currency="USD", reason=None
        )


async def test_a_hold_that_has_expired_says_why(account):
    held = await account.hold()
    account.world.fail_next("payment_intents.capture", "expired_hold", key=account.key)
    with pytest.raises(RefusedByGatewayError):
        await account.gateway.capture(attempt_id=uuid4(), intent_id=held.id, amount_cents=4_900, currency="USD")
    expired = await account.gateway.fetch_intent(held.id)
    assert (expired.status, expired.cancellation_reason) == ("canceled", "automatic")


async def test_refunds_add_up_and_never_exceed_what_was_taken(account):
    paid = await account.charge()
    attempt_ids = [uuid4(), uuid4()]
    first = await account.gateway.refund(
        attempt_id=attempt_ids[0], intent_id=paid.id, amount_cents=1_900, currency="USD", reason="requested_by_customer"
    )
    second = await account.gateway.refund(
        attempt_id=attempt_ids[1], intent_id=paid.id, amount_cents=1_000, currency="USD", reason="the patient moved"
    )
    assert first == await account.gateway.refund(
        attempt_id=attempt_ids[0], intent_id=paid.id, amount_cents=1_900, currency="USD", reason="requested_by_customer"
    )
    assert (first.status, first.amount_cents, first.currency, first.intent_id) == ("succeeded", 1_900, "USD", paid.id)
    assert (first.attempt_id, second.attempt_id) == tuple(attempt_ids)
    # Stripe knows three reasons; what staff write is theirs.
    assert [one["reason"] for one in account.at_stripe("refund")] == ["requested_by_customer", None]

    assert (await account.gateway.fetch_intent(paid.id)).refunded_cents == 2_900
    listed = await account.gateway.list_refunds(paid.id)
    assert sorted(listed, key=lambda one: one.id) == sorted([first, second], key=lambda one: one.id)
    assert await account.gateway.fetch_refund(first.id) == first
    with pytest.raises(RefusedByGatewayError):
        await account.gateway.refund(
            attempt_id=uuid4(), intent_id=paid.id, amount_cents=2_001, currency="USD", reason=None
        )
    assert (await account.gateway.fetch_intent(paid.id)).refunded_cents == 2_900


async def test_a_refund_that_fails_later_gives_the_money_back(account):
    paid = await account.charge(method="pm_card_refundFail")
    refund = await account.gateway.refund(
        attempt_id=uuid4(), intent_id=paid.id, amount_cents=4_900, currency="USD", reason=None
    )
    eventually(lambda: account.at_stripe("refund")[0]["status"] == "failed")
    failed = await account.gateway.fetch_refund(refund.id)
    assert (failed.status, failed.failure is None) == ("failed", False)
    assert (await account.gateway.fetch_intent(paid.id)).refunded_cents == 0


async def test_a_customer_and_a_card_to_be_kept(account):
    patient_id, key = uuid4(), uuid4()
    customer_id = await account.gateway.create_customer(key=key, email="rosa@example.com", patient_id=patient_id)
    assert customer_id == await account.gateway.create_customer(
        key=key, email="rosa@example.com", patient_id=patient_id
    )
    nameless = await account.gateway.create_customer(key=uuid4(), email=None, patient_id=patient_id)
    assert [one["email"] for one in account.at_stripe("customer")] == ["rosa@example.com", None]
    assert nameless != customer_id

    # The same key for another act is another act.
    setup = await account.gateway.create_setup(key=key, customer_id=customer_id, metadata={"case": "7"})
    assert (setup.status, setup.is_test, setup.customer_id) == ("requires_payment_method", True, customer_id)
    assert setup.client_secret is not None
    account.client.v1.setup_intents.confirm(setup.id, {"payment_method": "pm_card_visa"})
    kept = await account.gateway.fetch_setup(setup.id)
    assert (kept.status, kept.method_id is None) == ("succeeded", False)
    assert await account.gateway.attach_method(method_id=kept.method_id, customer_id=nameless) == customer_id
    card = await account.gateway.fetch_card(kept.method_id)
    assert (card.brand, card.last4) == ("visa", "4242")
    [made] = account.at_stripe("setup_intent")
    assert made["usage"] == "off_session"
    assert made["metadata"] == {"case": "7", "carelane_organization": str(account.organization_id)}


async def test_a_card_of_nobody_is_given_to_a_customer_once(account):
    customer_id = await account.gateway.create_customer(key=uuid4(), email=None, patient_id=uuid4())
    setup = await account.gateway.create_setup(key=uuid4(), customer_id=None, metadata={})
    account.client.v1.setup_intents.confirm(setup.id, {"payment_method": "pm_card_visa"})
    method_id = (await account.gateway.fetch_setup(setup.id)).method_id
    for _ in range(2):
        assert await account.gateway.attach_method(method_id=method_id, customer_id=customer_id) == customer_id


async def test_a_payment_that_the_patient_makes(account):
    made = await account.gateway.create_intent(
        key=uuid4(), amount_cents=4_900, currency="USD", customer_id=None, holds=False, method_types=[], metadata={}
    )
    assert (made.status, made.client_secret is None, made.captured_cents) == ("requires_payment_method", False, 0)
    paid = await account.gateway.confirm(
        key=uuid4(), intent_id=made.id, method_id="pm_card_visa", return_url="https://clinic.example/back"
    )
    assert (paid.status, paid.captured_cents, paid.action_url) == ("succeeded", 4_900, None)


async def test_the_patient_confirms_the_same_intent(account):
    """The bank wants to see the patient: what was declined off session goes on where the patient is."""
    attempt_id = uuid4()
    with pytest.raises(DeclinedError) as error:
        await account.charge(attempt_id=attempt_id, method="pm_card_authenticationRequired")
    declined = error.value.intent
    assert error.value.decline_code == "authentication_required"
    assert (declined.status, declined.attempt_id) == ("requires_payment_method", attempt_id)
    assert declined.failed_method_id is not None

    confirmed = await account.gateway.confirm(
        key=uuid4(),
        intent_id=declined.id,
        method_id=declined.failed_method_id,
        return_url="https://clinic.example/back",
    )
    assert (confirmed.id, confirmed.status) == (declined.id, "requires_action")
    assert urlsplit(confirmed.action_url).path.endswith(declined.id)


def enter_card(url):
    """As the page's form does."""
    card = {"email": "rosa@example.com", "number": "4242424242424242", "expiry": "12 / 34", "cvc": "123"}
    answer = httpx.post(url, data=card)
    assert answer.status_code == 303, answer.text


async def test_a_page_where_a_patient_pays(account):
    customer_id, _ = account.save_card()
    attempt_id, payment_id = uuid4(), uuid4()
    told = {
        "attempt_id": attempt_id,
        "payment_id": payment_id,
        "mode": "payment",
        "customer_id": customer_id,
        **CHECKOUT,
    }
    page = await account.gateway.create_checkout(**told)

    assert page == await account.gateway.create_checkout(**told)
    assert (page.is_complete, page.is_expired, page.attempt_id) == (False, False, attempt_id)
    enter_card(page.url)
    done = await account.gateway.fetch_checkout(page.id)
    assert (done.is_complete, done.url) == (True, None)
    intent = await account.gateway.fetch_intent(done.intent_id)
    assert (intent.status, intent.amount_cents, intent.captured_cents) == ("succeeded", 4_900, 4_900)
    assert (intent.attempt_id, intent.payment_id, intent.customer_id) == (attempt_id, payment_id, customer_id)


async def test_a_page_that_nobody_uses_expires(account):
    page = await account.gateway.create_checkout(
        attempt_id=uuid4(), payment_id=uuid4(), mode="payment", customer_id=None, **(CHECKOUT | {"currency": "JPY"})
    )
    [session] = account.at_stripe("checkout.session")
    assert (session["amount_total"], session["currency"]) == (4_900, "jpy")
    expired = await account.gateway.expire_checkout(page.id)
    assert expired.is_expired
    assert expired == await account.gateway.fetch_checkout(page.id)


async def test_a_page_where_a_patient_leaves_a_card(account):
    customer_id, _ = account.save_card()
    attempt_id = uuid4()
    page = await account.gateway.create_checkout(
        attempt_id=attempt_id, payment_id=uuid4(), mode="setup", customer_id=customer_id, **CHECKOUT
    )
    assert (page.setup_id is None, page.intent_id) == (False, None)
    enter_card(page.url)
    setup = await account.gateway.fetch_setup(page.setup_id)
    assert (setup.status, setup.customer_id) == ("succeeded", customer_id)
    assert (await account.gateway.fetch_card(setup.method_id)).last4 == "4242"
    [made] = account.at_stripe("setup_intent")
    assert made["metadata"]["carelane_attempt"] == str(attempt_id)
