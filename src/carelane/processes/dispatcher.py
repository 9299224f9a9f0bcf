"""Events → deliveries, mail and orders that may go. The events table is the outbox; this turns what waits in it into what it calls for.

Claiming the events, giving each its place in the feed and making what it calls for is one transaction: a worker that dies in
the middle leaves the events waiting.
"""

from carelane.kit import failpoints
from carelane.messages.notices.actions import queue_notices
from carelane.payments.links.actions import queue_links
from carelane.processes import queries
from carelane.services import Services

MAX_AT_ONCE = 500

# What else than a payment can open the gate of a waiting order.
_RULES = frozenset({"DISPUTE_CLOSED", "ORGANIZATION_CHANGED", "GATEWAY_ACCOUNT_CHANGED"})


async def dispatch(services: Services) -> int:
    """Makes what the events that wait call for, at most MAX_AT_ONCE of them, and returns how many events those were."""
    async with services.db.across() as conn:
        events = await queries.claim_events(conn, MAX_AT_ONCE)
        if events:
            await queries.insert_deliveries(conn, events)
            moved = [event for event in events if _moves_money(event.type)]
            if moved:
                await queries.update_waiting_orders(conn, moved)
            told = [(event.organization_id, event.id, event.type) for event in events]
            await queue_notices(services, conn, told)
            await queue_links(services, conn, told)
            failpoints.reach("dispatcher.claimed")
    if events:
        failpoints.reach("dispatcher.committed")
    return len(events)


def _moves_money(event_type: str) -> bool:
    """Whether an order that waits for money may go now (the database's release_orders has the same list)."""
    return event_type.startswith("PAYMENT_") or event_type in _RULES
