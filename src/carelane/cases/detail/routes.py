"""GET /api/v1/customer-case-detail (seed 002)."""

from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from carelane.cases.detail.access import inline_documents, link_documents, open_case
from carelane.cases.detail.queries import Parts, Wanted
from carelane.cases.detail.schemas import CaseDetailAnswerOut
from carelane.cases.errors import CaseNotFoundError, CaseNotNamedError
from carelane.kit.auth import ActorRequest
from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.kit.ids import parse_uuid
from carelane.organizations.scopes import CASES_READ
from carelane.patients.schemas import is_email
from carelane.services import Services

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
        base_url = services.settings.public_url or str(request.base_url)
        link_documents(services, request.auth.organization_id, case, base_url.rstrip("/"))
    else:
        await inline_documents(services, request.auth.organization_id, case)
    return CaseDetailAnswerOut(case_detail=case)
