"""Archiving a cart, and the steps that several acts share, including those on quotes: moving a cart, ending its quotes.

The caller of such a step has locked the cart's row.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

from carelane import events
from carelane.carts import queries
from carelane.carts.access import lock_cart
from carelane.carts.offers import queries as offer_queries
from carelane.carts.offers.queries import PendingQuote
from carelane.carts.queries import LockedCart
from carelane.carts.states import CartStatus, may_move
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError
from carelane.permissions import BILLING_WRITE, requires
from carelane.services import Services


@requires(BILLING_WRITE)
async def archive_cart(services: Services, actor: Actor, ref: str) -> bool:
    """Its pending quotes end with it. Raises RecordNotFoundError, and ConflictError when its quote was accepted."""
    async with services.db.transaction(actor) as conn:
        cart = await lock_cart(conn, actor, ref)
        if cart.status == "ACCEPTED":
            raise ConflictError("the cart is ACCEPTED, and its patient waits for it; convert it to a charge first")
        await queries.set_archived(conn, actor.organization_id, cart.id, clock.now())
        await events.record(conn, events.new_event(actor, "CART_ARCHIVED", None, target_id=cart.id))
        await end_quotes(conn, actor, [cart.id])
    return True


async def move_cart(
    conn: Connection, actor: Actor, cart: LockedCart, status: CartStatus, charge_id: UUID | None = None
) -> LockedCart:
    """The cart after the move. Raises ConflictError when it cannot move there."""
    if not may_move(cart.status, status):
        raise ConflictError(f"the cart is {cart.status}, from where it does not become {status}")
    now = clock.now()
    await queries.set_status(conn, actor.organization_id, cart.id, status, charge_id, now)
    await events.record(conn, cart_moved(actor, cart.id, cart.status, status))
    return msgspec.structs.replace(cart, status=status, charge_id=charge_id, updated_at=now)


def cart_moved(actor: Actor, cart_id: UUID, before: CartStatus, after: CartStatus) -> events.Event:
    """The event of a move."""
    return events.new_event(
        actor, "CART_STATUS_CHANGED", None, target_id=cart_id, value_before=before, value_after=after
    )


async def lock_offered(conn: Connection, actor: Actor, cart: LockedCart) -> None:
    """A quote of the cart was sent: from now on, the content of the cart never changes. Does nothing if it is locked already."""
    if cart.locked_at is None:
        await queries.set_locked(conn, actor.organization_id, cart.id, clock.now())


async def end_quotes(conn: Connection, actor: Actor, cart_ids: Sequence[UUID]) -> None:
    """Expires the pending quotes of carts that ended or were accepted."""
    await expire_quotes(conn, actor, await offer_queries.lock_pending(conn, actor.organization_id, list(cart_ids)))


async def expire_quotes(conn: Connection, actor: Actor, quotes: Iterable[PendingQuote]) -> int:
    """How many. Their carts stay as they are."""
    ended = list(quotes)
    if ended:
        await offer_queries.set_expired(conn, actor.organization_id, [quote.id for quote in ended], clock.now())
        await events.record(conn, *(_expired(actor, quote) for quote in ended))
    return len(ended)


def _expired(actor: Actor, quote: PendingQuote) -> events.Event:
    return events.new_event(
        actor, "QUOTE_STATUS_CHANGED", None, target_id=quote.id, value_before=quote.status, value_after="EXPIRED"
    )
