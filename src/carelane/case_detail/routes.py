"""GET /api/v1/customer-case-detail (seed 002), and the same case for staff: GET /api/staff/cases/{id}."""

from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from carelane.case_detail.access import inline_documents, link_documents, open_case
from carelane.case_detail.queries import Parts, Wanted
from carelane.case_detail.schemas import CaseDetailAnswerOut, CaseDetailOut
from carelane.cases.errors import CaseNotFoundError, CaseNotNamedError
from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.kit.ids import parse_uuid
from carelane.patients.schemas import is_email
from carelane.permissions import CASES_READ
from carelane.services import Services
from carelane.web.routes import ActorRequest

_FORMATS = ("base64", "url")
_TRUE = 'Set to "true" to include them'


@get(
    "/customer-case-detail",
    operation_id="getCaseDetail",
    summary="Get a case in full",
    tags=["Cases"],
    opt={"errors": (CaseNotNamedError, CaseNotFoundError)},
)
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
    request.auth.require(CASES_READ)
    if document_format is not None and document_format not in _FORMATS:
        raise InvalidRequestError(problems=[FieldProblem("documentFormat", "expected `base64` or `url`")])
    parts = Parts(
        attachments=include_attachments == "true",
        calendar_events=include_calendar_events == "true",
        orders=include_orders == "true",
        case_products=include_case_products == "true",
    )
    wanted = Wanted(case_id=parse_uuid(case_id) if case_id else None, email=email or None, parts=parts)
    if not case_id and not email:
        raise CaseNotNamedError
    # What cannot be an id or an address names no case; asking the database would answer the same.
    if (case_id and wanted.case_id is None) or (email and not is_email(email)):
        raise CaseNotFoundError
    case = await open_case(services, request.auth, wanted)
    if document_format == "url":
        link_documents(services, request.auth.organization_id, case, _base_url(request, services))
    else:
        await inline_documents(services, request.auth.organization_id, case)
    return CaseDetailAnswerOut(case_detail=case)


@get(
    "/cases/{case_id:str}",
    operation_id="getCase",
    summary="Get a case in full, as staff",
    tags=["Staff: cases"],
    opt={"errors": (CaseNotFoundError,)},
)
async def get_case(
    request: ActorRequest,
    services: NamedDependency[Services],
    case_id: Annotated[str, PathParameter(description="UUID of the case")],
) -> CaseDetailOut:
    """The whole of a case with all its parts; documents come as links that work for 15 minutes."""
    request.auth.require(CASES_READ)
    wanted = parse_uuid(case_id)
    if wanted is None:
        raise CaseNotFoundError
    everything = Parts(attachments=True, calendar_events=True, orders=True, case_products=True)
    case = await open_case(services, request.auth, Wanted(case_id=wanted, parts=everything))
    link_documents(services, request.auth.organization_id, case, _base_url(request, services))
    return case


def _base_url(request: ActorRequest, services: Services) -> str:
    return (services.settings.public_url or str(request.base_url)).rstrip("/")
