"""What staff see of differences with a gateway's balance."""

from carelane.kit.auth import Actor
from carelane.payments.reconciling import queries
from carelane.payments.reconciling.schemas import BalanceFindingPageOut
from carelane.permissions import PAYMENTS_READ, requires
from carelane.services import Services
from carelane.web.wire import uuid_string


@requires(PAYMENTS_READ)
async def list_findings(
    services: Services, actor: Actor, is_resolved: bool, after: str | None, limit: int
) -> BalanceFindingPageOut:
    """`after` is `next` of the page before. Raises InvalidRequestError."""
    place = uuid_string("after", after or None)
    async with services.db.reading(actor.organization_id) as conn:
        found = await queries.list_findings(conn, actor.organization_id, is_resolved, place, limit + 1)
    return BalanceFindingPageOut(findings=found[:limit], next=found[limit - 1].id if len(found) > limit else None)
