"""POST /billing/cart/{cart_id}/convert-to-charge."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from carelane.services import Services
from tests.cast import Clinic
from tests.contract import CheckedClient
from tests.factories.carts import CART, convert_cart, get_cart, item, make_cart, package
from tests.factories.quotes import make_quote
from tests.factories.rows import insert_link, insert_row, update_row


async def test_a_draft_becomes_a_charge_with_the_same_amounts(client: CheckedClient, own: Clinic):
    lines = [item(own, quantity=2, discountPercentage=10), package(own)]
    cart = await make_cart(client, own, *lines, discountAmount=99, creatorId=own.creator_id)
    answer = await convert_cart(client, own, cart["id"], description="First month", externalId="ext-1", eventId="evt-1")
    assert answer.status_code == 200, answer.text
    charge = answer.json()
    assert (charge["total"], charge["totalOutstanding"]) == (cart["total"], cart["total"])
    assert [line["name"] for line in charge["items"]] == ["Tablets", "Plan"]
    after = await get_cart(client, own, cart["id"])
    assert (after["status"], after["convertedChargeId"]) == ("CONVERTED", charge["id"])
    assert (after["total"], after["items"]) == (cart["total"], cart["items"])
    shown = await client.get(f"/billing/charge/get/{charge['id']}", headers=own.billing)
    assert (shown.status_code, shown.json()["id"]) == (200, charge["id"])


async def test_who_asks_again_is_given_the_same_charge(client: CheckedClient, own: Clinic):
    cart = await make_cart(client, own, item(own))
    first, second = [(await convert_cart(client, own, cart["id"])).json() for _ in range(2)]
    assert first == second


async def test_a_fraction_is_charged_as_one_piece(client: CheckedClient, own: Clinic):
    cart = await make_cart(client, own, item(own, quantity=1.5, unitPrice=10_000, discountPercentage=10))
    charge = (await convert_cart(client, own, cart["id"])).json()
    line = charge["items"][0]
    assert (line["quantity"], line["price"], line["description"]) == (1, 15_000, "1.5 \N{MULTIPLICATION SIGN} 100.00")
    assert charge["total"] == cart["total"] == 13_500


async def test_another_location_has_its_own_taxes(client: CheckedClient, own: Clinic, services: Services):
    here = (services, UUID(own.organization_id))
    location_id = await insert_row(*here, "locations", name="Taxed")
    tax = await insert_row(*here, "taxes", name="Here", percentage="8.25")
    await insert_link(*here, "tax_locations", tax_id=tax, location_id=location_id)
    cart = await make_cart(client, own, item(own, unitPrice=1000), item(own, unitPrice=999))
    charge = (await convert_cart(client, own, cart["id"], locationId=str(location_id))).json()
    assert (cart["total"], charge["total"]) == (1999, 1999 + 83 + 82)


async def test_an_accepted_cart_becomes_the_charge_of_its_quote(client: CheckedClient, own: Clinic, services: Services):
    quote_id = await make_quote(services, own, status="ACCEPTED")
    async with services.db.reading(UUID(own.organization_id)) as conn:
        cursor = await conn.execute("SELECT cart_id, total_cents FROM quotes WHERE id = %s", (quote_id,))
        cart_id, total = (await cursor.fetchall())[0]
    await update_row(services, UUID(own.organization_id), "carts", cart_id, status="ACCEPTED")
    first, second = [await convert_cart(client, own, str(cart_id)) for _ in range(2)]
    assert (first.status_code, first.json()["total"]) == (200, total)
    assert first.json() == second.json()
    cart = await get_cart(client, own, str(cart_id))
    assert (cart["status"], cart["convertedChargeId"]) == ("CONVERTED", first.json()["id"])
    assert [quote["status"] for quote in cart["quotes"]] == ["CONVERTED"]


async def test_converting_ends_the_quotes_that_wait(client: CheckedClient, own: Clinic, services: Services):
    quote_id = await make_quote(services, own, status="SENT")
    async with services.db.reading(UUID(own.organization_id)) as conn:
        cart_id = (await (await conn.execute("SELECT cart_id FROM quotes WHERE id = %s", (quote_id,))).fetchall())[0][0]
    # The factory's own cart has no lines.
    assert (await convert_cart(client, own, str(cart_id))).status_code == 409
    cart = await make_cart(client, own, item(own))
    await update_row(services, UUID(own.organization_id), "quotes", quote_id, cart_id=UUID(cart["id"]))
    assert (await convert_cart(client, own, cart["id"])).status_code == 200
    assert [quote["status"] for quote in (await get_cart(client, own, cart["id"]))["quotes"]] == ["EXPIRED"]


@pytest.mark.parametrize("status", ["ABANDONED", "REJECTED", "EXPIRED"])
async def test_what_has_ended_is_not_converted(client: CheckedClient, own: Clinic, services: Services, status: str):
    cart = await make_cart(client, own, item(own))
    await update_row(services, UUID(own.organization_id), "carts", UUID(cart["id"]), status=status)
    answer = await convert_cart(client, own, cart["id"])
    assert (answer.status_code, status in answer.json()["detail"]) == (409, True)


async def test_an_empty_cart_and_one_past_its_date_are_not_converted(client: CheckedClient, own: Clinic):
    empty = await make_cart(client, own)
    past = await make_cart(client, own, item(own), expiresDate="2023-11-07T05:31:56Z")
    assert [(await convert_cart(client, own, cart["id"])).status_code for cart in (empty, past)] == [409, 409]


async def test_an_offered_cart_stands_past_its_own_date(client: CheckedClient, own: Clinic, services: Services):
    cart = await make_cart(client, own, item(own), expiresDate="2023-11-07T05:31:56Z")
    await update_row(services, UUID(own.organization_id), "carts", UUID(cart["id"]), locked_at=datetime.now(UTC))
    assert (await convert_cart(client, own, cart["id"])).status_code == 200


async def test_bad_requests_convert_nothing(client: CheckedClient, own: Clinic, stranger: Clinic):
    cart = await make_cart(client, own, item(own))
    url = f"{CART}/{cart['id']}/convert-to-charge"
    missing = await client.post(url, json={"description": 7, "locationId": "a/b"}, headers=own.billing)
    assert (missing.status_code, len(missing.json()["detail"])) == (422, 3)
    other = await client.post(url, json={"cartId": "another"}, headers=own.billing)
    assert (other.status_code, other.json()["detail"][0]["loc"]) == (422, ["body", "cartId"])
    foreign = await convert_cart(client, own, cart["id"], locationId=stranger.location_id)
    assert (foreign.status_code, foreign.json()) == (404, {"detail": f"no location {stranger.location_id} here"})
    assert await get_cart(client, own, cart["id"]) == cart


async def test_a_location_that_is_not_here_is_unknown_to_a_converted_cart_too(client: CheckedClient, own: Clinic):
    cart = await make_cart(client, own, item(own))
    await convert_cart(client, own, cart["id"])
    assert (await convert_cart(client, own, cart["id"], locationId=own.location_id)).status_code == 200
    assert (await convert_cart(client, own, cart["id"], locationId="nowhere")).status_code == 404


async def test_a_body_in_snake_case_converts_too(client: CheckedClient, own: Clinic):
    cart = await make_cart(client, own, item(own), id="snake")
    body = {"cart_id": "snake", "external_id": "x", "location_id": own.location_id}
    answer = await client.post(f"{CART}/snake/convert-to-charge", json=body, headers=own.billing)
    assert (answer.status_code, answer.json()["total"]) == (200, cart["total"])
