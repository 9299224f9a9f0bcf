"""What moves the queue as a whole."""

from carelane.cases.review.queue import queries
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.permissions import ORGANIZATION_MANAGE, requires


@requires(ORGANIZATION_MANAGE)
async def order_anew(conn: Connection, actor: Actor) -> None:
    """The clinic promises something else: every case that waits runs out at another time. In the caller's transaction, which
    records that the organization changed."""
    await queries.update_due(conn, actor.organization_id)
