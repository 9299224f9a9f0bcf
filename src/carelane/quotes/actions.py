"""Steps that several acts on quotes share. The caller has locked the rows of the quote and of its cart."""

from uuid import UUID

import msgspec

from carelane import events
from carelane.carts.actions import lock_offered
from carelane.carts.offers.schemas import QuoteStatus
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError
from carelane.quotes import queries
from carelane.quotes.access import lock_cart_of
from carelane.quotes.errors import QuotePastDateError
from carelane.quotes.queries import LockedQuote
from carelane.quotes.states import PENDING, may_move


def require_pending(quote: LockedQuote) -> None:
    """Raises ConflictError unless the quote may change, QuotePastDateError when only its date forbids it."""
    if quote.status not in PENDING:
        raise ConflictError(f"the quote is {quote.status}; expected one of DRAFT, SENT, VIEWED")
    if quote.is_past:
        raise QuotePastDateError("the quote's date has passed; make a new quote of its cart")


async def mark_sent(conn: Connection, actor: Actor, quote: LockedQuote) -> LockedQuote:
    """The quote is SENT, and the content of its cart never changes again. One that was sent before stays as it is.

    Raises ConflictError when the quote was answered or has ended, QuotePastDateError when its date has passed.
    """
    require_pending(quote)
    if quote.status != "DRAFT":
        return quote
    await lock_offered(conn, actor, await lock_cart_of(conn, actor, quote))
    return await move_quote(conn, actor, quote, "SENT")


async def mark_viewed(conn: Connection, actor: Actor, quote: LockedQuote) -> LockedQuote:
    """The patient sees it. Only the first view of a sent quote that is still open is recorded."""
    if quote.status != "SENT" or quote.is_past:
        return quote
    return await move_quote(conn, actor, quote, "VIEWED")


async def move_quote(
    conn: Connection, actor: Actor, quote: LockedQuote, status: QuoteStatus, charge_id: UUID | None = None
) -> LockedQuote:
    """The quote after the move. Raises ConflictError when it cannot move there."""
    if not may_move(quote.status, status):
        raise ConflictError(f"the quote is {quote.status}, from where it does not become {status}")
    await queries.set_status(conn, actor.organization_id, quote.id, status, charge_id, clock.now())
    event = events.new_event(
        actor, "QUOTE_STATUS_CHANGED", None, target_id=quote.id, value_before=quote.status, value_after=status
    )
    await events.record(conn, event)
    return msgspec.structs.replace(quote, status=status, charge_id=charge_id)
