"""GET /api/v1/organization/products and one product, in the manner of bundles (seed 003)."""

from uuid import uuid4

import pytest
import pytest_asyncio

from tests.docs.stable import UNKNOWN_ID
from tests.own_clinic import make_clinic

PRODUCTS = "/api/v1/organization/products"


@pytest_asyncio.fixture
async def own(services, tmp_path):
    tablets = {
        "id": str(uuid4()),
        "name": "Tablets",
        "price": "159.00",
        "description": "Blue",
        "imageUrl": "https://x.example/1",
    }
    products = [tablets, {"name": "Drops", "price": "9.50"}, {"name": "Gone", "price": 1, "isActive": False}]
    forms = [{"name": "Follow up", "questions": [{"text": "How are you?", "type": "TEXT"}]}]
    bundles = [{"name": "Plan", "price": "99.99", "products": ["Tablets"], "followupForm": "Follow up"}]
    parts = {"products": products, "forms": forms, "bundles": bundles}
    return await make_clinic(services, tmp_path, product_id=tablets["id"], parts=parts)


async def test_products_are_listed_with_their_prices(client, own):
    answer = await client.get(PRODUCTS, headers=own.key)
    assert answer.status_code == 200
    body = answer.json()
    assert (body["status"], body["success"], body["message"]) == (200, True, "Products return successfully")
    assert {one["name"]: one["isVisible"] for one in body["data"]} == {"Tablets": True, "Drops": True, "Gone": False}
    (tablets,) = [one for one in body["data"] if one["name"] == "Tablets"]
    assert tablets == {
        "id": own.product_id, "name": "Tablets", "imageUrl": "https://x.example/1", "description": "Blue",
        "price": "159.00", "priceUnit": "USD", "isVisible": True,
    }  # fmt: skip
    for visible, names in (("true", {"Tablets", "Drops"}), ("false", {"Gone"})):
        listed = await client.get(PRODUCTS, params={"isVisible": visible}, headers=own.key)
        assert {one["name"] for one in listed.json()["data"]} == names


async def test_one_product_comes_with_its_forms_when_asked_for(client, own):
    url = f"{PRODUCTS}/{own.product_id}"
    plain = (await client.get(url, headers=own.catalog_only)).json()
    assert plain["message"] == "Product return successfully"
    assert set(plain["data"]) == {"product"}
    asked = {"includeFollowupForm": "true", "includeOptionalFollowupForm": "true"}
    whole = (await client.get(url, params=asked, headers=own.key)).json()["data"]
    assert whole["product"] == plain["data"]["product"]
    assert whole["followupForm"]["name"] == "Follow up"
    assert whole["optionalFollowupForm"] is None
    (drops,) = [one for one in (await client.get(PRODUCTS, headers=own.key)).json()["data"] if one["name"] == "Drops"]
    alone = await client.get(f"{PRODUCTS}/{drops['id']}", params=asked, headers=own.key)
    assert alone.json()["data"]["followupForm"] is None


@pytest.mark.parametrize("ref", ["x", UNKNOWN_ID])
async def test_a_product_that_is_not_there_is_answered_as_a_bundle_would_be(client, own, ref):
    answer = await client.get(f"{PRODUCTS}/{ref}", headers=own.key)
    assert answer.status_code == 400
    assert answer.json() | {"requestId": 0} == {
        "status": 400, "success": False, "error": f"Product with ID {ref} not found", "requestId": 0,
    }  # fmt: skip


async def test_who_may_ask(client, own, other_clinic):
    for path in (PRODUCTS, f"{PRODUCTS}/{own.product_id}"):
        for headers in ({}, {"cv-api-key": "cvk_wrong"}):
            answer = await client.get(path, headers=headers)
            assert (answer.status_code, answer.json()["message"]) == (400, "Invalid request parameters")
        name = "isVisible" if path == PRODUCTS else "includeFollowupForm"
        answer = await client.get(path, params={name: "yes"}, headers=own.key)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, name)
    theirs = await client.get(f"{PRODUCTS}/{own.product_id}", headers=other_clinic.key)
    assert theirs.status_code == 400
    assert "Tablets" not in theirs.text
