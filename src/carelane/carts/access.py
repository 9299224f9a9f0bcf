"""The door from a reference to a locked cart, and whether it is still the cart that somebody looked at."""

from datetime import datetime

from carelane.carts import queries
from carelane.carts.queries import LockedCart
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError, RecordNotFoundError
from carelane.kit.formatting import money_text
from carelane.kit.ids import record_id
from carelane.kit.languages import _


def unknown_cart(ref: str) -> RecordNotFoundError:
    return RecordNotFoundError(f"no cart {ref} here")


async def lock_cart(conn: Connection, actor: Actor, ref: str) -> LockedCart:
    """Raises RecordNotFoundError, also when the cart is archived."""
    cart = await queries.lock_cart(conn, actor.organization_id, record_id(actor.organization_id, ref))
    if cart is None or cart.archived_at is not None:
        raise unknown_cart(ref)
    return cart


def seen_of(status: str, total_cents: int, updated_at: datetime | None) -> str:
    """What of a cart an act depends on, for a page to send back."""
    return f"{status} {total_cents} {updated_at.timestamp() if updated_at else ''}"


def require_seen(cart: LockedCart, seen: str | None) -> None:
    """Raises ConflictError, which says what changed, unless the cart is what `seen_of` was made of. None asks for nothing."""
    if seen is None or seen == seen_of(cart.status, cart.total_cents, cart.updated_at):
        return
    cents = [*seen.split(" "), "", ""][1]
    before = int(cents) if cents.isascii() and cents.isdigit() and len(cents) < 20 else None
    raise ConflictError(
        _("The cart changed since you opened it. It came to %(before)s, and comes to %(now)s.")
        % {
            "before": _("something else") if before is None else money_text(before, cart.currency),
            "now": money_text(cart.total_cents, cart.currency),
        }
    )
