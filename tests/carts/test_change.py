"""PUT and DELETE /billing/cart/{cart_id}, and the lines of a cart."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from carelane.services import Services
from tests.cast import Clinic
from tests.contract import CheckedClient
from tests.factories.carts import CART, get_cart, item, make_cart, package
from tests.factories.rows import insert_row, update_row


async def test_replacing_puts_everything_in_place_of_what_was(client: CheckedClient, own: Clinic):
    cart = await make_cart(client, own, item(own, quantity=3), notes="old", creatorId=own.creator_id, discountAmount=5)
    body = {
        "patientId": own.patient_id,
        "id": cart["id"],
        "items": [package(own, notes="new")],
        "discountPercentage": 50,
    }
    answer = await client.put(f"{CART}/{cart['id']}", json=body, headers=own.billing)
    assert answer.status_code == 200, answer.text
    after = answer.json()
    assert [line["packageId"] for line in after["items"]] == [own.package_id]
    assert after["items"][0]["id"] != cart["items"][0]["id"]
    assert (after["notes"], after["creator"], after["discountAmount"], after["total"]) == (None, None, 5000, 4999)
    assert (after["createdDate"], after["status"]) == (cart["createdDate"], "DRAFT")
    assert after["updatedDate"] > cart["updatedDate"]
    assert await get_cart(client, own, cart["id"]) == after


async def test_replacing_without_items_empties_the_cart(client: CheckedClient, own: Clinic):
    cart = await make_cart(client, own, item(own))
    after = (await client.put(f"{CART}/{cart['id']}", json={"patientId": own.patient_id}, headers=own.billing)).json()
    assert (after["items"], after["total"]) == ([], 0)


async def test_a_cart_is_given_up_and_its_pending_quotes_expire(client: CheckedClient, own: Clinic, services: Services):
    cart = await make_cart(client, own, item(own))
    await _add_quote(services, own, cart)
    body = {"patientId": own.patient_id, "status": "ABANDONED", "items": [item(own)]}
    after = (await client.put(f"{CART}/{cart['id']}", json=body, headers=own.billing)).json()
    assert (after["status"], after["quotes"][0]["status"], after["total"]) == ("ABANDONED", "EXPIRED", 15900)
    assert (await client.put(f"{CART}/{cart['id']}", json=body, headers=own.billing)).status_code == 409


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"id": "another"}, 422),
        ({"status": "CONVERTED"}, 422),
        ({"status": "EXPIRED"}, 422),
        ({"patientId": "nobody"}, 404),
        ({"creatorId": "nobody"}, 404),
        ({"items": [{"itemId": "nothing"}]}, 404),
        ({"items": [{}]}, 422),
        ({"patientId": None}, 422),
    ],
)
async def test_a_bad_replacement_changes_nothing(
    client: CheckedClient, own: Clinic, change: dict[str, object], status: int
):
    cart = await make_cart(client, own, item(own))
    body = {"patientId": own.patient_id, "items": []} | change
    assert (await client.put(f"{CART}/{cart['id']}", json=body, headers=own.billing)).status_code == status
    assert await get_cart(client, own, cart["id"]) == cart


async def test_a_cart_stays_with_its_patient(client: CheckedClient, own: Clinic, services: Services):
    cart = await make_cart(client, own)
    other = await insert_row(services, UUID(own.organization_id), "patients", first_name="Another")
    answer = await client.put(f"{CART}/{cart['id']}", json={"patientId": str(other)}, headers=own.billing)
    assert answer.status_code == 409


async def test_a_line_is_added_changed_and_removed(client: CheckedClient, own: Clinic):
    cart = await make_cart(client, own, item(own), discountPercentage=10)
    url = f"{CART}/{cart['id']}/items"
    added = (await client.post(url, json=package(own, quantity=2, notes="for two"), headers=own.billing)).json()
    assert (added["items"][0], added["total"]) == (cart["items"][0], 32308)
    line = added["items"][1]
    assert (line["notes"], line["totalPrice"]) == ("for two", 19998)
    body = {"quantity": 0.25, "unit_price": 1001, "discountAmount": None}
    changed = (await client.put(f"{url}/{line['id']}", json=body, headers=own.billing)).json()
    assert (changed["items"][1]["totalPrice"], changed["items"][1]["notes"]) == (250, "for two")
    assert changed["items"][1]["createdDate"] == line["createdDate"] < changed["items"][1]["updatedDate"]
    assert await get_cart(client, own, cart["id"]) == changed
    removed = (await client.delete(f"{url}/{cart['items'][0]['id']}", headers=own.billing)).json()
    assert ([left["id"] for left in removed["items"]], removed["total"]) == ([line["id"]], 225)
    assert await get_cart(client, own, cart["id"]) == removed


async def test_a_discount_of_the_cart_moves_the_tax_of_lines_nobody_touched(
    client: CheckedClient, own: Clinic, services: Services
):
    tax = await insert_row(services, UUID(own.organization_id), "taxes", name="Ten", percentage="10")
    try:
        cart = await make_cart(client, own, item(own, unitPrice=1000), discountAmount=100)
        added = await client.post(f"{CART}/{cart['id']}/items", json=item(own, unitPrice=1000), headers=own.billing)
    finally:
        await update_row(services, UUID(own.organization_id), "taxes", tax, archived_at=datetime.now(UTC))
    assert [line["taxAmount"] for line in cart["items"]] == [90]
    assert [line["taxAmount"] for line in added.json()["items"]] == [95, 95]
    assert await get_cart(client, own, cart["id"]) == added.json()


async def test_what_was_archived_since_stays_in_the_cart_and_may_be_had_again(
    client: CheckedClient, own: Clinic, services: Services
):
    here = (services, UUID(own.organization_id))
    product_id = await insert_row(*here, "products", name="Going", currency="USD", price_cents=100)
    cart = await make_cart(client, own, {"itemId": str(product_id)})
    await update_row(*here, "products", product_id, is_active=False)
    url, line = f"{CART}/{cart['id']}/items", cart["items"][0]["id"]
    changed = await client.put(f"{url}/{line}", json={"quantity": 2}, headers=own.billing)
    assert (changed.status_code, changed.json()["total"], changed.json()["items"][0]["item"]["isArchived"]) == (
        200,
        200,
        True,
    )
    assert (await client.post(url, json={"itemId": str(product_id)}, headers=own.billing)).status_code == 200
    other = await make_cart(client, own)
    refused = await client.post(f"{CART}/{other['id']}/items", json={"itemId": str(product_id)}, headers=own.billing)
    assert (refused.status_code, refused.json()["detail"][0]["loc"]) == (422, ["body", "itemId"])


async def test_a_full_cart_takes_no_more_lines(client: CheckedClient, own: Clinic):
    cart = await make_cart(client, own, *[item(own)] * 500)
    assert (await client.post(f"{CART}/{cart['id']}/items", json=item(own), headers=own.billing)).status_code == 422


@pytest.mark.parametrize("values", [{"locked_at": datetime.now(UTC)}, {"status": "ACCEPTED"}, {"status": "EXPIRED"}])
async def test_only_a_draft_that_was_not_offered_changes(
    client: CheckedClient, own: Clinic, services: Services, values: dict[str, object]
):
    cart = await make_cart(client, own, item(own))
    await update_row(services, UUID(own.organization_id), "carts", UUID(cart["id"]), **values)
    url, line = f"{CART}/{cart['id']}", cart["items"][0]["id"]
    before = await get_cart(client, own, cart["id"])
    answers = [
        await client.put(url, json={"patientId": own.patient_id}, headers=own.billing),
        await client.post(f"{url}/items", json=item(own), headers=own.billing),
        await client.put(f"{url}/items/{line}", json={"quantity": 2}, headers=own.billing),
        await client.delete(f"{url}/items/{line}", headers=own.billing),
    ]
    assert [answer.status_code for answer in answers] == [409, 409, 409, 409]
    assert await get_cart(client, own, cart["id"]) == before


async def test_archiving_answers_true_and_the_cart_is_not_found_any_more(
    client: CheckedClient, own: Clinic, services: Services
):
    cart = await make_cart(client, own, item(own))
    quote_id = await _add_quote(services, own, cart)
    url = f"{CART}/{cart['id']}"
    answer = await client.delete(url, headers=own.billing)
    assert (answer.status_code, answer.json()) == (200, True)
    async with services.db.reading(UUID(own.organization_id)) as conn:
        cursor = await conn.execute("SELECT status FROM quotes WHERE id = %s", (quote_id,))
        assert await cursor.fetchone() == ("EXPIRED",)
    line = cart["items"][0]["id"]
    answers = [
        await client.get(url, headers=own.billing),
        await client.delete(url, headers=own.billing),
        await client.put(url, json={"patientId": own.patient_id}, headers=own.billing),
        await client.delete(f"{url}/items/{line}", headers=own.billing),
        await client.post(f"{url}/convert-to-charge", json={"cartId": cart["id"]}, headers=own.billing),
    ]
    assert [answer.status_code for answer in answers] == [404] * 5


async def test_an_accepted_cart_is_not_archived(client: CheckedClient, own: Clinic, services: Services):
    cart = await make_cart(client, own, item(own))
    await update_row(services, UUID(own.organization_id), "carts", UUID(cart["id"]), status="ACCEPTED")
    assert (await client.delete(f"{CART}/{cart['id']}", headers=own.billing)).status_code == 409


async def _add_quote(services: Services, clinic: Clinic, cart: dict[str, object]) -> UUID:
    amounts = {"subtotal_cents": 0, "discount_cents": 0, "tax_cents": 0, "total_cents": 0, "currency": "USD"}
    whose = {
        "cart_id": UUID(str(cart["id"])),
        "patient_id": UUID(clinic.patient_id),
        "creator_id": UUID(clinic.creator_id),
    }
    return await insert_row(services, UUID(clinic.organization_id), "quotes", **amounts, **whose)


def _calls(cart: dict[str, object], line: str, clinic: Clinic) -> list[tuple[str, str, dict[str, object] | None]]:
    url = f"{CART}/{cart['id']}"
    return [
        ("GET", url, None),
        ("PUT", url, {"patientId": clinic.patient_id}),
        ("DELETE", url, None),
        ("POST", f"{url}/items", item(clinic)),
        ("PUT", f"{url}/items/{line}", {"quantity": 2}),
        ("DELETE", f"{url}/items/{line}", None),
        ("POST", f"{url}/convert-to-charge", {"cartId": cart["id"]}),
    ]


async def test_another_clinics_cart_is_as_if_it_were_not_there(client: CheckedClient, own: Clinic, stranger: Clinic):
    cart = await make_cart(client, own, item(own))
    for method, url, body in _calls(cart, cart["items"][0]["id"], stranger):
        answer = await client.request(method, url, json=body, headers=stranger.billing)
        assert (answer.status_code, answer.json()) == (404, {"detail": f"no cart {cart['id']} here"})
    assert await get_cart(client, own, cart["id"]) == cart


async def test_without_the_right_credential_nothing_happens(client: CheckedClient, own: Clinic, stranger: Clinic):
    cart = await make_cart(client, own, item(own))
    wrong = {"API-KEY": stranger.api_key, "TENANT": own.tenant}
    weak = {"API-KEY": own.catalog_only_key, "TENANT": own.tenant}
    for method, url, body in _calls(cart, cart["items"][0]["id"], own):
        statuses = [
            (await client.request(method, url, json=body, headers=headers)).status_code for headers in ({}, wrong, weak)
        ]
        assert statuses == [401, 401, 403], url
    assert await get_cart(client, own, cart["id"]) == cart


async def test_bad_lines_are_refused(client: CheckedClient, own: Clinic, stranger: Clinic):
    cart = await make_cart(client, own, item(own))
    other = await make_cart(client, own, item(own))
    url, line = f"{CART}/{cart['id']}/items", cart["items"][0]["id"]
    foreign = await client.post(url, json=item(stranger), headers=own.billing)
    assert (foreign.status_code, foreign.json()) == (404, {"detail": f"no item {stranger.item_id} here"})
    body = {"quantity": -1, "unitPrice": 1.5, "discountPercentage": 101}
    wrong = await client.put(f"{url}/{line}", json=body, headers=own.billing)
    assert (wrong.status_code, len(wrong.json()["detail"])) == (422, 3)
    for unknown in (other["items"][0]["id"], str(uuid4()), "nothing"):
        assert (await client.put(f"{url}/{unknown}", json={}, headers=own.billing)).status_code == 404
        assert (await client.delete(f"{url}/{unknown}", headers=own.billing)).status_code == 404
    assert await get_cart(client, own, cart["id"]) == cart


async def test_reading_a_cart_is_written_down(client: CheckedClient, own: Clinic, services: Services):
    cart = await make_cart(client, own, item(own))
    await get_cart(client, own, cart["id"])
    async with services.db.reading(UUID(own.organization_id)) as conn:
        cursor = await conn.execute("SELECT record_kind, actor_kind FROM phi_reads WHERE record_id = %s", (cart["id"],))
        assert await cursor.fetchall() == [("cart", "key")]


async def test_what_people_wrote_is_sealed(client: CheckedClient, own: Clinic, services: Services):
    cart = await make_cart(client, own, item(own, notes="for the knee"), notes="rather shy")
    async with services.db.reading(UUID(own.organization_id)) as conn:
        kept = await conn.execute("SELECT c::text FROM carts c WHERE id = %s", (cart["id"],))
        lines = await conn.execute("SELECT n::text FROM cart_lines n WHERE cart_id = %s", (cart["id"],))
        text = str([*await kept.fetchall(), *await lines.fetchall()])
    assert not any(word in text for word in ("shy", b"shy".hex(), "knee", b"knee".hex()))
