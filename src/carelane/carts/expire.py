"""Ending carts whose time is over: on request, or by the timed job."""

from datetime import timedelta
from functools import partial

from carelane import events
from carelane.carts import queries
from carelane.carts.actions import cart_moved, end_quotes, move_cart
from carelane.carts.offers import queries as offer_queries
from carelane.carts.queries import EndedCart, LockedCart
from carelane.carts.states import CartStatus
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.permissions import BILLING_WRITE, requires
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once

# The most carts that one request ends. Who has more asks again.
MAX_ENDED = 5_000


@requires(BILLING_WRITE)
async def expire_old(services: Services, actor: Actor, days_old: int, request_key: RequestKey | None) -> int:
    """Expires the organization's drafts that nobody changed for that many days; returns how many, at most MAX_ENDED."""
    return await run_once(services, actor, request_key, partial(_expire_old, actor, days_old))


async def _expire_old(actor: Actor, days_old: int, conn: Connection) -> int:
    now = clock.now()
    idle = await offer_queries.lock_idle(conn, actor.organization_id, now - timedelta(days=days_old), MAX_ENDED)
    if idle:
        await queries.set_expired(conn, actor.organization_id, idle, now)
        await events.record(conn, *(cart_moved(actor, cart_id, "DRAFT", "EXPIRED") for cart_id in idle))
        await end_quotes(conn, actor, idle)
    return len(idle)


@requires(BILLING_WRITE)
async def end_cart(services: Services, actor: Actor, ended: EndedCart) -> bool:
    """Ends a draft that the timed job found to be over, unless somebody changed it in the meantime."""
    async with services.db.transaction(actor) as conn:
        cart = await queries.lock_cart(conn, actor.organization_id, ended.cart_id)
        if cart is None or not _is_over(cart, ended.status, timedelta(days=services.settings.cart_idle_days)):
            return False
        if ended.status == "ABANDONED" and await offer_queries.count_waiting(conn, actor.organization_id, cart.id):
            return False
        await move_cart(conn, actor, cart, ended.status)
        await end_quotes(conn, actor, [cart.id])
    return True


def _is_over(cart: LockedCart, status: CartStatus, idle: timedelta) -> bool:
    if cart.status != "DRAFT" or cart.archived_at is not None or cart.locked_at is not None:
        return False
    if status == "EXPIRED":
        return cart.expires_at is not None and cart.expires_at <= clock.now()
    return cart.updated_at < clock.now() - idle
