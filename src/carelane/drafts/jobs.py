"""The timed job of drafts."""

from datetime import timedelta

from carelane.drafts import queries
from carelane.services import Services

# A form that nobody came back to for so long is not going to be sent.
KEPT = timedelta(days=30)


async def delete_old_drafts(services: Services) -> None:
    async with services.db.across() as conn:
        await queries.delete_old(conn, KEPT)
