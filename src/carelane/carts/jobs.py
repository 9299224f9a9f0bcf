"""The timed job of carts."""

from datetime import timedelta

from carelane.carts import actions, queries
from carelane.services import Services

# Of each kind, in one run; the next run takes the rest.
_MOST_ENDED = 1_000


async def end_old(services: Services) -> None:
    """Ends the drafts of all organizations whose date has passed or that nobody touched for long, each in a transaction
    of its own."""
    idle = timedelta(days=services.settings.cart_idle_days)
    async with services.db.across() as conn:
        ended = await queries.find_ended(conn, idle, _MOST_ENDED)
    for cart in ended:
        await actions.end_cart(services, cart)
