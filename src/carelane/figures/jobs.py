"""The timed job of figures: counts anew the days that changed."""

from datetime import date, datetime, timedelta
from uuid import UUID

from carelane.figures import queries
from carelane.kit import clock
from carelane.kit.auth import Actor, system_actor
from carelane.kit.ids import least_id_at
from carelane.organizations.queries import list_organizations
from carelane.services import Services

# Longer than any transaction lasts: what was recorded before the mark may be committed after it. Seen twice, it is counted once.
OVERLAP = timedelta(minutes=5)
# Days counted in one transaction.
_BATCH = 31


async def make_figures(services: Services) -> None:
    """Of every organization."""
    async with services.db.across() as conn:
        found = await list_organizations(conn)
    for organization_id, _ in found:
        await make_figures_of(services, organization_id)


async def make_figures_of(services: Services, organization_id: UUID) -> None:
    """A run that ends in the middle leaves the mark where it was, and the next one does all of it again."""
    actor, now = system_actor(organization_id), clock.now()
    days = await _changed_days(services, organization_id, now)
    for begin in range(0, len(days), _BATCH):
        await _save(services, actor, days[begin : begin + _BATCH])
    if days:
        async with services.db.transaction(actor) as conn:
            await queries.update_mark(conn, organization_id, now)


async def _save(services: Services, actor: Actor, days: list[date]) -> None:
    async with services.db.transaction(actor) as conn:
        await queries.lock_mark(conn, actor.organization_id)
        await queries.save_days(conn, actor.organization_id, days)


async def _changed_days(services: Services, organization_id: UUID, now: datetime) -> list[date]:
    """Days on which changed cases came, and all since the last look, on which there may be decisions and money."""
    async with services.db.reading(organization_id) as conn:
        mark = await queries.find_mark(conn, organization_id)
        if mark is None:
            first = await queries.find_first_moment(conn, organization_id)
            return _between(first, now) if first else []
        since = mark - OVERLAP
        changed = await queries.list_changed_days(conn, organization_id, least_id_at(since))
    return sorted({*(day for day in changed if day), *_between(since, now)}) if changed else []


def _between(first: datetime, last: datetime) -> list[date]:
    begin, end = first.date(), last.date()
    return [begin + timedelta(days=number) for number in range((end - begin).days + 1)]
