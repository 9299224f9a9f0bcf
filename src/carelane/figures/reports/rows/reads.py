"""Reading the rows behind a figure. They name no patient."""

from datetime import date
from typing import get_args
from uuid import UUID
from zoneinfo import ZoneInfo

from carelane.figures.reports.queries import get_basis, list_names
from carelane.figures.reports.rows import queries
from carelane.figures.reports.rows.queries import Wanted
from carelane.figures.reports.schemas import (
    DIMENSION_OF,
    By,
    Measure,
    RowsOut,
    RowsQuery,
    last_day,
    read_months,
)
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.kit.ids import parse_uuid
from carelane.permissions import REPORTS_READ, requires
from carelane.services import Services
from carelane.web.paging import Place
from carelane.web.periods import read_days

_LAST_ID = UUID(int=(1 << 128) - 1)


@requires(REPORTS_READ)
async def list_rows(services: Services, actor: Actor, query: RowsQuery) -> RowsOut:
    """The newest first. Raises InvalidRequestError."""
    organization_id = actor.organization_id
    async with services.db.reading(organization_id) as conn:
        basis = await get_basis(conn, organization_id)
        wanted = _read(query, clock.now().astimezone(ZoneInfo(basis.timezone)).date(), basis.timezone)
        found = await queries.list_rows(conn, organization_id, wanted)
        is_full = len(found) > query.limit
        reached = None if is_full else await queries.find_reached(conn, organization_id, wanted)
        named = parse_uuid(wanted.key)
        names = await list_names(conn, organization_id, [named]) if named else {}
    shown = found[: query.limit]
    end = Place(shown[-1].at, shown[-1].id) if is_full else reached
    return RowsOut(
        name=names.get(wanted.key, wanted.key or None),
        timezone=basis.timezone,
        currency=basis.currency,
        rows=shown,
        next=end.text if end else None,
    )


def _read(query: RowsQuery, today: date, timezone: str) -> Wanted:
    problems: list[FieldProblem] = []
    measure: Measure | None = next((one for one in get_args(Measure) if one == query.measure), None)
    by: By | None = next((one for one in get_args(By) if one == query.by), None)
    if measure is None:
        problems.append(FieldProblem("measure", f"expected {', '.join(get_args(Measure))}", "query"))
    if by is None:
        problems.append(FieldProblem("by", f"expected {', '.join(get_args(By))}", "query"))
    months = read_months(query.first, query.last, today, problems)
    if problems or measure is None or by is None or months is None:
        raise InvalidRequestError(problems=problems)
    period = read_days(months.first, last_day(months.last), timezone, 800, ("from", "to"))
    return Wanted(
        measure=measure,
        dimension=DIMENSION_OF[by],
        key=(query.key or "")[:100].replace("\0", ""),
        begins_at=period.begins_at,
        ends_at=period.ends_at,
        after_at=query.after.at if query.after else period.ends_at,
        after_id=query.after.id if query.after else _LAST_ID,
        most=query.limit + 1,
    )
