"""`/console/reports`"""

from typing import Any, get_args

from litestar import Response
from litestar.di import NamedDependency

from carelane.console.filters import require_known
from carelane.console.forms import Filled
from carelane.console.frame import HEADERS, page
from carelane.console.reports import views
from carelane.figures.reports.reads import get_report
from carelane.figures.reports.routes import CSV_HEADERS
from carelane.figures.reports.rows.reads import list_rows
from carelane.figures.reports.schemas import By, Measure, ReportQuery, RowsQuery
from carelane.figures.reports.views import to_csv
from carelane.services import Services
from carelane.web.html.routes import PageRoutes
from carelane.web.paging import read_place
from carelane.web.routes import ActorRequest

routes = PageRoutes()

_FILTERS = ("by", "from", "to")


@routes.get(views.PATH)
async def get_reports(request: ActorRequest, services: NamedDependency[Services]) -> Response[Any]:
    """Of a year, by month, unless asked otherwise."""
    require_known(request, _FILTERS)
    report = await get_report(services, request.auth, _asked(request))
    form = Filled.of(**{"by": report.by, "from": report.first_month, "to": report.last_month})
    return await page(request, services, "reports/report.html", views.report_page(report), here="reports", form=form)


@routes.get(f"{views.PATH}/export.csv")
async def get_report_file(request: ActorRequest, services: NamedDependency[Services]) -> Response[Any]:
    """The same lines."""
    require_known(request, _FILTERS)
    report = await get_report(services, request.auth, _asked(request))
    return Response(to_csv(report), media_type="text/csv", headers=HEADERS | CSV_HEADERS)


@routes.get(views.ROWS)
async def get_report_rows(request: ActorRequest, services: NamedDependency[Services]) -> Response[Any]:
    """What a figure counts."""
    require_known(request, (*_FILTERS, "measure", "key"))
    sent = request.query_params
    asked: dict[str, str | None] = {name: sent.get(name) for name in ("measure", "key", *_FILTERS, "after")}
    chosen = asked["measure"] or "cases"
    query = RowsQuery(
        measure=chosen,
        by=asked["by"] or "month",
        key=asked["key"],
        first=asked["from"],
        last=asked["to"],
        after=read_place("after", asked["after"]),
    )
    found = await list_rows(services, request.auth, query)
    measure: Measure = next(one for one in get_args(Measure) if one == query.measure)
    by: By = next(one for one in get_args(By) if one == query.by)
    values = views.rows_page(found, measure, by, asked | {"measure": measure})
    return await page(request, services, "reports/rows.html", values, here="reports")


def _asked(request: ActorRequest) -> ReportQuery:
    sent = request.query_params
    return ReportQuery(by=sent.get("by") or "month", first=sent.get("from") or None, last=sent.get("to") or None)
