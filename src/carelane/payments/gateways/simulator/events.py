"""Events: one for each change, kept for thirty days, told to the webhooks' addresses."""

import msgspec

from carelane.payments.gateways.simulator import faults
from carelane.payments.gateways.simulator.accounts import API_VERSION, Account, new_id
from carelane.payments.gateways.simulator.webhooks import Message
from carelane.payments.gateways.simulator.wire import Object

KEPT_SECONDS = 30 * 86_400


def record(account: Account, kind: str, found: Object, previous: Object | None = None) -> Object:
    """What `found` is now, for ever: later changes of the object do not show in the event."""
    if account.is_silent:
        return {}
    data: Object = {"object": msgspec.Raw(msgspec.json.encode(found))}
    if previous:
        data["previous_attributes"] = previous
    event: Object = {
        "id": new_id("evt"),
        "object": "event",
        "api_version": API_VERSION,
        "context": None,
        "created": account.now(),
        "data": data,
        "livemode": account.is_live,
        "pending_webhooks": 0,
        "request": {"id": account.request.id, "idempotency_key": account.request.idempotency_key},
        "type": kind,
    }
    message = _message(account, event, found)
    webhooks = account.world.webhooks
    event["pending_webhooks"] = sum(endpoint.wants(message) for endpoint in webhooks.endpoints)
    message.body = msgspec.json.encode(event)
    account.add(event)
    webhooks.tell(message, _faults(account, found), account.world.settings.delay_seconds)
    return event


def message_of(account: Account, event: Object) -> Message:
    """To deliver an event once more."""
    found = msgspec.json.decode(event["data"]["object"])
    message = _message(account, event, found)
    message.body = msgspec.json.encode(event)
    return message


def _message(account: Account, event: Object, found: Object) -> Message:
    return Message(
        id=event["id"],
        type=event["type"],
        body=b"",
        key=account.key,
        is_live=account.is_live,
        subject=str(found.get("payment_intent") or found["id"]),
    )


def _faults(account: Account, found: Object) -> list[str]:
    """Those of the object, and of the payment that it belongs to."""
    intent = account.find(str(found.get("payment_intent")))
    return faults.occurring(account, faults.WEBHOOK_FAULTS, found, *([intent] if intent else []))
