"""A patient opens the link, shows who they are, reads and answers."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from carelane.kit import clock
from tests.factories.quotes import LineMade, make_quote
from tests.factories.rows import update_row
from tests.quote_page.cast import rows_of, text_of

QUOTE = "SELECT status, viewed_at, responded_at, response_sealed FROM quotes WHERE organization_id = %s AND id = %s"
CART = "SELECT c.status FROM carts c JOIN quotes q ON q.organization_id = c.organization_id AND q.cart_id = c.id WHERE c.organization_id = %s AND q.id = %s"
EVENTS = "SELECT type, actor_kind, actor_id::text, value_before, value_after FROM events WHERE organization_id = %s AND target_id = %s ORDER BY id"
READS = "SELECT record_kind, actor_kind, actor_id::text, reason FROM phi_reads WHERE organization_id = %s AND record_id = %s"

WORDS = {
    "title": "Spring plan",
    "description": "First line.\nSecond line.",
    "terms": "Paid in advance.",
    "internal_notes": "Not for the patient",
}


async def test_the_page_shows_all_that_is_offered(services, own, reader):
    lines = (
        LineMade(quantity="1.5", discount_percentage="10", description="Two months"),
        LineMade(unit_price_cents=9_999, is_bundle=True),
    )
    expires_at = "2199-03-05T21:30:00Z"
    quote_id = await make_quote(
        services, own, lines=lines, words=WORDS, discount_amount_cents=1_000, expires_at=expires_at,
        requires_verification=False,
    )  # fmt: skip
    shown = await reader.client.get(reader.path_of(own, quote_id))
    assert shown.status_code == 200
    text = text_of(shown)
    for expected in (
        "Harbor & Sons", "Spring plan", "First line. Second line.", "Tablets", "Two months", "1.5 \N{MULTIPLICATION SIGN} $159.00",
        "Discount \N{MINUS SIGN}$23.85", "$214.65", "Plan", "$99.99", "Subtotal $314.64", "Discount \N{MINUS SIGN}$10.00", "Tax $0.00",
        "Total (USD) $304.64", "Paid in advance.", "March 5, 2199, 4:30 PM EST", "Accept for $304.64", "Decline",
    ):  # fmt: skip
        assert expected in text, expected
    assert "Not for the patient" not in shown.text
    assert "Main Street" in text


@pytest.mark.parametrize(
    ("answer", "status", "cart", "told"),
    [
        ("accept", "ACCEPTED", "ACCEPTED", "You accepted this quote"),
        ("decline", "DECLINED", "REJECTED", "You declined this quote"),
    ],
)
async def test_a_patient_answers(services, own, reader, answer, status, cart, told):
    quote_id = await make_quote(services, own, words=WORDS)
    path = reader.path_of(own, quote_id)
    assert "Confirm who you are" in text_of(await reader.client.get(path))
    assert "Spring plan" in text_of(await reader.verified(path))
    answered = await reader.answer(path, answer, message="Thank you")
    assert answered.status_code == 200
    assert told in text_of(answered)
    assert "<form" not in answered.text.partition("</main>")[0]
    ((now, viewed_at, responded_at, sealed),) = await rows_of(services, own, QUOTE, quote_id)
    assert (now, bool(viewed_at), bool(responded_at)) == (status, True, True)
    data_key = await services.keyring.data_key(UUID(own.organization_id))
    assert b"Thank you" in data_key.open(bytes(sealed), "quotes.response_sealed", quote_id)
    assert await rows_of(services, own, CART, quote_id) == [(cart,)]
    told_events = await rows_of(services, own, EVENTS, quote_id)
    assert ("QUOTE_STATUS_CHANGED", "patient", own.patient_id, "SENT", "VIEWED") in told_events
    assert ("QUOTE_STATUS_CHANGED", "patient", own.patient_id, "VIEWED", status) in told_events
    reads = await rows_of(services, own, READS, quote_id)
    assert set(reads) == {("quote", "patient", own.patient_id, "the patient's page")}


async def test_without_proof_nothing_is_seen_and_nothing_is_stamped(services, own, reader):
    quote_id = await make_quote(services, own, words=WORDS)
    path = reader.path_of(own, quote_id)
    shown = await reader.client.get(path)
    for secret in ("Spring", "Tablets", "159", "417", "Vale", "Robin", "1985"):
        assert secret not in text_of(shown).replace("3 / 27 / 1985", "")
    answered = await reader.answer(path, "accept")
    assert "Confirm who you are" in text_of(answered)
    assert await rows_of(services, own, QUOTE, quote_id) == [("SENT", None, None, None)]
    assert await rows_of(services, own, READS, quote_id) == []


async def test_a_quote_that_asks_for_no_proof_is_viewed_at_the_first_sight_only(services, own, reader):
    quote_id = await make_quote(services, own, requires_verification=False)
    path = reader.path_of(own, quote_id)
    await asyncio.gather(*(reader.client.get(path) for _ in range(6)))
    ((status, viewed_at, _, _),) = await rows_of(services, own, QUOTE, quote_id)
    assert status == "VIEWED"
    await reader.client.get(path)
    assert (await rows_of(services, own, QUOTE, quote_id))[0][1] == viewed_at
    moves = [row for row in await rows_of(services, own, EVENTS, quote_id) if row[4] == "VIEWED"]
    assert len(moves) == 1


async def test_what_changed_since_it_was_read_is_shown_anew_and_not_accepted(services, own, reader):
    quote_id = await make_quote(services, own, requires_verification=False)
    path = reader.path_of(own, quote_id)
    await reader.client.get(path)
    await update_row(services, UUID(own.organization_id), "quotes", quote_id, revision=2)
    answered = await reader.answer(path, "accept", revision=1, message="See you <on> Monday")
    assert answered.status_code == 409
    assert ">See you &lt;on&gt; Monday</textarea>" in answered.text
    assert "has changed this quote" in text_of(answered)
    assert 'name="revision" value="2"' in answered.text
    assert (await rows_of(services, own, QUOTE, quote_id))[0][0] == "VIEWED"
    assert (await reader.answer(path, "accept", revision=2)).status_code == 200


async def test_of_many_answers_at_once_one_counts(services, own, reader):
    quote_id = await make_quote(services, own, requires_verification=False)
    path = reader.path_of(own, quote_id)
    answers = await asyncio.gather(
        *(reader.answer(path, "accept" if number % 2 else "decline") for number in range(12))
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 11
    ((status, *_),) = await rows_of(services, own, QUOTE, quote_id)
    word = {"ACCEPTED": "You accepted", "DECLINED": "You declined"}[status]
    assert all(word in text_of(answer) for answer in answers)


async def test_an_answer_is_not_taken_twice(services, own, reader):
    quote_id = await make_quote(services, own, requires_verification=False)
    path = reader.path_of(own, quote_id)
    assert (await reader.answer(path, "decline")).status_code == 200
    again = await reader.answer(path, "accept")
    assert again.status_code == 409
    assert "You declined this quote" in text_of(again)


async def test_past_its_date_it_is_closed_and_an_answer_ends_it(services, own, reader):
    past = clock.now() - timedelta(minutes=1)
    quote_id = await make_quote(services, own, requires_verification=False)
    await update_row(services, UUID(own.organization_id), "quotes", quote_id, expires_at=past)
    path = reader.path_of(own, quote_id)
    shown = await reader.client.get(path)
    assert shown.status_code == 410
    assert "This quote is no longer open It was open until" in text_of(shown)
    assert (await reader.answer(path, "accept")).status_code == 409
    assert (await rows_of(services, own, QUOTE, quote_id))[0][0] in {"SENT", "EXPIRED"}


async def test_a_withdrawn_quote_says_so_to_whoever_has_the_link(services, own, reader):
    quote_id = await make_quote(services, own, status="EXPIRED", words=WORDS)
    shown = await reader.client.get(reader.path_of(own, quote_id))
    assert shown.status_code == 410
    assert "withdrawn" in text_of(shown)
    assert "Spring plan" not in shown.text


async def test_a_draft_is_not_shown_yet(services, own, reader):
    quote_id = await make_quote(services, own, status="DRAFT", requires_verification=False)
    path = reader.path_of(own, quote_id)
    shown = await reader.client.get(path)
    assert shown.status_code == 404
    assert "not ready yet" in text_of(shown)
    assert (await reader.answer(path, "accept")).status_code == 404
    assert (await rows_of(services, own, QUOTE, quote_id))[0][0] == "DRAFT"


async def test_an_answered_quote_wants_the_proof_again(services, own, reader):
    quote_id = await make_quote(services, own, status="ACCEPTED", words=WORDS)
    path = reader.path_of(own, quote_id)
    assert "Spring plan" not in (await reader.client.get(path)).text
    text = text_of(await reader.verified(path))
    assert "You accepted this quote" in text
    assert "Spring plan" in text


async def test_a_message_is_as_long_as_the_browser_counts_whose_lines_end_in_one_character(services, own, reader):
    quote_id = await make_quote(services, own, requires_verification=False)
    lines = "\r\n".join("x" * 19 for _ in range(100))
    assert len(lines.replace("\r\n", "\n")) < 2_000 < len(lines)
    answered = await reader.answer(reader.path_of(own, quote_id), "accept", message=lines)
    assert answered.status_code == 200
    assert (await rows_of(services, own, QUOTE, quote_id))[0][0] == "ACCEPTED"


@pytest.mark.parametrize(
    "fields",
    [
        {"answer": "maybe", "revision": "1"},
        {"revision": "1"},
        {"answer": "accept"},
        {"answer": "accept", "revision": "one"},
        {"answer": "accept", "revision": "-1"},
        {"answer": "accept", "revision": "9" * 30},
        {"answer": "accept", "revision": "1", "message": "x" * 2_001},
    ],
)
async def test_what_no_form_of_ours_sends_does_nothing(services, own, reader, fields):
    quote_id = await make_quote(services, own, requires_verification=False)
    path = reader.path_of(own, quote_id)
    assert (await reader.client.post(f"{path}/respond", data=fields)).status_code == 400
    assert (await rows_of(services, own, QUOTE, quote_id))[0][0] != "ACCEPTED"
