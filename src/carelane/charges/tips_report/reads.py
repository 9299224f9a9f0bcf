"""Reading the report of tips. It names no patient."""

from carelane.charges.tips_report import queries
from carelane.charges.tips_report.schemas import MAX_TIPS, TipPeriod, TipReportRowOut
from carelane.kit.auth import Actor
from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.permissions import BILLING_READ, requires
from carelane.services import Services


@requires(BILLING_READ)
async def list_tips(services: Services, actor: Actor, period: TipPeriod) -> list[TipReportRowOut]:
    """Oldest first. Raises InvalidRequestError where they are too many."""
    async with services.db.reading(actor.organization_id) as conn:
        found = await queries.list_tips(conn, actor, period, MAX_TIPS + 1)
    if len(found) > MAX_TIPS:
        problem = f"expected fewer days: on these there were more than {MAX_TIPS} tips"
        raise InvalidRequestError(problems=[FieldProblem("end_date", problem, "query")])
    return found
