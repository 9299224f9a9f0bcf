"""An accepted quote becomes a charge, once."""

from uuid import UUID

from carelane.kit import clock
from tests.factories.rows import insert_row, update_row
from tests.quotes.conftest import conflict, problems


async def test_the_charge_is_what_was_accepted(good, here, services, new_cart, sent_quote, respond, convert, states):
    tax_id = await insert_row(services, UUID(here.organization_id), "taxes", name="Sales tax", percentage="10")
    cart = await new_cart(discountAmount=1_000)
    quote = await sent_quote(cartId=cart["id"])
    await good("PUT", f"/quote/{quote['id']}/items/{here.item_id}", {"quantity": 1.5, "description": "half a pack"})
    accepted = (await respond(quote, "accept")).json()
    await update_row(services, UUID(here.organization_id), "taxes", tax_id, archived_at=clock.now())
    body = {"description": "July", "externalId": "ext-1", "eventId": "event-1", "locationId": here.location_id}
    answer = await convert(quote, **body)
    charge = answer.json()
    assert answer.status_code == 200
    assert (charge["total"], charge["totalOutstanding"], charge["status"]) == (accepted["total"],) * 2 + (
        "OUTSTANDING",
    )
    same = {"description": "July", "externalId": "ext-1", "eventId": "event-1", "locationId": here.location_id}
    assert same.items() <= charge.items()
    assert (charge["patientId"], charge["creatorId"]) == (here.patient_id, here.creator_id)
    lines = [(line["name"], line["quantity"], line["price"], line["description"]) for line in charge["items"]]
    assert lines == [("Tablets", 1, 23_850, "1.5 × 159.00; half a pack"), ("Plan", 1, 9_999, None)]
    assert [line["taxAmount"] for line in charge["items"]] == [line["taxAmount"] for line in accepted["items"]]
    assert await states(quote) == ("CONVERTED", "CONVERTED")
    assert (await good("GET", f"/quote/{quote['id']}"))["convertedChargeId"] == charge["id"]
    assert (await good("GET", f"/cart/{cart['id']}"))["convertedChargeId"] == charge["id"]


async def test_whoever_asks_again_gets_the_same_charge(ask, sent_quote, respond, convert, rows):
    quote = await sent_quote()
    await respond(quote, "accept")
    first = (await convert(quote, description="first")).json()
    assert (await convert(quote, description="second")).json() == first
    of_cart = await ask("POST", f"/cart/{quote['cartId']}/convert-to-charge", {"cartId": quote["cartId"]})
    assert of_cart.json() == first
    assert await rows("SELECT count(*) FROM charges WHERE organization_id = %s") == [(1,)]


async def test_the_carts_conversion_is_the_quotes(good, sent_quote, respond, convert, states):
    quote = await sent_quote()
    await good("PUT", f"/quote/{quote['id']}", {"discountAmount": 99})
    await respond(quote, "accept")
    charge = await good("POST", f"/cart/{quote['cartId']}/convert-to-charge", {"cartId": quote["cartId"]})
    assert charge["total"] == quote["total"] - 99
    assert await states(quote) == ("CONVERTED", "CONVERTED")
    assert (await convert(quote)).json() == charge


async def test_only_what_was_accepted_is_converted(good, new_quote, sent_quote, respond, convert):
    assert "DRAFT" in conflict(await convert(await new_quote()))
    sent, declined = await sent_quote(), await sent_quote()
    assert "SENT" in conflict(await convert(sent))
    await good("GET", f"/quote/public/{sent['id']}")
    assert "VIEWED" in conflict(await convert(sent))
    await respond(declined, "decline")
    assert "DECLINED" in conflict(await convert(declined))
    await good("PUT", f"/quote/{sent['id']}", {"status": "EXPIRED"})
    assert "EXPIRED" in conflict(await convert(sent))


async def test_an_accepted_quote_knows_no_date_any_more(sent_quote, respond, convert, let_pass):
    quote = await sent_quote()
    await respond(quote, "accept")
    await let_pass(quote)
    assert (await convert(quote)).status_code == 200


async def test_everything_that_is_unknown_is_named(ask, elsewhere):
    answer = await ask("POST", "/quote/convert-to-charge", {"quoteId": "q_9", "locationId": elsewhere.location_id})
    expected = {"detail": f"no quote q_9 here; no location {elsewhere.location_id} here"}
    assert (answer.status_code, answer.json()) == (404, expected)


async def test_all_faults_of_a_conversion_are_told(ask):
    body = {"description": 1, "external_id": [], "locationId": "a/b", "eventId": 7}
    found = problems(await ask("POST", "/quote/convert-to-charge", body))
    named = ("quoteId", "description", "externalId", "locationId", "eventId")
    assert sorted(found) == sorted(["body", name] for name in named)


async def test_the_charge_is_told_as_an_event(sent_quote, respond, convert, rows):
    quote = await sent_quote()
    await respond(quote, "accept")
    charge = (await convert(quote)).json()
    told = "SELECT target_id::text, value_after FROM events WHERE organization_id = %s AND type = 'CHARGE_CREATED'"
    assert await rows(told) == [(charge["id"], str(quote["total"]))]


async def test_a_repeated_conversion_is_answered_again(ask, sent_quote, respond):
    quote, headers = await sent_quote(), {"Idempotency-Key": "once"}
    await respond(quote, "accept")
    answers = [await ask("POST", "/quote/convert-to-charge", {"quoteId": quote["id"]}, headers=headers) for _ in "12"]
    assert answers[0].content == answers[1].content
    assert [answer.headers.get("Idempotent-Replayed") for answer in answers] == [None, "true"]
