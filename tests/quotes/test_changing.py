"""A pending quote is changed; what was answered stays."""

from uuid import UUID

import pytest

from tests.factories.rows import insert_row
from tests.quotes.conftest import conflict, problems


async def test_a_change_changes_what_is_named_and_nothing_else(good, new_quote):
    quote = await new_quote(description="for you", internalNotes="vip", validUntilDate="2199-01-01T00:00:00Z")
    changed = await good("PUT", f"/quote/{quote['id']}", {"title": "Better", "terms": "net 30", "description": None})
    updated = {"title": "Better", "terms": "net 30", "updatedDate": changed["updatedDate"]}
    assert changed == quote | updated
    assert await good("GET", f"/quote/{quote['id']}") == changed
    snake = await good("PUT", f"/quote/{quote['id']}", {"valid_until_date": "2199-02-01T00:00:00Z", "tea": 1})
    assert snake["validUntilDate"] == "2199-02-01T00:00:00Z"


async def test_a_discount_prices_the_quote_anew_and_leaves_the_cart(good, here, services, new_quote):
    await insert_row(services, UUID(here.organization_id), "taxes", name="Sales tax", percentage="10")
    quote = await new_quote()
    assert (quote["subtotal"], quote["taxAmount"], quote["total"]) == (41_799, 4_180, 45_979)
    changed = await good("PUT", f"/quote/{quote['id']}", {"discountAmount": 799, "discountPercentage": 50})
    # Half of 41799 is 20899.5, up to 20900, and 799: 21699. Left are 20100, of which 10 percent.
    amounts = ("subtotal", "discountAmount", "discountPercentage", "taxAmount", "total")
    assert [changed[name] for name in amounts] == [41_799, 21_699, 50.0, 2_010, 22_110]
    assert (await good("GET", f"/cart/{quote['cartId']}"))["total"] == 45_979
    back = await good("PUT", f"/quote/{quote['id']}", {"discountAmount": 0, "discountPercentage": 0})
    assert back["total"] == quote["total"]


async def test_all_faults_of_a_change_are_told(ask, new_quote):
    quote = await new_quote()
    body = {"status": "OPEN", "discountAmount": -1, "discountPercentage": 100.5, "validUntilDate": 5, "terms": 1}
    found = problems(await ask("PUT", f"/quote/{quote['id']}", body))
    assert sorted(found) == sorted(["body", name] for name in body)
    rules = {"discountPercentage": "1e1", "validUntilDate": "0001-01-01T00:00:00+10:00"}
    found = problems(await ask("PUT", f"/quote/{quote['id']}", rules))
    assert sorted(found) == sorted(["body", name] for name in rules)


async def test_what_the_patient_sees_counts_as_a_revision(good, new_quote, rows):
    quote = await new_quote()

    async def revision_after(**body):
        await good("PUT", f"/quote/{quote['id']}", body)
        return (await rows("SELECT revision FROM quotes WHERE organization_id = %s"))[0][0]

    assert await revision_after(internalNotes="between us", requiresPatientVerification=False) == 1
    assert await revision_after(title="Better") == 2
    assert await revision_after(discountAmount=100, terms="net 30") == 3
    assert await revision_after(validUntilDate="2199-01-01T00:00:00Z") == 4
    assert await revision_after(status="DRAFT") == 4


async def test_whether_the_patient_is_verified_is_kept(good, new_quote, rows):
    quote = await new_quote()
    asked = "SELECT requires_verification FROM quotes WHERE organization_id = %s"
    assert await rows(asked) == [(True,)]
    await good("PUT", f"/quote/{quote['id']}", {"requiresPatientVerification": False})
    assert await rows(asked) == [(False,)]


async def test_a_quote_handed_over_by_other_means_locks_its_cart(ask, good, here, new_quote, states, rows):
    quote = await new_quote()
    sent = await good("PUT", f"/quote/{quote['id']}", {"status": "SENT", "title": "Here it is"})
    assert (sent["status"], sent["title"], sent["sentDate"] is not None) == ("SENT", "Here it is", True)
    assert await states(quote) == ("SENT", "DRAFT")
    conflict(await ask("POST", f"/cart/{quote['cartId']}/items", {"itemId": here.item_id}))
    assert await rows("SELECT count(*) FROM messages WHERE organization_id = %s") == [(0,)]
    again = await good("PUT", f"/quote/{quote['id']}", {"status": "SENT"})
    assert again["sentDate"] == sent["sentDate"]


async def test_a_sent_quote_may_still_change(good, sent_quote):
    quote = await sent_quote()
    assert (await good("PUT", f"/quote/{quote['id']}", {"discountAmount": 100}))["total"] == quote["total"] - 100


async def test_a_withdrawn_quote_ends_its_cart_with_it(good, sent_quote, states):
    quote = await sent_quote()
    assert (await good("PUT", f"/quote/{quote['id']}", {"status": "EXPIRED"}))["status"] == "EXPIRED"
    assert await states(quote) == ("EXPIRED", "EXPIRED")


async def test_a_withdrawn_draft_leaves_a_cart_that_was_not_offered(good, new_quote, states):
    quote = await new_quote()
    await good("PUT", f"/quote/{quote['id']}", {"status": "EXPIRED"})
    assert await states(quote) == ("EXPIRED", "DRAFT")


async def test_an_offered_cart_stands_while_another_quote_can_be_answered(good, sent_quote, states):
    first = await sent_quote()
    second = await sent_quote(cartId=first["cartId"])
    await good("PUT", f"/quote/{first['id']}", {"status": "EXPIRED"})
    assert await states(second) == ("SENT", "DRAFT")


@pytest.mark.parametrize(
    ("status", "operation"),
    [("VIEWED", "public"), ("ACCEPTED", "respond"), ("DECLINED", "respond"), ("CONVERTED", "convert-to-charge")],
)
async def test_other_statuses_have_operations_of_their_own(ask, sent_quote, states, status, operation):
    quote = await sent_quote()
    assert operation in conflict(await ask("PUT", f"/quote/{quote['id']}", {"status": status}))
    assert await states(quote) == ("SENT", "DRAFT")


async def test_a_quote_never_goes_back(ask, sent_quote):
    quote = await sent_quote()
    assert "SENT" in conflict(await ask("PUT", f"/quote/{quote['id']}", {"status": "DRAFT", "title": "Not kept"}))
    assert (await ask("GET", f"/quote/{quote['id']}")).json() == quote


async def test_an_empty_quote_is_not_handed_over(ask, new_cart, new_quote):
    quote = await new_quote(cartId=(await new_cart(items=[]))["id"])
    assert "no lines" in conflict(await ask("PUT", f"/quote/{quote['id']}", {"status": "SENT"}))


@pytest.mark.parametrize("answer", ["accept", "decline"])
async def test_what_was_answered_does_not_change(ask, good, here, sent_quote, respond, answer):
    quote = await sent_quote()
    await respond(quote, answer)
    line = quote["items"][0]["itemId"]
    answered = await good("GET", f"/quote/{quote['id']}")
    refused = [
        await ask("PUT", f"/quote/{quote['id']}", {"internalNotes": "late"}),
        await ask("PUT", f"/quote/{quote['id']}", {"status": "EXPIRED"}),
        await ask("POST", f"/quote/{quote['id']}/items/add", {"itemId": here.item_id}),
        await ask("PUT", f"/quote/{quote['id']}/items/{line}", {"quantity": 1}),
        await ask("DELETE", f"/quote/{quote['id']}/items/{line}"),
    ]
    assert all(answered["status"] in conflict(answer) for answer in refused)
    assert await good("PUT", f"/quote/{quote['id']}", {"status": answered["status"]}) == answered


async def test_a_change_past_the_date_expires_the_quote(ask, new_quote, sent_quote, let_pass, states):
    for make, cart_status in ((new_quote, "DRAFT"), (sent_quote, "EXPIRED")):
        quote = await make()
        await let_pass(quote)
        answer = await ask("PUT", f"/quote/{quote['id']}", {"validUntilDate": "2199-01-01T00:00:00Z"})
        assert "date has passed" in conflict(answer)
        assert await states(quote) == ("EXPIRED", cart_status)


async def test_changes_are_events_with_the_totals(good, new_quote, rows):
    quote = await new_quote()
    await good("PUT", f"/quote/{quote['id']}", {"discountAmount": 799})
    told = "SELECT target_id::text, value_before, value_after FROM events WHERE organization_id = %s AND type = %s"
    assert await rows(told, "QUOTE_UPDATED") == [(quote["id"], "41799", "41000")]
