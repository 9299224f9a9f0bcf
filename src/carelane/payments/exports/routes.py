"""/api/staff/billing/exports: charges, payments, refunds and the ledger as CSV."""

from datetime import date
from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter
from litestar.response import Stream

from carelane.kit.errors import RecordNotFoundError
from carelane.payments.exports import reads
from carelane.payments.exports.access import kind_of, span_of
from carelane.payments.exports.schemas import ExportCountOut
from carelane.services import Services
from carelane.web.periods import TZ
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Staff: billing")

Kind = Annotated[str, PathParameter(description="charges, payments, refunds or ledger")]
First = Annotated[date, QueryParameter(name="from", description="The first day")]
Last = Annotated[date, QueryParameter(name="until", description="The last day, at most 3,660 in all")]


@routes.get("/billing/exports/{kind:str}/count", "Count the rows of an export", errors=(RecordNotFoundError,))
async def count_export(
    request: ActorRequest,
    services: NamedDependency[Services],
    kind: Kind,
    first: First,
    last: Last,
    tz: Annotated[str | None, TZ] = None,
) -> ExportCountOut:
    """How many rows it would have now, counted to 100,000."""
    return await reads.count_export(services, request.auth, kind_of(kind), span_of(first, last, tz))


@routes.get(
    "/billing/exports/{kind:str}/rows.csv", "Export as CSV", errors=(RecordNotFoundError,), media_type="text/csv"
)
async def export_rows(
    request: ActorRequest,
    services: NamedDependency[Services],
    kind: Kind,
    first: First,
    last: Last,
    tz: Annotated[str | None, TZ] = None,
) -> Stream:
    """Oldest first, under a line with the names of the columns; sent as it is read. Amounts are decimals in the row's currency, moments in
    UTC. A text that a spreadsheet would calculate has an apostrophe before it. Of charges and payments the read is on record."""
    found = kind_of(kind)
    lines = await reads.begin_export(services, request.auth, found, span_of(first, last, tz))
    headers = {"Content-Disposition": f'attachment; filename="{found}-{first}-{last}.csv"'}
    return Stream(lines, media_type="text/csv", headers=headers)
