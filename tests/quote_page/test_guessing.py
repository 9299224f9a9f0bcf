"""Guessing who the patient is: each lock is twice as long as the last, there is an end to it, and staff hear of it."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from carelane.kit import clock
from carelane.quotes.page import access
from carelane.quotes.page.access import LONGEST_LOCK, PATH, QuoteLink, is_right, known_patient, token_of
from tests.factories.quotes import make_quote
from tests.factories.rows import update_row
from tests.quote_page.cast import WRONG, rows_of, text_of

TRIES = "SELECT wrong_verifications, verification_locks, verification_closed_at IS NOT NULL, link_version FROM quotes WHERE organization_id = %s AND id = %s"
LOCKS = "SELECT actor_kind, value_after FROM events WHERE organization_id = %s AND type = 'QUOTE_PAGE_LOCKED' AND target_id = %s ORDER BY id"


@pytest.fixture
def guess(services, own, reader):
    """One wrong try after another; a lock that is reached is over at once."""

    async def send(path, quote_id, times):
        answers = []
        for _ in range(times):
            past = clock.now() - timedelta(seconds=1)
            await update_row(services, UUID(own.organization_id), "quotes", quote_id, verification_unlocks_at=past)
            answers.append(await reader.client.post(f"{path}/verify", data=WRONG))
        return answers

    return send


async def test_each_lock_is_twice_as_long_as_the_last(services, own, reader, guess):
    quote_id = await make_quote(services, own)
    answers = await guess(reader.path_of(own, quote_id), quote_id, 25)
    assert [answer.status_code for answer in answers] == [422, 422, 422, 422, 429] * 5
    minutes = [round(int(answer.headers["Retry-After"]) / 60) for answer in answers[4::5]]
    assert minutes == [15, 30, 60, 120, 240]
    events = await rows_of(services, own, LOCKS, quote_id)
    assert [kind for kind, _ in events] == ["patient"] * 5
    assert [until for _, until in events] == sorted(until for _, until in events)


async def test_after_thirty_wrong_tries_the_link_is_closed_whatever_was_right_between_them(
    services, own, reader, guess
):
    quote_id = await make_quote(services, own)
    path = reader.path_of(own, quote_id)
    for _ in range(7):
        assert {answer.status_code for answer in await guess(path, quote_id, 4)} == {422}
        assert "Accept for" in text_of(await reader.verified(path))
        reader.client.cookies.clear()
    last = await guess(path, quote_id, 2)
    assert "1 more try" in text_of(last[0])
    assert last[1].status_code == 403
    assert await rows_of(services, own, TRIES, quote_id) == [(access.MAX_WRONG_IN_ALL, 1, True, 1)]
    assert await rows_of(services, own, LOCKS, quote_id) == [("patient", "CLOSED")]
    # Not even the right answer, nor time, opens it again.
    past = clock.now() - timedelta(days=400)
    await update_row(services, UUID(own.organization_id), "quotes", quote_id, verification_unlocks_at=past)
    for answer in (await reader.verified(path), await reader.client.get(path)):
        assert answer.status_code == 403
        assert "They can send you a new link" in text_of(answer)
    assert (await reader.answer(path, "accept")).status_code == 403


async def test_whoever_had_shown_it_before_still_reads_a_closed_quote(services, own, reader, guess):
    quote_id = await make_quote(services, own)
    path = reader.path_of(own, quote_id)
    await reader.verified(path)
    columns = {"wrong_verifications": 29}
    await update_row(services, UUID(own.organization_id), "quotes", quote_id, **columns)
    kept = dict(reader.client.cookies)
    reader.client.cookies.clear()
    assert (await guess(path, quote_id, 1))[0].status_code == 403
    reader.client.cookies.update(kept)
    assert "Accept for" in text_of(await reader.client.get(path))


async def test_of_many_guesses_at_once_no_more_than_the_limit_are_looked_at(services, own, reader):
    quote_id = await make_quote(services, own)
    await update_row(services, UUID(own.organization_id), "quotes", quote_id, wrong_verifications=27)
    path = reader.path_of(own, quote_id)
    answers = await asyncio.gather(*(reader.client.post(f"{path}/verify", data=WRONG) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [403] * 18 + [422] * 2
    assert await rows_of(services, own, TRIES, quote_id) == [(30, 1, True, 1)]
    assert await rows_of(services, own, LOCKS, quote_id) == [("patient", "CLOSED")]


async def test_a_new_link_makes_the_old_one_worthless(services, own, reader):
    quote_id = await make_quote(services, own)
    old = reader.path_of(own, quote_id)
    await reader.verified(old)
    await update_row(services, UUID(own.organization_id), "quotes", quote_id, link_version=2)
    for answer in (await reader.client.get(old), await reader.verified(old), await reader.answer(old, "accept")):
        assert answer.status_code == 410
        assert "There is a newer link" in text_of(answer)
    link = QuoteLink(UUID(own.organization_id), quote_id, 2)
    new = f"{PATH}/{token_of(services.quote_link_key, link)}"
    assert "Confirm who you are" in text_of(await reader.client.get(new))
    assert "Accept for" in text_of(await reader.verified(new))
    assert (await reader.answer(new, "accept")).status_code == 200


@pytest.mark.parametrize("typed", ["Keli'i", "Keli\u02bbi", "Keli\u2019i", "KELI`I", "Kelii", "Keli\u200bi\u2019"])
@pytest.mark.parametrize("kept", ["Keli\u02bbi", "Keli'i", "Keli\u2019i"])
def test_signs_that_are_typed_for_one_another_do_not_count(typed, kept):
    known = known_patient(kept, None, "+12125550123")
    assert is_right(known, {"last_name": typed, "phone_digits": "0123"})


@pytest.mark.parametrize(
    "typed", ["+12125550123", "(212) 555-0123", "212-555-0123 ext. 4567", "+1 212 555 0123 x4567", "2125550123;ext=99"]
)
def test_the_digits_are_those_of_the_number_and_not_of_its_extension(typed):
    assert is_right(known_patient(None, None, typed), {"phone_digits": "0123"})
    assert not is_right(known_patient(None, None, typed), {"phone_digits": "4567"})


async def test_a_lock_of_a_clock_that_was_ahead_holds_nobody(services, own, reader):
    quote_id = await make_quote(services, own)
    ahead = clock.now() + LONGEST_LOCK + timedelta(hours=1)
    await update_row(services, UUID(own.organization_id), "quotes", quote_id, verification_unlocks_at=ahead)
    assert (await reader.verified(reader.path_of(own, quote_id))).status_code == 200
