"""Moving quotes, for every act that does: their own, and those of the carts they were made of.

Whoever calls holds the cart's row and, where a quote is handed over, the quote's.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from carelane import events
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError
from carelane.quotes import queries
from carelane.quotes.queries import LockedQuote, PendingQuote
from carelane.quotes.states import QuoteStatus, may_move


async def move_quote(
    conn: Connection, actor: Actor, quote: LockedQuote, status: QuoteStatus, charge_id: UUID | None = None
) -> LockedQuote:
    """The quote as it is then, with the date that belongs to the status. Raises ConflictError when it cannot go there."""
    if not may_move(quote.status, status):
        raise ConflictError(f"the quote is {quote.status}, from where it does not become {status}")
    now = clock.now()
    await queries.set_status(conn, actor.organization_id, quote.id, status, charge_id, now)
    await events.record(conn, _moved(actor, quote.id, quote.status, status))
    return msgspec.structs.replace(
        quote,
        status=status,
        charge_id=charge_id,
        sent_at=_stamped(quote.sent_at, status == "SENT", now),
        viewed_at=_stamped(quote.viewed_at, status == "VIEWED", now),
        responded_at=_stamped(quote.responded_at, status in ("ACCEPTED", "DECLINED"), now),
    )


async def end_pending_quotes(conn: Connection, actor: Actor, cart_id: UUID) -> int:
    """Expires what is still pending of a cart that ended or was accepted; how many that were. The cart's row is held."""
    return await end_pending_quotes_of(conn, actor, [cart_id])


async def end_pending_quotes_of(conn: Connection, actor: Actor, cart_ids: list[UUID]) -> int:
    """As `end_pending_quotes`, for any number of carts at once. All their rows are held."""
    return await expire_quotes(conn, actor, await queries.lock_pending(conn, actor.organization_id, cart_ids))


async def expire_quotes(conn: Connection, actor: Actor, quotes: list[PendingQuote]) -> int:
    """How many that were. Their carts stay as they are."""
    if quotes:
        await queries.set_expired(conn, actor.organization_id, [quote.id for quote in quotes], clock.now())
        await events.record(conn, *(_moved(actor, quote.id, quote.status, "EXPIRED") for quote in quotes))
    return len(quotes)


def _stamped(before: datetime | None, is_reached: bool, now: datetime) -> datetime | None:
    return (before or now) if is_reached else before


def _moved(actor: Actor, quote_id: UUID, before: QuoteStatus, after: QuoteStatus) -> events.Event:
    return events.new_event(
        actor, "QUOTE_STATUS_CHANGED", None, target_id=quote_id, value_before=before, value_after=after
    )
