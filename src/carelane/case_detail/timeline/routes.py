"""GET /api/staff/cases/{id}/timeline"""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from carelane.case_detail.timeline import reads
from carelane.case_detail.timeline.schemas import MAX_PAGE_SIZE, PAGE_SIZE, TimelineOut, TimelineQuery
from carelane.cases.errors import CaseNotFoundError
from carelane.services import Services
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Staff: cases")


@routes.get("/cases/{case_id:str}/timeline", "What happened to a case", errors=(CaseNotFoundError,))
async def list_timeline(
    request: ActorRequest,
    services: NamedDependency[Services],
    case_id: Annotated[str, PathParameter(description="UUID of the case")],
    after: Annotated[str | None, QueryParameter(name="after", description="`next` of the page before")] = None,
    limit: Annotated[
        str | None, QueryParameter(name="limit", description=f"1 to {MAX_PAGE_SIZE}; without it {PAGE_SIZE}")
    ] = None,
) -> TimelineOut:
    """Its events, the newest first, with who did it and the names of what it is about."""
    return await reads.list_timeline(services, request.auth, case_id, TimelineQuery(after=after, limit=limit))
