"""The tenant walk's part about promo codes and products."""

from collections.abc import Iterator
from typing import Any

CODES = "/api/v1/promo-codes"
PRODUCTS = "/api/v1/organization/products"


def walk_catalog(
    product_id: str, bundle_id: str, code: str, key: dict[str, Any]
) -> Iterator[tuple[str, tuple[str, str, dict[str, Any]]]]:
    """(route, (method, url, options)) pairs: the victim's names, the other's credentials in `key`."""
    for query in ({"code": code}, {"code": code.upper(), "product_bundle_id": bundle_id}):
        yield f"GET {CODES}", ("GET", CODES, key | {"params": query})
    for visible in ({}, {"isVisible": "true"}, {"isVisible": "false"}):
        yield f"GET {PRODUCTS}", ("GET", PRODUCTS, key | {"params": visible})
    forms = {"includeFollowupForm": "true", "includeOptionalFollowupForm": "true"}
    yield f"GET {PRODUCTS}/{{product_id}}", ("GET", f"{PRODUCTS}/{product_id}", key | {"params": forms})
