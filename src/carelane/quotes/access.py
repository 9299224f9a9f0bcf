"""The door from a reference to a quote, locked or shown. A locked quote's cart is locked before it."""

from carelane.carts import queries as cart_queries
from carelane.carts.offers.queries import QuoteRow
from carelane.carts.queries import LockedCart
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import RecordNotFoundError
from carelane.kit.ids import record_id
from carelane.quotes import queries
from carelane.quotes.queries import LockedQuote, ShownQuote
from carelane.web.versions import require_same, version_of


def unknown_quote(ref: str) -> RecordNotFoundError:
    return RecordNotFoundError(f"no quote {ref} here")


async def lock_quote(conn: Connection, actor: Actor, ref: str) -> LockedQuote:
    """Raises RecordNotFoundError."""
    quote = await queries.lock_quote(conn, actor.organization_id, record_id(actor.organization_id, ref))
    if quote is None:
        raise unknown_quote(ref)
    return quote


def version_of_quote(quote: LockedQuote | QuoteRow) -> str:
    return version_of((quote.status, quote.updated_at.timestamp()))


async def lock_seen(conn: Connection, actor: Actor, ref: str, version: str | None) -> LockedQuote:
    """As it was seen; None asks for nothing. Raises RecordNotFoundError, ChangedMeanwhileError."""
    quote = await lock_quote(conn, actor, ref)
    require_same(version, version_of_quote(quote))
    return quote


async def lock_cart_of(conn: Connection, actor: Actor, quote: LockedQuote) -> LockedCart:
    """The cart of a locked quote; its row is locked already."""
    cart = await cart_queries.lock_cart(conn, actor.organization_id, quote.cart_id)
    if cart is None:
        raise LookupError("a quote without its cart")
    return cart


async def get_shown(conn: Connection, actor: Actor, ref: str) -> ShownQuote:
    """Raises RecordNotFoundError."""
    shown = await queries.find_shown(conn, actor.organization_id, record_id(actor.organization_id, ref))
    if shown is None:
        raise unknown_quote(ref)
    return shown
