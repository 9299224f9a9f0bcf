"""Refunds and disputes: never more back than was taken, and every cent in the balance."""

import pytest
import stripe

from tests.gateway_simulator.test_payments import pay
from tests.gateway_simulator.world import GatewayWorld, eventually


def balance_of(gateway: GatewayWorld, key: str) -> list[tuple[str, int, int]]:
    return [(line["type"], line["amount"], line["fee"]) for line in gateway.objects("balance_transaction", key)]


def refused(client: stripe.StripeClient, **params: object) -> str | None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.refunds.create(params)  # type: ignore[arg-type]
    assert caught.value.http_status == 400
    return caught.value.code


def test_refunds_come_to_what_was_taken_and_no_more(
    client: stripe.StripeClient, gateway_simulator: GatewayWorld, key: str
):
    intent = pay(client, 5_000, capture_method="automatic")
    first = client.v1.refunds.create(
        {"payment_intent": intent.id, "amount": 2_000, "metadata": {"carelane_attempt": "r1"}}
    )
    assert (first.status, first.amount, first.charge, first.metadata["carelane_attempt"]) == (
        "succeeded", 2_000, intent.latest_charge, "r1",
    )  # fmt: skip
    assert refused(client, payment_intent=intent.id, amount=3_001) == "amount_too_large"
    rest = client.v1.refunds.create({"payment_intent": intent.id, "reason": "requested_by_customer"})
    assert rest.amount == 3_000
    assert refused(client, payment_intent=intent.id) == "charge_already_refunded"
    charge = client.v1.charges.retrieve(str(intent.latest_charge))
    assert (charge.amount_refunded, charge.refunded) == (5_000, True)
    assert balance_of(gateway_simulator, key) == [("charge", 5_000, 175), ("refund", -2_000, 0), ("refund", -3_000, 0)]
    found = client.v1.refunds.list({"payment_intent": intent.id, "limit": 1})
    assert [one.id for one in found.auto_paging_iter()] == [rest.id, first.id]


def test_what_is_only_held_is_not_refunded(client: stripe.StripeClient):
    held = pay(client, capture_method="manual")
    assert refused(client, payment_intent=held.id) == "charge_not_refundable"
    assert refused(client, charge=str(held.latest_charge)) == "charge_not_refundable"


def test_of_a_capture_in_part_only_that_part_is_refunded(client: stripe.StripeClient):
    held = pay(client, 5_000, capture_method="manual")
    client.v1.payment_intents.capture(held.id, {"amount_to_capture": 1_200})
    assert refused(client, payment_intent=held.id, amount=1_201) == "amount_too_large"
    assert client.v1.refunds.create({"payment_intent": held.id}).amount == 1_200


def test_a_pending_refund_succeeds(client: stripe.StripeClient):
    intent = pay(client)
    refund = client.v1.refunds.create({"payment_intent": intent.id, "metadata": {"simulate": "refund_pending"}})
    assert refund.status == "pending"
    eventually(lambda: client.v1.refunds.retrieve(refund.id).status == "succeeded")


def test_a_refund_that_fails_gives_the_money_back(
    client: stripe.StripeClient, gateway_simulator: GatewayWorld, key: str
):
    intent = pay(client, 1_000, capture_method="automatic", payment_method="pm_card_refundFail")
    refund = client.v1.refunds.create({"payment_intent": intent.id})
    eventually(lambda: client.v1.refunds.retrieve(refund.id).status == "failed")
    failed = client.v1.refunds.retrieve(refund.id, {"expand": ["failure_balance_transaction"]})
    assert (failed.failure_reason, failed.failure_balance_transaction.amount) == ("expired_or_canceled_card", 1_000)
    assert client.v1.charges.retrieve(str(intent.latest_charge)).amount_refunded == 0
    assert sum(amount for _, amount, _ in balance_of(gateway_simulator, key)) == 1_000


def test_a_dispute_takes_money_and_fee_and_gives_them_back_when_won(
    client: stripe.StripeClient, gateway_simulator: GatewayWorld, key: str
):
    intent = pay(client, 5_000, capture_method="automatic", payment_method="pm_card_createDispute")
    (dispute,) = client.v1.disputes.list({"payment_intent": intent.id}).data
    assert (dispute.status, dispute.amount, dispute.reason) == ("needs_response", 5_000, "fraudulent")
    assert refused(client, payment_intent=intent.id) == "charge_disputed"
    assert balance_of(gateway_simulator, key)[1:] == [("adjustment", -5_000, 1_500)]
    gateway_simulator.close_dispute(dispute.id, "won")
    assert balance_of(gateway_simulator, key)[2:] == [("adjustment", 5_000, -1_500)]
    won = client.v1.disputes.retrieve(dispute.id)
    assert (won.status, [line.net for line in won.balance_transactions]) == ("won", [-6_500, 6_500])


def test_a_lost_dispute_keeps_the_money(client: stripe.StripeClient, gateway_simulator: GatewayWorld, key: str):
    intent = pay(client, 5_000, capture_method="automatic")
    dispute = gateway_simulator.dispute(intent.id, reason="product_not_received", amount=1_000)
    gateway_simulator.close_dispute(dispute["id"], "lost")
    assert client.v1.disputes.retrieve(dispute["id"]).status == "lost"
    assert balance_of(gateway_simulator, key)[1:] == [("adjustment", -1_000, 1_500)]


def test_a_payout_empties_the_balance(client: stripe.StripeClient, gateway_simulator: GatewayWorld, key: str):
    pay(client, 5_000, capture_method="automatic")
    payout = gateway_simulator.control("payouts", {"key": key})
    (line,) = client.v1.balance_transactions.list({"type": "payout"}).data
    assert (line.amount, line.source, payout["amount"]) == (-4_825, payout["id"], 4_825)
    assert [one.type for one in client.v1.balance_transactions.list({"payout": payout["id"]}).data] == [
        "payout",
        "charge",
    ]


def test_an_inquiry_takes_nothing(client: stripe.StripeClient, gateway_simulator: GatewayWorld, key: str):
    intent = pay(client, 5_000, capture_method="automatic")
    inquiry = gateway_simulator.dispute(intent.id, isInquiry=True)
    assert inquiry["status"] == "warning_needs_response"
    assert gateway_simulator.close_dispute(inquiry["id"], "won")["status"] == "warning_closed"
    assert len(balance_of(gateway_simulator, key)) == 1
    assert client.v1.refunds.create({"payment_intent": intent.id}).amount == 5_000


def test_a_capture_may_be_disputed_too(client: stripe.StripeClient):
    held = pay(client, 5_000, capture_method="manual", metadata={"simulate": "dispute"})
    assert client.v1.disputes.list({"payment_intent": held.id}).data == []
    client.v1.payment_intents.capture(held.id)
    assert len(client.v1.disputes.list({"payment_intent": held.id}).data) == 1


def test_payments_can_be_put_in_by_the_thousand(client: stripe.StripeClient, gateway_simulator: GatewayWorld, key: str):
    payments = [{"amount": 1_000 + number, "metadata": {"carelane_attempt": str(number)}} for number in range(1_000)]
    made = gateway_simulator.control("payments", {"key": key, "payments": payments})["payments"]
    assert client.v1.payment_intents.retrieve(made[7]["id"]).amount_received == 1_007
    assert len(gateway_simulator.objects("balance_transaction", key)) == 1_000
    assert client.v1.events.list().data == []
    pending = client.v1.balance.retrieve().pending[0]
    assert (pending.currency, pending.amount) == (
        "usd",
        sum(one["net"] for one in gateway_simulator.objects("balance_transaction", key)),
    )
