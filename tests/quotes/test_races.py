"""Simultaneous acts on one quote, or on quotes of one cart. The first one wins, and nobody gets a 500."""

import asyncio
from functools import partial

import pytest

from tests.quotes.racing import INCONSISTENT, in_line

PASSES = "UPDATE quotes SET expires_at = now() - interval '1 second' WHERE cart_id = %s"


def codes(answers):
    return [answer.status_code for answer in answers]


async def test_sixty_four_conversions_make_one_charge_for_all(sent_quote, respond, convert, rows, states):
    quote = await sent_quote()
    await respond(quote, "accept")
    answers = await asyncio.gather(*(convert(quote) for _ in range(64)))
    assert codes(answers) == [200] * 64
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert await rows("SELECT count(*) FROM charges WHERE organization_id = %s") == [(1,)]
    assert await rows("SELECT count(*) FROM events WHERE organization_id = %s AND type = 'CHARGE_CREATED'") == [(1,)]
    assert await states(quote) == ("CONVERTED", "CONVERTED")


async def test_conversions_that_wait_for_each_other_make_one_charge(owner_url, ask, sent_quote, respond, convert, rows):
    quote = await sent_quote()
    await respond(quote, "accept")
    of_cart = partial(ask, "POST", f"/cart/{quote['cartId']}/convert-to-charge", {"cartId": quote["cartId"]})
    answers = await in_line(owner_url, quote["cartId"], [partial(convert, quote), of_cart] * 3)
    assert codes(answers) == [200] * 6
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert await rows("SELECT count(*) FROM charges WHERE organization_id = %s") == [(1,)]


@pytest.mark.parametrize(
    ("words", "after"),
    [
        (["accept", "decline"], ("ACCEPTED", "ACCEPTED")),
        (["decline", "accept"], ("DECLINED", "REJECTED")),
        (["accept"] * 3 + ["decline"] * 2, ("ACCEPTED", "ACCEPTED")),
    ],
)
async def test_there_is_one_answer_however_many_are_given(owner_url, sent_quote, respond, states, words, after):
    quote = await sent_quote()
    answers = await in_line(owner_url, quote["cartId"], [partial(respond, quote, word) for word in words])
    assert codes(answers) == [200] + [409] * (len(words) - 1)
    assert await states(quote) == after


async def test_of_two_quotes_of_a_cart_one_is_accepted(owner_url, sent_quote, respond, states):
    first = await sent_quote()
    second = await sent_quote(cartId=first["cartId"])
    answers = await in_line(
        owner_url, first["cartId"], [partial(respond, quote, "accept") for quote in (second, first)]
    )
    assert codes(answers) == [200, 409]
    assert (await states(second), await states(first)) == (("ACCEPTED", "ACCEPTED"), ("EXPIRED", "ACCEPTED"))


async def test_of_many_quotes_accepted_at_once_one_is(sent_quote, respond, rows):
    first = await sent_quote()
    quotes = [first, *[await sent_quote(cartId=first["cartId"]) for _ in range(7)]]
    answers = await asyncio.gather(*(respond(quote, "accept") for quote in quotes * 2))
    assert sorted(codes(answers)) == [200] + [409] * 15
    counted = "SELECT status, count(*) FROM quotes WHERE organization_id = %s GROUP BY status ORDER BY status"
    assert await rows(counted) == [("ACCEPTED", 1), ("EXPIRED", 7)]
    assert await rows(INCONSISTENT) == []


@pytest.mark.parametrize("withdrawn_first", [True, False])
async def test_an_answer_against_a_withdrawal(owner_url, ask, sent_quote, respond, states, withdrawn_first):
    quote = await sent_quote()
    acts = [partial(ask, "PUT", f"/quote/{quote['id']}", {"status": "EXPIRED"}), partial(respond, quote, "accept")]
    answers = await in_line(owner_url, quote["cartId"], acts if withdrawn_first else acts[::-1])
    assert codes(answers) == [200, 409]
    assert await states(quote) == (("EXPIRED", "EXPIRED") if withdrawn_first else ("ACCEPTED", "ACCEPTED"))


@pytest.mark.parametrize("expired_first", [True, False])
async def test_an_answer_against_the_date(owner_url, ask, sent_quote, respond, states, let_pass, expired_first):
    """The date passes while both wait: then the answer is too late, whoever comes first."""
    quote, past = await sent_quote(), await sent_quote()
    await let_pass(past)
    acts = [partial(ask, "PUT", f"/quote/{quote['id']}", {"title": "New"}), partial(respond, quote, "accept")]
    answers = await in_line(owner_url, quote["cartId"], acts if expired_first else acts[::-1], PASSES)
    assert codes(answers) == [409, 409]
    assert (await ask("POST", "/quote/expire-old")).json() == 1
    assert await states(quote) == await states(past) == ("EXPIRED", "EXPIRED")


async def test_an_answer_that_comes_before_the_expiry_stands(
    owner_url, ask, sent_quote, respond, let_pass, states, rows
):
    """Expiry looked for what is past, and waits; when it has the row, the quote was answered."""
    quote = await sent_quote()
    await let_pass(quote)
    answered = "UPDATE quotes SET status = 'DECLINED', responded_at = now() WHERE cart_id = %s"
    [answer] = await in_line(owner_url, quote["cartId"], [partial(ask, "POST", "/quote/expire-old")], answered)
    assert answer.json() == 0
    assert await states(quote) == ("DECLINED", "DRAFT")


async def test_expiries_at_once_count_each_quote_once(ask, sent_quote, let_pass, rows):
    for _ in range(6):
        await let_pass(await sent_quote())
    answers = await asyncio.gather(*(ask("POST", "/quote/expire-old") for _ in range(8)))
    assert codes(answers) == [200] * 8
    assert sum(answer.json() for answer in answers) == 6
    told = "SELECT count(*) FROM events WHERE organization_id = %s AND value_after = 'EXPIRED' GROUP BY type"
    assert await rows(told) == [(6,), (6,)]


@pytest.mark.parametrize("edited_first", [True, False])
async def test_an_edit_against_an_answer(owner_url, ask, good, here, sent_quote, respond, convert, edited_first):
    """What is accepted is what the quote came to at that moment, in all its lines."""
    quote = await sent_quote()
    edit = partial(ask, "PUT", f"/quote/{quote['id']}/items/{here.item_id}", {"quantity": 7})
    acts = [edit, partial(respond, quote, "accept")]
    answers = await in_line(owner_url, quote["cartId"], acts if edited_first else acts[::-1])
    assert codes(answers) == ([200, 200] if edited_first else [200, 409])
    total = answers[0].json()["total"] if edited_first else quote["total"]
    assert ((await good("GET", f"/quote/{quote['id']}"))["total"], (await convert(quote)).json()["total"]) == (
        total,
        total,
    )


async def test_edits_at_once_all_count(good, here, new_quote):
    quote = await new_quote()
    path, line = f"/quote/{quote['id']}/items/add", {"itemId": here.item_id, "unitPrice": 100}
    await asyncio.gather(*(good("POST", path, line) for _ in range(24)))
    grown = await good("GET", f"/quote/{quote['id']}")
    assert (len(grown["items"]), grown["subtotal"]) == (26, quote["subtotal"] + 2_400)


@pytest.mark.parametrize("converted_first", [True, False])
async def test_the_carts_conversion_against_an_answer(
    owner_url, ask, sent_quote, respond, states, rows, converted_first
):
    quote = await sent_quote()
    of_cart = partial(ask, "POST", f"/cart/{quote['cartId']}/convert-to-charge", {"cartId": quote["cartId"]})
    acts = [of_cart, partial(respond, quote, "accept")]
    answers = await in_line(owner_url, quote["cartId"], acts if converted_first else acts[::-1])
    assert codes(answers) == ([200, 409] if converted_first else [200, 200])
    assert await states(quote) == ("EXPIRED" if converted_first else "CONVERTED", "CONVERTED")
    is_of_quote = await rows("SELECT quote_id IS NOT NULL FROM charges WHERE organization_id = %s")
    assert is_of_quote == [(not converted_first,)]


async def test_a_quote_is_made_of_the_cart_as_it_is_then(owner_url, ask, here, new_cart):
    cart = await new_cart()
    body = {"patientId": here.patient_id, "creatorId": here.creator_id, "cartId": cart["id"]}
    acts = [
        partial(ask, "POST", f"/cart/{cart['id']}/items", {"itemId": here.item_id}),
        partial(ask, "POST", "/quote", body),
    ]
    grown, quote = await in_line(owner_url, cart["id"], acts)
    assert (quote.json()["total"], len(quote.json()["items"])) == (grown.json()["total"], 3)


async def test_no_quote_is_made_of_a_cart_that_is_archived_meanwhile(owner_url, ask, here, new_cart):
    cart = await new_cart()
    body = {"patientId": here.patient_id, "creatorId": here.creator_id, "cartId": cart["id"]}
    acts = [partial(ask, "DELETE", f"/cart/{cart['id']}"), partial(ask, "POST", "/quote", body)]
    assert codes(await in_line(owner_url, cart["id"], acts)) == [200, 404]


async def test_a_name_is_taken_once(ask, here, new_cart):
    carts = [await new_cart() for _ in range(8)]
    body = {"id": "quote_1", "patientId": here.patient_id, "creatorId": here.creator_id}
    answers = await asyncio.gather(*(ask("POST", "/quote", body | {"cartId": cart["id"]}) for cart in carts))
    assert sorted(codes(answers)) == [200] + [409] * 7


async def test_nothing_that_is_asked_at_once_gets_stuck_or_contradicts_itself(
    ask, here, sent_quote, new_quote, respond, convert, let_pass, rows
):
    """Twenty carts, each with everything at once: only what was too late is refused."""
    for round_number in range(20):
        quote = await sent_quote()
        other, draft = await sent_quote(cartId=quote["cartId"]), await new_quote(cartId=quote["cartId"])
        await let_pass((other, draft)[round_number % 2])
        cart, path = f"/cart/{quote['cartId']}", f"/quote/{quote['id']}"
        acts = [
            respond(quote, "accept"),
            respond(other, "decline"),
            respond(quote, "decline"),
            convert(quote),
            ask("POST", f"{cart}/convert-to-charge", {"cartId": quote["cartId"]}),
            ask("POST", "/quote/expire-old"),
            ask("POST", "/cart/expire-old"),
            ask("PUT", path, {"discountAmount": 100}),
            ask("PUT", f"/quote/{draft['id']}", {"status": "SENT"}),
            ask("POST", f"{path}/items/add", {"itemId": here.item_id}),
            ask("DELETE", f"{path}/items/{here.package_id}"),
            ask("GET", f"/quote/public/{quote['id']}"),
            ask("GET", cart),
            ask("DELETE", cart),
        ]
        turned = acts[round_number % len(acts) :] + acts[: round_number % len(acts)]
        assert set(codes(await asyncio.gather(*turned))) <= {200, 404, 409}
    assert await rows(INCONSISTENT) == []
