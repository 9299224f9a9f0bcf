"""Payment intents through the official client: taken at once, held and captured, canceled, declined, found again."""

import pytest
import stripe

from tests.gateway_simulator.world import GatewayWorld, error_of, eventually

CARD = ["card"]


def pay(client: stripe.StripeClient, amount: int = 4_900, **more: object) -> stripe.PaymentIntent:
    params = {"amount": amount, "currency": "usd", "confirm": True, "payment_method": "pm_card_visa"}
    return client.v1.payment_intents.create({**params, "payment_method_types": CARD, **more})  # type: ignore[arg-type]


def test_a_card_is_charged_at_once(client: stripe.StripeClient):
    intent = pay(client, metadata={"carelane_attempt": "a1"})
    assert (intent.status, intent.amount_received, intent.livemode) == ("succeeded", 4_900, False)
    charge = client.v1.charges.retrieve(str(intent.latest_charge))
    assert (charge.paid, charge.captured, charge.amount_captured) == (True, True, 4_900)
    assert charge.metadata["carelane_attempt"] == "a1"
    assert charge.payment_method_details.card.last4 == "4242"


def test_a_hold_is_captured_in_part(client: stripe.StripeClient):
    held = pay(client, capture_method="manual")
    assert (held.status, held.amount_capturable, held.amount_received) == ("requires_capture", 4_900, 0)
    taken = client.v1.payment_intents.capture(
        held.id, {"amount_to_capture": 2_000, "expand": ["latest_charge.balance_transaction"]}
    )
    assert (taken.status, taken.amount_capturable, taken.amount_received) == ("succeeded", 0, 2_000)
    line = taken.latest_charge.balance_transaction
    assert (line.amount, line.fee, line.net, line.source) == (2_000, 88, 1_912, taken.latest_charge.id)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.payment_intents.capture(held.id)
    assert caught.value.code == "payment_intent_unexpected_state"


def test_a_decline_says_why_and_leaves_the_intent_open(client: stripe.StripeClient, gateway_simulator: GatewayWorld):
    with pytest.raises(stripe.CardError) as caught:
        pay(client, metadata={"simulate": "insufficient_funds"})
    error = error_of(caught.value)
    assert (caught.value.http_status, error["code"], error["decline_code"]) == (
        402,
        "card_declined",
        "insufficient_funds",
    )
    intent = client.v1.payment_intents.retrieve(error["payment_intent"]["id"])
    assert (intent.status, intent.last_payment_error.decline_code) == ("requires_payment_method", "insufficient_funds")
    client.v1.payment_intents.update(intent.id, {"metadata": {"simulate": ""}})
    paid = client.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    assert (paid.status, paid.last_payment_error) == ("succeeded", None)


def test_a_hold_says_until_when_and_is_released_then(client: stripe.StripeClient, gateway_simulator: GatewayWorld):
    customer = client.v1.customers.create({})
    method = client.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    holds = {
        name: pay(client, capture_method="manual", expand=["latest_charge"], **more)
        for name, more in {
            "patient": {},
            "merchant": {"customer": customer.id, "payment_method": method.id, "off_session": True},
            "mastercard": {"payment_method": "pm_card_mastercard"},
        }.items()
    }
    lasting = {
        name: hold.latest_charge.payment_method_details.card.capture_before - hold.latest_charge.created
        for name, hold in holds.items()
    }
    assert lasting == {"patient": 7 * 86_400, "merchant": 4 * 86_400 + 18 * 3_600, "mastercard": 7 * 86_400}
    gateway_simulator.advance(lasting["merchant"])
    statuses = {name: client.v1.payment_intents.retrieve(hold.id).status for name, hold in holds.items()}
    assert statuses == {"patient": "requires_capture", "merchant": "canceled", "mastercard": "requires_capture"}
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.payment_intents.capture(holds["merchant"].id)
    assert caught.value.code == "payment_intent_unexpected_state"
    canceled = client.v1.events.list({"type": "payment_intent.canceled"}).data[0].data.object
    assert (canceled["id"], canceled["cancellation_reason"]) == (holds["merchant"].id, "automatic")


def test_a_hold_is_released_once(client: stripe.StripeClient, gateway_simulator: GatewayWorld, key: str):
    held = pay(client, capture_method="manual")
    released = client.v1.payment_intents.cancel(held.id, {"cancellation_reason": "requested_by_customer"})
    assert (released.status, released.cancellation_reason, released.amount_capturable) == (
        "canceled", "requested_by_customer", 0,
    )  # fmt: skip
    for act in (client.v1.payment_intents.cancel, client.v1.payment_intents.capture, client.v1.payment_intents.confirm):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            act(held.id)
        assert caught.value.code == "payment_intent_unexpected_state"
        assert error_of(caught.value)["payment_intent"]["status"] == "canceled"
    assert gateway_simulator.objects("balance_transaction", key) == []


@pytest.mark.parametrize("amount", [0, 4_901, -1])
def test_no_more_is_captured_than_is_held(client: stripe.StripeClient, amount: int):
    held = pay(client, capture_method="manual")
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.payment_intents.capture(held.id, {"amount_to_capture": amount})
    assert caught.value.param == "amount_to_capture"
    assert client.v1.payment_intents.retrieve(held.id).status == "requires_capture"


def test_what_is_paid_is_neither_canceled_nor_paid_again(client: stripe.StripeClient):
    paid = pay(client)
    for act in (client.v1.payment_intents.cancel, client.v1.payment_intents.confirm):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            act(paid.id)
        assert caught.value.code == "payment_intent_unexpected_state"


def test_an_intent_is_made_first_and_confirmed_later(client: stripe.StripeClient):
    intent = client.v1.payment_intents.create({"amount": 4_900, "currency": "usd", "payment_method_types": ["card"]})
    assert (intent.status, intent.client_secret.startswith(intent.id)) == ("requires_payment_method", True)
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_intents.confirm(intent.id)
    client.v1.payment_intents.update(intent.id, {"amount": 5_000, "payment_method": "pm_card_visa"})
    assert client.v1.payment_intents.confirm(intent.id).amount_received == 5_000


def test_by_default_the_balance_shows_a_charge_a_moment_later(client: stripe.StripeClient):
    """`automatic_async`: whoever wants the fee at once asks in vain."""
    paid = pay(client, expand=["latest_charge"])
    assert (paid.capture_method, paid.latest_charge.balance_transaction) == ("automatic_async", None)
    charge_id = paid.latest_charge.id
    eventually(lambda: client.v1.charges.retrieve(charge_id).balance_transaction is not None)
    assert client.v1.balance_transactions.list({"source": charge_id}).data[0].fee == 172
    assert client.v1.events.list({"type": "charge.updated"}).data[0].data.object["id"] == charge_id


async def test_the_asynchronous_client_works_the_same(gateway_simulator: GatewayWorld, key: str):
    client = gateway_simulator.async_client(key)
    params = {"amount": 4_900, "currency": "usd", "payment_method_types": CARD, "payment_method": "pm_card_visa"}
    intent = await client.v1.payment_intents.create_async(params)  # type: ignore[arg-type]
    assert (await client.v1.payment_intents.confirm_async(intent.id)).status == "succeeded"
    charges = await client.v1.charges.list_async({"payment_intent": intent.id})
    assert [charge.amount async for charge in charges.auto_paging_iter()] == [4_900]
