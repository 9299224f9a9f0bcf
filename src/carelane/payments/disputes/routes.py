"""/api/staff/billing/disputes: all disputes, and what one can be answered with."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from carelane.kit.errors import RecordNotFoundError
from carelane.payments.disputes import reads
from carelane.payments.disputes.schemas import DisputeFilter, DisputePageOut, DisputeStatus, EvidenceOut
from carelane.services import Services
from carelane.web.paging import AFTER, PAGE_LIMIT, read_place
from carelane.web.periods import FIRST_DAY, LAST_DAY, TZ, read_span
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Staff: billing")

DisputeId = Annotated[str, PathParameter(description="UUID of the dispute")]


@routes.get("/billing/disputes", "List disputes of all payments")
async def list_disputes(
    request: ActorRequest,
    services: NamedDependency[Services],
    status: Annotated[DisputeStatus | None, QueryParameter(description="Those that stand there")] = None,
    first: Annotated[str | None, FIRST_DAY] = None,
    last: Annotated[str | None, LAST_DAY] = None,
    tz: Annotated[str | None, TZ] = None,
    after: Annotated[str | None, AFTER] = None,
    limit: Annotated[int, PAGE_LIMIT] = 50,
) -> DisputePageOut:
    """Opened last first. Holds no health information."""
    span = read_span(first, last, tz)
    wanted = DisputeFilter(
        status=status, opened_from=span.begins_at, opened_until=span.ends_at, after=read_place("after", after)
    )
    return await reads.list_disputes(services, request.auth, wanted, limit)


@routes.get(
    "/billing/disputes/{dispute_id:str}/evidence",
    "Get what a dispute can be answered with",
    errors=(RecordNotFoundError,),
)
async def get_dispute_evidence(
    request: ActorRequest, services: NamedDependency[Services], dispute_id: DisputeId
) -> EvidenceOut:
    """What was sold, what was decided, what was shipped and delivered, and which receipts were sent. What was decided is shown to those
    who may read cases. The read is on record."""
    return await reads.get_evidence(services, request.auth, dispute_id)
