"""The door from a reference to a locked cart."""

from carelane.carts import queries
from carelane.carts.queries import LockedCart
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import RecordNotFoundError
from carelane.kit.ids import record_id


def unknown_cart(ref: str) -> RecordNotFoundError:
    return RecordNotFoundError(f"no cart {ref} here")


async def lock_cart(conn: Connection, actor: Actor, ref: str) -> LockedCart:
    """Raises RecordNotFoundError, also when the cart is archived."""
    cart = await queries.lock_cart(conn, actor.organization_id, record_id(actor.organization_id, ref))
    if cart is None or cart.archived_at is not None:
        raise unknown_cart(ref)
    return cart
