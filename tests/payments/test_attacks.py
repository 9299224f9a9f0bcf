"""What somebody who wants the books to be wrong would try."""

import pytest
from msgspec.structs import replace

from carelane.kit import clock
from carelane.payments.inbox.matching.actions import apply_intent
from carelane.payments.intake.verify import verify_later
from carelane.payments.invariants.reads import check_money


async def test_a_payment_that_was_spared_and_is_wanted_again_is_charged_for_what_is_owed(till):
    payment = await till.case(till.saved_card())
    payment = await till.run(await till.confirm(payment, "PAID"))
    assert payment.status == "CANCELED"
    await till.confirm(payment, "REFUND")
    payment = await till.run(await till.decide(payment))
    await till.require_agreement()
    assert payment.charge_id is not None
    assert (await till.balances()).get("credit", 0) == 0


async def test_a_refund_that_failed_is_recorded_after_all_was_given_back_by_another(till):
    payment = await till.paid()
    [intent] = till.intents(payment)
    gateway = await till.gateway()
    first = till.stripe.v1.refunds.create({"payment_intent": intent["id"]})
    seen = await gateway.fetch_refund(first.id)
    failed = replace(seen, status="failed", failure="lost_or_stolen_card", id="re_failed", created_at=clock.now())
    payment = await till.hear(payment, seen)
    assert payment.status == "REFUND"
    payment = await till.hear(payment, failed)
    await till.require_agreement()


async def test_a_dispute_whose_fee_grows_before_it_is_won(till):
    payment = await till.paid()
    [intent] = till.intents(payment)
    dispute = till.bank.dispute(intent["id"])
    seen = await (await till.gateway()).fetch_dispute(dispute["id"])
    payment = await till.hear(payment, seen)
    payment = await till.hear(payment, replace(seen, status="WON", taken_cents=0, fee_cents=seen.fee_cents * 2))
    assert payment.status == "PAID"
    await till.require_agreement()


async def test_what_was_paid_elsewhere_is_not_charged_when_the_case_is_opened_again(till):
    payment = await till.decide(await till.case(till.saved_card()))
    payment = await till.run(await till.confirm(payment, "PAID"))
    assert payment.status == "CANCELED"
    await till.close(payment)
    payment = await till.run(await till.close(payment, "REOPEN"))
    assert till.intents() == []
    assert payment.status == "CANCELED"


async def test_a_refund_beside_one_that_failed_is_seen(till):
    payment = await till.paid()
    [intent] = till.intents(payment)
    gateway = await till.gateway()
    first = till.stripe.v1.refunds.create({"payment_intent": intent["id"], "amount": 900})
    seen = await gateway.fetch_refund(first.id)
    failed = replace(seen, status="failed", failure="lost_or_stolen_card", id="re_failed", created_at=clock.now())
    payment = await till.hear(payment, failed)
    assert payment.refunded_cents == 0
    payment = await till.hear(payment, await gateway.fetch_intent(intent["id"]))
    assert payment.refunded_cents == 900


async def test_a_case_opened_again_before_its_refund_was_sent_keeps_the_money(till):
    payment = await till.case(till.intent())
    payment = await till.step(await till.close(payment))
    payment = await till.run(await till.close(payment, "REOPEN"))
    assert till.refunds() == []
    assert payment.stage == "WAITING"


async def test_forged_metadata_hides_no_money(open_books):
    """A storefront's own intent, whose metadata names one payment and another's try."""
    till = open_books
    await till.paid()
    second = await till.case(till.saved_card())
    [(attempt_id,)] = await till.ask("SELECT id FROM payment_attempts")
    forged = till.intent(metadata={"carelane_attempt": str(attempt_id), "carelane_payment": str(second.id)})
    seen = await (await till.gateway()).fetch_intent(forged)
    verdict = await apply_intent(till.services, till.actor, till.account_id, seen)
    assert (verdict.status, verdict.intent_id) == ("UNMATCHED", forged)
    [finding] = await check_money(till.services, till.actor)
    assert (finding.id, finding.problem) == (forged, "the gateway has taken it, and nothing is recorded of it")


async def test_a_dispute_that_was_answered_for_a_fee_is_lost_with_it(till):
    payment = await till.paid()
    [intent] = till.intents(payment)
    seen = await (await till.gateway()).fetch_dispute(till.bank.dispute(intent["id"])["id"])
    payment = await till.hear(payment, seen)
    for status in ("OPEN", "LOST", "LOST"):
        payment = await till.hear(payment, replace(seen, status=status, fee_cents=seen.fee_cents * 2))
        await till.require_agreement()
    assert (await till.balances())["gateway-fees"] == 491 + 2 * seen.fee_cents
    assert (await till.balances())["write-offs"] == 15_900


async def test_an_intent_stays_its_payments_whatever_its_metadata_says_later(till):
    first, second = await till.paid(), await till.case(till.saved_card())
    [intent] = till.intents(first)
    till.stripe.v1.refunds.create({"payment_intent": intent["id"], "amount": 900})
    till.stripe.v1.payment_intents.update(intent["id"], {"metadata": {"carelane_payment": str(second.id)}})
    seen = await (await till.gateway()).fetch_intent(intent["id"])
    await apply_intent(till.services, till.actor, till.account_id, seen)
    assert (await till.now(first)).refunded_cents == 900


@pytest.mark.parametrize("how", ["void", "write-off", "resolve"])
async def test_what_staff_ended_is_not_taken_when_the_case_is_opened_again(till, how):
    payment = await till.run(await till.approved(None))
    assert payment.stage == "NEEDS_CARD"
    if how == "resolve":
        path, body = f"payments/{payment.id}/resolve", {"outcome": "GIVE_UP", "comment": "Given up."}
    else:
        path, body = f"charges/{payment.charge_id}/{how}", {"reason": "Given up."}
    answer = await till.http.post(f"/api/staff/{path}", json=body, headers=till.manager.headers)
    assert answer.status_code in {200, 201}, answer.text
    payment = await till.run(payment)
    assert payment.status == "CANCELED"
    payment = await till.give_card_anyway(payment, till.saved_card())
    await till.close(payment)
    payment = await till.run(await till.close(payment, "REOPEN"))
    assert till.intents() == []
    assert payment.status == "CANCELED"


async def test_money_that_nobody_has_looked_at_goes_back_when_the_case_is_paid_elsewhere(till):
    held = till.held()
    till.fail("payment_intents.retrieve", "lost_before", None)
    payment = await till.case(held)
    assert payment.stage == "UNCHECKED"
    till.bank.control("faults", method="DELETE")
    payment = await till.confirm(payment, "PAID")
    await verify_later(till.services, till.organization_id, payment.id)
    payment = await till.run(payment)
    assert (payment.stage, payment.status) == ("DONE", "CANCELED")
    assert [one["status"] for one in till.intents()] == ["canceled"]


async def unchecked(till, reference):
    """Accepted while the gateway was away."""
    till.fail("*", "lost_before", None)
    payment = await till.case(reference)
    assert (payment.stage, payment.status) == ("UNCHECKED", "UNPAID")
    return payment


def given_back_in_part(till):
    reference = till.intent()
    till.stripe.v1.refunds.create({"payment_intent": reference, "amount": 5_000})
    return reference


def bring(till, what):
    return given_back_in_part(till) if what == "given back in part" else getattr(till, what)()


@pytest.mark.parametrize("how", ["rejected", "closed"])
@pytest.mark.parametrize(
    ("what", "status", "at_gateway"),
    [
        ("held", "CANCELED", ["canceled"]),
        ("intent", "REFUND", ["succeeded"]),
        ("saved_card", "CANCELED", []),
        ("given back in part", "REFUND", ["succeeded"]),
    ],
)
async def test_money_that_nobody_has_looked_at_goes_back_when_the_case_is_over(till, how, what, status, at_gateway):
    payment = await unchecked(till, bring(till, what))
    payment = await (till.decide(payment, "REJECTED") if how == "rejected" else till.close(payment))
    assert (payment.stage, payment.wanted) == ("UNCHECKED", "RETURN")
    till.bank.control("faults", method="DELETE")
    await verify_later(till.services, till.organization_id, payment.id)
    payment = await till.run(payment)
    assert (payment.stage, payment.status) == ("DONE", status)
    assert [one["status"] for one in till.intents()] == at_gateway
    assert sum(one["amount"] for one in till.refunds()) == (15_900 if status == "REFUND" else 0)


async def test_money_of_which_a_part_is_gone_is_a_persons_even_when_the_case_is_approved(till):
    payment = await unchecked(till, given_back_in_part(till))
    payment = await till.decide(payment, "APPROVED")
    till.bank.control("faults", method="DELETE")
    await verify_later(till.services, till.organization_id, payment.id)
    payment = await till.run(payment)
    assert (payment.stage, payment.failure, payment.refunded_cents) == ("NEEDS_STAFF", "MONEY_GONE", 5_000)
    assert [one["status"] for one in till.intents()] == ["succeeded"]


async def test_a_dispute_of_money_that_went_back_already(till):
    payment = await till.paid()
    [intent] = till.intents(payment)
    gateway = await till.gateway()
    dispute = till.bank.dispute(intent["id"])
    opened = await gateway.fetch_dispute(dispute["id"])
    first = replace(opened, status="OPEN")
    await till.refund(payment, 15_900)
    payment = await till.hear(payment, first)
    payment = await till.run(payment)
    till.bank.close_dispute(dispute["id"], "won")
    payment = await till.run(await till.hear(payment, await gateway.fetch_dispute(dispute["id"])))
    assert payment.status == "PAID"


async def merge(till, kept, other):
    body, headers = {"otherId": str(other.patient_id)}, till.manager.headers
    answer = await till.http.post(f"/api/staff/patients/{kept.patient_id}/merge", json=body, headers=headers)
    assert answer.status_code in {200, 201}, answer.text


@pytest.mark.parametrize("outcome", ["APPROVED", "REJECTED"])
async def test_the_money_of_a_merged_patient_is_even_when_it_went_back(till, outcome):
    payment, kept = await till.case(till.intent()), await till.case(till.saved_card())
    await merge(till, kept, payment)
    payment = await till.run(await till.decide(payment, outcome))
    await till.require_agreement()
    if outcome == "APPROVED":
        await till.refund(payment, 15_900)
        payment = await till.run(payment)
    assert payment.status == "REFUND"
    assert await till.balances() == {"gateway": -491, "gateway-fees": 491}


async def test_what_was_paid_by_card_and_elsewhere_goes_back_each_its_own_way(till):
    payment = await till.paid()
    for status, amount in (
        ("PAID", "159.00"),
        ("REFUND", "59.00"),
        ("IN_DISPUTE", "100.00"),
        ("LOST_DISPUTE", "100.00"),
    ):
        await till.confirm(payment, status, amount)
        await till.require_agreement()
    await till.refund(payment, 15_900)
    payment = await till.run(payment)
    assert payment.status == "REFUND"
    assert await till.balances() == {"gateway": -491, "gateway-fees": 491}


@pytest.mark.parametrize("fault", ["lost_answer", "lost_before"])
async def test_a_new_card_while_nobody_knows_whether_the_old_one_paid(till, fault):
    payment = await till.approved(till.saved_card())
    till.fail("payment_intents.create", fault)
    payment = await till.step(payment)
    payment = await till.give_card(payment, till.saved_card())
    payment = await till.run(payment)
    assert (payment.stage, payment.status) == ("DONE", "PAID")
    assert [one["status"] for one in till.intents()] == ["succeeded"]


async def test_the_old_cards_refusal_says_nothing_of_the_new_one(till):
    payment = await till.approved(till.saved_card("pm_card_chargeCustomerFail"))
    till.fail("payment_intents.create", "lost_answer")
    payment = await till.step(payment)
    payment = await till.run(await till.give_card(payment, till.saved_card()))
    assert (payment.stage, payment.status) == ("DONE", "PAID")
    assert sorted(one["status"] for one in till.intents()) == ["canceled", "succeeded"]
