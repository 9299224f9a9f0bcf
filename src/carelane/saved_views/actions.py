"""Making and removing saved views."""

from uuid import UUID

from psycopg.errors import UniqueViolation

from carelane import events
from carelane.cases.review.queue.queries import count_all
from carelane.cases.review.queue.reads import get_reader
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import RecordNotFoundError
from carelane.kit.ids import parse_uuid, uuid7
from carelane.permissions import CASES_READ, CASES_WORK, requires
from carelane.saved_views import queries
from carelane.saved_views.errors import TooManyViewsError, ViewNameTakenError
from carelane.saved_views.queries import SavedView
from carelane.saved_views.reads import show_view
from carelane.saved_views.schemas import MAX_VIEWS, ViewIn, ViewOut, checked_query, read_query
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once


@requires(CASES_READ, CASES_WORK)
async def save_view(services: Services, actor: Actor, body: ViewIn, request_key: RequestKey | None) -> ViewOut:
    """Raises InvalidRequestError for filters that are none, ViewNameTakenError, TooManyViewsError."""
    query = checked_query(body.query, actor.id)
    owner = actor.id if body.scope == "ME" else None
    view = SavedView(id=uuid7(), staff_id=owner, name=body.name, query=query)

    async def act(conn: Connection) -> ViewOut:
        await queries.lock_views(conn, actor.organization_id, owner)
        there = await queries.list_views(conn, actor.organization_id, actor.id, 2 * MAX_VIEWS)
        if sum(one.staff_id == owner for one in there) >= MAX_VIEWS:
            raise TooManyViewsError(f"there are {MAX_VIEWS} already; remove one first")
        await queries.insert_view(conn, actor.organization_id, view)
        await _record(conn, actor, view.id, "SAVED")
        filters = read_query(query).filters(actor.id)
        reader = await get_reader(conn, actor, filters)
        return show_view(view, await count_all(conn, actor.organization_id, filters, reader))

    try:
        return await run_once(services, actor, request_key, act)
    except UniqueViolation:
        raise ViewNameTakenError("there is a view of this name; choose another one, or remove that first") from None


@requires(CASES_READ, CASES_WORK)
async def remove_view(services: Services, actor: Actor, view_id: str) -> None:
    """One's own, or one of the clinic. Raises RecordNotFoundError."""
    found_id = parse_uuid(view_id)
    async with services.db.transaction(actor) as conn:
        view = await queries.lock_view(conn, actor.organization_id, actor.id, found_id) if found_id else None
        if view is None:
            raise RecordNotFoundError
        await queries.delete_view(conn, actor.organization_id, view.id)
        await _record(conn, actor, view.id, "REMOVED")


async def _record(conn: Connection, actor: Actor, view_id: UUID, how: str) -> None:
    event = events.new_event(actor, "SAVED_VIEW_CHANGED", None, target_id=view_id, value_after=how)
    await events.record(conn, event)
