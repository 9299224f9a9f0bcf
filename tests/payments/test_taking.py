"""From approval to the money: charged or captured once, recorded to the cent, told once."""

from datetime import timedelta

from carelane.kit import clock

FEE = 491
TOLD = ["PAYMENT_UPDATED", "PAYMENT_UPDATED", "PAYMENT_COMPLETED"]


async def test_an_approved_case_is_charged_once(till):
    payment = await till.case(till.saved_card())
    assert (payment.stage, payment.status, payment.policy) == ("WAITING", "UNPAID", "charge_on_approval")
    payment = await till.decide(payment)
    assert payment.stage == "DUE"
    payment = await till.run(payment)
    assert (payment.stage, payment.status, payment.captured_cents) == ("DONE", "PAID", 15_900)
    assert payment.next_step_at is None
    [intent] = till.intents(payment)
    assert (intent["status"], intent["amount_received"]) == ("succeeded", 15_900)
    assert await till.told(payment) == TOLD
    assert await till.balances() == {"gateway": 15_900 - FEE, "gateway-fees": FEE, "revenue": -15_900}


async def test_a_hold_is_captured_once(till):
    payment = await till.case(till.held())
    assert (payment.stage, payment.policy) == ("WAITING", "hold")
    payment = await till.run(await till.decide(payment))
    assert (payment.stage, payment.status) == ("DONE", "PAID")
    [intent] = till.intents()
    assert (intent["status"], intent["amount_received"]) == ("succeeded", 15_900)
    assert await till.told(payment) == TOLD


async def test_a_rejected_case_releases_its_hold(till):
    payment = await till.run(await till.decide(await till.case(till.held()), "REJECTED"))
    assert (payment.stage, payment.status, payment.captured_cents) == ("DONE", "CANCELED", 0)
    assert payment.canceled_at is not None
    [intent] = till.intents()
    assert intent["status"] == "canceled"
    assert await till.balances() == {}


async def test_a_rejected_case_leaves_a_saved_card_alone(till):
    payment = await till.run(await till.decide(await till.case(till.saved_card()), "REJECTED"))
    assert (payment.stage, payment.status) == ("DONE", "CANCELED")
    assert till.intents() == []


async def test_no_decision_moves_no_money(till):
    payment = await till.run(await till.decide(await till.case(till.held()), "NO_DECISION"))
    assert (payment.stage, payment.status) == ("WAITING", "UNPAID")
    [intent] = till.intents()
    assert intent["status"] == "requires_capture"


async def test_what_was_taken_before_approval_is_credit_and_then_pays(till):
    payment = await till.case(till.intent())
    assert (payment.stage, payment.status, payment.captured_cents) == ("WAITING", "PAID", 15_900)
    assert await till.balances() == {"gateway": 15_900 - FEE, "gateway-fees": FEE, "credit": -15_900}
    payment = await till.run(await till.decide(payment))
    assert (payment.stage, payment.status) == ("DONE", "PAID")
    assert await till.balances() == {"gateway": 15_900 - FEE, "gateway-fees": FEE, "revenue": -15_900}
    assert (await till.told(payment)).count("PAYMENT_COMPLETED") == 1


async def test_what_was_taken_before_a_rejection_goes_back(till):
    payment = await till.run(await till.decide(await till.case(till.intent()), "REJECTED"))
    assert (payment.stage, payment.status, payment.refunded_cents) == ("DONE", "REFUND", 15_900)
    [refund] = till.refunds()
    assert refund["amount"] == 15_900
    assert await till.balances() == {"gateway": -FEE, "gateway-fees": FEE}


async def test_zero_never_reaches_the_gateway(till):
    payment = await till.case(till.saved_card(), 0)
    assert payment.status == "UNPAID"
    payment = await till.run(await till.decide(payment))
    assert (payment.stage, payment.status) == ("DONE", "PAID")
    assert await till.told(payment) == ["PAYMENT_UPDATED", "PAYMENT_COMPLETED"]
    assert till.intents() == []
    assert await till.ask("SELECT FROM payment_attempts") == []


async def test_a_payment_without_a_card_asks_for_one(till):
    payment = await till.run(await till.approved(None))
    assert (payment.stage, payment.failure, payment.status) == ("NEEDS_CARD", "NO_CARD", "UNPAID")
    assert till.intents() == []


async def test_an_unverified_policy_behaves_as_today(till):
    async with till.services.db.transaction(till.actor) as conn:
        await conn.execute("UPDATE organizations SET payment_policy = 'unverified'")
    payment = await till.case("seti_somebody_elses")
    assert (payment.stage, payment.method) == ("UNVERIFIED", "REFERENCE")
    payment = await till.decide(payment)
    assert (payment.stage, payment.status, payment.next_step_at) == ("UNVERIFIED", "UNPAID", None)
    assert await till.ask("SELECT FROM charges") == []


async def test_a_payment_that_is_processing_is_waited_for(till):
    payment = await till.approved(till.saved_card(), 66_617)
    payment = await till.step(payment)
    assert (payment.stage, payment.status) == ("DUE", "UNPAID")
    till.bank.settle(till.intents(payment)[0]["id"])
    with clock.moved(timedelta(minutes=11)):
        payment = await till.run(payment)
    assert (payment.stage, payment.status) == ("DONE", "PAID")
    assert len(till.intents()) == 1


async def test_a_payment_that_was_processing_and_failed_is_a_declined_one(till):
    payment = await till.step(await till.approved(till.saved_card(), 66_618))
    till.bank.settle(till.intents(payment)[0]["id"])
    with clock.moved(timedelta(minutes=11)):
        payment = await till.step(payment)
    assert (payment.stage, payment.status, payment.failure) in {
        ("DUE", "UNPAID", "DECLINED"),
        ("NEEDS_CARD", "UNPAID", "DECLINED"),
    }


async def test_a_fee_that_is_known_later_is_posted_then(till):
    payment = await till.case(till.intent(capture_method="automatic_async"))
    assert await till.balances() == {"gateway": 15_900, "credit": -15_900}
    till.bank.settle()
    with clock.moved(timedelta(minutes=11)):
        payment = await till.run(payment)
    assert await till.balances() == {"gateway": 15_900 - FEE, "gateway-fees": FEE, "credit": -15_900}
    assert payment.next_step_at is None
