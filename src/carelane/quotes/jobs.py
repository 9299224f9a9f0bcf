"""What is timed about quotes."""

from carelane.kit.auth import system_actor
from carelane.quotes import queries
from carelane.quotes.expiry import MOST_AT_ONCE, expire_past
from carelane.services import Services


async def expire_old(services: Services) -> int:
    """Ends the quotes whose date has passed, each organization's in a transaction of its own; how many that were."""
    async with services.db.across() as conn:
        organization_ids = await queries.list_organizations_past(conn, MOST_AT_ONCE)
    count = 0
    for organization_id in organization_ids:
        actor = system_actor(organization_id)
        async with services.db.transaction(actor) as conn:
            count += await expire_past(conn, actor)
    return count
