"""Reads of carts. Each is recorded: a cart names its patient."""

import time
from collections.abc import Sequence
from typing import get_args
from uuid import UUID

from carelane import events
from carelane.carts import queries
from carelane.carts.access import unknown_cart
from carelane.carts.lists import queries as lists
from carelane.carts.lists.queries import CartPage, Search
from carelane.carts.schemas import CartFilters, CartOut, CartsOut
from carelane.carts.states import CartStatus
from carelane.carts.views import show_cart
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.ids import record_id
from carelane.kit.names import fold_name
from carelane.patients.known.queries import of_name
from carelane.permissions import BILLING_READ, requires
from carelane.services import Services
from carelane.web.paging import Page, pattern
from carelane.web.totals import TOTALS

_STATUSES: tuple[CartStatus, ...] = get_args(CartStatus)


@requires(BILLING_READ)
async def get_cart(services: Services, actor: Actor, ref: str) -> CartOut:
    """Raises RecordNotFoundError."""
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        row = await queries.find_cart(conn, actor.organization_id, record_id(actor.organization_id, ref))
        if row is None:
            raise unknown_cart(ref)
        await events.record_read(conn, actor, "cart", row.id, "get cart")
    return show_cart(data_key, row)


@requires(BILLING_READ)
async def list_carts(services: Services, actor: Actor, filters: CartFilters, page: Page) -> CartsOut:
    """A page, and how many carts there are on all pages."""
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        if filters.search is not None and filters.search.strip():
            search = _search_of(actor.organization_id, filters.search)
            found = await lists.find_page(conn, actor.organization_id, filters, search, page)
        else:
            found = await _counted_page(conn, actor.organization_id, filters, page)
        await events.record_read(conn, actor, "carts", actor.organization_id, "list of carts")
    return CartsOut(data=[show_cart(data_key, row) for row in found.carts], total=found.total or 0)


@requires(BILLING_READ)
async def list_newest_carts(services: Services, actor: Actor, filters: CartFilters, page: Page) -> list[CartOut]:
    """Without a total, which costs more than the page when there are many carts."""
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        carts = await lists.list_carts(conn, actor.organization_id, filters, page)
        await events.record_read(conn, actor, "carts", actor.organization_id, "list of carts")
    return [show_cart(data_key, row) for row in carts]


@requires(BILLING_READ)
async def list_currencies(services: Services, actor: Actor, refs: Sequence[str]) -> dict[str, str]:
    """In which each of these carts is priced: the organization may sell in another one by now."""
    ids = {ref: record_id(actor.organization_id, ref) for ref in refs}
    async with services.db.reading(actor.organization_id) as conn:
        found = await queries.list_currencies(conn, actor.organization_id, list(ids.values()))
    return {ref: found[cart_id] for ref, cart_id in ids.items() if cart_id in found}


def _search_of(organization_id: UUID, text: str) -> Search:
    wanted = text.strip()
    return Search(
        pattern=pattern(wanted),
        name_pattern=pattern(fold_name(wanted) or wanted),
        name_begins=of_name(wanted),
        named_id=record_id(organization_id, wanted),
        statuses=tuple(status for status in _STATUSES if wanted.upper() in status),
    )


async def _counted_page(conn: Connection, organization_id: UUID, filters: CartFilters, page: Page) -> CartPage:
    key = ("carts", organization_id, filters.patient_id, filters.creator_id, filters.statuses)
    known, began = TOTALS.find(key), time.perf_counter()
    found = await lists.list_page(conn, organization_id, filters, page, is_counted=known is None)
    if found.total is None:
        return CartPage(found.carts, known)
    TOTALS.keep(key, found.total, time.perf_counter() - began)
    return found
