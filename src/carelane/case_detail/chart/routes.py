"""GET /api/staff/cases/{id}/chart: red flags, what changed, allergies."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import PathParameter

from carelane.case_detail.chart import reads
from carelane.case_detail.chart.schemas import ChartOut
from carelane.cases.errors import CaseNotFoundError
from carelane.services import Services
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Staff: cases")


@routes.get("/cases/{case_id:str}/chart", "What to look at first in a case", errors=(CaseNotFoundError,))
async def get_chart(
    request: ActorRequest,
    services: NamedDependency[Services],
    case_id: Annotated[str, PathParameter(description="UUID or short id of the case")],
) -> ChartOut:
    """Red flags that the clinic's forms set on answers, what the person answers otherwise than in the case before, and what is
    known of allergies and medicines. Reading it is recorded for both cases."""
    return await reads.get_chart(services, request.auth, case_id)
