"""What happened to a case."""

from carelane import events
from carelane.case_detail.timeline import queries
from carelane.case_detail.timeline.schemas import TimelineOut, TimelineQuery
from carelane.cases.errors import CaseNotFoundError
from carelane.cases.review.access import get_case
from carelane.kit.auth import Actor
from carelane.kit.ids import parse_uuid
from carelane.permissions import CASES_READ, requires
from carelane.services import Services


@requires(CASES_READ)
async def get_mark(services: Services, actor: Actor, ref: str) -> str:
    """Another one as soon as something happens to the case; it tells nothing of it. Raises CaseNotFoundError."""
    case_id = parse_uuid(ref)
    if case_id is None:
        raise CaseNotFoundError
    async with services.db.reading(actor.organization_id) as conn:
        number = await queries.find_last_number(conn, actor.organization_id, case_id)
    if number is None:
        raise CaseNotFoundError
    return f"{case_id.hex}-{number}"


@requires(CASES_READ)
async def list_timeline(services: Services, actor: Actor, ref: str, query: TimelineQuery) -> TimelineOut:
    """Raises CaseNotFoundError, InvalidRequestError."""
    after, limit = query.read()
    async with services.db.transaction(actor) as conn:
        case = await get_case(conn, actor, ref)
        # One more than is shown tells whether there is a next page.
        found = await queries.list_events(conn, actor.organization_id, case.id, after, limit + 1)
        await events.record_read(conn, actor, "case", case.id, "timeline of a case")
    shown = found[:limit]
    return TimelineOut(events=shown, next=shown[-1].number if len(found) > len(shown) else None)
