"""Reading reports. They name members of staff, and no patient."""

from zoneinfo import ZoneInfo

import msgspec

from carelane.figures.reports import queries
from carelane.figures.reports.schemas import DIMENSION_OF, ReportOut, ReportQuery
from carelane.figures.reports.views import keys_of, show_report
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.ids import parse_uuid
from carelane.permissions import REPORTS_READ, requires
from carelane.services import Services


@requires(REPORTS_READ)
async def get_report(services: Services, actor: Actor, query: ReportQuery) -> ReportOut:
    """Of a year, unless asked otherwise. Raises InvalidRequestError."""
    organization_id = actor.organization_id
    async with services.db.reading(organization_id) as conn:
        basis = await queries.get_basis(conn, organization_id)
        by, months = query.read(clock.now().astimezone(ZoneInfo(basis.timezone)).date())
        kept = await queries.list_spans(conn, organization_id, "MONTH", months.first, months.last)
        ids = [found for key in keys_of(kept.values(), DIMENSION_OF[by]) if (found := parse_uuid(key)) is not None]
        names = await queries.list_names(conn, organization_id, ids) if ids else {}
    # Until all is counted anew, amounts are in the money that they were counted in.
    in_hand = msgspec.structs.replace(basis, currency=basis.counted_currency or basis.currency)
    return show_report(by, months, kept, names, in_hand)
