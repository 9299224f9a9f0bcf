"""The timed job of carts."""

from datetime import timedelta

from carelane.carts import expire, queries
from carelane.kit.auth import system_actor
from carelane.services import Services

# Of each kind, in one run. The next run takes the rest.
_MAX_ENDED = 1_000


async def end_old(services: Services) -> None:
    """Ends the drafts of all organizations that are past their date or idle, each in its own transaction."""
    idle = timedelta(days=services.settings.cart_idle_days)
    async with services.db.across() as conn:
        ended = await queries.find_ended(conn, idle, _MAX_ENDED)
    for cart in ended:
        await expire.end_cart(services, system_actor(cart.organization_id), cart)
