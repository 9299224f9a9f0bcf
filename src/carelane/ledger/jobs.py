"""The timed job of the ledger."""

from uuid import UUID

from carelane.ledger import queries
from carelane.services import Services

# Accounts looked at in one transaction.
_BATCH = 500


async def make_snapshots(services: Services) -> None:
    """What every account of every organization had come to by the end of the last month, if anything came to it in it."""
    after = (UUID(int=0), UUID(int=0))
    while True:
        async with services.db.across() as conn:
            last = await queries.insert_snapshots(conn, after, _BATCH)
        if last is None:
            return
        after = last
