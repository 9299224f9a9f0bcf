"""POST /billing/quote/send, and what the worker makes of it."""

import asyncio
from datetime import timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest

from carelane.kit import clock
from carelane.kit.auth import system_actor
from carelane.messages.simulator import BUSY_NUMBER, REFUSED_NUMBER
from carelane.messages.states import MAX_ATTEMPTS
from carelane.messages.templates.actions import change_mail_template
from carelane.messages.templates.schemas import MailTemplateIn
from carelane.quotes.sending.actions import MOST_WAITING
from tests.factories.quotes import make_quote
from tests.factories.rows import update_row
from tests.quote_sending.world import MESSAGES, PUBLIC_URL, clinic_of

WORDS = {"title": "Weight loss plan", "description": "Tablets twice a day", "terms": "Paid in advance"}
QUOTE = "SELECT status, sent_at FROM quotes WHERE organization_id = %s AND id = %s"
LOCKED = "SELECT c.locked_at FROM carts c JOIN quotes q ON q.organization_id = c.organization_id AND q.cart_id = c.id WHERE q.organization_id = %s AND q.id = %s"
EVENTS = "SELECT type, actor_kind, value_before, value_after FROM events WHERE organization_id = %s AND target_id = %s ORDER BY id"
DUE = "SELECT id FROM messages WHERE organization_id = %s AND record_id = %s"


def later(days=1):
    return clock.now().replace(microsecond=0) + timedelta(days=days)


async def let_the_date_come(world, own, quote_id):
    for (message_id,) in await world.rows(own, DUE, quote_id):
        await update_row(world.services, UUID(own.organization_id), "messages", message_id, due_at=clock.now())


async def test_a_mail_says_who_writes_and_where_to_look_and_nothing_of_the_treatment(world, tmp_path):
    own, address = await clinic_of(world.services, tmp_path)
    quote_id = await make_quote(
        world.services, own, status="DRAFT", words=WORDS, expires_at="2199-03-05T21:30:00Z", requires_verification=False
    )
    sent = await world.send(own, quote_id, message="Call us if anything is unclear.\nAda")
    assert sent.status_code == 200
    assert sent.json()["status"] == "SENT"
    assert sent.json()["sentDate"].endswith("Z")
    assert await world.rows(own, LOCKED, quote_id) != [(None,)]
    ((channel, status, attempts, failure, *_),) = await world.settled(own, quote_id)
    assert (channel, status, attempts, failure) == ("MAIL", "SENT", 1, None)
    (text,) = world.mails_to(address)
    ((subject, sent_at),) = [(mail["Subject"], mail["Date"]) for to, mail in world.sink.messages if to == address]
    assert subject == "A quote from Harbor Health"
    assert abs(parsedate_to_datetime(sent_at) - clock.now()) < timedelta(minutes=1)
    for expected in (
        "Harbor Health has prepared a quote",
        "Call us if anything is unclear.",
        "March 5, 2199, 4:30 PM EST",
    ):
        assert expected in text
    for secret in ("Weight", "Tablets", "$", "417", "Robin", "Vale"):
        assert secret not in text + subject
    (url,) = [word for word in text.split() if word.startswith(PUBLIC_URL)]
    page = await world.client.get(urlsplit(url).path)
    assert "Weight loss plan" in page.text


async def test_a_text_message_carries_name_clinic_and_link(world, own):
    quote_id = await make_quote(world.services, own, status="DRAFT", words=WORDS)
    assert (await world.send(own, quote_id, "SMS", message="Until Friday?")).status_code == 200
    await world.settled(own, quote_id)
    (text,) = [text for text in world.provider.texts if "Until Friday?" in text.text]
    assert (text.recipient, text.sender) == ("+15550100123", "+15550100100")
    first, second = text.text.split("\n")
    assert first.startswith(f"Robin, Harbor Health has a quote for you: {PUBLIC_URL}/q/")
    assert second == "Until Friday?"
    assert "Weight" not in text.text


@pytest.mark.parametrize("name", ["Email", "EMAIL", " sms "])
async def test_a_method_may_be_in_any_case_and_bodies_in_either(world, own, name):
    quote_id = await make_quote(world.services, own, status="DRAFT")
    body = {"quote_id": str(quote_id), "method": name, "schedule_send_date": later().isoformat()}
    answer = await world.client.post("/billing/quote/send", json=body, headers=own.billing)
    assert answer.status_code == 200
    ((channel, status, *_),) = await world.messages(own, quote_id)
    assert (channel, status) == ("SMS" if "sms" in name else "MAIL", "QUEUED")


async def test_a_quote_that_waits_for_its_date_stays_a_draft_until_then(world, tmp_path):
    own, address = await clinic_of(world.services, tmp_path)
    quote_id = await make_quote(world.services, own, status="DRAFT")
    date = later()
    answer = await world.send(own, quote_id, scheduleSendDate=date.isoformat())
    assert (answer.json()["status"], answer.json()["sentDate"]) == ("DRAFT", None)
    ((_, status, attempts, _, due_at, _),) = await world.messages(own, quote_id)
    assert (status, attempts, due_at) == ("QUEUED", 0, date)
    scheduled = ("QUOTE_SCHEDULED", "key", None, date.strftime("%Y-%m-%dT%H:%M:%SZ"))
    assert await world.rows(own, EVENTS, quote_id) == [scheduled]
    assert world.mails_to(address) == []
    await let_the_date_come(world, own, quote_id)
    assert [status for _, status, *_ in await world.settled(own, quote_id)] == ["SENT"]
    assert len(world.mails_to(address)) == 1
    ((status, sent_at),) = await world.rows(own, QUOTE, quote_id)
    assert (status, bool(sent_at)) == ("SENT", True)
    assert ("QUOTE_STATUS_CHANGED", "system", "DRAFT", "SENT") in await world.rows(own, EVENTS, quote_id)


async def test_a_date_that_has_come_is_now(world, own):
    quote_id = await make_quote(world.services, own, status="DRAFT")
    answer = await world.send(own, quote_id, scheduleSendDate=later(-1).isoformat())
    assert answer.json()["status"] == "SENT"


@pytest.mark.parametrize("end", ["EXPIRED", "past"])
async def test_a_quote_that_ended_before_its_date_is_not_sent(world, tmp_path, end):
    own, address = await clinic_of(world.services, tmp_path)
    quote_id = await make_quote(world.services, own, status="DRAFT")
    await world.send(own, quote_id, scheduleSendDate=later().isoformat())
    change = {"status": "EXPIRED"} if end == "EXPIRED" else {"expires_at": clock.now() - timedelta(seconds=1)}
    await update_row(world.services, UUID(own.organization_id), "quotes", quote_id, **change)
    await let_the_date_come(world, own, quote_id)
    assert [status for _, status, *_ in await world.settled(own, quote_id)] == ["CANCELED"]
    assert world.mails_to(address) == []


async def test_a_reminder_leaves_the_date_of_sending(world, tmp_path):
    own, address = await clinic_of(world.services, tmp_path)
    quote_id = await make_quote(world.services, own, status="DRAFT")
    first = await world.send(own, quote_id)
    await world.settled(own, quote_id)
    again = await world.send(own, quote_id, message="Have you seen it?")
    assert again.json()["sentDate"] == first.json()["sentDate"]
    assert [status for _, status, *_ in await world.settled(own, quote_id)] == ["SENT", "SENT"]
    assert len(world.mails_to(address)) == 2


async def test_a_mail_server_that_refuses_is_tried_again(world, tmp_path):
    own, address = await clinic_of(world.services, tmp_path)
    quote_id = await make_quote(world.services, own, status="DRAFT")
    world.sink.refusals = 3
    await world.send(own, quote_id)
    ((_, status, attempts, failure, *_),) = await world.settled(own, quote_id)
    assert (status, attempts, failure) == ("SENT", 4, None)
    assert len(world.mails_to(address)) == 1


async def test_after_eight_attempts_it_is_given_up_and_told(world, tmp_path):
    own, address = await clinic_of(world.services, tmp_path)
    quote_id = await make_quote(world.services, own, status="DRAFT")
    world.sink.refusals = MAX_ATTEMPTS
    await world.send(own, quote_id)
    ((_, status, attempts, failure, *_),) = await world.settled(own, quote_id)
    assert world.sink.refusals == 0
    assert (status, attempts, failure) == ("FAILED", MAX_ATTEMPTS, "SMTPDataError 451")
    assert world.mails_to(address) == []
    assert ("QUOTE_NOT_DELIVERED", "system", None, failure) in await world.rows(own, EVENTS, quote_id)


@pytest.mark.parametrize(
    ("number", "attempts", "failure"),
    [(REFUSED_NUMBER, 1, "the provider answered 400"), (BUSY_NUMBER, MAX_ATTEMPTS, "the provider answered 503")],
)
async def test_a_text_message_that_can_never_go_is_not_tried_again(world, tmp_path, number, attempts, failure):
    own, _ = await clinic_of(world.services, tmp_path, phone_number=number)
    quote_id = await make_quote(world.services, own, status="DRAFT")
    await world.send(own, quote_id, "sms")
    ((_, status, counted, why, *_),) = await world.settled(own, quote_id)
    assert (status, counted, why) == ("FAILED", attempts, failure)


async def test_a_patient_who_lost_the_address_meanwhile_is_not_reached_and_the_quote_not_sent(world, own):
    quote_id = await make_quote(world.services, own, status="DRAFT")
    await world.send(own, quote_id, scheduleSendDate=later().isoformat())
    await update_row(world.services, UUID(own.organization_id), "patients", UUID(own.patient_id), email=None)
    await let_the_date_come(world, own, quote_id)
    ((_, status, _, failure, *_),) = await world.settled(own, quote_id)
    assert (status, failure) == ("FAILED", "the patient has no address")
    assert await world.rows(own, QUOTE, quote_id) == [("DRAFT", None)]
    assert (await world.rows(own, EVENTS, quote_id))[-1][0] == "QUOTE_NOT_DELIVERED"


async def test_sent_again_under_one_key_it_goes_once(world, tmp_path):
    own, address = await clinic_of(world.services, tmp_path)
    quote_id = await make_quote(world.services, own, status="DRAFT")
    headers = own.billing | {"Idempotency-Key": uuid4().hex}
    body = {"quoteId": str(quote_id), "method": "email"}
    first = await world.client.post("/billing/quote/send", json=body, headers=headers)
    second = await world.client.post("/billing/quote/send", json=body, headers=headers)
    assert first.content == second.content
    assert len(await world.settled(own, quote_id)) == 1
    assert len(world.mails_to(address)) == 1


async def test_of_many_messages_at_once_no_more_than_ten_wait(world, own):
    quote_id = await make_quote(world.services, own, status="DRAFT")
    date = later().isoformat()
    answers = await asyncio.gather(*(world.send(own, quote_id, scheduleSendDate=date) for _ in range(24)))
    assert sorted(answer.status_code for answer in answers) == [200] * MOST_WAITING + [409] * (24 - MOST_WAITING)
    assert len(await world.rows(own, MESSAGES, quote_id)) == MOST_WAITING


async def test_sixteen_senders_send_a_draft_once(world, own):
    """The quote becomes SENT once, whoever is first; the others are reminders, as long as there is room for them."""
    quote_id = await make_quote(world.services, own, status="DRAFT")
    answers = await asyncio.gather(*(world.send(own, quote_id) for _ in range(16)))
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert len({answer.json()["sentDate"] for answer in answers if answer.status_code == 200}) == 1
    moves = [row for row in await world.rows(own, EVENTS, quote_id) if row[0] == "QUOTE_STATUS_CHANGED"]
    assert moves == [("QUOTE_STATUS_CHANGED", "key", "DRAFT", "SENT")]


@pytest.mark.parametrize("typed", ["(555) 010-0123", "555.010.0123 ext. 7", "1-555-010-0123", "+15550100123"])
async def test_a_number_however_it_was_typed_is_written_to(world, tmp_path, typed):
    own, _ = await clinic_of(world.services, tmp_path, phone_number=None)
    changed = await world.client.put(
        f"/user/patient/{own.patient_id}", json={"phoneNumber": typed}, headers=own.billing
    )
    assert changed.status_code == 200, changed.text
    quote_id = await make_quote(world.services, own, status="DRAFT")
    assert (await world.send(own, quote_id, "sms")).status_code == 200
    ((_, status, *_),) = await world.settled(own, quote_id)
    assert (status, world.provider.texts[-1].recipient) == ("SENT", "+15550100123")


async def test_after_too_many_guesses_the_quote_is_sent_with_a_new_link(world, tmp_path):
    own, address = await clinic_of(world.services, tmp_path, date_of_birth="1985-03-27")
    quote_id = await make_quote(world.services, own, status="DRAFT")
    await world.send(own, quote_id)
    await world.settled(own, quote_id)
    await world.send(own, quote_id)
    await world.settled(own, quote_id)
    # Sent again as it is, it is the same link.
    (old, same) = [urlsplit(word).path for text in world.mails_to(address) for word in text.split() if "/q/" in word]
    assert old == same
    await update_row(world.services, UUID(own.organization_id), "quotes", quote_id, wrong_verifications=29)
    wrong = {"last_name": "Vale", "year": "1985", "month": "3", "day": "28"}
    assert (await world.client.post(f"{old}/verify", data=wrong)).status_code == 403
    await world.send(own, quote_id)
    await world.settled(own, quote_id)
    (new,) = [urlsplit(word).path for word in world.mails_to(address)[2].split() if "/q/" in word]
    assert new != old
    assert (await world.client.get(old)).status_code == 410
    right = await world.client.post(f"{new}/verify", data=wrong | {"day": "27"})
    assert (right.status_code, right.headers["Location"]) == (303, new)


async def test_a_mail_in_the_clinics_own_words_leaves_as_text_and_html(world, tmp_path):
    own, address = await clinic_of(world.services, tmp_path)
    html = '<p>Dear {firstName}, <a href="{link}">look</a></p><p>{message}</p>'
    words = MailTemplateIn(subject="{clinic}: your quote", text="Dear {firstName},\n\n{message}\n\n{link}", html=html)
    actor = system_actor(UUID(own.organization_id))
    await change_mail_template(world.services, actor, "QUOTE", "en", words, None)
    quote_id = await make_quote(world.services, own, status="DRAFT", requires_verification=False)
    assert (await world.send(own, quote_id, message="Call <us>.")).status_code == 200
    await world.settled(own, quote_id)
    (mail,) = [mail for to, mail in world.sink.messages if to == address]
    assert (mail["Subject"], mail.get_content_type()) == ("Harbor Health: your quote", "multipart/alternative")
    text, rich = (str(part.get_payload(decode=True), "utf-8").replace("\r\n", "\n") for part in mail.get_payload())
    assert text.startswith("Dear Robin,\n\nCall <us>.\n\nhttp")
    assert "<p>Call &lt;us&gt;.</p>" in rich
