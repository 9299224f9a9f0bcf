"""/api/staff/patients"""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import QueryParameter

from carelane.patient_detail.listing import reads
from carelane.patient_detail.listing.reads import ListQuery
from carelane.patient_detail.listing.schemas import PatientPageOut
from carelane.services import Services
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Staff: patients")


@routes.get("/patients", "List patients")
async def list_all_patients(
    request: ActorRequest,
    services: NamedDependency[Services],
    after: Annotated[str | None, QueryParameter(description="`next` of the page before")] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=100, description="How many at most")] = 50,
) -> PatientPageOut:
    """Page by page, the newest first, each with the newest case. `GET /api/staff/search` finds one by what is known."""
    return await reads.list_patients(services, request.auth, ListQuery(after=after, limit=limit))
