"""Idempotency keys: the same answer again for a day, to the same call only."""

import asyncio

import pytest
import stripe

from tests.gateway_simulator.test_payments import pay
from tests.gateway_simulator.world import GatewayWorld, error_of, eventually

PARAMS = {"amount": 4_900, "currency": "usd", "payment_method_types": ["card"]}


def create(client: stripe.StripeClient, key: str, **more: object) -> stripe.PaymentIntent:
    return client.v1.payment_intents.create({**PARAMS, **more}, {"idempotency_key": key})  # type: ignore[typeddict-item]


def test_the_same_key_and_parameters_get_the_same_answer(
    client: stripe.StripeClient, gateway_simulator: GatewayWorld, key
):
    first = create(client, "k1", confirm=True, payment_method="pm_card_visa")
    again = create(client, "k1", confirm=True, payment_method="pm_card_visa")
    assert again.to_dict() == first.to_dict()
    headers = again.last_response.headers
    assert (headers["idempotent-replayed"], headers["idempotency-key"]) == ("true", "k1")
    assert headers["request-id"] == first.last_response.headers["request-id"]
    assert "idempotent-replayed" not in first.last_response.headers
    assert len(gateway_simulator.objects("payment_intent", key)) == 1


SOMETHING_ELSE = {
    "other parameters": lambda client: create(client, "k1", amount=5_000),
    "another path": lambda client: client.v1.customers.create({}, {"idempotency_key": "k1"}),
}


@pytest.mark.parametrize("act", SOMETHING_ELSE.values(), ids=SOMETHING_ELSE)
def test_the_same_key_for_something_else_is_refused(client: stripe.StripeClient, act):
    create(client, "k1")
    with pytest.raises(stripe.IdempotencyError) as caught:
        act(client)
    assert (caught.value.http_status, error_of(caught.value)["type"]) == (400, "idempotency_error")


def test_a_decline_and_a_500_are_kept_but_a_wrong_parameter_is_not(client: stripe.StripeClient):
    for _ in range(2):
        with pytest.raises(stripe.CardError) as declined:
            create(client, "declined", confirm=True, payment_method="pm_card_chargeDeclined")
    assert (declined.value.headers or {})["Idempotent-Replayed"] == "true"
    for _ in range(2):
        with pytest.raises(stripe.APIError) as failed:
            create(client, "failed", metadata={"simulate": "server_error"})
        assert failed.value.http_status == 500
    assert create(client, "another key", metadata={"simulate": "server_error"}).status == "requires_payment_method"
    with pytest.raises(stripe.InvalidRequestError) as wrong:
        create(client, "wrong", amount=0)
    assert (wrong.value.param, wrong.value.code) == ("amount", "parameter_invalid_integer")
    assert create(client, "wrong").amount == 4_900


async def test_two_at_once_with_a_key_are_one(gateway_simulator: GatewayWorld, key: str):
    client = gateway_simulator.async_client(key)
    params = {**PARAMS, "confirm": True, "payment_method": "pm_card_visa", "metadata": {"simulate": "slow"}}
    calls = [client.v1.payment_intents.create_async(params, {"idempotency_key": "k1"}) for _ in range(2)]  # type: ignore[arg-type]
    answers = await asyncio.gather(*calls, return_exceptions=True)
    (busy,) = [one for one in answers if isinstance(one, stripe.StripeError)]
    assert (busy.http_status, error_of(busy)["code"]) == (409, "idempotency_key_in_use")
    assert len(gateway_simulator.objects("charge", key)) == 1


def test_a_caller_who_hangs_up_finds_the_key_in_use_and_then_the_answer(gateway_simulator: GatewayWorld, key: str):
    impatient = gateway_simulator.client(key, http_client=stripe.RequestsClient(timeout=0.5))
    options = {"confirm": True, "payment_method": "pm_card_visa", "metadata": {"simulate": "slow"}}
    with pytest.raises(stripe.APIConnectionError):
        create(impatient, "k1", **options)
    with pytest.raises(stripe.APIError) as busy:
        create(impatient, "k1", **options)
    assert busy.value.http_status == 409
    eventually(lambda: _is_free(impatient, options))
    assert len(gateway_simulator.objects("charge", key)) == 1


def _is_free(client: stripe.StripeClient, options: dict[str, object]) -> bool:
    try:
        return create(client, "k1", **options).last_response.headers["idempotent-replayed"] == "true"
    except stripe.APIError:
        return False


def test_keys_are_forgotten_after_a_day_and_when_told(client: stripe.StripeClient, gateway_simulator: GatewayWorld):
    first = create(client, "k1")
    gateway_simulator.advance(86_300)
    assert create(client, "k1").id == first.id
    gateway_simulator.advance(100)
    second = create(client, "k1")
    gateway_simulator.forget_keys()
    assert len({first.id, second.id, create(client, "k1").id}) == 3


def test_keys_of_two_accounts_have_nothing_in_common(client: stripe.StripeClient, gateway_simulator: GatewayWorld):
    other = gateway_simulator.client("sk_live_somebody_else")
    assert create(client, "shared").id != create(other, "shared", amount=100).id


def test_a_lost_answer_is_given_again(client: stripe.StripeClient, gateway_simulator: GatewayWorld, key: str):
    options = {"confirm": True, "payment_method": "pm_card_visa", "metadata": {"simulate": "lost_answer"}}
    with pytest.raises(stripe.APIConnectionError):
        create(client, "k1", **options)
    (made,) = gateway_simulator.objects("payment_intent", key)
    again = create(client, "k1", **options)
    assert (again.id, again.status, again.last_response.headers["idempotent-replayed"]) == (
        made["id"],
        "succeeded",
        "true",
    )
    assert pay(client).status == "succeeded"
