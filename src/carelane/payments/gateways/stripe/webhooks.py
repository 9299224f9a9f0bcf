"""Who signed an event, and what it is about. https://docs.stripe.com/webhooks/signature

Not with the client's own function: its module brings the whole client into a server process that may never make a call, it asks the
system's clock, and its errors carry the body.
"""

import hmac
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from carelane.kit.ids import parse_uuid
from carelane.payments.gateways.protocol import GatewayEvent, ObjectKind

TOLERANCE_SECONDS = 300
# More signatures than Stripe sends, even while several secrets are rotated.
_MOST_SIGNATURES = 16
_KINDS: dict[str, ObjectKind] = {
    "payment_intent": "intent",
    "setup_intent": "setup",
    "refund": "refund",
    "dispute": "dispute",
    "charge": "charge",
    "checkout.session": "checkout",
}


class _Object(msgspec.Struct):
    """Of the object in an event what leads to what is fetched; whatever it is, the event is kept."""

    id: Any = None
    object: Any = None
    payment_intent: Any = None
    metadata: Any = None


class _Data(msgspec.Struct):
    object: _Object


class EventWire(msgspec.Struct):
    id: str
    object: Literal["event"]
    type: str
    created: int
    livemode: bool
    data: _Data


def read_event(event: EventWire) -> GatewayEvent:
    """The hint that it is."""
    about = event.data.object
    kind = _KINDS.get(str(about.object), "other")
    object_id = id_of(about.id)
    return GatewayEvent(
        id=event.id,
        type=event.type,
        is_test=not event.livemode,
        object_kind=kind,
        # A balance has none.
        object_id=object_id or event.id,
        intent_id=object_id if kind == "intent" else id_of(about.payment_intent),
        attempt_id=uuid_in(about.metadata, "carelane_attempt"),
        happened_at=datetime.fromtimestamp(event.created, UTC),
    )


def parse_webhook(body: bytes, signature: str, secrets: Sequence[str], now: datetime) -> GatewayEvent | None:
    """`signature` is the header Stripe-Signature. None: not signed with one of the secrets within five minutes, or no event."""
    moment, signatures = _read_header(signature)
    if moment is None or abs(now.timestamp() - moment) > TOLERANCE_SECONDS:
        return None
    signed = b"%d." % moment + body
    expected = [hmac.digest(secret.encode(), signed, "sha256").hex().encode() for secret in secrets]
    if not any(hmac.compare_digest(one, given) for one in expected for given in signatures):
        return None
    try:
        return read_event(msgspec.json.decode(body, type=EventWire))
    except (msgspec.MsgspecError, ValueError, OverflowError):
        return None


def _read_header(header: str) -> tuple[int | None, list[bytes]]:
    """`t=1492774577,v1=5257a8…,v1=…,v0=…`: when, and the signatures of the scheme that counts."""
    parts = list(_parts(header))
    moments = [
        value for name, value in parts if name == "t" and value.isascii() and value.isdigit() and len(value) < 12
    ]
    signatures = [value.encode() for name, value in parts if name == "v1"]
    return (int(moments[0]) if moments else None), signatures[:_MOST_SIGNATURES]


def _parts(header: str) -> Iterator[tuple[str, str]]:
    for part in header.split(","):
        name, _, value = part.strip().partition("=")
        yield name, value


def id_of(reference: Any) -> str | None:
    """Of what is an id, or the object itself where it is expanded, or nothing."""
    found = reference.get("id") if isinstance(reference, dict) else reference
    return found if isinstance(found, str) else None


def uuid_in(metadata: Any, name: str) -> UUID | None:
    """What we once wrote into metadata; somebody else may have written something else."""
    written = metadata.get(name) if isinstance(metadata, dict) else None
    return parse_uuid(written) if isinstance(written, str) else None
