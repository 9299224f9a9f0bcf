"""GET /api/v1/promo-codes: what a code takes off, and who may ask."""

from uuid import uuid4

import pytest

from tests.promo_codes.conftest import PROMO_CODES, shop_of


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("LOSE10", [{"flatDiscount": 10}]),
        (" lose10 ", [{"flatDiscount": 10}]),
        ("SPRING-15", [{"percentDiscount": 15}]),
        ("OVER", []),
        ("SOON", []),
        ("NONE", []),
        ("OFF", []),
        ("THRICE", [{"flatDiscount": 5}]),
        ("LOSE1", []),
        ("%", []),
        ("x\0y", []),
        ("x" * 5_000, []),
    ],
)
async def test_a_code_takes_off_what_it_says_while_it_is_good(shop, code, expected):
    assert await shop.discounts(code) == expected


async def test_a_code_of_bundles_is_good_for_these_alone(shop):
    own, other = {"product_bundle_id": shop.clinic.bundle_id}, {"product_bundle_id": shop.other_bundle}
    assert await shop.discounts("HALF", **own) == [{"percentDiscount": 12.5}]
    assert await shop.discounts("OTHER", **other) == [{"flatDiscount": 10.5}]
    for code, params in (("HALF", other), ("OTHER", own), ("HALF", {"product_bundle_id": str(uuid4())}), ("HALF", {})):
        assert await shop.discounts(code, **params) == []
    # One that is good for everything is good for each bundle.
    assert await shop.discounts("LOSE10", **own) == [{"flatDiscount": 10}]


@pytest.mark.parametrize("params", [{}, {"code": ""}, {"code": "  "}, {"code": "", "product_bundle_id": "x"}])
async def test_without_a_code_the_page_says_so(shop, params):
    answer = await shop.check(**params)
    assert answer.status_code == 400
    assert (answer.json()["success"], answer.json()["message"]) == (False, "Promo code is required")
    assert answer.json()["errors"] == [{"field": "code", "message": "code is required"}]


async def test_a_bundle_that_is_no_uuid_is_refused(shop):
    answer = await shop.check(code="LOSE10", product_bundle_id="plan")
    assert answer.status_code == 400
    assert (answer.json()["success"], answer.json()["message"]) == (False, "Invalid product bundle ID")


async def test_who_may_ask(client, shop, other_clinic):
    ask = {"params": {"code": "LOSE10"}}
    for headers in ({}, {"cv-api-key": "cvk_wrong"}):
        answer = await client.get(PROMO_CODES, headers=headers, **ask)
        assert (answer.status_code, answer.json()["message"]) == (401, "Unauthorized")
    catalog = await client.get(PROMO_CODES, headers=shop.clinic.catalog_only, **ask)
    assert catalog.json()["data"] == [{"flatDiscount": 10}]
    assert (await client.get(PROMO_CODES, headers=other_clinic.key, **ask)).json()["data"] == []


async def test_everybody_sees_the_visible_codes_that_can_be_used(client, services, tmp_path):
    """In GraphQL, where a storefront shows them without a credential."""
    shop = await shop_of(
        client, services, tmp_path,
        {"code": "SHOWN", "discountPercentage": 5, "isVisible": True, "label": "Five", "description": "Five percent"},
        {"code": "HIDDEN", "discountPercentage": 5},
        {"code": "USED", "discountPercentage": 5, "isVisible": True, "maxUses": 0},
        {"code": "ENDED", "discountPercentage": 5, "isVisible": True, "endsAt": "2020-01-01T00:00:00Z"},
        {"code": "OFF", "discountPercentage": 5, "isVisible": True, "isActive": False},
    )  # fmt: skip
    query = """query ($name: String) { organizationPartnerIntegrationPublicInfo(linkName: $name) {
      visiblePromoCodes { name label description } analyticsPromoCodes { name } } }"""
    sent = {"query": query, "variables": {"name": shop.link_name}}
    answer = await client.post("/graphql/", json=sent)
    assert answer.json()["data"]["organizationPartnerIntegrationPublicInfo"] == {
        "visiblePromoCodes": [{"name": "SHOWN", "label": "Five", "description": "Five percent"}], "analyticsPromoCodes": [],
    }  # fmt: skip
