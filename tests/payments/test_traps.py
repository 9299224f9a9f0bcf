"""The traps that others have fallen into (each named as it is known), as far as other files here do not spring them."""

from datetime import timedelta
from uuid import uuid4

import pytest

from carelane.kit import clock
from carelane.payments.decided import return_payments
from carelane.payments.invariants.reads import check_money
from carelane.payments.settling.settle import settle


async def test_compensation_never_refunds_another_payments_capture(till):
    first, second = await till.paid(), await till.paid()
    theirs = await (await till.gateway()).fetch_intent(till.intents(second)[0]["id"])
    before = await till.now(first)
    await settle(till.services, till.actor, first.id, theirs)
    assert await till.now(first) == before
    await till.refund(first, 15_900)
    first = await till.run(first)
    assert (first.status, (await till.now(second)).status) == ("REFUND", "PAID")
    [refund] = till.refunds()
    assert refund["payment_intent"] == till.intents(first)[0]["id"]


async def test_requires_payment_method_is_not_processing(till):
    payment = await till.run(await till.approved(till.saved_card("pm_card_chargeCustomerFail")))
    assert [one["status"] for one in till.intents()] == ["requires_payment_method"]
    assert await till.ask("SELECT status FROM payment_attempts") == [("FAILED",)]
    assert payment.next_step_at is not None


async def test_sync_never_overwrites_canceled(till):
    payment = await till.case(till.held())
    gateway, [intent] = await till.gateway(), till.intents()
    older = await gateway.fetch_intent(intent["id"])
    payment = await till.run(await till.decide(payment, "REJECTED"))
    payment = await till.hear(payment, older)
    assert (payment.stage, payment.status) == ("DONE", "CANCELED")
    assert await till.ask("SELECT status FROM payment_intents") == [("canceled",)]


async def test_sync_never_overwrites_canceled_by_requires_action(till):
    payment = await till.approved(None)
    named = {"metadata": {"carelane_payment": str(payment.id)}}
    asked = till.intent(card="pm_card_authenticationRequired", keeps=False, **named)
    gateway = await till.gateway()
    older = await gateway.fetch_intent(asked)
    assert older.status == "requires_action"
    await till.hear(payment, older)
    till.stripe.v1.payment_intents.cancel(asked)
    for seen in (await gateway.fetch_intent(asked), older, older):
        payment = await till.hear(payment, seen)
        assert await till.ask("SELECT status FROM payment_intents") == [("canceled",)]
        assert payment.stage == "NEEDS_CARD"


@pytest.mark.parametrize("again", [False, True])
async def test_a_case_that_is_closed_while_a_person_is_asked_is_over(till, again):
    """Unpaid for too long, and then closed: nothing is left open at the gateway, and nobody is asked any more."""
    payment = await till.run(await till.approved(till.saved_card("pm_card_chargeCustomerFail")))
    with clock.moved(timedelta(days=8)):
        payment = await till.run(await till.step(payment))
    assert (payment.stage, payment.failure) == ("NEEDS_STAFF", "UNPAID_TOO_LONG")
    payment = await till.run(await till.close(payment))
    assert (payment.stage, payment.status, payment.failure) == ("DONE", "CANCELED", None)
    assert {one["status"] for one in till.intents()} == {"canceled"}
    assert await till.ask("SELECT status FROM charges") == [("VOID",)]
    if again:
        payment = await till.run(await till.close(payment, "REOPEN"))
        assert (payment.stage, payment.failure) == ("DUE", "DECLINED")


async def test_a_case_that_is_opened_again_does_not_wait_for_an_intent_that_was_made_an_end_of(till):
    payment = await till.approved(till.saved_card())
    till.fail("payment_intents.create", "authentication_required")
    payment = await till.run(payment)
    assert payment.stage == "NEEDS_PATIENT"
    payment = await till.run(await till.close(payment))
    payment = await till.run(await till.close(payment, "REOPEN"))
    assert (payment.stage, payment.status) == ("DONE", "PAID")


async def test_no_refund_is_sent_for_a_released_hold(till):
    payment = await till.run(await till.decide(await till.case(till.held()), "REJECTED"))
    url = f"/api/staff/payments/{payment.id}/refunds"
    answer = await till.http.post(url, json={"amount": "1.00"}, headers=till.manager.headers)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:carelane:refund-state")
    # Nor one that was sent when there seemed to be money.
    refund_id = await till.refund_anyway(payment, 100)
    payment = await till.run(payment)
    assert await till.ask("SELECT status FROM refunds WHERE id = %s", refund_id) == [("FAILED",)]
    assert till.refunds() == []


async def test_cancel_while_past_due_stops_charging(till):
    payment = await till.run(await till.approved(till.saved_card("pm_card_chargeCustomerFail")))
    assert (payment.stage, payment.failure) == ("DUE", "DECLINED")
    await till.close(payment)
    payment = await till.run(payment)
    assert (payment.stage, payment.status) == ("DONE", "CANCELED")
    with clock.moved(timedelta(days=6)):
        payment = await till.run(payment)
    assert len(till.intents()) == 1
    assert await till.ask("SELECT status, outstanding_cents FROM charges") == [("VOID", 0)]


async def test_a_case_that_is_opened_again_is_charged_again(till):
    payment = await till.run(await till.approved(till.saved_card("pm_card_chargeCustomerFail")))
    await till.close(payment)
    payment = await till.run(payment)
    payment = await till.give_card_anyway(payment, till.saved_card())
    payment = await till.close(payment, "REOPEN")
    payment = await till.run(payment)
    assert (payment.stage, payment.status) == ("DONE", "PAID")
    assert sorted(status for (status,) in await till.ask("SELECT status FROM charges")) == ["PAID", "VOID"]


async def test_reopened_and_rejected_after_a_capture_gives_it_back(till):
    payment = await till.paid()
    async with till.services.db.transaction(till.actor) as conn:
        await conn.execute("SELECT FROM cases WHERE id = %s FOR UPDATE", (payment.case_id,))
        await return_payments(till.services, conn, till.actor, payment.case_id)
    payment = await till.run(payment)
    assert (payment.stage, payment.status, payment.refunded_cents) == ("DONE", "REFUND", 15_900)


async def test_a_paid_case_that_is_closed_stays_paid(till):
    payment = await till.paid()
    await till.close(payment)
    payment = await till.run(payment)
    assert (payment.stage, payment.status) == ("DONE", "PAID")


async def test_an_undecided_case_that_is_closed_and_opened_again_keeps_what_it_had(till):
    payment = await till.case(till.saved_card())
    await till.close(payment)
    payment = await till.run(payment)
    assert payment.status == "CANCELED"
    payment = await till.close(payment, "REOPEN")
    assert (payment.stage, payment.status, payment.canceled_at) == ("WAITING", "UNPAID", None)
    assert (await till.run(await till.decide(payment))).status == "PAID"


async def test_money_that_went_back_is_not_taken_again_by_opening_the_case(till):
    payment = await till.case(till.intent())
    await till.close(payment)
    payment = await till.run(payment)
    assert payment.status == "REFUND"
    payment = await till.close(payment, "REOPEN")
    assert (payment.stage, payment.failure) == ("NEEDS_STAFF", "REFUNDED")


async def test_a_second_intent_that_was_captured_too_is_recorded_and_never_hidden(till):
    payment = await till.paid()
    second = till.intent(metadata={"carelane_payment": str(payment.id)})
    gateway = await till.gateway()
    for _ in range(2):
        payment = await till.hear(payment, await gateway.fetch_intent(second))
    assert (payment.stage, payment.failure, payment.captured_cents) == ("NEEDS_STAFF", "PAID_TWICE", 31_800)
    assert (await till.balances())["credit"] == -15_900
    assert await till.ask("SELECT outstanding_cents FROM charges") == [(0,)]
    await till.refund(payment, 15_900)
    payment = await till.run(payment)
    assert (payment.stage, payment.status, payment.failure) == ("DONE", "PAID", None)
    assert [one["payment_intent"] for one in till.refunds()] == [second]
    assert (await till.balances()).get("credit", 0) == 0


@pytest.mark.parametrize(
    ("difference", "failure"), [({"currency": "eur"}, "CURRENCY_DIFFERS"), ({"amount": 15_901}, "AMOUNT_DIFFERS")]
)
async def test_an_intent_of_other_money_is_left_to_a_person(till, difference, failure):
    payment = await till.approved(None)
    other = till.held(**({"metadata": {"carelane_payment": str(payment.id)}} | difference))
    payment = await till.hear(payment, await (await till.gateway()).fetch_intent(other))
    assert (payment.stage, payment.failure, payment.status) == ("NEEDS_STAFF", failure, "ERROR")
    assert await till.ask("SELECT FROM ledger_postings WHERE act = 'CAPTURE'") == []
    assert await till.run(payment) == payment
    till.stripe.v1.payment_intents.cancel(other)


async def test_test_and_live_money_never_mix(open_books):
    till = open_books
    payment = await till.approved(None)
    other = till.intent(metadata={"carelane_payment": str(payment.id), "simulate": "wrong_livemode"})
    seen = await (await till.gateway()).fetch_intent(other)
    assert not seen.is_test
    payment = await till.hear(payment, seen)
    assert (payment.stage, payment.failure, payment.captured_cents) == ("NEEDS_STAFF", "MODE_DIFFERS", 0)
    assert await till.ask("SELECT FROM ledger_postings WHERE act = 'CAPTURE'") == []
    # It is not hidden either: what the gateway has taken stands in nobody's books.
    assert [finding.id for finding in await check_money(till.services, till.actor)] == [other]


@pytest.mark.parametrize(("currency", "amount"), [("JPY", 15_900), ("KWD", 15_900)])
async def test_amounts_in_yen_and_dinars_are_exact(till, currency, amount):
    payment = await till.case(till.saved_card(), amount, currency=currency)
    payment = await till.run(await till.decide(payment))
    assert (payment.status, payment.captured_cents, payment.currency) == ("PAID", 15_900, currency)
    await till.refund(payment, 15_890)
    assert (await till.run(payment)).refunded_cents == 15_890


async def test_a_key_is_never_made_of_anything_that_changes(till):
    """Two tries have two keys, and one try has one, however often it is sent."""
    payment = await till.approved(till.saved_card())
    till.fail("payment_intents.create", "lost_before", 2)
    payment = await till.run(payment)
    [(attempt_id, sends)] = await till.ask("SELECT id, sends FROM payment_attempts")
    assert sends == 3
    [intent] = till.intents(payment)
    assert intent["metadata"]["carelane_attempt"] == str(attempt_id)


async def test_an_object_of_no_payment_changes_nothing(till):
    payment = await till.paid()
    with pytest.raises(LookupError):
        await settle(
            till.services, till.actor, uuid4(), await (await till.gateway()).fetch_intent(till.intents()[0]["id"])
        )
    assert await till.now(payment) == payment


async def test_a_charge_that_was_written_off_is_not_voided_as_well(till):
    payment = await till.run(await till.approved(till.saved_card("pm_card_chargeCustomerFail")))
    [(charge_id,)] = await till.ask("SELECT id FROM charges")
    answer = await till.http.post(
        f"/api/staff/charges/{charge_id}/write-off", json={"reason": "Moved away"}, headers=till.manager.headers
    )
    assert answer.status_code == 200, answer.text
    payment = await till.run(payment)
    assert (payment.stage, payment.status) == ("DONE", "CANCELED")
    assert await till.ask("SELECT status, outstanding_cents FROM charges") == [("WRITE_OFF", 0)]
    assert (await till.balances()).get("receivable", 0) == 0
