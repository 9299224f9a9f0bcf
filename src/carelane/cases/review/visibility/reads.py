"""A case, and what keeps it out of a list."""

import msgspec

from carelane.cases.errors import CaseNotFoundError
from carelane.cases.review.access import get_case
from carelane.cases.review.queries import CaseSummary
from carelane.cases.review.queue.reads import get_reader
from carelane.cases.review.queue.schemas import QueueQuery
from carelane.cases.review.visibility import queries
from carelane.cases.review.visibility.queries import CasePlace
from carelane.cases.review.visibility.why import HiddenBy, find_reasons
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.ids import parse_uuid
from carelane.permissions import CASES_READ, requires
from carelane.services import Services


@requires(CASES_READ)
async def find_hidden(
    services: Services, actor: Actor, ref: str, query: QueueQuery
) -> tuple[CaseSummary, list[HiddenBy]]:
    """The case by its id or its short id, and what keeps it out of that list. Raises CaseNotFoundError, InvalidRequestError."""
    filters = query.filters(actor.id)
    async with services.db.reading(actor.organization_id) as conn:
        case = await get_case(conn, actor, await _id_of(conn, actor, ref))
        place = await _get_place(conn, actor, case)
        reader = await get_reader(conn, actor, filters)
    return case, find_reasons(case, place, filters, reader)


async def _id_of(conn: Connection, actor: Actor, ref: str) -> str:
    found = parse_uuid(ref) or await queries.find_id(conn, actor.organization_id, ref.strip().upper().replace("\0", ""))
    if found is None:
        raise CaseNotFoundError
    return str(found)


async def _get_place(conn: Connection, actor: Actor, case: CaseSummary) -> CasePlace:
    place = await queries.find_place(conn, actor.organization_id, case.id, actor.id)
    if place is None:
        raise CaseNotFoundError
    return msgspec.structs.replace(place, patient_state=(place.patient_state or "").strip() or None)
