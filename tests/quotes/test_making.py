"""A quote is made of a cart."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tests.factories.rows import insert_row, update_row
from tests.factories.staff import hire
from tests.quotes.conftest import conflict, problems

WORDS = {
    "title": "Your plan",
    "description": "As we discussed",
    "terms": "30 days",
    "internalNotes": "gives discounts away",
}
DETAIL = {
    "id", "patientId", "status", "discountAmount", "discountPercentage", "taxAmount", "total", "creatorId", "cartId", "title",
    "itemCount", "packageCount", "createdDate", "updatedDate", "validUntilDate", "sentDate", "viewedDate", "respondedDate",
    "internalNotes", "creator", "patient", "description", "terms", "items", "convertedChargeId", "subtotal",
}  # fmt: skip
LINE = {
    "quoteId", "itemId", "packageId", "quantity", "unitPrice", "discountAmount", "discountPercentage", "taxAmount",
    "totalPrice", "description", "item", "package", "createdDate", "updatedDate",
}  # fmt: skip


async def test_a_quote_has_the_lines_discounts_and_amounts_of_its_cart(here, services, new_cart, new_quote):
    tax = {"name": "Sales tax", "percentage": "8.25"}
    await insert_row(services, UUID(here.organization_id), "taxes", **tax)
    item = {
        "itemId": here.item_id,
        "quantity": 1.5,
        "discountPercentage": 10,
        "discountAmount": 5,
        "notes": "staff only",
    }
    cart = await new_cart(items=[item, {"packageId": here.package_id, "unitPrice": 9000}], discountPercentage=2.5)
    quote = await new_quote(cartId=cart["id"], **WORDS, validUntilDate="2199-03-01T01:00:00+01:00")
    assert set(quote) == DETAIL
    assert [set(line) for line in quote["items"]] == [LINE, LINE]
    same = ("discountAmount", "discountPercentage", "taxAmount", "total", "subtotal")
    assert {name: quote[name] for name in same} == {name: cart[name] for name in same}
    assert cart["taxAmount"] > 0
    for ours, theirs in zip(quote["items"], cart["items"], strict=True):
        shared = (set(ours) & set(theirs)) - {"createdDate", "updatedDate"}
        assert {name: ours[name] for name in shared} == {name: theirs[name] for name in shared}
        assert (ours["quoteId"], ours["description"]) == (quote["id"], None)
    assert quote.items() >= (WORDS | {"validUntilDate": "2199-03-01T00:00:00Z", "cartId": cart["id"]}).items()
    assert (quote["itemCount"], quote["packageCount"]) == (1, 1)


async def test_what_was_not_sent_is_null_or_has_its_default(here, new_quote):
    quote = await new_quote()
    assert {name for name, value in quote.items() if value is None} == {
        "validUntilDate", "sentDate", "viewedDate", "respondedDate", "internalNotes", "description", "terms",
        "convertedChargeId",
    }  # fmt: skip
    assert (quote["status"], quote["title"]) == ("DRAFT", "Quote for Robin Vale")
    assert (quote["patient"]["id"], quote["creator"]["id"]) == (here.patient_id, here.creator_id)
    assert abs(datetime.now(UTC) - datetime.fromisoformat(quote["createdDate"])) < timedelta(minutes=1)


async def test_a_draft_leaves_its_cart_as_it_is(good, new_cart, new_quote, here):
    cart = await new_cart()
    await new_quote(cartId=cart["id"])
    changed = await good("POST", f"/cart/{cart['id']}/items", {"itemId": here.item_id})
    assert (len(changed["items"]), len(changed["quotes"]), changed["status"]) == (3, 1, "DRAFT")


async def test_names_of_the_callers_own_are_kept(good, new_cart, new_quote):
    cart = await new_cart(id="cart_1")
    quote = await new_quote(id="quote_1", cartId="cart_1")
    assert (quote["id"], quote["cartId"], quote["items"][0]["quoteId"]) == ("quote_1", "cart_1", "quote_1")
    assert (await good("GET", "/quote/quote_1")) == quote
    assert (await good("GET", f"/cart/{cart['id']}"))["quotes"][0]["id"] == "quote_1"


async def test_a_name_that_is_taken_is_refused(ask, new_cart, new_quote, here):
    await new_quote(id="quote_1")
    body = {"patientId": here.patient_id, "creatorId": here.creator_id, "cartId": (await new_cart())["id"]}
    assert "quote_1" in conflict(await ask("POST", "/quote", body | {"id": "quote_1"}))


async def test_snake_case_and_unknown_members_are_taken(good, new_cart, here):
    body = {
        "patient_id": here.patient_id,
        "cart_id": (await new_cart())["id"],
        "creator_id": here.creator_id,
        "internal_notes": "quiet",
        "valid_until_date": "2199-03-01T00:00:00",
        "requires_patient_verification": False,
        "favourite": "tea",
    }
    quote = await good("POST", "/quote", body)
    assert (quote["internalNotes"], quote["validUntilDate"]) == ("quiet", "2199-03-01T00:00:00Z")


async def test_all_faults_of_a_body_are_told(ask):
    body = {"cartId": 7, "creatorId": "", "validUntilDate": "soon", "requiresPatientVerification": "yes", "title": []}
    named = ("patientId", "cartId", "creatorId", "title", "validUntilDate", "requiresPatientVerification")
    found = problems(await ask("POST", "/quote", body))
    assert sorted(found) == sorted(["body", name] for name in named)


async def test_everything_that_is_unknown_is_named(ask, elsewhere):
    body = {"patientId": elsewhere.patient_id, "cartId": "cart_9", "creatorId": elsewhere.creator_id}
    answer = await ask("POST", "/quote", body)
    assert answer.status_code == 404
    expected = f"no cart cart_9 here; no patient {elsewhere.patient_id} here; no provider {elsewhere.creator_id} here"
    assert answer.json() == {"detail": expected}


async def test_the_patient_is_the_carts_and_the_creator_one_who_may(ask, here, services, new_cart):
    own = (services, UUID(here.organization_id))
    stranger = await insert_row(*own, "patients", email="other@patient.example", first_name="Kim", last_name="Ode")
    support = await hire(*own, "Sam", "Holt", role="SUPPORT")
    body = {"patientId": str(stranger), "cartId": (await new_cart())["id"], "creatorId": str(support)}
    assert problems(await ask("POST", "/quote", body)) == [["body", "patientId"], ["body", "creatorId"]]


async def test_who_left_makes_no_quotes(ask, here, services, new_cart):
    await update_row(
        services, UUID(here.organization_id), "staff", UUID(here.creator_id), deactivated_at=datetime.now(UTC)
    )
    body = {"patientId": here.patient_id, "cartId": (await new_cart())["id"], "creatorId": here.creator_id}
    assert (await ask("POST", "/quote", body)).status_code == 404


async def test_only_a_draft_is_quoted(ask, good, here, new_cart):
    archived, given_up = await new_cart(), await new_cart()
    assert await good("DELETE", f"/cart/{archived['id']}") is True
    body = {"patientId": here.patient_id, "creatorId": here.creator_id}
    assert (await ask("POST", "/quote", body | {"cartId": archived["id"]})).status_code == 404
    await good("PUT", f"/cart/{given_up['id']}", {"patientId": here.patient_id, "status": "ABANDONED"})
    assert "ABANDONED" in conflict(await ask("POST", "/quote", body | {"cartId": given_up["id"]}))


async def test_a_cart_past_its_date_is_not_quoted(ask, here, new_cart):
    cart = await new_cart(expiresDate="2020-01-01T00:00:00Z")
    body = {"patientId": here.patient_id, "creatorId": here.creator_id, "cartId": cart["id"]}
    assert "date" in conflict(await ask("POST", "/quote", body))


async def test_a_patient_without_a_name_may_be_quoted(good, here, services, new_cart):
    nobody = str(await insert_row(services, UUID(here.organization_id), "patients"))
    cart = await new_cart(patientId=nobody)
    body = {"patientId": nobody, "creatorId": here.creator_id, "cartId": cart["id"]}
    assert (await good("POST", "/quote", body))["title"] == "Quote"
    assert (await good("POST", "/quote", body | {"title": ""}))["title"] == "Quote"


async def test_a_repeated_request_makes_one_quote(good, new_cart, here, rows):
    body = {"patientId": here.patient_id, "creatorId": here.creator_id, "cartId": (await new_cart())["id"]}
    first = await good("POST", "/quote", body, headers={"Idempotency-Key": "once"})
    assert await good("POST", "/quote", body, headers={"Idempotency-Key": "once"}) == first
    assert await rows("SELECT count(*) FROM quotes WHERE organization_id = %s") == [(1,)]


async def test_what_staff_write_lies_sealed(new_quote, rows):
    await new_quote(**WORDS)
    [(words,)] = await rows("SELECT words_sealed FROM quotes WHERE organization_id = %s")
    assert words
    assert not any(text.encode() in words for text in WORDS.values())


async def test_making_one_is_an_event(new_quote, rows):
    quote = await new_quote()
    events = await rows("SELECT target_id::text FROM events WHERE organization_id = %s AND type = 'QUOTE_CREATED'")
    assert events == [(quote["id"],)]


@pytest.mark.parametrize("name", ["list", "public", "respond", "send", "convert-to-charge", "expire-old"])
async def test_no_quote_is_named_like_a_route(ask, new_cart, here, name):
    body = {"id": name, "patientId": here.patient_id, "creatorId": here.creator_id, "cartId": (await new_cart())["id"]}
    assert problems(await ask("POST", "/quote", body)) == [["body", "id"]]
