"""GET /billing/sales-tax-report/export, and the same as CSV."""

from datetime import date
from typing import Annotated

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import FromQuery

from carelane.charges.tax_report import reads
from carelane.charges.tax_report.schemas import MAX_DAYS, ReportedPeriod, SalesTaxRowOut
from carelane.charges.tax_report.views import to_csv
from carelane.kit.auth import Actor
from carelane.kit.ids import record_id
from carelane.services import Services
from carelane.web.paging import names, word
from carelane.web.periods import read_days
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Charges")

Timezone = Annotated[str, word("Time zone of the days, such as America/New_York")]
LocationIds = Annotated[list[str] | None, names("Any of these; without it all, and what was sold at none")]


@routes.get("/billing/sales-tax-report/export", "Get the sales tax report")
async def list_sales_tax(
    request: ActorRequest,
    services: NamedDependency[Services],
    start_date: FromQuery[date],
    end_date: FromQuery[date],
    timezone: Timezone,
    location_ids: LocationIds = None,
) -> list[SalesTaxRowOut]:
    """What was sold and what tax was raised on it, by day and place, for at most 366 days. From the ledger: what was voided or given
    back is taken off on the day on which that happened, so a row may be negative. Test money is left out."""
    period = _period(request.auth, start_date, end_date, timezone, location_ids)
    return await reads.list_sales_tax(services, request.auth, period)


@routes.get("/billing/sales-tax-report/export.csv", "Get the sales tax report as CSV", media_type="text/csv")
async def download_sales_tax(
    request: ActorRequest,
    services: NamedDependency[Services],
    start_date: FromQuery[date],
    end_date: FromQuery[date],
    timezone: Timezone,
    location_ids: LocationIds = None,
) -> Response[str]:
    """The same rows, under a line with the names of their members. Amounts are cents."""
    period = _period(request.auth, start_date, end_date, timezone, location_ids)
    rows = await reads.list_sales_tax(services, request.auth, period)
    headers = {"Content-Disposition": 'attachment; filename="sales-tax.csv"'}
    return Response(to_csv(rows), media_type="text/csv", headers=headers)


def _period(actor: Actor, first: date, last: date, timezone: str, locations: list[str] | None) -> ReportedPeriod:
    """Raises InvalidRequestError."""
    days = read_days(first, last, timezone, MAX_DAYS, ("start_date", "end_date"))
    ids = [record_id(actor.organization_id, ref) for ref in locations] if locations is not None else None
    return ReportedPeriod(begins_at=days.begins_at, ends_at=days.ends_at, timezone=timezone, location_ids=ids)
