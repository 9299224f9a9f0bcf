"""Customers, payment methods and setup intents: a card is kept, and charged when nobody is there."""

import httpx
import pytest
import stripe

from carelane.payments.gateways.simulator.cards import CARDS
from tests.gateway_simulator.test_payments import pay
from tests.gateway_simulator.world import GatewayWorld, error_of, listening

BACK = "https://clinic.example/back"


def answer_bank(
    gateway: GatewayWorld, intent: stripe.PaymentIntent | stripe.SetupIntent, answer: str
) -> httpx.Response:
    """As the page's button does."""
    url = f"{gateway.url}/3d-secure/{intent.id}"
    return httpx.post(url, data={"client_secret": str(intent.client_secret), "answer": answer})


def save(client: stripe.StripeClient, method: str, **more: object) -> tuple[str, stripe.SetupIntent]:
    customer = client.v1.customers.create({"email": "rosa@example.com"})
    params = {
        "customer": customer.id,
        "payment_method": method,
        "payment_method_types": ["card"],
        "usage": "off_session",
    }
    return customer.id, client.v1.setup_intents.create({**params, "confirm": True, "return_url": BACK, **more})  # type: ignore[arg-type]


async def test_a_saved_card_is_charged_when_nobody_is_there(
    gateway_simulator: GatewayWorld, client: stripe.StripeClient, key: str
):
    async with listening(gateway_simulator, key) as listener:
        customer, setup = save(client, "pm_card_visa", metadata={"case": "7"})
        assert (setup.status, setup.usage, setup.metadata["case"]) == ("succeeded", "off_session", "7")
        assert client.v1.payment_methods.retrieve(str(setup.payment_method)).customer == customer
        await listener.until_type("setup_intent.succeeded")
    paid = pay(client, customer=customer, payment_method=setup.payment_method, off_session=True)
    assert (paid.status, paid.customer) == ("succeeded", customer)


async def test_a_setup_that_is_declined_waits_for_another_card(
    gateway_simulator: GatewayWorld, client: stripe.StripeClient, key: str
):
    async with listening(gateway_simulator, key) as listener:
        with pytest.raises(stripe.CardError) as caught:
            save(client, "pm_card_chargeDeclinedExpiredCard")
        await listener.until_type("setup_intent.setup_failed")
    setup = client.v1.setup_intents.retrieve(error_of(caught.value)["setup_intent"]["id"])
    assert (setup.status, setup.last_setup_error.code) == ("requires_payment_method", "expired_card")
    assert client.v1.setup_intents.confirm(setup.id, {"payment_method": "pm_card_visa"}).status == "succeeded"


def test_a_card_that_the_bank_asks_about_once_is_charged_afterwards(
    gateway_simulator: GatewayWorld, client: stripe.StripeClient
):
    customer, setup = save(client, "pm_card_authenticationRequiredOnSetup")
    assert (setup.status, setup.next_action.type) == ("requires_action", "redirect_to_url")
    answer = answer_bank(gateway_simulator, setup, "approve")
    assert answer.headers["location"].startswith(f"{BACK}?setup_intent={setup.id}&")
    setup = client.v1.setup_intents.retrieve(setup.id)
    assert setup.status == "succeeded"
    assert pay(client, customer=customer, payment_method=setup.payment_method, off_session=True).status == "succeeded"


def test_a_payment_that_the_bank_asks_about_fails_when_nobody_is_there(
    gateway_simulator: GatewayWorld, client: stripe.StripeClient
):
    customer, setup = save(client, "pm_card_authenticationRequired")
    answer_bank(gateway_simulator, setup, "approve")
    method = client.v1.setup_intents.retrieve(setup.id).payment_method
    with pytest.raises(stripe.CardError) as caught:
        pay(client, customer=customer, payment_method=method, off_session=True)
    error = error_of(caught.value)
    assert (error["code"], error["decline_code"]) == ("authentication_required", "authentication_required")
    assert error["payment_method"]["id"] == method
    intent = client.v1.payment_intents.retrieve(error["payment_intent"]["id"])
    assert (intent.status, intent.payment_method) == ("requires_payment_method", None)
    assert (intent.last_payment_error.code, intent.last_payment_error.payment_method.id) == (
        "authentication_required",
        method,
    )
    again = client.v1.payment_intents.confirm(intent.id, {"payment_method": str(method), "return_url": BACK})
    assert again.status == "requires_action"
    answer_bank(gateway_simulator, again, "approve")
    assert client.v1.payment_intents.retrieve(intent.id).status == "succeeded"


async def test_a_refused_authentication_waits_for_another_card(
    gateway_simulator: GatewayWorld, client: stripe.StripeClient, key: str
):
    async with listening(gateway_simulator, key) as listener:
        asked = pay(client, payment_method="pm_card_authenticationRequired", return_url=BACK)
        answer_bank(gateway_simulator, asked, "refuse")
        await listener.until_type("payment_intent.requires_action", "payment_intent.payment_failed")
    failing = pay(
        client, payment_method="pm_card_authenticationRequired", metadata={"simulate": "authentication_failed"}
    )
    assert failing.next_action.type == "use_stripe_sdk"
    assert answer_bank(gateway_simulator, failing, "approve").status_code == 200
    for intent in (asked, failing):
        after = client.v1.payment_intents.retrieve(intent.id)
        assert (after.status, after.next_action) == ("requires_payment_method", None)


def test_only_who_has_the_secret_answers_the_bank(gateway_simulator: GatewayWorld, client: stripe.StripeClient):
    asked = pay(client, payment_method="pm_card_authenticationRequired", return_url=BACK)
    url = f"{gateway_simulator.url}/3d-secure/{asked.id}"
    assert httpx.get(url, params={"client_secret": "guess"}).status_code == 404
    assert httpx.post(url, data={"client_secret": "guess", "answer": "approve"}).status_code == 404
    assert client.v1.payment_intents.retrieve(asked.id).status == "requires_action"


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.name)
def test_each_test_card_is_attached_or_declined(client: stripe.StripeClient, card):
    customer = client.v1.customers.create({})
    if card.attaches:
        method = client.v1.payment_methods.attach(card.name, {"customer": customer.id})
        assert (method.customer, method.card.last4, method.card.brand) == (customer.id, card.number[-4:], card.brand)
        listed = client.v1.payment_methods.list({"customer": customer.id, "type": "card"}).data
        assert [one.id for one in listed] == [method.id]
    else:
        with pytest.raises(stripe.CardError):
            client.v1.payment_methods.attach(card.name, {"customer": customer.id})


def test_a_card_belongs_to_one_customer_and_is_used_up_without_one(client: stripe.StripeClient):
    customer, setup = save(client, "pm_card_visa")
    with pytest.raises(stripe.InvalidRequestError, match="belongs to the Customer"):
        pay(client, payment_method=setup.payment_method)
    other = client.v1.customers.create({})
    with pytest.raises(stripe.InvalidRequestError) as attached:
        client.v1.payment_methods.attach(str(setup.payment_method), {"customer": other.id})
    assert attached.value.code == "payment_method_unexpected_state"
    spent = pay(client).payment_method
    with pytest.raises(stripe.InvalidRequestError, match="previously used"):
        pay(client, payment_method=spent)
    assert client.v1.payment_methods.detach(str(setup.payment_method)).customer is None
    assert client.v1.customers.payment_methods.list(customer).data == []


def test_a_card_is_made_of_a_test_number_only(client: stripe.StripeClient):
    made = client.v1.payment_methods.create({"type": "card", "card": {"token": "tok_visa"}})
    assert pay(client, payment_method=made.id).status == "succeeded"
    for number, code in (("4242424242424241", "incorrect_number"), ("4111111111111111", "card_declined")):
        with pytest.raises(stripe.CardError) as caught:
            client.v1.payment_methods.create(
                {"type": "card", "card": {"number": number, "exp_month": 1, "exp_year": 2034}}
            )
        assert caught.value.code == code


def test_a_setup_is_canceled_once(client: stripe.StripeClient):
    setup = client.v1.setup_intents.create({"payment_method_types": ["card"]})
    assert setup.status == "requires_payment_method"
    canceled = client.v1.setup_intents.cancel(setup.id, {"cancellation_reason": "abandoned"})
    assert (canceled.status, canceled.cancellation_reason) == ("canceled", "abandoned")
    for act in (client.v1.setup_intents.cancel, client.v1.setup_intents.confirm):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            act(setup.id)
        assert caught.value.code == "setup_intent_unexpected_state"
