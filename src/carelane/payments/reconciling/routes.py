"""GET /api/staff/payments/findings."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import QueryParameter

from carelane.payments.reconciling import reads
from carelane.payments.reconciling.schemas import BalanceFindingPageOut
from carelane.services import Services
from carelane.web.routes import ActorRequest, Routes

staff_routes = Routes(tag="Staff: payments")


@staff_routes.get("/payments/findings", "List differences with the gateway's balance")
async def list_balance_findings(
    request: ActorRequest,
    services: NamedDependency[Services],
    is_resolved: Annotated[
        bool, QueryParameter(name="isResolved", description="Those that have matched since, in place of the others")
    ] = False,
    after: Annotated[str | None, QueryParameter(description="`next` of the page before")] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=100, description="How many at most")] = 50,
) -> BalanceFindingPageOut:
    """Lines of the gateway's balance that the ledger does not have, or has otherwise; compared once a day. Newest first."""
    return await reads.list_findings(services, request.auth, is_resolved, after, limit)
