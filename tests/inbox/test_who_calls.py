"""Who may call back: only the pharmacy itself, and whoever else tries learns nothing."""

import time
from uuid import uuid4

import msgspec
import pytest

from tests.inbox.calling import SECRET, message, open_pharmacy, signature

EVENTS = "SELECT count(*) FROM events WHERE target_id = %s"


@pytest.fixture
async def refused(pharmacy):
    """(why, body, signature, pharmacy) of calls that must be refused, each about an order that exists."""
    _, external_id = await pharmacy.order()
    body = msgspec.json.encode(message(external_id, "ACCEPTED"))
    good = signature(body)
    digits = good.partition("v1=")[2]
    return [
        ("no signature", body, None, None),
        ("an empty signature", body, "t=,v1=", None),
        ("another secret", body, signature(body, b"guessed"), None),
        ("another body", body + b" ", good, None),
        ("all digits right but the last", body, good[:-1] + ("0" if good[-1] != "0" else "1"), None),
        ("the beginning of the right one", body, good[:-8], None),
        ("the right one and more", body, good + "00", None),
        ("only the beginning right", body, good.replace(digits, digits[:32] + "0" * 32), None),
        ("too old", body, signature(body, second=int(time.time()) - 3_600), None),
        ("an unknown pharmacy", body, good, str(uuid4())),
        ("a malformed id", body, good, "pharmacy-123"),
        ("no pharmacy at all", body, good, str(uuid4()).replace("-", "")),
    ]


async def test_whoever_cannot_sign_is_told_the_same_401(pharmacy, refused):
    told = set()
    for why, body, signed, named in refused:
        answer = await pharmacy.send(body, signed, named)
        assert answer.status_code == 401, why
        assert answer.headers["content-type"].startswith("application/problem+json")
        told.add(msgspec.json.encode({key: value for key, value in answer.json().items() if key != "requestId"}))
    assert len(told) == 1


async def test_what_was_refused_leaves_nothing(pharmacy, refused):
    before = await pharmacy.rows("SELECT count(*) FROM pharmacy_callbacks")
    for _, body, signed, named in refused:
        await pharmacy.send(body, signed, named)
    assert await pharmacy.rows("SELECT count(*) FROM pharmacy_callbacks") == before


async def test_the_same_call_rightly_signed_is_let_in(pharmacy):
    order_id, external_id = await pharmacy.order()
    answer = await pharmacy.call(message(external_id, "ACCEPTED"))
    assert (answer.status_code, answer.json()) == (200, {"status": "applied"})
    assert await pharmacy.status_of(order_id) == "ACCEPTED"


async def test_a_pharmacy_that_gets_no_more_orders_still_tells_of_those_it_has(client, services, clinic):
    closed = await open_pharmacy(client, services, clinic, is_active=False)
    order_id, external_id = await closed.order()
    assert (await closed.call(message(external_id, "SHIPPED"))).json() == {"status": "applied"}
    assert await closed.status_of(order_id) == "SHIPPED"
    body = msgspec.json.encode(message(external_id, "DELIVERED"))
    assert (await closed.send(body, signature(body, b"guessed"))).status_code == 401


async def test_a_pharmacy_of_another_clinic_moves_no_order_of_ours(pharmacy, client, services, other_clinic):
    theirs = await open_pharmacy(client, services, other_clinic)
    order_id, external_id = await pharmacy.order()
    answer = await theirs.call(message(external_id, "DELIVERED"))
    assert answer.json() == {"status": "waiting"}
    assert await pharmacy.status_of(order_id) == "SENT"
    assert await pharmacy.rows(EVENTS, order_id) == [(0,)]


async def test_another_pharmacy_of_the_clinic_moves_no_order_it_was_never_given(pharmacy, client, services, clinic):
    another = await open_pharmacy(client, services, clinic)
    order_id, external_id = await pharmacy.order(pharmacy_order_id="RX-1")
    assert (await another.call(message(external_id, "DELIVERED"))).json() == {"status": "waiting"}
    by_theirs = message(None, "DELIVERED", pharmacyOrderId="RX-1")
    assert (await another.call(by_theirs)).json() == {"status": "waiting"}
    assert await pharmacy.status_of(order_id) == "SENT"


async def test_a_secret_of_one_pharmacy_opens_no_other(pharmacy, client, services, clinic):
    key = await services.keyring.data_key(pharmacy.organization_id)
    assert key is not None
    another = await open_pharmacy(client, services, clinic)
    _, external_id = await pharmacy.order()
    body = msgspec.json.encode(message(external_id, "ACCEPTED"))
    assert (await another.send(body, signature(body, SECRET + b"2"))).status_code == 401


async def test_a_message_that_is_too_large_is_refused(pharmacy):
    body = b'{"messageId": "' + b"x" * 1_100_000 + b'"}'
    assert (await pharmacy.send(body, signature(body))).status_code == 413
