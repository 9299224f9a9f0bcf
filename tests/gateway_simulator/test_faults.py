"""Every fault of the table, by metadata, by amount and by the control call."""

import time

import httpx
import pytest
import stripe

from carelane.payments.gateways.simulator.cards import DECLINES, OWN_CODES
from carelane.payments.gateways.simulator.faults import FAULTS
from tests.gateway_simulator.test_payments import pay
from tests.gateway_simulator.world import GatewayWorld, error_of, eventually

# What a call's fault gives the caller, and whether the payment is made.
CALL_FAULTS = {
    "lost_answer": (stripe.APIConnectionError, None, True),
    "lost_before": (stripe.APIConnectionError, None, False),
    "conflict": (stripe.APIError, 409, False),
    "server_error": (stripe.APIError, 500, False),
    "server_error_after": (stripe.APIError, 500, True),
    "rate_limited": (stripe.RateLimitError, 429, False),
    "lock_timeout": (stripe.RateLimitError, 429, False),
}
BY = pytest.mark.parametrize("by", ["metadata", "amount", "control"])
SLOW_SECONDS = 2


def call_with(gateway: GatewayWorld, client: stripe.StripeClient, key: str, fault: str, by: str, **more: object):
    """A payment that asks for the fault in one of the three ways; a second call asks again, but for `control`."""
    if by == "control":
        gateway.fail_next("payment_intents.create", fault, key=key)
        return lambda: pay(client, **more)
    if by == "metadata":
        return lambda: pay(client, metadata={"simulate": fault}, **more)
    return lambda: pay(client, 66_600 + FAULTS[fault].amount_ending, **more)


@BY
@pytest.mark.parametrize("fault", CALL_FAULTS)
def test_a_call_goes_wrong_once(
    gateway_simulator: GatewayWorld, client: stripe.StripeClient, key: str, fault: str, by: str
):
    kind, status, is_made = CALL_FAULTS[fault]
    call = call_with(gateway_simulator, client, key, fault, by)
    with pytest.raises(kind) as caught:
        call()
    assert caught.value.http_status == status
    assert len(gateway_simulator.objects("payment_intent", key)) == is_made
    assert call().status == "succeeded"


@BY
def test_an_answer_is_slow(gateway_simulator: GatewayWorld, client: stripe.StripeClient, key: str, by: str):
    call = call_with(gateway_simulator, client, key, "slow", by)
    began = time.monotonic()
    call()
    assert time.monotonic() - began >= SLOW_SECONDS
    began = time.monotonic()
    call()
    assert time.monotonic() - began < SLOW_SECONDS


@BY
def test_a_body_stalls(gateway_simulator: GatewayWorld, key: str, by: str):
    impatient = gateway_simulator.client(key, http_client=stripe.RequestsClient(timeout=0.5))
    with pytest.raises(stripe.APIConnectionError):
        call_with(gateway_simulator, impatient, key, "stalled", by)()
    assert [one["status"] for one in gateway_simulator.objects("payment_intent", key)] == ["succeeded"]
    patient = gateway_simulator.client(key)
    gateway_simulator.fail_next("payment_intents.create", "stalled", key=key)
    assert pay(patient).status == "succeeded"


@pytest.mark.parametrize("code", DECLINES)
def test_each_decline_code(client: stripe.StripeClient, code: str):
    for wanted in ({"metadata": {"simulate": code}}, {"amount": 66_600 + FAULTS[code].amount_ending}):
        with pytest.raises(stripe.CardError) as caught:
            pay(client, off_session=True, return_url="https://clinic.example/back", **wanted)
        error = error_of(caught.value)
        assert (error["decline_code"], error["code"]) == (code, code if code in OWN_CODES else "card_declined")
        assert error["payment_intent"]["status"] == "requires_payment_method"
        charge = client.v1.charges.retrieve(error["charge"])
        assert (charge.status, charge.outcome.reason, charge.paid) == ("failed", code, False)


def test_a_fault_may_be_meant_for_one_operation_and_happen_always(client: stripe.StripeClient):
    held = pay(client, capture_method="manual", metadata={"simulate": "rate_limited@capture:2,conflict@cancel:always"})
    for _ in range(2):
        with pytest.raises(stripe.RateLimitError):
            client.v1.payment_intents.capture(held.id)
    for _ in range(3):
        with pytest.raises(stripe.APIError, match="in-progress request"):
            client.v1.payment_intents.cancel(held.id)
    assert client.v1.payment_intents.capture(held.id).status == "succeeded"


def test_a_refund_is_disturbed_by_the_payment_only_by_name(
    client: stripe.StripeClient, gateway_simulator: GatewayWorld, key: str
):
    intent = pay(client, metadata={"simulate": "lost_answer@refund"})
    with pytest.raises(stripe.APIConnectionError):
        client.v1.refunds.create({"payment_intent": intent.id})
    assert len(gateway_simulator.objects("refund", key)) == 1


def test_reading_is_disturbed_by_name(client: stripe.StripeClient, gateway_simulator: GatewayWorld, key: str):
    intent = pay(client, metadata={"simulate": "server_error@retrieve"})
    with pytest.raises(stripe.APIError):
        client.v1.payment_intents.retrieve(intent.id)
    gateway_simulator.fail_next("events.list", "rate_limited", times=2, key=key)
    for _ in range(2):
        with pytest.raises(stripe.RateLimitError):
            client.v1.events.list()
    assert client.v1.events.list().data


def test_an_object_may_have_the_wrong_mode(client: stripe.StripeClient):
    assert pay(client, metadata={"simulate": "wrong_livemode"}).livemode is True


def test_a_hold_may_have_expired_by_the_time_it_is_captured(client: stripe.StripeClient):
    held = pay(client, 66_616, capture_method="manual")
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.payment_intents.capture(held.id)
    assert caught.value.code == "payment_intent_unexpected_state"
    after = client.v1.payment_intents.retrieve(held.id)
    assert (after.status, after.cancellation_reason, after.amount_capturable) == ("canceled", "automatic", 0)


@pytest.mark.parametrize(
    ("fault", "status"), [("processing", "succeeded"), ("processing_failed", "requires_payment_method")]
)
def test_a_payment_is_processing_for_a_while(client: stripe.StripeClient, fault: str, status: str):
    intent = pay(client, metadata={"simulate": fault})
    assert (intent.status, intent.amount_received) == ("processing", 0)
    eventually(lambda: client.v1.payment_intents.retrieve(intent.id).status == status)


def test_what_is_pending_waits_until_it_is_told(gateway_simulator: GatewayWorld, client: stripe.StripeClient):
    gateway_simulator.set(settleSeconds=0)
    try:
        intent = pay(client, 66_617)
        refund = client.v1.refunds.create(
            {"payment_intent": pay(client).id, "metadata": {"simulate": "refund_pending,refund_failed"}}
        )
        assert (intent.status, refund.status) == ("processing", "pending")
        gateway_simulator.settle(intent.id)
        gateway_simulator.settle(refund.id)
    finally:
        gateway_simulator.set(settleSeconds=0.2)
    assert client.v1.payment_intents.retrieve(intent.id).status == "succeeded"
    assert client.v1.refunds.retrieve(refund.id).status == "failed"


def test_a_charge_is_disputed_at_once(client: stripe.StripeClient):
    intent = pay(client, 66_621)
    assert [one.charge for one in client.v1.disputes.list().data] == [intent.latest_charge]


def test_amounts_can_be_just_amounts(gateway_simulator: GatewayWorld, client: stripe.StripeClient):
    gateway_simulator.set(amountFaults=False)
    try:
        assert pay(client, 66_604).status == "succeeded"
    finally:
        gateway_simulator.set(amountFaults=True)


def test_an_unknown_fault_is_told_when_planned(gateway_simulator: GatewayWorld):
    for body in ({"fault": "fire"}, {"fault": "slow", "operation": "payments.create"}, {"fault": "slow", "twice": 1}):
        answer = httpx.post(f"{gateway_simulator.url}/control/faults", json=body)
        assert (answer.status_code, "message" in answer.json()) == (400, True)


def test_each_fault_of_the_table_has_its_own_amount():
    assert len({fault.amount_ending for fault in FAULTS.values()}) == len(FAULTS)
    assert all(1 <= fault.amount_ending <= 99 for fault in FAULTS.values())


def test_outcomes_can_be_planned_for_the_next_calls(
    gateway_simulator: GatewayWorld, client: stripe.StripeClient, key: str
):
    gateway_simulator.fail_next("payment_intents.create", "processing", key=key)
    gateway_simulator.fail_next("payment_intents.create", "insufficient_funds", times=2, key=key)
    for _ in range(2):
        with pytest.raises(stripe.CardError):
            pay(client)
    gateway_simulator.fail_next("payment_intents.create", "processing", key=key)
    assert [pay(client).status, pay(client).status] == ["processing", "succeeded"]
    gateway_simulator.fail_next("refunds.create", "refund_pending", key=key)
    statuses = [client.v1.refunds.create({"payment_intent": pay(client).id}).status for _ in range(2)]
    assert statuses == ["pending", "succeeded"]


def test_webhooks_can_be_withheld_for_the_next_events(
    gateway_simulator: GatewayWorld, client: stripe.StripeClient, key: str
):
    gateway_simulator.fail_next("payment_intents.create", "withheld_webhook", times=2, key=key)
    pay(client, capture_method="automatic")
    ids = {event.id for event in client.v1.events.list().data}
    withheld = [one["type"] for one in gateway_simulator.control("webhooks")["withheld"] if one["id"] in ids]
    assert withheld == ["payment_intent.created", "charge.succeeded"]
