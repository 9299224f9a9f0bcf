"""Reads of carts. Each is recorded: a cart names its patient."""

import time
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
from carelane.permissions import BILLING_READ, requires
from carelane.services import Services
from carelane.web.paging import Page, pattern

_STATUSES: tuple[CartStatus, ...] = get_args(CartStatus)
# From this many carts on, a total may be a moment old.
_LARGE = 10_000
_REMEMBERED_SECONDS = 2.0
# Keys are a few hundred bytes. The oldest go first.
_MAX_REMEMBERED = 1_000
_TotalKey = tuple[UUID, UUID | None, UUID | None, tuple[CartStatus, ...] | None]


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


def _search_of(organization_id: UUID, text: str) -> Search:
    wanted = text.strip()
    return Search(
        pattern=pattern(wanted),
        name_pattern=pattern(fold_name(wanted) or wanted),
        named_id=record_id(organization_id, wanted),
        statuses=tuple(status for status in _STATUSES if wanted.upper() in status),
    )


async def _counted_page(conn: Connection, organization_id: UUID, filters: CartFilters, page: Page) -> CartPage:
    key = (organization_id, filters.patient_id, filters.creator_id, filters.statuses)
    known = _totals.find(key)
    found = await lists.list_page(conn, organization_id, filters, page, is_counted=known is None)
    if found.total is None:
        return CartPage(found.carts, known)
    _totals.keep(key, found.total)
    return found


class Totals:
    """Large counts, remembered for a moment: counting a hundred thousand carts costs more than showing a page of them.

    Small ones are counted every time, so that a clinic sees its new cart at once.
    """

    def __init__(self) -> None:
        self._known: dict[_TotalKey, tuple[float, int]] = {}

    def find(self, key: _TotalKey) -> int | None:
        counted_at, total = self._known.get(key, (0.0, 0))
        return total if counted_at and time.monotonic() - counted_at < _REMEMBERED_SECONDS else None

    def keep(self, key: _TotalKey, total: int) -> None:
        self._known.pop(key, None)
        if total >= _LARGE:
            if len(self._known) >= _MAX_REMEMBERED:
                self._known.pop(next(iter(self._known)))
            self._known[key] = (time.monotonic(), total)


_totals = Totals()
