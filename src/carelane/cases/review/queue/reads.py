"""The queue, and how many are in it."""

from datetime import datetime, timedelta

from carelane import events
from carelane.cases.review.queue import queries
from carelane.cases.review.queue.queries import Reader, Wanted
from carelane.cases.review.queue.schemas import (
    FreeAndAsked,
    QueueCount,
    QueueFilters,
    QueueOut,
    QueueQuery,
    ViewCounts,
)
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.us_zones import earliest_day_in, end_of_day_in
from carelane.payments.states import HURRY_BEFORE
from carelane.permissions import CASES_DECIDE, CASES_READ, requires
from carelane.services import Services
from carelane.staff.queries import find_license, find_member


@requires(CASES_READ)
async def list_cases(services: Services, actor: Actor, query: QueueQuery) -> QueueOut:
    """One page of the queue; nothing follows an unknown `after`. Raises InvalidRequestError."""
    filters = query.filters(actor.id)
    async with services.db.transaction(actor) as conn:
        return await _list(conn, actor, await get_wanted(conn, actor, filters))


@requires(CASES_READ)
async def list_and_count(
    services: Services, actor: Actor, query: QueueQuery, midnight: datetime
) -> tuple[QueueOut, QueueCount]:
    """One page, as `list_cases`, and how many there are on all, by when they run out; `midnight` ends today where the reader is."""
    filters = query.filters(actor.id)
    async with services.db.transaction(actor) as conn:
        wanted = await get_wanted(conn, actor, filters)
        return await _list(conn, actor, wanted), await _count(conn, actor, wanted, midnight)


async def _list(conn: Connection, actor: Actor, wanted: Wanted) -> QueueOut:
    filters = wanted.filters
    after = await queries.find_position(conn, actor.organization_id, wanted, filters.after) if filters.after else None
    if filters.after and after is None:
        return QueueOut(cases=[], next=None)
    # One more than is shown tells whether there is a next page.
    found = await queries.list_cases(conn, actor.organization_id, wanted, filters.limit + 1, after)
    # The names and products on the page are health information: one record for the page, not one for each case.
    await events.record_read(conn, actor, "queue", actor.organization_id, "queue of cases")
    shown = found[: filters.limit]
    return QueueOut(cases=shown, next=shown[-1].id if len(found) > len(shown) else None)


async def _count(conn: Connection, actor: Actor, wanted: Wanted, midnight: datetime) -> QueueCount:
    now = clock.now()
    return await queries.count_cases(conn, actor.organization_id, wanted, now, now + timedelta(hours=1), midnight)


@requires(CASES_READ)
async def count_views(services: Services, actor: Actor) -> ViewCounts:
    """How much waits in each view that everybody has."""
    filters = QueueFilters(fits=True)
    async with services.db.reading(actor.organization_id) as conn:
        reader = await get_reader(conn, actor, filters)
        return await queries.count_views(conn, actor.organization_id, filters, reader)


@requires(CASES_READ)
async def count_to_decide(services: Services, actor: Actor) -> int:
    """How many wait for whoever looks: that they may decide, or of the whole clinic for who decides nothing."""
    filters = QueueFilters(fits=actor.may(CASES_DECIDE), awaiting_patient=False)
    async with services.db.reading(actor.organization_id) as conn:
        reader = await get_reader(conn, actor, filters)
        return await queries.count_all(conn, actor.organization_id, filters, reader)


@requires(CASES_READ)
async def count_free_and_asked(services: Services, actor: Actor) -> FreeAndAsked:
    """Each as its list shows it; no more than MOST_COUNTED are counted."""
    organization_id = actor.organization_id
    free = QueueFilters(assigned_to="none", awaiting_patient=False, fits=actor.may(CASES_DECIDE))
    asked = QueueFilters(awaiting_patient=True)
    async with services.db.reading(organization_id) as conn:
        reader = await get_reader(conn, actor, free)
        return FreeAndAsked(
            free=await queries.count_all(conn, organization_id, free, reader),
            asked=await queries.count_all(conn, organization_id, asked, reader),
        )


async def get_wanted(conn: Connection, actor: Actor, filters: QueueFilters) -> Wanted:
    """Whoever looks, with the states where they may decide today if the filters ask for that, and what runs out sooner than promised."""
    return await queries.find_wanted(conn, actor.organization_id, filters, await get_reader(conn, actor, filters))


async def get_reader(conn: Connection, actor: Actor, filters: QueueFilters) -> Reader:
    """Who looks, with the states where they may decide today if the filters ask for that."""
    if not filters.fits or actor.id is None or not actor.may(CASES_DECIDE):
        return Reader(actor.id)
    member, now = await find_member(conn, actor.organization_id, actor.id), clock.now()
    if member is None:
        return Reader(actor.id)
    good = {
        one.state: end_of_day_in(one.state, max(two.expires_on for two in member.licenses if two.state == one.state))
        for one in member.licenses
        if find_license(member, one.state, earliest_day_in(one.state, now))
    }
    ending = tuple((state, ends) for state, ends in sorted(good.items()) if ends <= now + HURRY_BEFORE)
    return Reader(actor.id, tuple(sorted(good)), ending)
