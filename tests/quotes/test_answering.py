"""A quote is accepted or declined, and its cart goes with it."""

from itertools import pairwise
from uuid import UUID

import msgspec
import pytest

from carelane.quotes.queries import RESPONSE
from carelane.quotes.respond import PatientResponse
from tests.quotes.conftest import conflict, problems


@pytest.mark.parametrize(
    ("word", "after"),
    [
        ("accept", ("ACCEPTED", "ACCEPTED")),
        ("Accepted", ("ACCEPTED", "ACCEPTED")),
        ("decline", ("DECLINED", "REJECTED")),
        (" DECLINED ", ("DECLINED", "REJECTED")),
        ("reject", ("DECLINED", "REJECTED")),
        ("rejected", ("DECLINED", "REJECTED")),
    ],
)
async def test_an_answer_moves_the_quote_and_its_cart(sent_quote, respond, states, word, after):
    quote = await sent_quote()
    answer = await respond(quote, word)
    assert answer.status_code == 200
    answered = answer.json()
    changed = {name: answered[name] for name in ("status", "respondedDate", "updatedDate")}
    assert answered == quote | changed
    assert (answered["respondedDate"] is not None, answered["status"]) == (True, after[0])
    assert await states(quote) == after


async def test_a_viewed_quote_is_answered_too(good, sent_quote, respond, states):
    quote = await sent_quote()
    viewed = await good("GET", f"/quote/public/{quote['id']}")
    assert (await respond(quote, "accept")).json()["viewedDate"] == viewed["viewedDate"]
    assert await states(quote) == ("ACCEPTED", "ACCEPTED")


async def test_what_the_patient_writes_lies_sealed(services, here, sent_quote, respond, rows):
    quote = await sent_quote()
    await respond(quote, "accept", message="call me in the evening", preferred_payment_method_id="pm_1")
    [(sealed,)] = await rows("SELECT response_sealed FROM quotes WHERE organization_id = %s")
    assert b"evening" not in sealed
    assert b"pm_1" not in sealed
    data_key = await services.keyring.data_key(UUID(here.organization_id))
    opened = data_key.open(sealed, RESPONSE, UUID(quote["id"]))
    assert msgspec.json.decode(opened, type=PatientResponse) == PatientResponse("call me in the evening", "pm_1")


async def test_an_answer_without_words_keeps_none(sent_quote, respond, rows):
    await respond(await sent_quote(), "accept")
    assert await rows("SELECT response_sealed FROM quotes WHERE organization_id = %s") == [(None,)]


async def test_an_accepted_quote_ends_the_others_of_its_cart(sent_quote, new_quote, respond, states):
    chosen = await sent_quote()
    other, draft = await sent_quote(cartId=chosen["cartId"]), await new_quote(cartId=chosen["cartId"])
    await respond(chosen, "accept")
    assert await states(chosen) == ("ACCEPTED", "ACCEPTED")
    assert await states(other) == ("EXPIRED", "ACCEPTED")
    assert await states(draft) == ("EXPIRED", "ACCEPTED")
    assert "EXPIRED" in conflict(await respond(other, "accept"))


async def test_a_cart_is_rejected_with_the_last_of_its_offers(sent_quote, new_quote, respond, states):
    first = await sent_quote()
    second, draft = await sent_quote(cartId=first["cartId"]), await new_quote(cartId=first["cartId"])
    await respond(first, "decline")
    assert await states(first) == ("DECLINED", "DRAFT")
    await respond(second, "decline")
    assert await states(second) == ("DECLINED", "REJECTED")
    assert await states(draft) == ("EXPIRED", "REJECTED")


async def test_a_draft_is_not_answered(new_quote, respond, states):
    quote = await new_quote()
    assert "DRAFT" in conflict(await respond(quote, "accept"))
    assert await states(quote) == ("DRAFT", "DRAFT")


@pytest.mark.parametrize("first", ["accept", "decline"])
@pytest.mark.parametrize("second", ["accept", "decline"])
async def test_there_is_one_answer(sent_quote, respond, states, first, second):
    quote = await sent_quote()
    await respond(quote, first)
    before = await states(quote)
    assert before[0] in conflict(await respond(quote, second))
    assert await states(quote) == before


async def test_an_answer_past_the_date_expires_the_quote(sent_quote, respond, states, let_pass):
    quote = await sent_quote()
    await let_pass(quote)
    assert "date has passed" in conflict(await respond(quote, "accept"))
    assert await states(quote) == ("EXPIRED", "EXPIRED")
    assert "EXPIRED" in conflict(await respond(quote, "accept"))


async def test_all_faults_of_an_answer_are_told(ask, sent_quote, respond):
    assert problems(await ask("POST", "/quote/respond", {"message": 1})) == [
        ["body", "quoteId"], ["body", "response"], ["body", "message"]
    ]  # fmt: skip
    quote = await sent_quote()
    assert problems(await respond(quote, "perhaps")) == [["body", "response"]]


async def test_a_repeated_answer_is_answered_again(good, sent_quote):
    body, headers = {"quoteId": (await sent_quote())["id"], "response": "accept"}, {"Idempotency-Key": "once"}
    first = await good("POST", "/quote/respond", body, headers=headers)
    assert await good("POST", "/quote/respond", body, headers=headers) == first


async def test_the_whole_way_is_told_in_events(good, sent_quote, respond, convert, rows):
    quote = await sent_quote()
    await good("GET", f"/quote/public/{quote['id']}")
    await respond(quote, "accept")
    await convert(quote)
    told = "SELECT value_before, value_after FROM events WHERE organization_id = %s AND type = %s ORDER BY id"
    steps = ["DRAFT", "SENT", "VIEWED", "ACCEPTED", "CONVERTED"]
    assert await rows(told, "QUOTE_STATUS_CHANGED") == list(pairwise(steps))
    assert await rows(told, "CART_STATUS_CHANGED") == [("DRAFT", "ACCEPTED"), ("ACCEPTED", "CONVERTED")]
