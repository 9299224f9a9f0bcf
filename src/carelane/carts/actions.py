"""Ending carts: archived by a caller, or because their time is over."""

from datetime import timedelta
from functools import partial
from uuid import UUID

from carelane import events
from carelane.carts import queries
from carelane.carts.access import unknown_cart
from carelane.carts.moving import move_cart
from carelane.carts.queries import Ended, LockedCart
from carelane.carts.states import CartStatus
from carelane.kit import clock
from carelane.kit.auth import Actor, system_actor
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError
from carelane.kit.ids import record_id
from carelane.quotes.moving import end_pending_quotes, end_pending_quotes_of
from carelane.services import Services
from carelane.web import idempotency
from carelane.web.idempotency import RequestKey

# So many carts end in one request; who has more asks again.
MAX_ENDED = 5_000


async def archive_cart(services: Services, actor: Actor, name: str) -> None:
    """Its pending quotes end with it. Raises RecordNotFoundError, ConflictError when its quote was accepted."""
    async with services.db.transaction(actor) as conn:
        cart = await queries.lock_cart(conn, actor.organization_id, record_id(actor.organization_id, name))
        if cart is None or cart.archived_at is not None:
            raise unknown_cart(name)
        if cart.status == "ACCEPTED":
            raise ConflictError("the cart is ACCEPTED, and its patient waits for it; convert it to a charge first")
        await queries.set_archived(conn, actor.organization_id, cart.id, clock.now())
        await events.record(conn, events.new_event(actor, "CART_ARCHIVED", None, target_id=cart.id))
        await end_pending_quotes(conn, actor, cart.id)


async def expire_old(services: Services, actor: Actor, days_old: int, request_key: RequestKey | None) -> int:
    """Expires the organization's drafts that nobody touched for so many days; how many that were, at most MAX_ENDED."""
    return await idempotency.run_once(
        services, actor, request_key, partial(_expire_old, actor=actor, days_old=days_old)
    )


async def _expire_old(conn: Connection, actor: Actor, days_old: int) -> int:
    now = clock.now()
    idle = await queries.lock_idle(conn, actor.organization_id, now - timedelta(days=days_old), MAX_ENDED)
    if idle:
        await queries.set_expired(conn, actor.organization_id, idle, now)
        await events.record(conn, *(_expired(actor, cart_id) for cart_id in idle))
        await end_pending_quotes_of(conn, actor, idle)
    return len(idle)


def _expired(actor: Actor, cart_id: UUID) -> events.Event:
    return events.new_event(
        actor, "CART_STATUS_CHANGED", None, target_id=cart_id, value_before="DRAFT", value_after="EXPIRED"
    )


async def end_cart(services: Services, ended: Ended) -> bool:
    """Moves a draft whose time was over a moment ago to where it ends, unless somebody changed it meanwhile."""
    actor = system_actor(ended.organization_id)
    async with services.db.transaction(actor) as conn:
        cart = await queries.lock_cart(conn, ended.organization_id, ended.cart_id)
        if cart is None or not _is_over(cart, ended.status, timedelta(days=services.settings.cart_idle_days)):
            return False
        if ended.status == "ABANDONED" and await queries.count_waiting(conn, ended.organization_id, cart.id):
            return False
        await move_cart(conn, actor, cart, ended.status)
        await end_pending_quotes(conn, actor, cart.id)
    return True


def _is_over(cart: LockedCart, status: CartStatus, idle: timedelta) -> bool:
    if cart.status != "DRAFT" or cart.archived_at is not None or cart.locked_at is not None:
        return False
    if status == "EXPIRED":
        return cart.expires_at is not None and cart.expires_at <= clock.now()
    return cart.updated_at < clock.now() - idle
