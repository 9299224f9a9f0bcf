"""The feed: the same events as webhooks carry, in one order without gaps, for whoever asks."""

import msgspec

from carelane.kit.auth import Actor
from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.services import Services
from carelane.webhooks import actions, bodies, queries
from carelane.webhooks.schemas import FeedOut

USUAL_PAGE = 50
MAX_PAGE = 100
# As a position: behind all that has happened so far.
LATEST = "latest"
_MAX_POSITION = 2**63 - 1


class Page(msgspec.Struct, frozen=True):
    """`after`: None asks for the end of the feed."""

    after: int | None
    limit: int


def page_of(after: str | None, limit: str | None) -> Page:
    """From query parameters. Raises InvalidRequestError that names all that are wrong."""
    problems = []
    if after not in {None, LATEST} and not _is_number(after, 0, _MAX_POSITION):
        problems.append(FieldProblem("after", f"expected `after` of the answer before, 0 or {LATEST}"))
    if limit is not None and not _is_number(limit, 1, MAX_PAGE):
        problems.append(FieldProblem("limit", f"expected a number from 1 to {MAX_PAGE}"))
    if problems:
        raise InvalidRequestError(problems=problems)
    return Page(None if after == LATEST else int(after or 0), int(limit or USUAL_PAGE))


def _is_number(text: str | None, least: int, most: int) -> bool:
    return text is not None and text.isascii() and text.isdecimal() and len(text) < 20 and least <= int(text) <= most


async def read_feed(services: Services, actor: Actor, page: Page, base_url: str) -> FeedOut:
    """The events behind a position. Positions are given out one batch at a time, so nothing is added below one later."""
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        if page.after is None:
            return FeedOut(
                events=[], after=await queries.find_last_position(conn, actor.organization_id), has_more=False
            )
        found = await queries.list_feed(conn, actor.organization_id, page.after, page.limit + 1)
        shown = found[: page.limit]
        cases = [
            await actions.read_event_case(conn, actor, data_key, told, "EVENT_ONLY", "event feed") for told in shown
        ]
    style = bodies.Style("EVENT_ONLY", "URL", base_url)
    events = [
        await bodies.write_body(services, told, case, style) | {"position": told.position}
        for told, case in zip(shown, cases, strict=True)
    ]
    after = shown[-1].position if shown else None
    return FeedOut(events=events, after=page.after if after is None else after, has_more=len(found) > page.limit)
