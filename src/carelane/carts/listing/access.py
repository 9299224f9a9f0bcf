"""Lists of carts, as callers are shown them."""

import time
from typing import get_args
from uuid import UUID

from carelane import events
from carelane.carts.access import show_cart
from carelane.carts.listing import queries
from carelane.carts.listing.schemas import CartFilters, Search
from carelane.carts.schemas import CartOut, CartsOut
from carelane.carts.states import CartStatus
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.ids import record_id
from carelane.services import Services
from carelane.web.paging import pattern

_STATUSES: tuple[CartStatus, ...] = get_args(CartStatus)
# From so many carts on a total may be this much behind.
_LARGE = 10_000
_REMEMBERED_SECONDS = 2.0
# Keys are a few hundred bytes; the oldest go first.
_MOST_REMEMBERED = 1_000
_TotalKey = tuple[UUID, UUID | None, UUID | None, tuple[CartStatus, ...] | None]


class Totals:
    """Large counts, remembered for a moment: to count a hundred thousand carts costs more than to show a page of them.

    What is small is counted every time, so that a clinic sees its new cart at once.
    """

    def __init__(self) -> None:
        self._known: dict[_TotalKey, tuple[float, int]] = {}

    def find(self, key: _TotalKey) -> int | None:
        counted_at, total = self._known.get(key, (0.0, 0))
        return total if counted_at and time.monotonic() - counted_at < _REMEMBERED_SECONDS else None

    def keep(self, key: _TotalKey, total: int) -> None:
        self._known.pop(key, None)
        if total >= _LARGE:
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.pop(next(iter(self._known)))
            self._known[key] = (time.monotonic(), total)


_totals = Totals()


def search_of(organization_id: UUID, text: str) -> Search:
    wanted = text.strip()
    return Search(
        pattern=pattern(wanted),
        named_id=record_id(organization_id, wanted),
        statuses=tuple(status for status in _STATUSES if wanted.upper() in status),
    )


async def get_page(services: Services, actor: Actor, filters: CartFilters, text: str | None) -> CartsOut:
    """A page, and how many carts there are on all pages."""
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        if text is not None and text.strip():
            search = search_of(actor.organization_id, text)
            page = await queries.find_page(conn, actor.organization_id, filters, search)
        else:
            page = await _counted_page(conn, actor.organization_id, filters)
        await events.record_read(conn, actor, "carts", actor.organization_id, "list of carts")
    return CartsOut(data=[show_cart(data_key, row) for row in page.carts], total=page.total or 0)


async def _counted_page(conn: Connection, organization_id: UUID, filters: CartFilters) -> queries.CartPage:
    key = (organization_id, filters.patient_id, filters.creator_id, filters.statuses)
    known = _totals.find(key)
    page = await queries.list_page(conn, organization_id, filters, is_counted=known is None)
    if page.total is None:
        return queries.CartPage(page.carts, known)
    _totals.keep(key, page.total)
    return page


async def list_newest(services: Services, actor: Actor, filters: CartFilters) -> list[CartOut]:
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        carts = await queries.list_carts(conn, actor.organization_id, filters)
        await events.record_read(conn, actor, "carts", actor.organization_id, "list of carts")
    return [show_cart(data_key, row) for row in carts]
