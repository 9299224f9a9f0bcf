"""A case as its page shows it, in one transaction; and its flags and changes alone, for the API."""

from collections.abc import Collection
from uuid import UUID

import msgspec

from carelane import events
from carelane.calendar.views import link_appointments
from carelane.case_detail import queries as cases
from carelane.case_detail.chart import queries
from carelane.case_detail.chart.schemas import Beside, ChartOut
from carelane.case_detail.chart.views import count_by_case, show_chart
from carelane.case_detail.queries import Parts, Wanted
from carelane.case_detail.reads import EVERYTHING
from carelane.case_detail.schemas import CaseDetailRecord
from carelane.case_detail.timeline.queries import list_events
from carelane.case_detail.timeline.schemas import TimelineEventOut
from carelane.case_detail.views import open_case
from carelane.cases.errors import CaseNotFoundError
from carelane.cases.review.access import get_explained
from carelane.cases.review.queries import CaseSummary
from carelane.cases.review.why import CaseWhyOut, explain
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.ids import parse_uuid
from carelane.kit.phi import Phi
from carelane.permissions import CASES_READ, requires
from carelane.services import Services

MAX_SHORT_ID_CHARACTERS = 40
# Of each list on the page: the newest, and of a page that shows what is older too. The API pages through all of them.
MOST_ON_PAGE = 60
MOST_OLDER = 400


class CasePage(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the page of a case shows of it."""

    case: CaseDetailRecord
    summary: CaseSummary
    why: CaseWhyOut
    chart: ChartOut
    beside: Beside
    timeline: list[TimelineEventOut]


@requires(CASES_READ)
async def get_page(services: Services, actor: Actor, ref: str, base_url: str, most: int = MOST_ON_PAGE) -> CasePage:
    """By UUID or short id. One read is recorded for the case, one for the earlier case that it is compared with.

    Raises CaseNotFoundError.
    """
    key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        case = await _find(conn, actor, ref, EVERYTHING, most)
        beside = await queries.get_beside(conn, actor.organization_id, case.id)
        summary = await get_explained(conn, actor, str(case.id))
        timeline = await list_events(conn, actor.organization_id, case.id, None, MOST_ON_PAGE)
        await _record(conn, actor, case.id, beside, "page of a case")
    open_case(case, key)
    link_appointments(case.calendar_events or (), services.calendar_link_key, actor.organization_id, base_url)
    return CasePage(
        case=case,
        summary=summary,
        why=explain(summary, clock.now()),
        chart=show_chart(case, beside, key),
        beside=beside,
        timeline=timeline,
    )


@requires(CASES_READ)
async def get_chart(services: Services, actor: Actor, ref: str) -> ChartOut:
    """Raises CaseNotFoundError."""
    key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        case = await _find(conn, actor, ref, Parts())
        beside = await queries.get_beside(conn, actor.organization_id, case.id)
        await _record(conn, actor, case.id, beside, "flags and changes of a case")
    open_case(case, key)
    return show_chart(case, beside, key)


@requires(CASES_READ)
async def count_flags(services: Services, actor: Actor, case_ids: Collection[UUID]) -> dict[UUID, int]:
    """Of the cases of a list, how many red flags the page of each shows. Who saw the list is recorded by the read of the list."""
    if not case_ids:
        return {}
    key = await services.keyring.data_key(actor.organization_id)
    async with services.db.reading(actor.organization_id) as conn:
        found = await queries.find_flagged(conn, actor.organization_id, case_ids)
    return count_by_case(found, key)


async def _find(conn: Connection, actor: Actor, ref: str, parts: Parts, most: int = MOST_ON_PAGE) -> CaseDetailRecord:
    """Raises CaseNotFoundError."""
    case_id = parse_uuid(ref)
    if case_id is None and not _is_short_id(ref):
        raise CaseNotFoundError
    short_id = None if case_id is not None else ref.upper()
    wanted = Wanted(case_id=case_id, short_id=short_id, parts=parts, most=most)
    found = await cases.find_detail(conn, actor.organization_id, wanted)
    if found is None:
        raise CaseNotFoundError
    return found


def _is_short_id(ref: str) -> bool:
    return 0 < len(ref) <= MAX_SHORT_ID_CHARACTERS and ref.isascii() and ref.isprintable()


async def _record(conn: Connection, actor: Actor, case_id: UUID, beside: Beside, reason: str) -> None:
    shown = [case_id] if beside.previous is None else [case_id, beside.previous.id]
    await events.record_reads(conn, actor, "case", shown, reason)
