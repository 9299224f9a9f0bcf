"""Ending quotes that nobody answered: their date has passed, or staff withdrew them.

A cart that was offered ends with the last quote that its patient could have answered.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from uuid import UUID

from carelane.carts.actions import expire_quotes, move_cart
from carelane.carts.offers.queries import lock_pending
from carelane.carts.queries import LockedCart, lock_cart
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.db import Connection, Database
from carelane.kit.ids import record_id
from carelane.permissions import BILLING_WRITE, requires
from carelane.quotes import queries
from carelane.quotes.access import lock_cart_of
from carelane.quotes.actions import move_quote
from carelane.quotes.errors import QuotePastDateError
from carelane.quotes.queries import LockedQuote
from carelane.quotes.states import OPEN, PENDING
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once

# Carts in one transaction. The next one takes the rest.
MAX_AT_ONCE = 1_000


@requires(BILLING_WRITE)
async def expire_old(services: Services, actor: Actor, request_key: RequestKey | None) -> int:
    """Ends the organization's quotes whose date has passed, of at most MAX_AT_ONCE carts; returns how many quotes."""
    return await run_once(services, actor, request_key, partial(_expire_past, actor))


async def _expire_past(actor: Actor, conn: Connection) -> int:
    """All carts are locked in the order of their ids, so that two of these cannot deadlock."""
    now, organization_id = clock.now(), actor.organization_id
    cart_ids = await queries.list_carts_past(conn, organization_id, now, MAX_AT_ONCE)
    carts = [await lock_cart(conn, organization_id, cart_id) for cart_id in cart_ids]
    pending = await lock_pending(conn, organization_id, cart_ids)
    past = [quote for quote in pending if quote.expires_at is not None and quote.expires_at <= now]
    count = await expire_quotes(conn, actor, past)
    ended_ids = {quote.cart_id for quote in past}
    for cart in carts:
        if cart is not None and cart.id in ended_ids:
            await _end_without_offer(conn, actor, cart)
    return count


async def expire_quote(conn: Connection, actor: Actor, quote: LockedQuote) -> None:
    """Ends a pending quote, and its cart if nothing else of it is on offer."""
    await move_quote(conn, actor, quote, "EXPIRED")
    await _end_without_offer(conn, actor, await lock_cart_of(conn, actor, quote))


async def expire_if_past(db: Database, actor: Actor, quote_id: UUID) -> None:
    """Ends the quote if its date has passed, in a transaction of its own. To be called after QuotePastDateError."""
    async with db.transaction(actor) as conn:
        quote = await queries.lock_quote(conn, actor.organization_id, quote_id)
        if quote is not None and quote.status in PENDING and quote.is_past:
            await expire_quote(conn, actor, quote)


@asynccontextmanager
async def ending_past(db: Database, actor: Actor, ref: str) -> AsyncIterator[None]:
    """Around an act on a quote: when it fails because the quote's date has passed, the quote is EXPIRED from then on."""
    try:
        yield
    except QuotePastDateError:
        await expire_if_past(db, actor, record_id(actor.organization_id, ref))
        raise


async def _end_without_offer(conn: Connection, actor: Actor, cart: LockedCart) -> None:
    """A cart that was offered lasts as long as one of its quotes can be answered."""
    if cart.status != "DRAFT" or cart.locked_at is None:
        return
    pending = await lock_pending(conn, actor.organization_id, [cart.id])
    if not any(quote.status in OPEN for quote in pending):
        await expire_quotes(conn, actor, pending)
        await move_cart(conn, actor, cart, "EXPIRED")
