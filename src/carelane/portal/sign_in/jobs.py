"""The timed job of one-time codes."""

from datetime import timedelta

from carelane.portal.sign_in import queries
from carelane.services import Services

# The longest window in which they are counted is a day.
KEPT = timedelta(days=2)


async def delete_old_codes(services: Services) -> None:
    async with services.db.across() as conn:
        await queries.delete_old_codes(conn, KEPT)
