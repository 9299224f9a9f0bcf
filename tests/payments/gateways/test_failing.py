"""How a call to Stripe can end without an answer that helps, and that each way has the one name that says what to do about it."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from carelane.kit.http import Http
from carelane.payments.gateways.errors import (
    DeclinedError,
    GatewayBusyError,
    GatewayError,
    OutcomeUnknownError,
    RefusedByGatewayError,
)
from carelane.payments.gateways.simulator.cards import DECLINES
from carelane.payments.gateways.stripe import calls
from tests.kit.test_http import free_port
from tests.payments.gateways.conftest import SLOW_SECONDS

SINCE = timedelta(minutes=1)
INTENT = (
    b'{"id":"pi_1","object":"payment_intent","status":"%s","livemode":false,"amount":%s,"currency":"usd","created":1}'
)


def one_charge(account, attempt_id=None, amount_cents=4_900, method="pm_card_visa"):
    """A function that makes the same charge each time."""
    attempt_id = attempt_id or uuid4()
    customer_id, method_id = account.save_card(method)
    told = {
        "attempt_id": attempt_id,
        "payment_id": uuid4(),
        "amount_cents": amount_cents,
        "currency": "USD",
        "customer_id": customer_id,
        "method_id": method_id,
    }

    async def find():
        return await account.gateway.find_intent(attempt_id, customer_id, datetime.now(UTC) - SINCE)

    return lambda: account.gateway.charge_off_session(**told), find


@pytest.mark.parametrize("code", DECLINES)
async def test_a_card_says_no_and_the_intent_says_why(account, code):
    charge, find = one_charge(account)
    account.world.fail_next("payment_intents.create", code, key=account.key)
    with pytest.raises(DeclinedError) as error:
        await charge()

    declined = error.value.intent
    assert error.value.decline_code == code
    assert (declined.status, declined.captured_cents, declined.decline_code) == ("requires_payment_method", 0, code)
    assert declined.failed_method_id is not None
    # The same key is the same answer: a declined charge is tried again under another.
    with pytest.raises(DeclinedError) as again:
        await charge()
    assert (again.value.decline_code, again.value.intent.id) == (code, declined.id)
    found = await find()
    assert (found.id, found.decline_code) == (declined.id, code)


@pytest.mark.parametrize("fault", ["lost_answer", "stalled", "server_error_after"])
async def test_what_was_done_without_an_answer_is_found(account, fault):
    charge, find = one_charge(account)
    account.world.fail_next("payment_intents.create", fault, key=account.key)
    with pytest.raises(OutcomeUnknownError):
        await charge()

    found = await find()
    assert (found.status, found.captured_cents) == ("succeeded", 4_900)
    assert len(account.at_stripe()) == 1


async def test_the_same_key_after_a_lost_answer_gives_that_answer(account):
    charge, find = one_charge(account)
    account.world.fail_next("payment_intents.create", "lost_answer", key=account.key)
    with pytest.raises(OutcomeUnknownError):
        await charge()

    assert await charge() == await find()
    assert len(account.at_stripe()) == 1


@pytest.mark.parametrize("fault", ["lost_before", "server_error"])
async def test_what_was_not_done_without_an_answer_is_not_found(account, fault):
    charge, find = one_charge(account)
    account.world.fail_next("payment_intents.create", fault, key=account.key)
    with pytest.raises(OutcomeUnknownError):
        await charge()

    assert await find() is None
    assert account.at_stripe() == []


@pytest.mark.parametrize("fault", ["conflict", "rate_limited"])
async def test_a_busy_gateway_did_nothing_and_takes_the_same_again(account, fault):
    charge, find = one_charge(account)
    account.world.fail_next("payment_intents.create", fault, key=account.key)
    with pytest.raises(GatewayBusyError):
        await charge()

    assert await find() is None
    assert (await charge()).status == "succeeded"


async def test_a_key_that_is_being_worked_on_is_busy(account):
    charge, find = one_charge(account)
    account.world.fail_next("payment_intents.create", "slow", key=account.key)
    with pytest.raises(OutcomeUnknownError):
        await charge()
    with pytest.raises(GatewayBusyError) as error:
        await charge()
    assert "idempotency_key_in_use" in str(error.value)

    await asyncio.sleep(SLOW_SECONDS)
    assert await charge() == await find()
    assert len(account.at_stripe()) == 1


async def test_a_key_of_another_call_tells_nothing_of_what_became_of_that(account):
    attempt_id = uuid4()
    first, _ = one_charge(account, attempt_id)
    other, _ = one_charge(account, attempt_id, amount_cents=5_000)
    await first()
    with pytest.raises(OutcomeUnknownError):
        await other()
    assert len(account.at_stripe()) == 1


@pytest.mark.parametrize("fault", ["lost_answer", "lost_before", "server_error", "stalled", "rate_limited"])
async def test_reading_fails_by_the_same_names(account, fault):
    paid = await account.charge()
    kind = GatewayBusyError if fault == "rate_limited" else OutcomeUnknownError
    # What only reads is sent a second time by itself, when a connection that was kept turns out to be closed.
    times = 2 if fault.startswith("lost") else 1
    account.world.fail_next("payment_intents.retrieve", fault, times, key=account.key)
    with pytest.raises(kind):
        await account.gateway.fetch_intent(paid.id)
    account.world.fail_next("refunds.list", fault, times, key=account.key)
    with pytest.raises(kind):
        await account.gateway.list_refunds(paid.id)
    assert await account.gateway.fetch_intent(paid.id) == paid


@pytest.mark.parametrize("act", ["capture", "release"])
@pytest.mark.parametrize("fault", ["lost_answer", "server_error_after"])
async def test_an_unanswered_capture_and_release_are_looked_up(account, act, fault):
    held = await account.hold()
    account.world.fail_next(f"payment_intents.{'cancel' if act == 'release' else 'capture'}", fault, key=account.key)
    call = (
        account.gateway.release(attempt_id=uuid4(), intent_id=held.id)
        if act == "release"
        else account.gateway.capture(attempt_id=uuid4(), intent_id=held.id, amount_cents=4_900, currency="USD")
    )
    with pytest.raises(OutcomeUnknownError):
        await call
    found = await account.gateway.fetch_intent(held.id)
    assert found.status == ("canceled" if act == "release" else "succeeded")


async def test_an_unanswered_refund_is_found_by_its_attempt(account):
    paid, attempt_id = await account.charge(), uuid4()
    account.world.fail_next("refunds.create", "lost_answer", key=account.key)
    with pytest.raises(OutcomeUnknownError):
        await account.gateway.refund(
            attempt_id=attempt_id, intent_id=paid.id, amount_cents=900, currency="USD", reason=None
        )
    [found] = await account.gateway.list_refunds(paid.id)
    assert (found.attempt_id, found.amount_cents) == (attempt_id, 900)


async def test_a_wrong_key_is_refused_and_not_told(account, loopback):
    gateway = account.adapter(loopback, key="pk_test_not_a_secret_key")
    with pytest.raises(RefusedByGatewayError) as error:
        await gateway.fetch_intent("pi_1")
    assert "not_a_secret" not in str(error.value)


async def test_an_unknown_customer_is_refused(account):
    with pytest.raises(RefusedByGatewayError) as error:
        await account.gateway.create_setup(key=uuid4(), customer_id="cus_nobody", metadata={})
    assert error.value.code == "resource_missing"


async def test_where_nobody_listens_nothing_was_sent(account, loopback):
    gateway = account.adapter(loopback, url=f"http://127.0.0.1:{free_port()}")
    with pytest.raises(GatewayBusyError):
        await gateway.fetch_intent("pi_1")


async def test_a_private_address_is_not_reached(account):
    public = Http()
    try:
        with pytest.raises(GatewayBusyError, match="no public address"):
            await account.adapter(public).fetch_intent("pi_1")
    finally:
        await public.close()


@asynccontextmanager
async def answering(status: int, body: bytes):
    """A server whose every answer this is."""

    async def handle(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 %d -\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % (status, len(body)) + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        # What a proxy says, not Stripe: it knows nothing of whether Stripe acted, nor whether an object is there.
        (502, b"<html>Bad gateway</html>"),
        (403, b"<html>Blocked: rosa@example.com</html>"),
        (404, b"<html>Not found</html>"),
        (404, b'{"message":"no route"}'),
        (400, b'{"error":"nonsense"}'),
        (400, b'{"error":{"message":"without a type"}}'),
        (301, b""),
        (200, b"<html>Sign in to the network</html>"),
        (200, b""),
        (200, b"[]"),
        (200, b"{}"),
        (200, b"null"),
        (200, b"\xff\xfe"),
        (200, b'{"object":"list","data":[],"has_more":false,"url":"/v1/payment_intents"}'),
        (200, INTENT % (b"evaporated", b"1")),
        (200, INTENT % (b"succeeded", b'"a lot"')),
        (500, b'{"error":{"type":"api_error"}}'),
        (503, b'{"error":{"type":"card_error","code":"card_declined"}}'),
    ],
)
async def test_an_answer_that_says_nothing_of_the_outcome(account, loopback, status, body):
    async with answering(status, body) as url:
        gateway = account.adapter(loopback, url=url)
        with pytest.raises(OutcomeUnknownError) as error:
            await gateway.fetch_intent("pi_1")
        assert "rosa" not in str(error.value)
        with pytest.raises(OutcomeUnknownError):
            await gateway.release(attempt_id=uuid4(), intent_id="pi_1")


async def test_an_answer_without_an_end_is_cut_off(account, loopback, monkeypatch):
    monkeypatch.setattr(calls, "MOST_ANSWER_BYTES", 1_000)
    async with answering(200, INTENT % (b"succeeded", b"1") + b" " * 2_000) as url:
        with pytest.raises(OutcomeUnknownError):
            await account.adapter(loopback, url=url).fetch_intent("pi_1")


async def test_no_cause_and_no_text_of_an_error_holds_what_was_sent(account, loopback):
    body = (
        b'{"error":{"type":"invalid_request_error","code":"email_invalid","message":"Invalid email: rosa@example.com"}}'
    )
    async with answering(400, body) as url:
        with pytest.raises(GatewayError) as error:
            await account.adapter(loopback, url=url).create_customer(
                key=uuid4(), email="rosa@example.com", patient_id=uuid4()
            )
    assert str(error.value) == "refused: email_invalid"
    assert error.value.__suppress_context__
    assert error.value.__cause__ is None
