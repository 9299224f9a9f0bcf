"""What staff see of callbacks that found no order."""

from carelane.kit.auth import Actor
from carelane.orders.inbox import queries
from carelane.orders.inbox.schemas import InboxPageOut
from carelane.permissions import ORDERS_READ, requires
from carelane.services import Services
from carelane.web.wire import uuid_string


@requires(ORDERS_READ)
async def list_inbox(services: Services, actor: Actor, after: str | None, limit: int) -> InboxPageOut:
    """`after` is `next` of the page before. Raises InvalidRequestError."""
    place = uuid_string("after", after or None)
    async with services.db.reading(actor.organization_id) as conn:
        found = await queries.list_inbox(conn, actor.organization_id, place, limit + 1)
    return InboxPageOut(callbacks=found[:limit], next=found[limit - 1].id if len(found) > limit else None)
