"""What a decision makes of payments that somebody touched before it: nobody pays twice, nothing waits without a person who knows."""

import pytest

from tests.payments.checking import findings_of
from tests.payments.world import AMOUNT

OTHER_AMOUNT = AMOUNT + 1


async def explained(till, payment):
    answer = await till.http.get(f"/api/staff/payments/{payment.id}/why", headers=till.manager.headers)
    assert answer.status_code == 200, answer.text
    why = answer.json()
    return why["stage"], why["failure"], [one["who"] for one in why["whoCanMoveIt"]]


async def spared(till, reference):
    """Approved, and paid elsewhere before the card was charged."""
    payment = await till.run(await till.confirm(await till.approved(reference), "PAID"))
    assert (payment.stage, payment.status) == ("DONE", "CANCELED")
    return payment


# ------------------------------------------------------------ paid elsewhere, and not after all


@pytest.mark.parametrize("status", ["CANCELED", "ERROR"])
async def test_a_person_is_asked_when_what_was_paid_elsewhere_is_taken_back(till, status):
    payment = await spared(till, till.saved_card())
    payment = await till.run(await till.confirm(payment, status))
    assert (payment.stage, payment.failure, payment.status) == ("NEEDS_STAFF", "ELSEWHERE_CANCELED", "UNPAID")
    assert await till.ask("SELECT status, outstanding_cents FROM charges") == [("OUTSTANDING", AMOUNT)]
    assert till.intents() == []
    stage, failure, movers = await explained(till, payment)
    assert (stage, failure) == ("NEEDS_STAFF", "ELSEWHERE_CANCELED")
    assert "STAFF" in movers


async def test_the_card_is_charged_once_staff_want_it_and_pays_what_is_owed(till):
    payment = await till.confirm(await spared(till, till.saved_card()), "CANCELED")
    answer = await till.http.post(f"/api/staff/payments/{payment.id}/retry", headers=till.manager.headers)
    assert answer.status_code == 200, answer.text
    payment = await till.run(payment)
    assert (payment.stage, payment.status) == ("DONE", "PAID")
    assert await till.ask("SELECT status, outstanding_cents FROM charges") == [("PAID", 0)]
    assert len(till.intents()) == 1


async def test_what_is_given_up_then_is_owed_no_more(till):
    payment = await till.confirm(await spared(till, till.saved_card()), "CANCELED")
    body = {"outcome": "GIVE_UP", "comment": "the patient does not want it"}
    url = f"/api/staff/payments/{payment.id}/resolve"
    answer = await till.http.post(url, json=body, headers=till.manager.headers)
    assert answer.status_code == 200, answer.text
    payment = await till.now(payment)
    assert (payment.stage, payment.status) == ("DONE", "CANCELED")
    assert await till.ask("SELECT status, outstanding_cents FROM charges") == [("VOID", 0)]


async def test_paid_elsewhere_again_asks_nobody_any_more(till):
    payment = await till.confirm(await spared(till, till.held()), "CANCELED")
    assert payment.stage == "NEEDS_STAFF"
    payment = await till.run(await till.confirm(payment, "PAID"))
    assert (payment.stage, payment.status) == ("DONE", "CANCELED")
    assert await till.ask("SELECT status, outstanding_cents FROM charges") == [("EXTERNAL_SETTLEMENT", 0)]


async def test_an_undecided_case_waits_for_its_decision_and_takes_the_card_then(till):
    payment = await till.confirm(await till.case(till.saved_card()), "PAID")
    payment = await till.run(await till.confirm(payment, "CANCELED"))
    assert payment.failure is None
    payment = await till.run(await till.decide(payment))
    assert (payment.stage, payment.status) == ("DONE", "PAID")


async def test_a_case_that_was_closed_asks_nobody(till):
    payment = await spared(till, till.saved_card())
    await till.close(payment)
    payment = await till.confirm(payment, "CANCELED")
    assert (payment.stage, payment.status) == ("DONE", "CANCELED")


# ------------------------------------------------------------ given back before the decision


async def test_a_person_is_asked_about_money_that_went_back_before_the_approval(till):
    payment = await till.case(till.intent())
    intent_id = till.intents()[0]["id"]
    till.stripe.v1.refunds.create({"payment_intent": intent_id})
    payment = await till.hear(payment, await (await till.gateway()).fetch_intent(intent_id))
    assert (payment.stage, payment.status) == ("WAITING", "REFUND")
    payment = await till.run(await till.decide(payment))
    assert (payment.stage, payment.failure, payment.status) == ("NEEDS_STAFF", "REFUNDED", "REFUND")
    assert await till.ask("SELECT FROM charges") == []
    assert await explained(till, payment) == ("NEEDS_STAFF", "REFUNDED", ["STAFF", "STOREFRONT"])


async def test_part_that_went_back_before_the_approval_is_outstanding(till):
    payment = await till.case(till.intent())
    intent_id = till.intents()[0]["id"]
    till.stripe.v1.refunds.create({"payment_intent": intent_id, "amount": 900})
    payment = await till.hear(payment, await (await till.gateway()).fetch_intent(intent_id))
    payment = await till.run(await till.decide(payment))
    assert (payment.stage, payment.status) == ("DONE", "PAID")
    assert await till.ask("SELECT outstanding_cents FROM charges") == [(900,)]


# ------------------------------------------------------------ rejected, whatever a person was asked about


async def other_hold(till, **more):
    payment = await till.case(None)
    made = till.held(**({"metadata": {"carelane_payment": str(payment.id)}} | more))
    return await till.hear(payment, await (await till.gateway()).fetch_intent(made)), made


async def test_a_hold_of_another_amount_is_released_by_the_rejection(till):
    payment, made = await other_hold(till, amount=OTHER_AMOUNT)
    assert (payment.stage, payment.failure) == ("NEEDS_STAFF", "AMOUNT_DIFFERS")
    payment = await till.run(await till.decide(payment, "REJECTED"))
    assert (payment.stage, payment.status, payment.failure) == ("DONE", "CANCELED", None)
    assert till.stripe.v1.payment_intents.retrieve(made).status == "canceled"


async def test_it_is_released_when_it_is_heard_of_after_the_rejection(till):
    payment = await till.run(await till.decide(await till.case(None), "REJECTED"))
    made = till.held(OTHER_AMOUNT, metadata={"carelane_payment": str(payment.id)})
    payment = await till.hear(payment, await (await till.gateway()).fetch_intent(made))
    payment = await till.run(payment)
    assert (payment.stage, payment.failure) == ("DONE", None)
    assert till.stripe.v1.payment_intents.retrieve(made).status == "canceled"


async def test_a_part_that_was_captured_goes_back_by_the_rejection(open_books):
    payment = await open_books.case(open_books.held())
    [intent] = open_books.intents()
    open_books.stripe.v1.payment_intents.capture(intent["id"], {"amount_to_capture": 9_000})
    payment = await open_books.hear(payment, await (await open_books.gateway()).fetch_intent(intent["id"]))
    assert (payment.stage, payment.failure) == ("NEEDS_STAFF", "PARTLY_CAPTURED")
    payment = await open_books.run(await open_books.decide(payment, "REJECTED"))
    assert (payment.stage, payment.status, payment.refunded_cents) == ("DONE", "REFUND", 9_000)
    assert [one["amount"] for one in open_books.refunds()] == [9_000]
    assert await early(open_books) == ["NO_CAPTURE_WITHOUT_APPROVAL"]


async def test_what_was_paid_twice_goes_back_twice_by_the_rejection(open_books):
    payment = await open_books.case(open_books.intent())
    second = open_books.intent(metadata={"carelane_payment": str(payment.id)})
    payment = await open_books.hear(payment, await (await open_books.gateway()).fetch_intent(second))
    assert (payment.stage, payment.failure) == ("NEEDS_STAFF", "PAID_TWICE")
    payment = await open_books.run(await open_books.decide(payment, "REJECTED"))
    assert (payment.stage, payment.status, payment.refunded_cents) == ("DONE", "REFUND", 2 * AMOUNT)
    assert await early(open_books) == ["NO_CAPTURE_WITHOUT_APPROVAL"]


async def test_a_storefront_that_closes_the_case_gives_back_as_much(till):
    payment, made = await other_hold(till, amount=OTHER_AMOUNT)
    payment = await till.run(await till.close(payment))
    assert (payment.stage, payment.status) == ("DONE", "CANCELED")
    assert till.stripe.v1.payment_intents.retrieve(made).status == "canceled"


async def test_what_is_surely_ours_goes_back_and_the_rest_stays_with_a_person(till):
    payment = await till.case(till.intent())
    other = till.held(currency="eur", metadata={"carelane_payment": str(payment.id)})
    payment = await till.hear(payment, await (await till.gateway()).fetch_intent(other))
    assert (payment.stage, payment.failure) == ("NEEDS_STAFF", "CURRENCY_DIFFERS")
    payment = await till.run(await till.decide(payment, "REJECTED"))
    assert (payment.stage, payment.failure) == ("NEEDS_STAFF", "CURRENCY_DIFFERS")
    assert (payment.status, payment.refunded_cents) == ("REFUND", AMOUNT)
    till.stripe.v1.payment_intents.cancel(other)


async def test_unpaid_after_paid_corrects_the_same_payment_and_never_turns_again(till):
    """Told in whatever order, one promise is one payment, and what was taken back does not come back by itself."""
    payment = await till.case(till.saved_card())
    elsewhere = (
        "SELECT id, status, captured_cents FROM payments WHERE case_id = %s AND method = 'EXTERNAL' ORDER BY created_at"
    )
    await till.confirm(payment, "PAID")
    [(first, _, _)] = await till.ask(elsewhere, payment.case_id)
    await till.confirm(payment, "UNPAID")
    assert await till.ask(elsewhere, payment.case_id) == [(first, "UNPAID", 0)]
    assert await till.balances() == {}
    moved = "SELECT value_before, value_after FROM events WHERE target_id = %s AND type = 'PAYMENT_UPDATED'"
    assert await till.ask(moved, first) == [("PAID", "UNPAID")]
    await till.confirm(payment, "PAID")
    rows = await till.ask(elsewhere, payment.case_id)
    assert [row[1:] for row in rows] == [("UNPAID", 0), ("PAID", 15_900)]
    assert rows[0][0] == first


async def early(books):
    """What stays found: money that was taken before anybody decided, though it went back."""
    return [finding.invariant for finding in await findings_of(books.services, books.organization_id)]
