"""Events → deliveries and mail. The events table is the outbox; this turns what waits in it into what it calls for.

Claiming the events, giving each its place in the feed and making what it calls for is one transaction: a worker that dies in
the middle leaves the events waiting.
"""

from carelane.kit import failpoints
from carelane.messages.notices.actions import queue_notices
from carelane.processes import queries
from carelane.services import Services

MAX_AT_ONCE = 500


async def dispatch(services: Services) -> int:
    """Makes what the events that wait call for, at most MAX_AT_ONCE of them, and returns how many events those were."""
    async with services.db.across() as conn:
        events = await queries.claim_events(conn, MAX_AT_ONCE)
        if events:
            await queries.insert_deliveries(conn, events)
            await queue_notices(services, conn, [(event.organization_id, event.id, event.type) for event in events])
            failpoints.reach("dispatcher.claimed")
    if events:
        failpoints.reach("dispatcher.committed")
    return len(events)
