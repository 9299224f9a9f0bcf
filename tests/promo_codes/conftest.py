"""A clinic with promo codes of every kind."""

from typing import Any
from uuid import uuid4

import pytest_asyncio

from tests.factories.cases import case_body
from tests.own_clinic import make_clinic

PROMO_CODES = "/api/v1/promo-codes"


class Shop:
    """A storefront of a clinic whose codes are as told."""

    def __init__(self, client, clinic, other_bundle: str) -> None:
        self.client, self.clinic, self.other_bundle = client, clinic, other_bundle
        self.link_name = f"shop-{other_bundle}"

    async def check(self, **params: str):
        return await self.client.get(PROMO_CODES, params=params, headers=self.clinic.key)

    async def discounts(self, code: str, **params: str) -> list[dict[str, Any]]:
        answer = await self.check(code=code, **params)
        assert answer.status_code == 200, answer.text
        assert answer.json()["success"] is True
        return answer.json()["data"]

    async def create(self, promo_codes: Any, **members: Any):
        body = case_body(self.clinic.product_id, promoCodes=promo_codes, **members)
        return await self.client.post("/api/v1/cases", json=body, headers=self.clinic.key)


async def shop_of(client, services, folder, *codes: dict[str, Any]) -> Shop:
    product, bundle, other = str(uuid4()), str(uuid4()), str(uuid4())
    products = [
        {"id": product, "name": "Tablets", "price": "159.00"},
        {"id": str(uuid4()), "name": "Drops", "price": "9.00"},
    ]
    bundles = [
        {"id": bundle, "name": "Plan", "price": "99.99", "products": [product]},
        {"id": other, "name": "Other plan", "price": "9.00", "products": ["Drops"]},
    ]
    parts = {
        "promoCodes": list(codes),
        "products": products,
        "bundles": bundles,
        "branding": {"linkName": f"shop-{other}"},
    }
    clinic = await make_clinic(services, folder, product_id=product, bundle_id=bundle, parts=parts)
    return Shop(client, clinic, other)


@pytest_asyncio.fixture
async def shop(client, services, tmp_path) -> Shop:
    return await shop_of(
        client, services, tmp_path,
        {"code": "LOSE10", "discountAmount": "10.00", "isVisible": True, "label": "Ten off"},
        {"code": "Spring-15", "discountPercentage": 15},
        {"code": "HALF", "discountPercentage": "12.5", "bundles": ["Plan"]},
        {"code": "OTHER", "discountAmount": "10.50", "bundles": ["Other plan"]},
        {"code": "OVER", "discountPercentage": 5, "endsAt": "2020-01-01T00:00:00Z"},
        {"code": "SOON", "discountPercentage": 5, "startsAt": "2199-01-01T00:00:00Z"},
        {"code": "NONE", "discountPercentage": 5, "maxUses": 0},
        {"code": "OFF", "discountPercentage": 5, "isActive": False},
        {"code": "THRICE", "discountAmount": 5, "maxUses": 3},
    )  # fmt: skip
