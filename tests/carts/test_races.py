"""What happens when several ask for different things of one cart at the same moment. Each race is run many times over."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx

from carelane.carts.expire import end_cart
from carelane.carts.queries import EndedCart
from carelane.kit import clock
from carelane.kit.auth import system_actor
from carelane.services import Services
from tests.cast import Clinic
from tests.contract import CheckedClient
from tests.factories.carts import CART, convert_cart, get_cart, item, make_cart, post_cart
from tests.factories.rows import update_row

TOGETHER = 64
ROUNDS = 12


async def test_of_64_who_convert_together_everyone_is_given_the_one_charge(
    client: CheckedClient, own: Clinic, services: Services
):
    cart = await make_cart(client, own, item(own))
    answers = await asyncio.gather(*(convert_cart(client, own, cart["id"]) for _ in range(TOGETHER)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert await _count(services, own, "charges", cart) == 1
    assert await _count_events(services, own, answers[0].json()["id"], "CHARGE_CREATED") == 1


async def test_a_line_added_while_the_cart_is_converted_is_charged_or_refused(
    client: CheckedClient, own: Clinic, services: Services
):
    async def race(cart: dict[str, Any]) -> tuple[int, int]:
        adding = client.post(f"{CART}/{cart['id']}/items", json=item(own), headers=own.billing)
        added, converted = await asyncio.gather(adding, convert_cart(client, own, cart["id"]))
        after = await get_cart(client, own, cart["id"])
        assert after["status"] == "CONVERTED"
        assert after["total"] == converted.json()["total"] == 15900 * len(after["items"])
        assert len(after["items"]) == (2 if added.status_code == 200 else 1)
        return added.status_code, converted.status_code

    assert set(await _rounds(client, own, race)) <= {(200, 200), (409, 200)}


async def test_an_edit_while_the_cart_is_converted_is_charged_or_refused(client: CheckedClient, own: Clinic):
    async def race(cart: dict[str, Any]) -> tuple[int, int]:
        line = f"{CART}/{cart['id']}/items/{cart['items'][0]['id']}"
        editing = client.put(line, json={"unitPrice": 1}, headers=own.billing)
        edited, converted = await asyncio.gather(editing, convert_cart(client, own, cart["id"]))
        expected = 1 if edited.status_code == 200 else 15900
        assert (await get_cart(client, own, cart["id"]))["total"] == converted.json()["total"] == expected
        return edited.status_code, converted.status_code

    assert set(await _rounds(client, own, race)) <= {(200, 200), (409, 200)}


async def test_edits_of_two_lines_at_once_are_both_in_the_total(client: CheckedClient, own: Clinic):
    for _ in range(ROUNDS):
        cart = await make_cart(client, own, *[item(own, unitPrice=0)] * 4)
        lines = [f"{CART}/{cart['id']}/items/{line['id']}" for line in cart["items"]]
        edits = [client.put(line, json={"unitPrice": 100}, headers=own.billing) for line in lines]
        assert {answer.status_code for answer in await asyncio.gather(*edits)} == {200}
        after = await get_cart(client, own, cart["id"])
        assert after["total"] == sum(line["totalPrice"] for line in after["items"]) == 400


async def test_a_cart_is_archived_or_converted_first_and_never_charged_after(
    client: CheckedClient, own: Clinic, services: Services
):
    async def race(cart: dict[str, Any]) -> tuple[int, int]:
        archiving = client.delete(f"{CART}/{cart['id']}", headers=own.billing)
        archived, converted = await asyncio.gather(archiving, convert_cart(client, own, cart["id"]))
        assert await _count(services, own, "charges", cart) == (1 if converted.status_code == 200 else 0)
        return archived.status_code, converted.status_code

    assert set(await _rounds(client, own, race)) <= {(200, 200), (200, 404)}


async def test_a_cart_expires_or_is_converted(client: CheckedClient, own: Clinic, services: Services):
    idle = timedelta(days=services.settings.cart_idle_days + 1)

    async def race(cart: dict[str, Any]) -> tuple[int, int]:
        cart_id, organization_id = UUID(cart["id"]), UUID(own.organization_id)
        await update_row(services, organization_id, "carts", cart_id, updated_at=clock.now() - idle)
        ended = EndedCart(organization_id, cart_id, "ABANDONED")
        ending = end_cart(services, system_actor(organization_id), ended)
        has_ended, converted = await asyncio.gather(ending, convert_cart(client, own, cart["id"]))
        assert has_ended == (converted.status_code == 409)
        expected = "ABANDONED" if has_ended else "CONVERTED"
        assert (await get_cart(client, own, cart["id"]))["status"] == expected
        return int(has_ended), converted.status_code

    assert set(await _rounds(client, own, race)) <= {(0, 200), (1, 409)}


async def test_of_many_who_want_one_id_one_has_it(client: CheckedClient, own: Clinic, services: Services):
    for number in range(ROUNDS):
        answers = await asyncio.gather(*(post_cart(client, own, item(own), id=f"one-{number}") for _ in range(8)))
        assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 7}
        assert len((await get_cart(client, own, f"one-{number}"))["items"]) == 1


async def test_of_many_with_one_key_one_makes_a_cart(client: CheckedClient, own: Clinic, services: Services):
    for number in range(ROUNDS):
        answers = await asyncio.gather(*(_create(client, own, f"key-{number}") for _ in range(8)))
        assert {answer.status_code for answer in answers} <= {200, 409}
        made = {answer.json()["id"] for answer in answers if answer.status_code == 200}
        again = await _create(client, own, f"key-{number}")
        assert made == {again.json()["id"]}
        assert again.headers["Idempotent-Replayed"] == "true"


async def _create(client: CheckedClient, clinic: Clinic, key: str) -> httpx.Response:
    headers = clinic.billing | {"Idempotency-Key": key}
    return await client.post(CART, json={"patientId": clinic.patient_id, "items": [item(clinic)]}, headers=headers)


async def _rounds(client: CheckedClient, clinic: Clinic, race: Any) -> list[tuple[int, int]]:
    """The outcomes of many races, all at once, each about a cart of its own."""
    carts = [await make_cart(client, clinic, item(clinic)) for _ in range(ROUNDS)]
    return list(await asyncio.gather(*(race(cart) for cart in carts)))


async def _count(services: Services, clinic: Clinic, table: str, cart: dict[str, Any]) -> int:
    async with services.db.reading(UUID(clinic.organization_id)) as conn:
        cursor = await conn.execute(f"SELECT count(*) FROM {table} WHERE cart_id = %s", (cart["id"],))
        return int((await cursor.fetchall())[0][0])


async def _count_events(services: Services, clinic: Clinic, target_id: str, kind: str) -> int:
    async with services.db.reading(UUID(clinic.organization_id)) as conn:
        cursor = await conn.execute("SELECT count(*) FROM events WHERE target_id = %s AND type = %s", (target_id, kind))
        return int((await cursor.fetchall())[0][0])
