"""Quotes end with their date, by the request, by the worker's timed job, and with their cart."""

import psycopg
import pytest

from carelane.processes import schedule
from carelane.quotes.jobs import expire_old
from tests.quotes.conftest import conflict


async def test_expire_old_ends_what_is_past_and_counts_it(good, new_quote, sent_quote, let_pass, states):
    draft, sent, viewed, fresh = await new_quote(), await sent_quote(), await sent_quote(), await sent_quote()
    await good("GET", f"/quote/public/{viewed['id']}")
    for quote in (draft, sent, viewed):
        await let_pass(quote)
    assert await good("POST", "/quote/expire-old") == 3
    assert await states(draft) == ("EXPIRED", "DRAFT")
    assert await states(sent) == await states(viewed) == ("EXPIRED", "EXPIRED")
    assert await states(fresh) == ("SENT", "DRAFT")
    assert await good("POST", "/quote/expire-old") == 0


async def test_an_answered_quote_does_not_expire(good, sent_quote, respond, let_pass, states):
    accepted, declined = await sent_quote(), await sent_quote()
    await respond(accepted, "accept")
    await respond(declined, "decline")
    await let_pass(accepted)
    await let_pass(declined)
    assert await good("POST", "/quote/expire-old") == 0
    assert await states(accepted) == ("ACCEPTED", "ACCEPTED")


async def test_a_cart_stands_while_another_of_its_quotes_can_be_answered(good, sent_quote, new_quote, let_pass, states):
    first = await sent_quote()
    second, draft = await sent_quote(cartId=first["cartId"]), await new_quote(cartId=first["cartId"])
    await let_pass(first)
    assert await good("POST", "/quote/expire-old") == 1
    assert await states(first) == ("EXPIRED", "DRAFT")
    assert await states(draft) == ("DRAFT", "DRAFT")
    await let_pass(second)
    assert await good("POST", "/quote/expire-old") == 1
    assert await states(second) == await states(draft) == ("EXPIRED", "EXPIRED")


async def test_a_repeated_request_counts_the_same(good, sent_quote, let_pass):
    await let_pass(await sent_quote())
    for _ in range(2):
        assert await good("POST", "/quote/expire-old", headers={"Idempotency-Key": "once"}) == 1


async def test_expire_old_ends_nothing_of_another_clinic(client, elsewhere, sent_quote, let_pass, states):
    quote = await sent_quote()
    await let_pass(quote)
    answer = await client.post("/billing/quote/expire-old", headers=elsewhere.billing)
    assert answer.json() == 0
    assert await states(quote) == ("SENT", "DRAFT")


async def test_the_job_ends_the_quotes_of_all_clinics(services, here, elsewhere, good, sent_quote, let_pass, states):
    quotes = [await sent_quote() for _ in range(3)]
    for quote in quotes[:2]:
        await let_pass(quote)
    assert await expire_old(services) >= 2
    assert [await states(quote) for quote in quotes] == [("EXPIRED", "EXPIRED")] * 2 + [("SENT", "DRAFT")]
    assert await good("POST", "/quote/expire-old") == 0


async def test_the_job_acts_as_the_system(services, sent_quote, let_pass, rows):
    quote = await sent_quote()
    await let_pass(quote)
    await expire_old(services)
    told = """SELECT type, actor_kind FROM events WHERE organization_id = %s AND value_after = 'EXPIRED' ORDER BY id"""
    assert await rows(told) == [("QUOTE_STATUS_CHANGED", "system"), ("CART_STATUS_CHANGED", "system")]


def test_the_job_is_run_every_minute():
    assert schedule.TIMED_JOBS["expire_old_quotes"].every_seconds == 60


async def test_quotes_end_with_their_cart(ask, good, here, sent_quote, new_quote, respond):
    """Archived, given up, or converted without its quotes."""
    archived, given_up, converted = await sent_quote(), await new_quote(), await sent_quote()
    await good("DELETE", f"/cart/{archived['cartId']}")
    await good("PUT", f"/cart/{given_up['cartId']}", {"patientId": here.patient_id, "status": "ABANDONED"})
    await good("POST", f"/cart/{converted['cartId']}/convert-to-charge", {"cartId": converted["cartId"]})
    for quote in (archived, given_up, converted):
        assert (await good("GET", f"/quote/{quote['id']}"))["status"] == "EXPIRED"
        assert "EXPIRED" in conflict(await respond(quote, "accept"))


async def test_the_database_holds_the_lifecycle(owner_url, here, sent_quote, respond):
    """Whatever the program does: no way back, no change of what was answered."""
    first = await sent_quote()
    second = await sent_quote(cartId=first["cartId"])
    await respond(first, "accept")
    acts = [
        ("UPDATE quotes SET status = 'SENT' WHERE id = %s", first),
        ("UPDATE quotes SET status = 'ACCEPTED' WHERE id = %s", second),
        ("UPDATE quotes SET total_cents = total_cents + 1, tax_cents = tax_cents + 1 WHERE id = %s", first),
        ("DELETE FROM quote_lines WHERE quote_id = %s", first),
        ("UPDATE quote_lines SET quantity = 9 WHERE quote_id = %s", first),
    ]
    for statement, quote in acts:
        async with await psycopg.AsyncConnection.connect(owner_url) as conn:
            refused = await _constraint_of(conn, statement, quote["id"])
            await conn.rollback()
        assert refused == "quotes_lifecycle", statement


_VIEW = "UPDATE quotes SET status = 'VIEWED' WHERE id = %s"
_ACCEPT = "UPDATE quotes SET status = 'ACCEPTED' WHERE id = %s"


async def test_the_database_holds_one_accepted_quote_of_a_cart(owner_url, sent_quote):
    """Both could still be accepted, and nothing of the program looks."""
    first = await sent_quote()
    second = await sent_quote(cartId=first["cartId"])
    async with await psycopg.AsyncConnection.connect(owner_url) as conn:
        for quote in (first, second):
            assert (await conn.execute(_VIEW, (quote["id"],))).rowcount == 1
        assert (await conn.execute(_ACCEPT, (first["id"],))).rowcount == 1
        with pytest.raises(psycopg.errors.UniqueViolation) as refused:
            await conn.execute(_ACCEPT, (second["id"],))
        await conn.rollback()
    assert refused.value.diag.constraint_name == "quotes_accepted_key"


@pytest.mark.parametrize("table", ["carts", "quotes"])
async def test_the_database_holds_what_amounts_come_to(owner_url, new_quote, table):
    quote = await new_quote()
    record = quote["cartId"] if table == "carts" else quote["id"]
    async with await psycopg.AsyncConnection.connect(owner_url) as conn:
        for change in (
            "total_cents = total_cents + 1",
            "tax_cents = tax_cents + 1",
            "discount_cents = subtotal_cents + 1",
        ):
            with pytest.raises(psycopg.errors.CheckViolation) as refused:
                await conn.execute(f"UPDATE {table} SET {change} WHERE id = %s", (record,))
            assert refused.value.diag.constraint_name.startswith(f"{table}_")
            assert not refused.value.diag.constraint_name.endswith("_lifecycle")
            await conn.rollback()


async def _constraint_of(conn, statement, quote_id):
    try:
        await conn.execute(statement, (quote_id,))
    except psycopg.errors.CheckViolation as error:
        return error.diag.constraint_name
    return None
