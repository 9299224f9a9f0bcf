"""GET /billing/tips/export/detailed."""

from datetime import date
from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import FromQuery

from carelane.charges.tips_report import reads
from carelane.charges.tips_report.schemas import MAX_DAYS, TipPeriod, TipReportRowOut
from carelane.kit.errors import InvalidRequestError
from carelane.kit.ids import record_id
from carelane.services import Services
from carelane.web.paging import names, word
from carelane.web.periods import read_days
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Charges")


@routes.get("/billing/tips/export/detailed", "Get the tips of some days", errors=(InvalidRequestError,))
async def list_detailed_tips(
    request: ActorRequest,
    services: NamedDependency[Services],
    start_date: FromQuery[date],
    end_date: FromQuery[date],
    timezone: Annotated[str, word("Time zone of the days, such as America/New_York")],
    location_ids: Annotated[list[str] | None, names("Charges at any of these; without it all")] = None,
) -> list[TipReportRowOut]:
    """One by one, by the day on which they were given, of at most 366 days. Those that were taken back, those of voided charges and
    test money are left out. The vendor does not show the members of a row: these are ours."""
    days = read_days(start_date, end_date, timezone, MAX_DAYS, ("start_date", "end_date"))
    organization_id = request.auth.organization_id
    ids = [record_id(organization_id, ref) for ref in location_ids] if location_ids is not None else None
    period = TipPeriod(begins_at=days.begins_at, ends_at=days.ends_at, timezone=timezone, location_ids=ids)
    return await reads.list_tips(services, request.auth, period)
