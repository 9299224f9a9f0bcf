"""The lifecycles, as the code knows them and as the database holds them."""

from itertools import product
from typing import Any, get_args
from uuid import UUID

import psycopg
import pytest

from carelane.carts import states as cart_states
from carelane.kit import clock
from carelane.kit.auth import system_actor
from carelane.quotes import states as quote_states
from carelane.services import Services
from tests.cast import Clinic
from tests.contract import CheckedClient
from tests.factories.carts import convert_cart, get_cart, item, make_cart
from tests.factories.quotes import make_quote
from tests.factories.rows import insert_row, update_row

CARTS = get_args(cart_states.CartStatus)
QUOTES = get_args(quote_states.QuoteStatus)


@pytest.mark.parametrize(("states", "function"), [(cart_states, "cart_may_move"), (quote_states, "quote_may_move")])
async def test_the_database_has_the_same_table_as_the_code(services: Services, states: Any, function: str):
    pairs = list(product(states.MOVES, repeat=2))
    async with services.db.across() as conn:
        known = [(await (await conn.execute(f"SELECT {function}(%s, %s)", pair)).fetchall())[0][0] for pair in pairs]
    assert [(pair, may) for pair, may in zip(pairs, known, strict=True)] == [
        (pair, states.may_move(*pair)) for pair in pairs
    ]


def test_every_status_is_in_the_tables():
    assert set(cart_states.MOVES) == set(CARTS)
    assert set(quote_states.MOVES) == set(QUOTES)


@pytest.mark.parametrize("before", ["ABANDONED", "ACCEPTED", "REJECTED", "EXPIRED"])
async def test_no_statement_moves_a_cart_where_it_may_not_go(
    client: CheckedClient, own: Clinic, services: Services, before: str
):
    cart = await make_cart(client, own, item(own))
    await _set(services, own, cart, status=before)
    for after in set(CARTS) - {before, "CONVERTED"} - cart_states.MOVES[before]:
        with pytest.raises(psycopg.errors.CheckViolation):
            await _set(services, own, cart, status=after)
    assert (await get_cart(client, own, cart["id"]))["status"] == before


@pytest.mark.parametrize("values", [{"status": "ACCEPTED"}, {"locked_at": clock.now()}])
async def test_no_statement_changes_what_was_offered_or_answered(
    client: CheckedClient, own: Clinic, services: Services, values: dict[str, Any]
):
    cart = await make_cart(client, own, item(own))
    await _set(services, own, cart, **values)
    organization_id, line_id = UUID(own.organization_id), UUID(cart["items"][0]["id"])
    amounts = {"quantity": 1, "unit_price_cents": 1, "tax_cents": 0, "total_cents": 1, "position": 1}
    line = amounts | {"cart_id": UUID(cart["id"]), "product_id": UUID(own.item_id)}
    for change in ({"discount_amount_cents": 1}, {"subtotal_cents": 1, "total_cents": 1}, {"currency": "EUR"}):
        with pytest.raises(psycopg.errors.CheckViolation):
            await _set(services, own, cart, **change)
    with pytest.raises(psycopg.errors.CheckViolation):
        await insert_row(services, organization_id, "cart_lines", **line)
    with pytest.raises(psycopg.errors.CheckViolation):
        await update_row(services, organization_id, "cart_lines", line_id, unit_price_cents=1)
    with pytest.raises(psycopg.errors.CheckViolation):
        await _delete_line(services, own, line_id)
    after = await get_cart(client, own, cart["id"])
    assert (after["total"], after["items"]) == (cart["total"], cart["items"])


async def test_carts_are_never_deleted_and_a_converted_one_keeps_its_charge(
    client: CheckedClient, own: Clinic, services: Services
):
    cart = await make_cart(client, own, item(own))
    await convert_cart(client, own, cart["id"])
    with pytest.raises(psycopg.errors.CheckViolation):
        await _set(services, own, cart, charge_id=None)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with services.db.across() as conn:
            await conn.execute("DELETE FROM carts WHERE id = %s", (cart["id"],))


@pytest.mark.parametrize("status", ["ACCEPTED", "DECLINED", "EXPIRED"])
async def test_no_statement_changes_an_answered_quote(own: Clinic, services: Services, status: str):
    quote_id, organization_id = await make_quote(services, own, status=status), UUID(own.organization_id)
    for after in set(QUOTES) - {status, "CONVERTED"}:
        with pytest.raises(psycopg.errors.CheckViolation):
            await update_row(services, organization_id, "quotes", quote_id, status=after)
    with pytest.raises(psycopg.errors.CheckViolation):
        await update_row(services, organization_id, "quotes", quote_id, discount_amount_cents=1)


async def _set(services: Services, clinic: Clinic, cart: dict[str, Any], **values: Any) -> None:
    await update_row(services, UUID(clinic.organization_id), "carts", UUID(cart["id"]), **values)


async def _delete_line(services: Services, clinic: Clinic, line_id: UUID) -> None:
    async with services.db.transaction(system_actor(UUID(clinic.organization_id))) as conn:
        await conn.execute("DELETE FROM cart_lines WHERE id = %s", (line_id,))
