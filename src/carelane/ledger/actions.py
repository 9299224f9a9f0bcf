"""Writing to the ledger, in the transaction of the act that it tells of."""

from uuid import UUID

from carelane.kit.db import Connection
from carelane.ledger import queries
from carelane.ledger.errors import PostedOtherwiseError
from carelane.ledger.schemas import Entry


async def post(conn: Connection, organization_id: UUID, *entries: Entry) -> int:
    """How many postings are new: none, where the act was posted before. One statement, whatever accounts there are yet.

    Raises PostedOtherwiseError when an act stands there with another amount.
    """
    if not any(entry.moves for entry in entries):
        return 0
    new, differs = await queries.insert_postings(conn, organization_id, list(dict.fromkeys(entries)))
    if differs:
        raise PostedOtherwiseError(", ".join(f"{entry.act} {entry.source_id}" for entry in entries))
    return new


async def post_new(conn: Connection, organization_id: UUID, entry: Entry) -> None:
    """`post` for a record that was made in this transaction, so that nothing of it can be there: nothing is waited for."""
    if entry.moves:
        await queries.insert_later(conn, organization_id, [entry])
