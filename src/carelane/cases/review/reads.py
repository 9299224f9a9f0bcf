"""What staff see of cases without opening them: the queue, and why a case is not moving."""

from carelane import events
from carelane.cases.review.access import get_explained
from carelane.cases.review.queue import queries
from carelane.cases.review.schemas import QueueOut, QueueQuery
from carelane.cases.review.why import CaseWhyOut, explain
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.permissions import CASES_READ, requires
from carelane.services import Services


@requires(CASES_READ)
async def list_cases(services: Services, actor: Actor, query: QueueQuery) -> QueueOut:
    """One page of the queue. Raises InvalidRequestError."""
    filters = query.filters(actor.id)
    async with services.db.transaction(actor) as conn:
        # One more than is shown tells whether there is a next page.
        found = await queries.list_cases(conn, actor.organization_id, filters, filters.limit + 1)
        # The names and products on the page are health information: one record for the page, not one for each case.
        await events.record_read(conn, actor, "queue", actor.organization_id, "queue of cases")
    shown = found[: filters.limit]
    return QueueOut(cases=shown, next=shown[-1].id if len(found) > len(shown) else None)


@requires(CASES_READ)
async def explain_case(services: Services, actor: Actor, ref: str) -> CaseWhyOut:
    """Raises CaseNotFoundError."""
    async with services.db.reading(actor.organization_id) as conn:
        case = await get_explained(conn, actor, ref)
    return explain(case, clock.now())
