"""Why a case is not moving."""

from carelane.cases.review.access import get_case, get_explained
from carelane.cases.review.queries import CaseSummary
from carelane.cases.review.why import CaseWhyOut, explain
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.permissions import CASES_READ, requires
from carelane.services import Services


@requires(CASES_READ)
async def get_summary(services: Services, actor: Actor, ref: str) -> CaseSummary:
    """How it stands; no health information. Raises CaseNotFoundError."""
    async with services.db.reading(actor.organization_id) as conn:
        return await get_case(conn, actor, ref)


@requires(CASES_READ)
async def explain_case(services: Services, actor: Actor, ref: str) -> CaseWhyOut:
    """Raises CaseNotFoundError."""
    async with services.db.reading(actor.organization_id) as conn:
        case = await get_explained(conn, actor, ref)
    return explain(case, clock.now())
