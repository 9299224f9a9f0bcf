"""Carts, made as their callers make them: over HTTP."""

from typing import Any

import httpx

from tests.cast import Clinic

CART = "/billing/cart"


async def post_cart(client: httpx.AsyncClient, clinic: Clinic, *items: dict[str, Any], **body: Any) -> httpx.Response:
    """The answer, whatever it is. `body` is camelCase."""
    whole = {"patientId": clinic.patient_id, "items": list(items)} | body
    return await client.post(CART, json=whole, headers=clinic.billing)


async def make_cart(client: httpx.AsyncClient, clinic: Clinic, *items: dict[str, Any], **body: Any) -> dict[str, Any]:
    """A cart for the clinic's patient, as it was answered."""
    answer = await post_cart(client, clinic, *items, **body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def item(clinic: Clinic, **line: Any) -> dict[str, Any]:
    """A line of the clinic's one item."""
    return {"itemId": clinic.item_id} | line


def package(clinic: Clinic, **line: Any) -> dict[str, Any]:
    """A line of the clinic's one package."""
    return {"packageId": clinic.package_id} | line


async def get_cart(client: httpx.AsyncClient, clinic: Clinic, cart_id: str) -> dict[str, Any]:
    answer = await client.get(f"{CART}/{cart_id}", headers=clinic.billing)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def convert_cart(client: httpx.AsyncClient, clinic: Clinic, cart_id: str, **body: Any) -> httpx.Response:
    """The answer, whatever it is."""
    url = f"{CART}/{cart_id}/convert-to-charge"
    return await client.post(url, json={"cartId": cart_id} | body, headers=clinic.billing)
