"""The timed job of reports: counts anew the days that changed, and the months that they are of."""

from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from carelane.figures.jobs import OVERLAP
from carelane.figures.queries import find_first_moment
from carelane.figures.reports import queries
from carelane.figures.reports.schemas import Basis, last_day
from carelane.figures.reports.views import add_up
from carelane.kit import clock
from carelane.kit.auth import Actor, system_actor
from carelane.kit.ids import least_id_at
from carelane.organizations.queries import list_organizations
from carelane.services import Services

# Days counted in one transaction.
_BATCH = 31


async def make_reports(services: Services) -> None:
    """Of every organization."""
    async with services.db.across() as conn:
        found = await list_organizations(conn)
    for organization_id, _ in found:
        await make_reports_of(services, organization_id)


async def make_reports_of(services: Services, organization_id: UUID) -> None:
    """A run that ends in the middle leaves the mark where it was, and the next one does all of it again."""
    actor, now = system_actor(organization_id), clock.now()
    async with services.db.reading(organization_id) as conn:
        basis = await queries.get_basis(conn, organization_id)
    days = await _changed_days(services, organization_id, now, basis)
    for begin in range(0, len(days), _BATCH):
        await _save(services, actor, days[begin : begin + _BATCH], basis.timezone)
    if days:
        async with services.db.transaction(actor) as conn:
            await queries.lock_mark(conn, organization_id)
            await queries.update_mark(conn, organization_id, now, basis)


async def _save(services: Services, actor: Actor, days: list[date], timezone: str) -> None:
    """The days, then the months that they are of."""
    organization_id = actor.organization_id
    async with services.db.transaction(actor) as conn:
        await queries.lock_mark(conn, organization_id)
        await queries.save_spans(
            conn, organization_id, "DAY", await queries.count_days(conn, organization_id, days, timezone)
        )
        months = {day.replace(day=1) for day in days}
        added = {}
        for month in sorted(months):
            kept = await queries.list_spans(conn, organization_id, "DAY", month, last_day(month))
            added[month] = add_up(kept.values())
        await queries.save_spans(conn, organization_id, "MONTH", added)


async def _changed_days(services: Services, organization_id: UUID, now: datetime, basis: Basis) -> list[date]:
    """Of the time zone. All of them, the first time and after the time zone or the money changed."""
    timezone = basis.timezone
    async with services.db.reading(organization_id) as conn:
        mark, counted_in = await queries.find_mark(conn, organization_id)
        if mark is None or not basis.counts_as(counted_in):
            first = await find_first_moment(conn, organization_id)
            kept = await queries.list_kept_days(conn, organization_id)
            return sorted({*(_between(first, now, timezone) if first else []), *kept})
        since = mark - OVERLAP
        changed = await queries.list_changed_days(conn, organization_id, least_id_at(since), timezone)
    return sorted({*changed, *_between(since, now, timezone)}) if changed else []


def _between(first: datetime, last: datetime, timezone: str) -> list[date]:
    begin, end = (moment.astimezone(ZoneInfo(timezone)).date() for moment in (first, last))
    return [begin + timedelta(days=number) for number in range((end - begin).days + 1)]
