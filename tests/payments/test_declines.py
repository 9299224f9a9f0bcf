"""A card that says no: tried again, confirmed by the patient, or replaced; and holds that end before anybody decides."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from carelane.kit import clock
from carelane.payments.queries import save_payment

DAY = timedelta(days=1)


async def needs_patient(till):
    payment = await till.approved(till.saved_card())
    till.fail("payment_intents.create", "authentication_required")
    return await till.run(payment)


async def test_a_soft_decline_is_tried_three_more_times_in_five_days(till):
    payment = await till.run(await till.approved(till.saved_card("pm_card_chargeCustomerFail")))
    began = clock.now()
    waits = []
    for _ in range(3):
        assert (payment.stage, payment.failure, payment.decline_code) == ("DUE", "DECLINED", "generic_decline")
        waits.append(round((payment.next_step_at - began) / DAY))
        with clock.moved(payment.next_step_at - clock.now() + timedelta(seconds=1)):
            payment = await till.run(payment)
    assert waits == [1, 3, 5]
    assert (payment.stage, payment.tries) == ("NEEDS_CARD", 4)
    assert (await till.told(payment)).count("PAYMENT_FAILED") == 4
    # Each try was made an end of before the next.
    assert [one["status"] for one in till.intents()].count("requires_payment_method") == 1
    assert len(till.intents()) == 4


@pytest.mark.parametrize("ending", [32, 33, 34, 46])
async def test_a_hard_decline_asks_for_another_card_and_never_tries_again(till, ending):
    payment = await till.run(await till.approved(till.saved_card(), 66_600 + ending))
    assert (payment.stage, payment.failure, payment.tries) == ("NEEDS_CARD", "DECLINED", 0)
    with clock.moved(timedelta(days=6)):
        await till.run(payment)
    assert len(till.intents()) == 1
    assert await till.told(payment) == ["PAYMENT_UPDATED", "PAYMENT_FAILED", "PAYMENT_UPDATED"]


async def test_another_card_is_charged_instead_and_the_old_try_is_ended(till):
    payment = await till.run(await till.approved(till.saved_card("pm_card_chargeCustomerFail")))
    payment = await till.give_card(payment, till.saved_card())
    payment = await till.run(payment)
    assert (payment.stage, payment.status, payment.failure) == ("DONE", "PAID", None)
    assert sorted(one["status"] for one in till.intents()) == ["canceled", "succeeded"]


async def test_a_card_that_needs_the_patient_waits_for_the_same_intent(till):
    payment = await needs_patient(till)
    assert (payment.stage, payment.failure) == ("NEEDS_PATIENT", "NOT_CONFIRMED")
    assert payment.decline_code == "authentication_required"
    assert await till.told(payment) == ["PAYMENT_UPDATED", "PAYMENT_FAILED", "PAYMENT_UPDATED"]
    [intent] = till.intents()
    till.stripe.v1.payment_intents.confirm(intent["id"], {"payment_method": "pm_card_visa"})
    payment = await till.hear(payment, await (await till.gateway()).fetch_intent(intent["id"]))
    assert (payment.stage, payment.status) == ("DONE", "PAID")
    assert len(till.intents()) == 1


async def test_a_patient_whose_other_card_is_declined_on_the_page_may_try_once_more(till):
    payment = await needs_patient(till)
    [intent] = till.intents()
    with pytest.raises(Exception, match="insufficient"):
        till.stripe.v1.payment_intents.confirm(
            intent["id"], {"payment_method": "pm_card_chargeDeclinedInsufficientFunds"}
        )
    payment = await till.hear(payment, await (await till.gateway()).fetch_intent(intent["id"]))
    assert payment.stage == "NEEDS_PATIENT"


async def test_a_stolen_card_on_the_page_asks_for_another(till):
    payment = await needs_patient(till)
    [intent] = till.intents()
    with pytest.raises(Exception, match="declined"):
        till.stripe.v1.payment_intents.confirm(intent["id"], {"payment_method": "pm_card_chargeDeclinedStolenCard"})
    payment = await till.hear(payment, await (await till.gateway()).fetch_intent(intent["id"]))
    assert payment.stage == "NEEDS_CARD"


async def test_after_seven_days_approved_and_unpaid_a_person_is_asked(till):
    payment = await till.run(await till.approved(None))
    assert payment.stage == "NEEDS_CARD"
    with clock.moved(timedelta(days=7, seconds=1)):
        payment = await till.run(payment)
    assert (payment.stage, payment.failure, payment.next_step_at) == ("NEEDS_STAFF", "UNPAID_TOO_LONG", None)


async def test_a_hold_is_released_six_hours_before_its_end_and_the_saved_card_charged_after_approval(till):
    payment = await till.case(till.held())
    [(hold_ends_at,)] = await till.ask("SELECT hold_ends_at FROM payment_intents")
    assert payment.next_step_at == hold_ends_at - timedelta(hours=6)
    with clock.moved(payment.next_step_at - clock.now() + timedelta(seconds=1)):
        payment = await till.run(payment)
    assert (payment.stage, payment.policy) == ("WAITING", "charge_on_approval")
    payment = await till.run(await till.decide(payment))
    assert (payment.stage, payment.status) == ("DONE", "PAID")
    assert sorted(one["status"] for one in till.intents()) == ["canceled", "succeeded"]


async def test_a_hold_without_a_card_that_may_be_kept_asks_for_one(till):
    payment = await till.case(till.held(keeps=False))
    with clock.moved(payment.next_step_at - clock.now() + timedelta(seconds=1)):
        payment = await till.run(payment)
    assert (payment.stage, payment.failure) == ("NEEDS_CARD", "NO_CARD")


async def test_a_hold_that_expired_at_the_gateway_is_followed_by_a_charge(till):
    payment = await till.case(till.held(66_616), 66_616)
    payment = await till.run(await till.decide(payment))
    assert (payment.stage, payment.status) == ("DONE", "PAID")
    assert sorted(one["status"] for one in till.intents()) == ["canceled", "succeeded"]


async def test_never_captured_after_the_hold_ends(till):
    """The last moments count as after: a call takes its time."""
    payment = await till.decide(await till.case(till.held()))
    captures = till.bank.calls().get("payment_intents.capture", 0)
    [(hold_ends_at,)] = await till.ask("SELECT hold_ends_at FROM payment_intents")
    for before in (timedelta(minutes=1), timedelta(0), timedelta(minutes=-1)):
        with clock.moved(hold_ends_at - before - clock.now()):
            payment = await till.step(payment)
        assert (payment.stage, payment.status) == ("DUE", "UNPAID")
    assert await till.ask("SELECT FROM payment_attempts") == []
    assert till.bank.calls().get("payment_intents.capture", 0) == captures
    assert [one["status"] for one in till.intents()] == ["requires_capture"]


async def test_captured_while_the_hold_still_stands(till):
    payment = await till.decide(await till.case(till.held()))
    [(hold_ends_at,)] = await till.ask("SELECT hold_ends_at FROM payment_intents")
    with clock.moved(hold_ends_at - timedelta(minutes=3) - clock.now()):
        payment = await till.step(payment)
    assert (payment.stage, payment.status) == ("DONE", "PAID")


async def test_a_card_the_gateway_does_not_know_any_more_asks_for_another(till):
    payment = await till.approved(till.saved_card())
    async with till.services.db.transaction(till.actor) as conn:
        await save_payment(conn, replace(payment, method_id="pm_gone"))
    payment = await till.run(payment)
    assert (payment.stage, payment.failure) == ("NEEDS_CARD", "DECLINED")


@pytest.mark.parametrize("code", ["stolen_card", "lost_card", "fraudulent", "pickup_card"])
async def test_why_a_card_was_declined_is_for_staff_alone(till, code):
    """Not for whoever holds the card: neither the case's answers, nor events, nor the feed say it."""
    till.fail("payment_intents.create", code)
    payment = await till.run(await till.approved(till.saved_card()))
    assert (payment.stage, payment.failure, payment.decline_code) == ("NEEDS_CARD", "DECLINED", code)
    told = await till.ask(
        "SELECT coalesce(value_before, '') || coalesce(value_after, '') FROM events WHERE target_id = %s", payment.id
    )
    assert "DECLINED" in {text for (text,) in told}
    assert not [text for (text,) in told if code in text]
    for path in ("", "/payments"):
        answer = await till.http.get(f"/api/v1/cases/{payment.case_id}{path}", headers=till.clinic.key)
        assert code not in answer.text
