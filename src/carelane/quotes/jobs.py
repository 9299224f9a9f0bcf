"""The timed job of quotes."""

from carelane.kit.auth import system_actor
from carelane.quotes import expire, queries
from carelane.services import Services


async def expire_old(services: Services) -> int:
    """Ends the quotes whose date has passed, those of each organization in one transaction; returns how many."""
    async with services.db.across() as conn:
        organization_ids = await queries.list_organizations_past(conn, expire.MAX_AT_ONCE)
    return sum([await expire.expire_old(services, system_actor(one), None) for one in organization_ids])
