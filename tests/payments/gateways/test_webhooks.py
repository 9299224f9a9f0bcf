"""Who signed a webhook: two secrets, five minutes, the raw bytes; checked against the official client's own signatures."""

from datetime import UTC, datetime
from uuid import UUID

import msgspec
import pytest
import stripe

from carelane.payments.gateways.stripe.webhooks import parse_webhook

SECRET, PREVIOUS = "whsec_new", "whsec_old"
AT = 1_800_000_000
NOW = datetime.fromtimestamp(AT, UTC)
ATTEMPT = UUID("01976e5c-7c1e-7000-8000-000000000012")
BODY = msgspec.json.encode(
    {
        "id": "evt_1",
        "object": "event",
        "type": "payment_intent.succeeded",
        "created": AT - 3,
        "livemode": False,
        "data": {"object": {"id": "pi_1", "object": "payment_intent", "metadata": {"carelane_attempt": str(ATTEMPT)}}},
    }
)


def signed(body: bytes = BODY, secret: str = SECRET, at: int = AT) -> str:
    return stripe.WebhookSignature.generate_signature_header(body.decode(), secret, at)


def with_object(**values: object) -> bytes:
    event = msgspec.json.decode(BODY)
    return msgspec.json.encode(event | {"data": {"object": values}})


def test_an_event_that_stripe_signed():
    event = parse_webhook(BODY, signed(), [SECRET, PREVIOUS], NOW)

    assert (event.id, event.type, event.is_test) == ("evt_1", "payment_intent.succeeded", True)
    assert (event.object_kind, event.object_id, event.intent_id) == ("intent", "pi_1", "pi_1")
    assert (event.attempt_id, event.happened_at) == (ATTEMPT, datetime.fromtimestamp(AT - 3, UTC))


def test_both_secrets_are_good_while_one_takes_over():
    both = signed() + ",v1=" + signed(secret="whsec_other").partition("v1=")[2] + ",v0=abc"
    assert parse_webhook(BODY, signed(secret=PREVIOUS), [SECRET, PREVIOUS], NOW) is not None
    assert parse_webhook(BODY, both, [SECRET], NOW) is not None
    assert parse_webhook(BODY, both, ["whsec_other"], NOW) is not None
    assert parse_webhook(BODY, signed(secret=PREVIOUS), [SECRET], NOW) is None
    assert parse_webhook(BODY, signed(), [], NOW) is None


@pytest.mark.parametrize(
    ("seconds", "is_good"), [(0, True), (299, True), (300, True), (301, False), (-300, True), (-301, False)]
)
def test_five_minutes_either_way(seconds, is_good):
    assert (parse_webhook(BODY, signed(at=AT - seconds), [SECRET], NOW) is not None) == is_good


@pytest.mark.parametrize(
    "header",
    [
        "",
        "nonsense",
        "t=,v1=",
        f"t={AT}",
        f"v1={signed().partition('v1=')[2]}",
        signed().replace("v1=", "v0="),
        signed().replace("v1=", "v1= "),
        signed().replace(str(AT), f"{AT}.5"),
        signed().replace(str(AT), "٣"),
        signed().replace(str(AT), "9" * 400),
        signed()[:-1],
        signed() + "0",
        signed(secret=""),
        signed().upper(),
        f"t={AT},v1=ä",
        ",".join([f"t={AT}", *["v1=00"] * 20, signed().partition(",")[2]]),
    ],
)
def test_a_header_that_proves_nothing(header):
    assert parse_webhook(BODY, header, [SECRET], NOW) is None


def test_each_byte_of_the_body_counts():
    assert parse_webhook(BODY + b" ", signed(), [SECRET], NOW) is None
    assert parse_webhook(BODY.replace(b"evt_1", b"evt_2"), signed(), [SECRET], NOW) is None
    spaced = BODY.replace(b":", b" :", 1)
    assert parse_webhook(spaced, signed(spaced), [SECRET], NOW) is not None


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b"{}", b'{"id":"evt_1","object":"v2.core.event","type":"v1.billing.meter"}', BODY[:-1]],
)
def test_what_is_signed_and_is_no_event(body):
    assert parse_webhook(body, signed(body), [SECRET], NOW) is None


def test_bytes_that_are_no_text():
    assert parse_webhook(b"\xff\xfe", signed(), [SECRET], NOW) is None


@pytest.mark.parametrize(
    ("about", "kind", "object_id", "intent_id"),
    [
        ({"id": "re_1", "object": "refund", "payment_intent": "pi_9"}, "refund", "re_1", "pi_9"),
        ({"id": "dp_1", "object": "dispute", "payment_intent": {"id": "pi_9"}}, "dispute", "dp_1", "pi_9"),
        ({"id": "ch_1", "object": "charge", "payment_intent": None}, "charge", "ch_1", None),
        ({"id": "cs_1", "object": "checkout.session", "payment_intent": "pi_9"}, "checkout", "cs_1", "pi_9"),
        ({"id": "seti_1", "object": "setup_intent"}, "setup", "seti_1", None),
        ({"id": "cus_1", "object": "customer"}, "other", "cus_1", None),
        ({"object": "balance"}, "other", "evt_1", None),
        ({"object": 7, "id": 7, "payment_intent": 7, "metadata": 7}, "other", "evt_1", None),
        ({"object": "charge", "id": "ch_1", "payment_intent": ["pi_9"], "metadata": []}, "charge", "ch_1", None),
    ],
)
def test_what_an_event_is_about(about, kind, object_id, intent_id):
    body = with_object(**about)
    event = parse_webhook(body, signed(body), [SECRET], NOW)
    assert (event.object_kind, event.object_id, event.intent_id) == (kind, object_id, intent_id)


@pytest.mark.parametrize("written", ["not an id", 7, None, "", str(UUID(int=0)) + "0"])
def test_metadata_of_somebody_else(written):
    body = with_object(id="pi_1", object="payment_intent", metadata={"carelane_attempt": written})
    assert parse_webhook(body, signed(body), [SECRET], NOW).attempt_id is None
