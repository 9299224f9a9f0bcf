"""A clinic with a storefront in which every field says something."""

from typing import Any
from uuid import uuid4

import pytest

from tests.catalog.conftest import BUNDLES, FORMS
from tests.own_clinic import make_clinic

PRODUCT_ID = str(uuid4())
FAQ = [{"question": "When?", "answer": "Now"}, {"question": "How much?", "answer": "Less than you think"}]
TESTIMONIALS = [
    {"customerName": "Dana M.", "content": "Good", "rating": 4, "createdAt": "2026-01-31"},
    {
        "customerName": "Luis R.",
        "content": "Better",
        "title": "Yes",
        "rating": 5,
        "isVerified": True,
        "createdAt": "2026-02-28",
    },
]


def branding(**members: Any) -> dict[str, Any]:
    """For the file of a clinic whose bundles and forms are those of the catalogue's tests."""
    return {
        "linkName": f"shop-{uuid4().hex[:12]}",
        "tagline": "Care at home",
        "monthlyCost": "49.90",
        "homeLink": "https://shop.example",
        "colorPrimary": "#0b5d6b",
        "showGDPRLogo": True,
        "selfSignUpProfileFields": ["firstName", "dob"],
        "paymentProvider": "NMI",
        "nmiCollectJsPublicKey": "key-4711",
        "form": "Check-in",
        "defaultBundle": "Whole",
        "faq": FAQ,
        "testimonials": TESTIMONIALS,
    } | members


@pytest.fixture(scope="module")
def sold_out() -> dict[str, Any]:
    return {
        "tag": "Everything",
        "linkName": "whole",
        "soldOutListText": "Gone",
        "soldOutListColor": "#f00",
        "soldOutModalText": "Back in June",
        "soldOutModalColor": "rgb(1, 2, 3)",
    }


@pytest.fixture(scope="module")
async def link_name(shop) -> str:
    return shop[1]


@pytest.fixture(scope="module")
async def shop(services, tmp_path_factory, sold_out):
    """The clinic, and its storefront's link name."""
    whole, *others = BUNDLES
    product = {
        "id": PRODUCT_ID,
        "name": "Tablets",
        "price": "159.00",
        "imageUrl": "https://images.example.com/tablets.png",
    }
    own = branding()
    parts = {
        "forms": [FORMS[0] | {"showStepsIndividually": True}, FORMS[1]],
        "bundles": [whole | sold_out | {"products": ["Tablets"]}, *others],
        "products": [product],
        "branding": own,
    }
    return await make_clinic(services, tmp_path_factory.mktemp("storefront"), parts=parts), own["linkName"]
