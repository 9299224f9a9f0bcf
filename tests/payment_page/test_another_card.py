"""A card that is no good any more: the patient enters another one on the gateway's page, and the worker charges it."""

import asyncio

import pytest

from tests.factories.rows import update_row
from tests.payment_page.patient import leads_to
from tests.payment_page.test_confirming import is_paid_once
from tests.payment_page.world import ASKS_NUMBER, DECLINED_NUMBER, path_in
from tests.quote_page.cast import text_of


@pytest.fixture
async def payment_id(world, paying):
    return await world.needing(paying, "NEEDS_CARD")


@pytest.fixture
def path(world, paying, payment_id):
    return world.path(paying, payment_id)


async def test_the_patient_is_told_enters_a_card_and_is_charged(world, paying, patient, payment_id):
    assert await world.messages(paying, payment_id) == [("MAIL", "SENT"), ("SMS", "SENT")]
    (mail,) = world.mails_to(paying)
    path = path_in(mail.get_payload(decode=True).decode())
    shown = await patient.open(path)
    assert "Pay with another card" in text_of(shown)
    checkout = leads_to(await patient.press(f"{path}/card"))
    refused = await patient.at_checkout(checkout, DECLINED_NUMBER)
    assert refused.status_code == 402
    back = await patient.pays_at(checkout)
    await patient.open(back)
    await is_paid_once(world, paying, payment_id)
    moves = await world.events(paying, payment_id, "ADD_PAYMENT_INFO_USING_LINK", "PAYMENT_UPDATED")
    assert [row[0] for row in moves].count("ADD_PAYMENT_INFO_USING_LINK") == 1
    assert ("PAYMENT_UPDATED", "NEEDS_CARD", "DUE") in [row[:3] for row in moves]
    kept = await world.rows(
        paying,
        "SELECT method_id FROM gateway_customers WHERE organization_id = %s AND gateway_account_id = %s",
        paying.account_id,
    )
    assert kept == [((await world.payment(paying, payment_id))["method_id"],)]


async def test_nobody_is_told_that_the_card_was_reported_lost(world, paying, patient, payment_id, path):
    """Whoever holds it may have found it."""
    assert (await world.payment(paying, payment_id))["decline_code"] == "lost_card"
    await world.messages(paying, payment_id)
    (mail,) = world.mails_to(paying)
    (text,) = [one.text for one in world.provider.texts if one.recipient == paying.phone]
    written = mail.get_payload(decode=True).decode()
    shown = await patient.open(path)
    for told in (mail["Subject"], written, text, shown.text):
        assert "lost" not in told.lower(), told
    assert "could not be charged" in written
    assert "could not be charged" in text_of(shown)


@pytest.mark.parametrize("way", ["back only", "webhook only"])
async def test_whoever_brings_the_news_the_end_is_the_same(world, paying, patient, payment_id, path, way):
    if way == "back only":
        world.silence(paying)
    back = await patient.pays_at(leads_to(await patient.press(f"{path}/card")))
    if way == "back only":
        shown = await patient.open(leads_to(await patient.open(back)))
        assert any(text in text_of(shown) for text in ("Your payment is being made", "Thank you"))
    await is_paid_once(world, paying, payment_id)
    assert (await world.attempts(paying, payment_id))[1][:2] == ("CHECKOUT", "SUCCEEDED")
    assert len(await world.events(paying, payment_id, "ADD_PAYMENT_INFO_USING_LINK")) == 1


async def test_coming_back_ten_times_at_once_charges_once(world, paying, patient, payment_id, path):
    back = await patient.pays_at(leads_to(await patient.press(f"{path}/card")))
    await asyncio.gather(*(patient.open(back) for _ in range(10)))
    await is_paid_once(world, paying, payment_id)
    assert len(await world.events(paying, payment_id, "ADD_PAYMENT_INFO_USING_LINK")) == 1


async def test_a_double_tap_and_a_second_tab_lead_to_one_page(world, paying, patient, payment_id, path):
    answers = await asyncio.gather(*(patient.press(f"{path}/card") for _ in range(6)))
    answers.append(await patient.press(f"{path}/card"))
    assert len({leads_to(answer) for answer in answers}) == 1
    assert len(world.gateway.objects("checkout.session", paying.key)) == 1
    assert [kind for kind, *_ in await world.attempts(paying, payment_id)] == ["CHARGE", "CHECKOUT"]


async def test_a_card_whose_bank_asks_is_kept_and_asked_again_when_it_is_charged(
    world, paying, patient, payment_id, path
):
    at_bank = await patient.pays_at(leads_to(await patient.press(f"{path}/card")), ASKS_NUMBER)
    back = await patient.at_bank(at_bank)
    await patient.open(back)
    await world.until_stage(paying, payment_id, "NEEDS_PATIENT")
    await patient.open(await patient.at_bank(leads_to(await patient.press(f"{path}/confirm"))))
    await is_paid_once(world, paying, payment_id)


async def test_whoever_leaves_the_gateways_page_finds_it_again(world, paying, patient, payment_id, path):
    checkout = leads_to(await patient.press(f"{path}/card"))
    shown = await patient.open(path)
    assert "Pay with another card" in text_of(shown)
    assert leads_to(await patient.press(f"{path}/card")) == checkout


async def test_a_page_of_the_gateways_that_has_ended_is_replaced(world, paying, patient, payment_id, path):
    first = leads_to(await patient.press(f"{path}/card"))
    client = world.gateway.client(paying.key)
    client.v1.checkout.sessions.expire(first.rpartition("/")[2])
    second = leads_to(await patient.press(f"{path}/card"))
    assert second != first
    await patient.open(await patient.pays_at(second))
    await is_paid_once(world, paying, payment_id)
    assert [status for kind, status, _ in await world.attempts(paying, payment_id) if kind == "CHECKOUT"] == [
        "FAILED",
        "SUCCEEDED",
    ]


async def test_a_card_for_a_payment_that_was_canceled_meanwhile_is_not_charged(
    world, paying, patient, payment_id, path
):
    checkout = leads_to(await patient.press(f"{path}/card"))
    await update_row(
        world.services, paying.organization_id, "payments", payment_id, stage="DONE", status="CANCELED", wanted="RETURN",
        next_step_at=None,
    )  # fmt: skip
    shown = await patient.open(leads_to(await patient.open(await patient.pays_at(checkout))))
    assert "This payment was canceled" in text_of(shown)
    await world.until_stage(paying, payment_id, "DONE")
    assert world.taken_cents(paying) == 0


@pytest.mark.parametrize("fault", ["lost_answer", "lost_before", "rate_limited", "slow"])
async def test_whatever_becomes_of_the_gateways_answer_there_is_one_page(
    world, paying, patient, payment_id, path, fault
):
    world.gateway.fail_next("checkout.sessions.create", fault, key=paying.key)
    answer = await patient.press(f"{path}/card")
    while answer.status_code != 303:
        assert answer.status_code == 503
        assert "Nothing was charged" in text_of(answer)
        answer = await patient.press(f"{path}/card")
    await patient.open(await patient.pays_at(leads_to(answer)))
    await is_paid_once(world, paying, payment_id)
    assert len(world.gateway.objects("checkout.session", paying.key)) == 1


async def test_a_gateway_that_is_away_when_the_patient_is_back_is_asked_later(world, paying, patient, payment_id, path):
    back = await patient.pays_at(leads_to(await patient.press(f"{path}/card")))
    world.silence(paying)
    world.gateway.fail_next("checkout.sessions.retrieve", "server_error", key=paying.key)
    assert (await patient.open(back)).status_code == 303
    await patient.open(back)
    await is_paid_once(world, paying, payment_id)
