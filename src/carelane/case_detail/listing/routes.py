"""GET /api/v1/cases."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import QueryParameter

from carelane.case_detail.listing import reads
from carelane.case_detail.listing.schemas import CasesOut, CasesQuery
from carelane.documents.errors import DocumentsTooLargeError
from carelane.services import Services
from carelane.web.routes import ActorRequest, Routes, base_url

routes = Routes(tag="Cases")

_TRUE = "`true` to include them"


@routes.get("/cases", "List the cases of a period", errors=(DocumentsTooLargeError,), operation_id="listCasesInFull")
async def list_cases(
    request: ActorRequest,
    services: NamedDependency[Services],
    start_time: Annotated[
        str | None, QueryParameter(name="startTime", description="Required, ISO 8601: cases created from then on")
    ] = None,
    end_time: Annotated[
        str | None, QueryParameter(name="endTime", description="Required: and before then, at most 60 days later")
    ] = None,
    status: Annotated[str | None, QueryParameter(name="status", description="Statuses, comma-separated")] = None,
    records_per_page: Annotated[
        str | None, QueryParameter(name="recordsPerPage", description="1 to 100; 20 unless given")
    ] = None,
    after: Annotated[str | None, QueryParameter(name="after", description="`cursor.end` of the page before")] = None,
    include_attachments: Annotated[str | None, QueryParameter(name="includeAttachments", description=_TRUE)] = None,
    include_orders: Annotated[str | None, QueryParameter(name="includeOrders", description=_TRUE)] = None,
    include_calendar_events: Annotated[
        str | None, QueryParameter(name="includeCalendarEvents", description=_TRUE)
    ] = None,
    document_format: Annotated[
        str | None,
        QueryParameter(name="documentFormat", description="`base64` or `url`; required with includeAttachments"),
    ] = None,
) -> CasesOut:
    """The cases that were created in a period, oldest first, each as the case detail shows it."""
    query = CasesQuery(
        start_time=start_time,
        end_time=end_time,
        status=status,
        records_per_page=records_per_page,
        after=after,
        include_attachments=include_attachments,
        include_orders=include_orders,
        include_calendar_events=include_calendar_events,
        document_format=document_format,
    )
    return await reads.list_cases(services, request.auth, query, base_url(request, services))
