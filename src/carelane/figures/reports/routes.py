"""/api/staff/reports"""

from typing import Annotated

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from carelane.figures.reports import reads
from carelane.figures.reports.rows.reads import list_rows
from carelane.figures.reports.schemas import (
    MAX_MONTHS,
    PAGE_SIZE,
    USUAL_MONTHS,
    ReportOut,
    ReportQuery,
    RowsOut,
    RowsQuery,
)
from carelane.figures.reports.views import to_csv
from carelane.services import Services
from carelane.web.paging import AFTER, read_place
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Staff: reports")

_FROM = f"First month, such as 2026-01; without it {USUAL_MONTHS} months up to `to`"
_TO = f"Last month; without it this one. {MAX_MONTHS} months at most"
By = Annotated[str, QueryParameter(name="by", description="`month`, `product`, `person` or `state`")]
From = Annotated[str | None, QueryParameter(name="from", description=_FROM)]
To = Annotated[str | None, QueryParameter(name="to", description=_TO)]

CSV_HEADERS = {"Content-Disposition": 'attachment; filename="report.csv"', "Cache-Control": "no-store"}


@routes.get("/reports", "Get a report")
async def get_report(
    request: ActorRequest, services: NamedDependency[Services], by: By = "month", first: From = None, last: To = None
) -> ReportOut:
    """Cases, decisions, waits, orders, revenue and refunds of some months. Counted every minute, from the records themselves; test cases
    and test money are left out, and money in another currency than the clinic's. Revenue is what the ledger's income came to: after
    discounts, voids and refunds, without tax. Holds no health information."""
    return await reads.get_report(services, request.auth, ReportQuery(by=by, first=first, last=last))


@routes.get("/reports/export.csv", "Get a report as CSV", media_type="text/csv")
async def download_report(
    request: ActorRequest, services: NamedDependency[Services], by: By = "month", first: From = None, last: To = None
) -> Response[str]:
    """The same lines under one with the names of the members, and the total. Amounts are cents."""
    report = await reads.get_report(services, request.auth, ReportQuery(by=by, first=first, last=last))
    return Response(to_csv(report), media_type="text/csv", headers=CSV_HEADERS)


@routes.get("/reports/rows", "List the rows behind a figure")
async def list_report_rows(
    request: ActorRequest,
    services: NamedDependency[Services],
    measure: Annotated[
        str, QueryParameter(name="measure", description="`cases`, `decisions`, `orders`, `revenue` or `refunds`")
    ],
    by: By = "month",
    key: Annotated[
        str | None, QueryParameter(name="key", description="`key` of the line; without it, of what belongs to none")
    ] = None,
    first: From = None,
    last: To = None,
    after: Annotated[str | None, AFTER] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=200, description="How many at most")] = PAGE_SIZE,
) -> RowsOut:
    """Exactly what the figure counts, the newest first. By `month`, all of the months; the amounts of revenue and refunds are those of
    single postings, and add up to the figure."""
    query = RowsQuery(
        measure=measure, by=by, key=key, first=first, last=last, after=read_place("after", after), limit=limit
    )
    return await list_rows(services, request.auth, query)
