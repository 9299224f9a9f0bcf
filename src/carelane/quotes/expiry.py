"""The end of quotes that nobody accepted: their date has passed, or staff withdrew them.

A cart that was offered ends with the last quote that its patient could have answered.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from carelane.carts.moving import move_cart
from carelane.carts.queries import LockedCart, lock_cart
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.db import Connection, Database
from carelane.kit.ids import record_id
from carelane.quotes import queries
from carelane.quotes.actions import hold_cart, is_past
from carelane.quotes.errors import QuotePastDateError
from carelane.quotes.moving import expire_quotes, move_quote
from carelane.quotes.queries import LockedQuote
from carelane.quotes.states import OPEN, PENDING

# In one transaction. What is left over waits for the next.
MOST_AT_ONCE = 1_000


async def expire_quote(conn: Connection, actor: Actor, quote: LockedQuote) -> LockedQuote:
    """Ends a pending quote, and its cart if that is left without an offer."""
    ended = await move_quote(conn, actor, quote, "EXPIRED")
    await _end_without_offer(conn, actor, await hold_cart(conn, actor, quote))
    return ended


async def expire_if_past(db: Database, actor: Actor, quote_id: UUID) -> bool:
    """Ends the quote in a transaction of its own if its date has passed; for whoever met QuotePastDateError."""
    async with db.transaction(actor) as conn:
        quote = await queries.lock_quote(conn, actor.organization_id, quote_id)
        if quote is None or quote.status not in PENDING or not is_past(quote):
            return False
        await expire_quote(conn, actor, quote)
        return True


@asynccontextmanager
async def ending_past(db: Database, actor: Actor, name: str) -> AsyncIterator[None]:
    """Around an act on a quote: when its date has passed, the act fails as ever, and the quote is EXPIRED from then on."""
    try:
        yield
    except QuotePastDateError:
        await expire_if_past(db, actor, record_id(actor.organization_id, name))
        raise


async def expire_past(conn: Connection, actor: Actor, most: int = MOST_AT_ONCE) -> int:
    """Ends the organization's quotes whose date has passed, of at most so many carts; how many quotes that were.

    The carts are locked in one order, so that two of these never wait for each other in a circle.
    """
    now, organization_id = clock.now(), actor.organization_id
    cart_ids = await queries.list_carts_past(conn, organization_id, now, most)
    carts = [await lock_cart(conn, organization_id, cart_id) for cart_id in cart_ids]
    pending = await queries.lock_pending(conn, organization_id, cart_ids)
    past = [quote for quote in pending if quote.expires_at is not None and quote.expires_at <= now]
    count = await expire_quotes(conn, actor, past)
    ended_ids = {quote.cart_id for quote in past}
    for cart in carts:
        if cart is not None and cart.id in ended_ids:
            await _end_without_offer(conn, actor, cart)
    return count


async def _end_without_offer(conn: Connection, actor: Actor, cart: LockedCart) -> None:
    """A cart that was offered stands as long as somebody can answer an offer of it."""
    if cart.status != "DRAFT" or cart.locked_at is None:
        return
    pending = await queries.lock_pending(conn, actor.organization_id, [cart.id])
    if not any(quote.status in OPEN for quote in pending):
        await expire_quotes(conn, actor, pending)
        await move_cart(conn, actor, cart, "EXPIRED")
