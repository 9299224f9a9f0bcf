"""Events and webhooks: signed, tried again, and badly delivered when told."""

import httpx
import stripe

from tests.gateway_simulator.test_payments import pay
from tests.gateway_simulator.world import GatewayWorld, listening


async def test_each_change_is_told_signed_and_in_order(
    gateway_simulator: GatewayWorld, client: stripe.StripeClient, key: str
):
    async with listening(gateway_simulator, key) as listener:
        intent = pay(client, capture_method="automatic", metadata={"order": "7"})
        refund = client.v1.refunds.create({"payment_intent": intent.id})
        events = await listener.until_type("refund.created", "charge.refunded")
    assert listener.types == [
        "payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "refund.created", "charge.refunded",
    ]  # fmt: skip
    paid, made = events[2], events[3]
    assert (paid.data.object["id"], paid.data.object["status"]) == (intent.id, "succeeded")
    assert (paid.data.object["metadata"]["order"], paid.livemode, paid.object) == ("7", False, "event")
    assert made.data.object["id"] == refund.id
    listed = client.v1.events.list({"ending_before": events[0].id})
    assert [one.id for one in listed.data] == [one.id for one in reversed(events[1:])]


async def test_a_webhook_that_is_not_taken_is_sent_again(
    gateway_simulator: GatewayWorld, client: stripe.StripeClient, key: str
):
    async with listening(gateway_simulator, key, refuse_first=2) as listener:
        pay(client, capture_method="automatic")
        await listener.until_type("payment_intent.created", "charge.succeeded", "payment_intent.succeeded")


async def test_both_secrets_sign_while_they_are_changed(
    gateway_simulator: GatewayWorld, client: stripe.StripeClient, key: str
):
    async with listening(gateway_simulator, key, secret="whsec_new") as listener:
        gateway_simulator.unregister(listener.url)
        gateway_simulator.register(listener.url, "whsec_old", "whsec_new", key=key)
        pay(client)
        await listener.until_type("payment_intent.succeeded")


async def test_a_duplicate_webhook_comes_three_times(
    gateway_simulator: GatewayWorld, client: stripe.StripeClient, key: str
):
    async with listening(gateway_simulator, key) as listener:
        pay(client, capture_method="automatic", metadata={"simulate": "duplicate_webhook"})
        events = await listener.until(lambda events: len(events) == 9)
    assert len({event.id for event in events}) == 3


async def test_reordered_webhooks_come_the_last_first(
    gateway_simulator: GatewayWorld, client: stripe.StripeClient, key: str
):
    async with listening(gateway_simulator, key) as listener:
        pay(client, capture_method="automatic", amount=66_612)
        await listener.until(lambda events: len(events) == 3)
    assert listener.types == ["payment_intent.succeeded", "charge.succeeded", "payment_intent.created"]


async def test_a_delayed_webhook_comes_late(gateway_simulator: GatewayWorld, client: stripe.StripeClient, key: str):
    gateway_simulator.set(delaySeconds=0.5)
    async with listening(gateway_simulator, key) as listener:
        delayed = pay(client, metadata={"simulate": "delayed_webhook"})
        other = pay(client)
        events = await listener.until(lambda events: sum(one.type == "payment_intent.succeeded" for one in events) == 2)
    paid = [event.data.object["id"] for event in events if event.type == "payment_intent.succeeded"]
    assert paid == [other.id, delayed.id]


async def test_withheld_webhooks_come_when_told_in_the_order_told_and_again(
    gateway_simulator: GatewayWorld, client: stripe.StripeClient, key: str
):
    async with listening(gateway_simulator, key) as listener:
        intent = pay(client, capture_method="automatic", metadata={"simulate": "withheld_webhook"})
        ids = [event.id for event in client.v1.events.list().data if event.data.object["id"] == intent.id]
        gateway_simulator.deliver([ids[1], ids[0], ids[1]])
        events = await listener.until(lambda events: len(events) == 3)
    assert [event.id for event in events] == [ids[1], ids[0], ids[1]]


async def test_only_the_account_that_is_asked_for_is_told(
    gateway_simulator: GatewayWorld, client: stripe.StripeClient, key: str
):
    async with listening(gateway_simulator, key) as listener:
        pay(gateway_simulator.client("sk_live_somebody_else"))
        mine = pay(client)
        events = await listener.until_type("payment_intent.succeeded")
    subjects = [event.data.object.to_dict() for event in events]
    assert {one.get("payment_intent", one["id"]) for one in subjects} == {mine.id}


def test_events_are_kept_for_thirty_days_and_filtered(client: stripe.StripeClient, gateway_simulator: GatewayWorld):
    pay(client, capture_method="automatic")
    kinds = ["payment_intent.succeeded", "charge.*"]
    assert [one.type for one in client.v1.events.list({"types": kinds}).data] == [
        "payment_intent.succeeded",
        "charge.succeeded",
    ]
    event = client.v1.events.list({"type": "payment_intent.succeeded"}).data[0]
    assert client.v1.events.list({"created": {"gt": event.created}}).data == []
    assert client.v1.events.retrieve(event.id).data.object["status"] == "succeeded"
    gateway_simulator.advance(30 * 86_400)
    assert client.v1.events.list().data == []


def test_a_webhook_without_a_secret_is_no_webhook(gateway_simulator: GatewayWorld):
    answer = httpx.post(f"{gateway_simulator.url}/control/webhooks", json={"url": "http://127.0.0.1:1/", "secrets": []})
    assert answer.status_code == 400
