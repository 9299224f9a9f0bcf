"""GET /api/v1/customer-case-detail (seed 002), and the same case for staff: GET /api/staff/cases/{id}."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from carelane.case_detail import reads
from carelane.case_detail.queries import Parts
from carelane.case_detail.reads import DetailQuery
from carelane.case_detail.schemas import CaseDetailAnswerOut, CaseDetailOut
from carelane.cases.errors import CaseNotFoundError, CaseNotNamedError
from carelane.services import Services
from carelane.web.routes import ActorRequest, Routes, base_url

routes = Routes(tag="Cases")
staff_routes = Routes(tag="Staff: cases")

_TRUE = 'Set to "true" to include them'


@routes.get("/customer-case-detail", "Get a case in full", errors=(CaseNotNamedError, CaseNotFoundError))
async def get_case_detail(
    request: ActorRequest,
    services: NamedDependency[Services],
    case_id: Annotated[str | None, QueryParameter(name="caseId", description="The case to retrieve")] = None,
    email: Annotated[
        str | None, QueryParameter(name="email", description="The submitter's e-mail: their latest case")
    ] = None,
    include_attachments: Annotated[str | None, QueryParameter(name="includeAttachments", description=_TRUE)] = None,
    document_format: Annotated[
        str | None, QueryParameter(name="documentFormat", description="`base64` (default) or `url`")
    ] = None,
    include_calendar_events: Annotated[
        str | None, QueryParameter(name="includeCalendarEvents", description=_TRUE)
    ] = None,
    include_orders: Annotated[str | None, QueryParameter(name="includeOrders", description=_TRUE)] = None,
    include_case_products: Annotated[str | None, QueryParameter(name="includeCaseProducts", description=_TRUE)] = None,
) -> CaseDetailAnswerOut:
    """The whole of one case, by its id or as the latest of a patient."""
    parts = Parts(
        attachments=include_attachments == "true",
        calendar_events=include_calendar_events == "true",
        orders=include_orders == "true",
        case_products=include_case_products == "true",
    )
    query = DetailQuery(case_id=case_id, email=email, document_format=document_format, parts=parts)
    case = await reads.find_case(services, request.auth, query, base_url(request, services))
    return CaseDetailAnswerOut(case_detail=case)


@staff_routes.get("/cases/{case_id:str}", "Get a case in full, as staff", errors=(CaseNotFoundError,))
async def get_case(
    request: ActorRequest,
    services: NamedDependency[Services],
    case_id: Annotated[str, PathParameter(description="UUID of the case")],
) -> CaseDetailOut:
    """The whole of a case with all its parts; documents come as links that work for 15 minutes."""
    return await reads.get_case(services, request.auth, case_id, base_url(request, services))
