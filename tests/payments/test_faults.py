"""A gateway that loses answers, is busy, breaks or stalls: money moves once all the same, and is recorded."""

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from carelane.kit import clock

CALL_FAULTS = (
    "lost_answer", "lost_before", "conflict", "server_error", "server_error_after", "rate_limited", "slow", "stalled",
)  # fmt: skip


async def charged(till):
    return await till.approved(till.saved_card())


async def captured(till):
    return await till.decide(await till.case(till.held()))


async def released(till):
    return await till.decide(await till.case(till.held()), "REJECTED")


async def refunded(till):
    payment = await till.paid()
    await till.refund(payment, 15_900)
    return await till.now(payment)


MOVES = {
    "payment_intents.create": (charged, "PAID"),
    "payment_intents.capture": (captured, "PAID"),
    "payment_intents.cancel": (released, "CANCELED"),
    "refunds.create": (refunded, "REFUND"),
}
NAMES = {
    "payment_intents.create": "CHARGE",
    "payment_intents.capture": "CAPTURE",
    "payment_intents.cancel": "RELEASE",
    "refunds.create": "REFUND",
}


@pytest.mark.parametrize("fault", CALL_FAULTS)
@pytest.mark.parametrize("operation", MOVES)
async def test_whatever_became_of_the_call_the_money_moves_once(till, operation, fault):
    prepare, status = MOVES[operation]
    payment = await prepare(till)
    till.fail(operation, fault)
    payment = await till.run(payment)
    assert (payment.stage, payment.status) == ("DONE", status)
    assert len(till.intents()) == 1
    assert len(till.refunds()) == (1 if status == "REFUND" else 0)
    told = await till.told(payment)
    assert len(told) == len(set(told)) + told.count("PAYMENT_UPDATED") - 1


async def test_while_the_gateway_is_away_altogether_nothing_is_given_up(till):
    payment = await charged(till)
    till.fail("*", "server_error", None)
    for _ in range(5):
        payment = await till.step(payment)
    till.bank.control("faults", method="DELETE")
    assert (payment.stage, payment.status) == ("DUE", "UNPAID")
    with clock.moved(timedelta(minutes=2)):
        payment = await till.run(payment)
    assert (payment.stage, payment.status) == ("DONE", "PAID")
    assert len(till.intents()) == 1


@pytest.mark.parametrize("operation", MOVES)
async def test_what_was_not_answered_is_logged_by_ids_and_names_alone(till, operation):
    """Neither the amount, nor the card, nor what the gateway wrote."""
    payment = await MOVES[operation][0](till)
    till.fail(operation, "lost_answer")
    with capture_logs() as lines:
        while not lines:
            payment = await till.step(payment)
    assert lines == [
        {
            "event": "payment_not_answered", "log_level": "warning", "organization_id": str(till.organization_id),
            "payment_id": str(payment.id), "name": NAMES[operation], "error": "OutcomeUnknownError",
        }
    ]  # fmt: skip
    await till.run(payment)


async def lost(till):
    """A charge whose row is there, and of whose call nobody knows anything."""
    payment = await charged(till)
    task = await till.take(payment)
    due = await task.next_step()
    assert due.attempt.kind == "CHARGE"
    return payment, due.attempt


async def test_a_try_older_than_twenty_hours_is_never_sent_again(till):
    payment, _ = await lost(till)
    with clock.moved(timedelta(hours=20, minutes=1)):
        payment = await till.run(payment)
    assert (payment.stage, payment.failure, payment.next_step_at) == ("NEEDS_STAFF", "OUTCOME_UNKNOWN", None)
    assert till.intents() == []


async def test_a_younger_one_that_is_not_there_is_sent_again_under_the_same_key(till):
    payment, attempt = await lost(till)
    with clock.moved(timedelta(hours=19)):
        payment = await till.run(payment)
    assert payment.status == "PAID"
    [intent] = till.intents()
    assert intent["metadata"]["carelane_attempt"] == str(attempt.id)


async def test_a_try_that_nobody_wants_any_more_is_not_sent_again(till):
    payment, _ = await lost(till)
    await till.close(payment)
    with clock.moved(timedelta(minutes=1)):
        payment = await till.run(payment)
    assert (payment.stage, payment.status) == ("DONE", "CANCELED")
    assert till.intents() == []


async def test_money_of_a_try_that_was_given_up_goes_back_when_it_shows_up(till):
    payment, attempt = await lost(till)
    await till.close(payment)
    with clock.moved(timedelta(minutes=1)):
        payment = await till.run(payment)
    late = till.intent(
        metadata={"carelane_attempt": str(attempt.id), "carelane_payment": str(payment.id)}, capture_method="automatic"
    )
    payment = await till.hear(payment, await (await till.gateway()).fetch_intent(late))
    assert payment.stage == "RELEASING"
    payment = await till.run(payment)
    assert (payment.stage, payment.status) == ("DONE", "REFUND")


async def test_a_person_is_told_what_the_gateway_refuses(till):
    payment = await captured(till)
    [intent] = till.intents()
    till.stripe.v1.payment_intents.capture(intent["id"], {"amount_to_capture": 9_000})
    payment = await till.run(payment)
    assert (payment.stage, payment.failure) == ("NEEDS_STAFF", "PARTLY_CAPTURED")
    assert payment.captured_cents == 9_000
