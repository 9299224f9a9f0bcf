"""Moving carts, for every act that does: their own, and those of the quotes made of them. Whoever calls holds the cart's row."""

from uuid import UUID

import msgspec

from carelane import events
from carelane.carts import queries
from carelane.carts.queries import LockedCart
from carelane.carts.states import CartStatus, may_move
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError


async def move_cart(
    conn: Connection, actor: Actor, cart: LockedCart, status: CartStatus, charge_id: UUID | None = None
) -> LockedCart:
    """The cart as it is then. Raises ConflictError when it cannot go there from where it is."""
    if not may_move(cart.status, status):
        raise ConflictError(f"the cart is {cart.status}, from where it does not become {status}")
    now = clock.now()
    await queries.set_status(conn, actor.organization_id, cart.id, status, charge_id, now)
    event = events.new_event(
        actor, "CART_STATUS_CHANGED", None, target_id=cart.id, value_before=cart.status, value_after=status
    )
    await events.record(conn, event)
    return msgspec.structs.replace(cart, status=status, charge_id=charge_id, updated_at=now)


async def lock_offered(conn: Connection, actor: Actor, cart: LockedCart) -> LockedCart:
    """A quote of the cart was sent: from now on the cart does not change. Once more changes nothing."""
    if cart.locked_at is not None:
        return cart
    now = clock.now()
    await queries.set_locked(conn, actor.organization_id, cart.id, now)
    return msgspec.structs.replace(cart, locked_at=now, updated_at=now)


def require_changeable(cart: LockedCart) -> None:
    """Raises ConflictError unless the cart is a draft that was not offered."""
    if cart.status != "DRAFT":
        raise ConflictError(f"the cart is {cart.status}; only a DRAFT changes")
    if cart.locked_at is not None:
        raise ConflictError("a quote of the cart was sent, so it does not change any more; make another cart")
