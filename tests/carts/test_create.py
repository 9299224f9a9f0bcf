"""POST /billing/cart."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from carelane.kit.ids import record_id
from carelane.services import Services
from tests.cast import Clinic
from tests.contract import CheckedClient
from tests.factories.carts import CART, get_cart, item, make_cart, package, post_cart
from tests.factories.rows import insert_link, insert_row, update_row
from tests.factories.staff import hire

MEMBERS = [
    "id", "patient", "status", "discountAmount", "discountPercentage", "taxAmount", "total", "subtotal", "creator", "items",
    "quotes", "createdDate", "updatedDate", "expiresDate", "notes", "convertedChargeId",
]  # fmt: skip


async def test_the_seeds_own_body_makes_a_cart_word_for_word(client: CheckedClient, own: Clinic, services: Services):
    here = (services, UUID(own.organization_id))
    await insert_row(
        *here, "patients", id=_derived(own, "<string>"), given_id="<string>", email=f"{uuid4().hex}@x.example"
    )
    await hire(*here, "Cleo", "Stone", id=_derived(own, "<string>"), given_id="<string>")
    body = {
        "patientId": "<string>",
        "id": "<string>",
        "creatorId": "<string>",
        "status": "DRAFT",
        "notes": "<string>",
        "expiresDate": "2023-11-07T05:31:56Z",
        "discountAmount": 0,
        "discountPercentage": 0,
        "items": [],
    }
    answer = await client.post(CART, json=body, headers=own.billing)
    assert answer.status_code == 200, answer.text
    cart = answer.json()
    assert list(cart) == MEMBERS
    assert (cart["id"], cart["patient"]["id"], cart["status"], cart["notes"]) == (
        "<string>",
        "<string>",
        "DRAFT",
        "<string>",
    )
    assert cart["expiresDate"] == "2023-11-07T05:31:56Z"
    assert cart["creator"]["id"] == "<string>"
    assert (cart["items"], cart["quotes"], cart["convertedChargeId"], cart["total"]) == ([], [], None, 0)
    again = await client.get(f"{CART}/%3Cstring%3E", headers=own.billing)
    assert again.json() == cart


async def test_a_cart_is_priced_line_by_line_and_read_again_as_it_was_answered(client: CheckedClient, own: Clinic):
    lines = [
        item(own, quantity=2, discountPercentage=12.5, notes="in the morning"),
        package(own),
        item(own, quantity=0.5, unitPrice=333, discountAmount=7),
    ]
    cart = await make_cart(client, own, *lines, discountAmount=100, discountPercentage=10, creatorId=own.creator_id)
    assert [line["totalPrice"] for line in cart["items"]] == [27825, 9999, 160]
    assert [line["unitPrice"] for line in cart["items"]] == [15900, 9999, 333]
    assert (cart["subtotal"], cart["discountAmount"], cart["taxAmount"], cart["total"]) == (37984, 3898, 0, 34086)
    assert cart["items"][0]["item"]["id"] == own.item_id
    assert (cart["items"][0]["notes"], cart["items"][0]["discountPercentage"]) == ("in the morning", 12.5)
    assert (cart["items"][1]["package"]["id"], cart["items"][1]["item"]) == (own.package_id, None)
    assert (cart["items"][2]["quantity"], cart["items"][2]["cartId"]) == (0.5, cart["id"])
    assert cart["creator"]["id"] == own.creator_id
    assert await get_cart(client, own, cart["id"]) == cart


async def test_minus_zero_is_answered_as_zero(client: CheckedClient, own: Clinic):
    cart = await make_cart(client, own, item(own, quantity=-0.0), discountPercentage=-0.0)
    assert [str(number) for number in (cart["items"][0]["quantity"], cart["discountPercentage"])] == ["0.0", "0.0"]


async def test_taxes_are_those_of_the_patients_location(client: CheckedClient, own: Clinic, services: Services):
    here = (services, UUID(own.organization_id))
    elsewhere = await insert_row(*here, "locations", name="Far away")
    there = await insert_row(*here, "taxes", name="There", percentage="10")
    far = await insert_row(*here, "taxes", name="Far", percentage="50")
    await insert_link(*here, "tax_locations", tax_id=there, location_id=UUID(own.location_id))
    await insert_link(*here, "tax_locations", tax_id=far, location_id=elsewhere)
    try:
        nowhere = await make_cart(client, own, item(own))
        await update_row(*here, "patients", UUID(own.patient_id), primary_location_id=UUID(own.location_id))
        taxed = await make_cart(client, own, item(own, quantity=3), discountAmount=1)
    finally:
        await update_row(*here, "patients", UUID(own.patient_id), primary_location_id=None)
        await update_row(*here, "taxes", there, archived_at=datetime.now(UTC))
        await update_row(*here, "taxes", far, archived_at=datetime.now(UTC))
    assert (nowhere["taxAmount"], nowhere["total"]) == (0, 15900)
    assert (taxed["subtotal"], taxed["taxAmount"], taxed["total"]) == (47700, 4770, 52469)
    assert taxed["items"][0]["taxAmount"] == 4770


async def test_a_body_in_snake_case_means_the_same(client: CheckedClient, own: Clinic):
    line = {"item_id": own.item_id, "unit_price": 500, "discount_amount": 20, "discount_percentage": 10}
    body = {
        "patient_id": own.patient_id,
        "creator_id": own.creator_id,
        "expires_date": "2090-01-01T00:00:00",
        "items": [line],
    }
    cart = (await client.post(CART, json=body, headers=own.billing)).json()
    assert (cart["total"], cart["expiresDate"], cart["creator"]["id"]) == (430, "2090-01-01T00:00:00Z", own.creator_id)


@pytest.mark.parametrize("headers", [{}, {"API-KEY": "cvk_wrong"}, "other tenant"])
async def test_without_the_right_credential_nothing_is_made(
    client: CheckedClient, own: Clinic, stranger: Clinic, headers
):
    sent = {**own.billing, "TENANT": stranger.tenant} if headers == "other tenant" else {"TENANT": own.tenant} | headers
    answer = await client.post(CART, json={"patientId": own.patient_id}, headers=sent)
    assert (answer.status_code, list(answer.json())) == (401, ["detail"])


async def test_a_key_for_the_catalogue_makes_no_carts(client: CheckedClient, own: Clinic):
    headers = {"API-KEY": own.catalog_only_key, "TENANT": own.tenant}
    assert (await client.post(CART, json={"patientId": own.patient_id}, headers=headers)).status_code == 403


async def test_all_that_is_wrong_is_listed_at_once(client: CheckedClient, own: Clinic):
    lines = [
        {"itemId": own.item_id, "quantity": -1, "unitPrice": -5, "discountPercentage": 100.5},
        {"itemId": 7, "discountAmount": "1_0"},
        {"packageId": own.package_id, "quantity": 1_000_001},
    ]
    body = {"status": "NEW", "discountAmount": 10**10, "expiresDate": "tomorrow", "items": lines}
    answer = await client.post(CART, json=body, headers=own.billing)
    assert answer.status_code == 422
    assert {tuple(problem["loc"]) for problem in answer.json()["detail"]} == {
        ("body", "patientId"),
        ("body", "status"),
        ("body", "discountAmount"),
        ("body", "expiresDate"),
        ("body", "items", 0, "quantity"),
        ("body", "items", 0, "unitPrice"),
        ("body", "items", 0, "discountPercentage"),
        ("body", "items", 1, "itemId"),
        ("body", "items", 1, "discountAmount"),
        ("body", "items", 2, "quantity"),
    }


async def test_all_broken_rules_are_listed_at_once(client: CheckedClient, own: Clinic):
    lines = [{}, item(own, packageId=own.package_id), item(own, quantity=0.1234567)]
    answer = await post_cart(client, own, *lines, status="ACCEPTED", id="list", expiresDate="0001-01-01T00:00:00+23:59")
    assert answer.status_code == 422
    assert [problem["loc"] for problem in answer.json()["detail"]] == [
        ["body", "id"],
        ["body", "expiresDate"],
        ["body", "items", 0, "itemId"],
        ["body", "items", 1, "itemId"],
        ["body", "status"],
    ]


async def test_whatever_is_another_clinics_or_nobodys_is_not_found_and_all_are_named(
    client: CheckedClient, own: Clinic, stranger: Clinic
):
    nobody = str(uuid4())
    lines = [
        {"itemId": stranger.item_id},
        {"packageId": stranger.package_id},
        {"itemId": nobody},
        {"itemId": own.package_id},
    ]
    answer = await post_cart(client, own, *lines, patientId=stranger.patient_id, creatorId=stranger.creator_id)
    assert answer.status_code == 404
    assert answer.json()["detail"] == (
        f"no patient {stranger.patient_id} here; no member of staff {stranger.creator_id} here; "
        f"no item {stranger.item_id} here; no package {stranger.package_id} here; no item {nobody} here; "
        f"no item {own.package_id} here"
    )


async def test_a_taken_id_is_a_conflict_also_when_it_is_archived(client: CheckedClient, own: Clinic):
    await make_cart(client, own, id="cart_42")
    assert (await post_cart(client, own, id="cart_42")).status_code == 409
    await client.delete(f"{CART}/cart_42", headers=own.billing)
    assert (await post_cart(client, own, id="cart_42")).status_code == 409


async def test_two_clinics_may_use_the_same_name(client: CheckedClient, own: Clinic, stranger: Clinic):
    first, second = await make_cart(client, own, id="same"), await make_cart(client, stranger, id="same")
    assert first["patient"]["id"] == own.patient_id
    assert second["patient"]["id"] == stranger.patient_id


async def test_what_is_archived_or_priced_in_another_currency_is_not_added(
    client: CheckedClient, own: Clinic, services: Services
):
    here, usual = (services, UUID(own.organization_id)), {"price_cents": 100}
    old = await insert_row(*here, "products", name="Old", currency="USD", is_active=False, **usual)
    euros = await insert_row(*here, "bundles", name="Euros", currency="EUR", **usual)
    answer = await post_cart(client, own, {"itemId": str(old)}, item(own), {"packageId": str(euros)})
    assert answer.status_code == 422
    assert [problem["loc"] for problem in answer.json()["detail"]] == [
        ["body", "items", 0, "itemId"],
        ["body", "items", 2, "packageId"],
    ]


@pytest.mark.parametrize(
    ("values", "status"), [({"role": "SUPPORT"}, 422), ({"deactivated_at": datetime.now(UTC)}, 404)]
)
async def test_a_creator_is_active_and_works_on_billing(
    client: CheckedClient, own: Clinic, services: Services, values: dict[str, object], status: int
):
    creator_id = await hire(services, UUID(own.organization_id), "No", "Body", **values)
    assert (await post_cart(client, own, creatorId=str(creator_id))).status_code == status


async def test_an_archived_patient_is_not_found(client: CheckedClient, own: Clinic, services: Services):
    here = (services, UUID(own.organization_id))
    gone = await insert_row(*here, "patients", first_name="Gone", archived_at=datetime.now(UTC))
    assert (await post_cart(client, own, patientId=str(gone))).status_code == 404


async def test_five_hundred_lines_are_taken_and_one_more_is_not(client: CheckedClient, own: Clinic):
    cart = await make_cart(client, own, *[item(own, unitPrice=position) for position in range(500)])
    assert [line["unitPrice"] for line in cart["items"]] == list(range(500))
    assert (await get_cart(client, own, cart["id"]))["items"] == cart["items"]
    assert (await post_cart(client, own, *[item(own)] * 501)).status_code == 422


async def test_more_money_than_there_is_names_the_line_or_the_whole(client: CheckedClient, own: Clinic):
    much = 99_999_999_99
    line = await post_cart(client, own, item(own, unitPrice=much), item(own, unitPrice=much, quantity=2))
    assert [problem["loc"] for problem in line.json()["detail"]] == [["body", "items", 1, "quantity"]]
    whole = await post_cart(client, own, item(own, unitPrice=much), item(own, unitPrice=1))
    assert (whole.status_code, whole.json()["detail"][0]["loc"]) == (422, ["body", "items"])


def _derived(clinic: Clinic, name: str) -> UUID:
    return record_id(UUID(clinic.organization_id), name)
