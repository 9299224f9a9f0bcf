"""What staff see of events of gateways."""

from carelane.kit.auth import Actor
from carelane.payments.inbox import queries
from carelane.payments.inbox.schemas import EventStatus, GatewayEventPageOut
from carelane.permissions import PAYMENTS_READ, requires
from carelane.services import Services
from carelane.web.wire import uuid_string


@requires(PAYMENTS_READ)
async def list_gateway_events(
    services: Services, actor: Actor, status: EventStatus, after: str | None, limit: int
) -> GatewayEventPageOut:
    """`after` is `next` of the page before. Raises InvalidRequestError."""
    place = uuid_string("after", after or None)
    async with services.db.reading(actor.organization_id) as conn:
        found = await queries.list_events(conn, actor.organization_id, status, place, limit + 1)
    return GatewayEventPageOut(events=found[:limit], next=found[limit - 1].id if len(found) > limit else None)
