"""One's saved views, with how many cases are in each."""

import contextlib

from carelane.cases.review.queue import queries as queue
from carelane.cases.review.queue.queries import Reader
from carelane.cases.review.queue.reads import get_reader
from carelane.cases.review.queue.schemas import QueueFilters
from carelane.kit.auth import Actor
from carelane.kit.errors import InvalidRequestError
from carelane.permissions import CASES_READ, requires
from carelane.saved_views import queries
from carelane.saved_views.queries import SavedView
from carelane.saved_views.schemas import MAX_VIEWS, Scope, ViewOut, read_query
from carelane.services import Services


@requires(CASES_READ)
async def list_views(services: Services, actor: Actor, most: int = 2 * MAX_VIEWS) -> list[ViewOut]:
    """One's own, then the clinic's. Each costs one statement that counts no further than 1,000."""
    async with services.db.reading(actor.organization_id) as conn:
        found = await queries.list_views(conn, actor.organization_id, actor.id, most)
        filters = [_filters(view, actor) for view in found]
        fitting = next((one for one in filters if one and one.fits), None)
        reader = await get_reader(conn, actor, fitting) if fitting else Reader(actor.id)
        counts = [await queue.count_all(conn, actor.organization_id, one, reader) if one else 0 for one in filters]
    return [show_view(view, count) for view, count in zip(found, counts, strict=True)]


def _filters(view: SavedView, actor: Actor) -> QueueFilters | None:
    """None of a view whose filters were written when others were known."""
    with contextlib.suppress(InvalidRequestError):
        return read_query(view.query).filters(actor.id)
    return None


def show_view(view: SavedView, count: int) -> ViewOut:
    """As it goes over the wire."""
    scope: Scope = "CLINIC" if view.staff_id is None else "ME"
    return ViewOut(id=view.id, name=view.name, scope=scope, query=view.query, count=count)
