"""A bank wants to know that it is the patient who pays: the patient is told, and confirms the same intent."""

import asyncio
from datetime import timedelta

import pytest

from carelane.kit import clock
from tests.factories.rows import update_row
from tests.payment_page.patient import leads_to
from tests.payment_page.world import path_in
from tests.quote_page.cast import text_of

LOST = "The payment page cannot be reached just now"


async def confirmed(world, patient, path, answer="approve"):
    """Through the bank's page, and where it leads to."""
    return await patient.at_bank(leads_to(await patient.press(f"{path}/confirm")), answer)


async def is_paid_once(world, paying, payment_id):
    await world.until_stage(paying, payment_id, "DONE")
    payment = await world.payment(paying, payment_id)
    assert (payment["status"], payment["captured_cents"], bool(payment["paid_at"])) == ("PAID", 15_900, True)
    assert world.taken_cents(paying) == 15_900
    assert len(await world.events(paying, payment_id, "PAYMENT_COMPLETED")) == 1


async def test_the_patient_is_told_and_confirms_the_same_intent(world, paying, patient):
    payment_id = await world.needing(paying)
    assert await world.messages(paying, payment_id) == [("MAIL", "SENT"), ("SMS", "SENT")]
    (mail,) = world.mails_to(paying)
    assert mail["Subject"] == "Your payment to Harbor & Sons needs you"
    path = path_in(mail.get_payload(decode=True).decode())
    text = text_of(await patient.open(path))
    for expected in ("Confirm your payment", "Harbor & Sons", "$159.00", "Online visit OWN-", "If you have a question"):
        assert expected in text, expected
    back = await confirmed(world, patient, path)
    shown = await patient.open(leads_to(await patient.open(back)))
    assert "Thank you. Your payment is complete. Paid To Harbor & Sons" in text_of(shown)
    assert "<form" not in shown.text.partition("</main>")[0]
    await is_paid_once(world, paying, payment_id)
    assert len(world.intents(paying)) == 1
    assert await world.attempts(paying, payment_id) == [("CHARGE", "SUCCEEDED", 2)]
    assert len(await world.events(paying, payment_id, "PAYMENT_INFO_LINK_SENT")) == 1
    assert len(world.mails_to(paying)) == 1


async def test_the_message_says_nothing_of_health_and_no_amount(world, paying):
    payment_id = await world.needing(paying)
    await world.messages(paying, payment_id)
    (mail,) = world.mails_to(paying)
    text = mail.get_payload(decode=True).decode()
    for secret in ("Tablets", "159", "Monthly", "Iris", "Marker", "OWN-"):
        assert secret not in text + mail["Subject"]


async def test_without_a_webhook_the_patient_who_is_back_brings_the_news(world, paying, patient):
    payment_id = await world.needing(paying)
    world.silence(paying)
    back = await confirmed(world, patient, world.path(paying, payment_id))
    assert (await world.payment(paying, payment_id))["stage"] == "NEEDS_PATIENT"
    await patient.open(back)
    await is_paid_once(world, paying, payment_id)


async def test_a_patient_who_never_comes_back_has_paid_all_the_same(world, paying, patient):
    payment_id = await world.needing(paying)
    await confirmed(world, patient, world.path(paying, payment_id))
    await is_paid_once(world, paying, payment_id)
    assert "Thank you" in text_of(await patient.open(world.path(paying, payment_id)))


async def test_whoever_refuses_at_the_bank_can_try_again(world, paying, patient):
    payment_id = await world.needing(paying)
    # They are called before they come: of somebody who has paid meanwhile nothing would be wanted.
    await world.messages(paying, payment_id)
    path = world.path(paying, payment_id)
    shown = await patient.open(leads_to(await patient.open(await confirmed(world, patient, path, "refuse"))))
    assert "Confirm your payment" in text_of(shown)
    assert world.taken_cents(paying) == 0
    await patient.open(await confirmed(world, patient, path))
    await is_paid_once(world, paying, payment_id)
    assert len(world.intents(paying)) == 1
    # One need, one call: trying again on the page is no new one.
    assert len(world.mails_to(paying)) == 1


async def test_a_double_tap_asks_the_gateway_once(world, paying, patient):
    payment_id = await world.needing(paying)
    path = world.path(paying, payment_id)
    before = world.gateway.calls().get("payment_intents.confirm", 0)
    answers = await asyncio.gather(*(patient.press(f"{path}/confirm") for _ in range(6)))
    assert len({leads_to(answer) for answer in answers}) == 1
    assert world.gateway.calls()["payment_intents.confirm"] == before + 1
    assert await world.attempts(paying, payment_id) == [("CHARGE", "NEEDS_PATIENT", 2)]


@pytest.mark.parametrize("fault", ["lost_answer", "lost_before", "server_error", "rate_limited", "conflict"])
async def test_whatever_becomes_of_the_gateways_answer_it_is_paid_once(world, paying, patient, fault):
    payment_id = await world.needing(paying)
    path = world.path(paying, payment_id)
    world.gateway.fail_next("payment_intents.confirm", fault, key=paying.key)
    answer = await patient.press(f"{path}/confirm")
    assert answer.status_code == 503
    assert LOST in text_of(answer)
    await patient.at_bank(leads_to(await patient.press(f"{path}/confirm")))
    await is_paid_once(world, paying, payment_id)
    assert len(world.intents(paying)) == 1


async def test_with_another_card_the_question_in_the_other_tab_takes_nothing(world, paying, patient):
    payment_id = await world.needing(paying)
    path = world.path(paying, payment_id)
    at_bank = leads_to(await patient.press(f"{path}/confirm"))
    back = await patient.pays_at(leads_to(await patient.press(f"{path}/card")))
    await patient.open(back)
    await is_paid_once(world, paying, payment_id)
    late = await patient.open(at_bank)
    assert late.status_code == 410
    assert world.taken_cents(paying) == 15_900
    assert sorted(one["status"] for one in world.intents(paying)) == ["canceled", "succeeded"]


async def test_confirmed_while_another_card_is_entered_it_is_paid_once(world, paying, patient):
    payment_id = await world.needing(paying)
    path = world.path(paying, payment_id)
    at_bank = leads_to(await patient.press(f"{path}/confirm"))
    checkout = leads_to(await patient.press(f"{path}/card"))
    await patient.at_bank(at_bank)
    back = await patient.pays_at(checkout)
    await patient.open(back)
    await is_paid_once(world, paying, payment_id)
    assert len(world.intents(paying)) == 1


@pytest.mark.parametrize(
    ("link", "status", "said"),
    [
        ({"version": 2}, 410, "There is a newer link"),
        ({"expires_at": clock.now() - timedelta(seconds=1)}, 410, "This link has ended"),
    ],
)
async def test_a_link_that_is_no_longer_good_says_so_and_does_nothing(world, paying, patient, link, status, said):
    payment_id = await world.needing(paying)
    path = world.path(paying, payment_id, **link)
    shown = await patient.open(path)
    assert (shown.status_code, said in text_of(shown)) == (status, True)
    assert "159" not in shown.text
    for act in ("confirm", "card"):
        answer = await patient.press(f"{path}/{act}")
        assert leads_to(answer) == path
    assert await world.attempts(paying, payment_id) == [("CHARGE", "NEEDS_PATIENT", 1)]
    assert world.gateway.objects("checkout.session", paying.key) == []


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"stage": "DONE", "status": "PAID", "captured_cents": 15_900}, "Paid"),
        ({"stage": "DONE", "status": "CANCELED"}, "This payment was canceled"),
        ({"stage": "DONE", "status": "REFUND", "captured_cents": 15_900, "refunded_cents": 15_900}, "Refunded"),
        ({"stage": "NEEDS_STAFF"}, "The clinic is looking at your payment"),
        ({"stage": "WAITING"}, "There is nothing to do yet"),
        ({"stage": "RELEASING"}, "This payment was canceled"),
    ],
)
async def test_a_payment_that_needs_nobody_says_what_became_of_it(world, paying, patient, values, said):
    world.silence(paying)
    payment_id = await world.needing(paying)
    await update_row(world.services, paying.organization_id, "payments", payment_id, next_step_at=None, **values)
    path = world.path(paying, payment_id)
    shown = await patient.open(path)
    assert (shown.status_code, said in text_of(shown)) == (200, True)
    assert "<form" not in shown.text.partition("</main>")[0]
    for act in ("confirm", "card"):
        assert leads_to(await patient.press(f"{path}/{act}")) == path
    assert world.gateway.objects("checkout.session", paying.key) == []
    assert world.taken_cents(paying) == 0
    # What the page was shown never happened, and the books say so.
    before = {"stage": "NEEDS_PATIENT", "status": "UNPAID", "captured_cents": 0, "refunded_cents": 0}
    await update_row(world.services, paying.organization_id, "payments", payment_id, **before)
