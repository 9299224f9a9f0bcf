"""Undoing a decision that is held back, taking it when its grace is over, and writing down why it could not be taken."""

import msgspec

from carelane.cases.errors import ActRefusedError, CaseHeldError, CaseNotFoundError, NothingToUndoError
from carelane.cases.review import queries as cases
from carelane.cases.review.access import acts_on, described
from carelane.cases.review.decide import check, take
from carelane.cases.review.grace import queries
from carelane.cases.review.grace.access import open_body, record
from carelane.cases.review.grace.queries import DueDecision
from carelane.cases.review.queries import CaseSummary
from carelane.cases.review.schemas import CaseSummaryOut
from carelane.cases.review.views import show_case
from carelane.kit import failpoints
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import CarelaneError
from carelane.kit.ids import parse_uuid
from carelane.permissions import CASES_DECIDE, requires
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once


@requires(CASES_DECIDE)
async def undo_decision(services: Services, actor: Actor, ref: str, request_key: RequestKey | None) -> CaseSummaryOut:
    """Possible until it is taken, even should a worker come late.

    Raises CaseNotFoundError, NothingToUndoError, CaseHeldError when it is another's, and what `run_once` raises.
    """

    async def act(conn: Connection) -> CaseSummaryOut:
        case_id = parse_uuid(ref)
        case = None if case_id is None else await cases.lock_case(conn, actor.organization_id, case_id)
        if case is None:
            raise CaseNotFoundError
        if case.held is None:
            raise NothingToUndoError(f"no decision waits to be taken; {described(case)}")
        if case.held.by.id != actor.id:
            raise CaseHeldError(f"{described(case)}, who alone can undo it")
        await queries.set_ended(conn, actor.organization_id, case.held.id, "UNDONE")
        await record(conn, actor, case, "DECISION_UNDONE", case.held.id)
        return show_case(await cases.get_summary(conn, actor.organization_id, case.id))

    return await run_once(services, actor, request_key, act)


@requires(CASES_DECIDE)
async def take_held(services: Services, actor: Actor, due: DueDecision) -> None:
    """Decides as the member who sent it. What was undone or taken meanwhile is left alone.

    Raises what `decide_case` raises, as things stand now: then nothing is written.
    """
    key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        case = await _lock_held(conn, actor, due)
        if case is None:
            return
        body = open_body(key, await queries.get_body(conn, actor.organization_id, due.id), due.id)
        free = msgspec.structs.replace(case, held=None)
        if "decide" not in acts_on(free):
            raise ActRefusedError(described(free))
        await check(conn, actor, free, body)
        await take(services, conn, actor, key, free, body)
        await queries.set_ended(conn, actor.organization_id, due.id, "TAKEN")
        failpoints.reach("decision.taken")


async def give_up(services: Services, actor: Actor, due: DueDecision, error: CarelaneError) -> None:
    """Writes down why it was not taken: the case can be decided on again, and its clinician sees this first."""
    async with services.db.transaction(actor) as conn:
        case = await _lock_held(conn, actor, due)
        if case is not None:
            text = error.detail or error.message
            await queries.set_ended(conn, actor.organization_id, due.id, "FAILED", error.code, text)
            await record(conn, actor, case, "DECISION_NOT_TAKEN", due.id, error.code)


async def _lock_held(conn: Connection, actor: Actor, due: DueDecision) -> CaseSummary | None:
    """The case, locked, if this decision still waits."""
    case = await cases.lock_case(conn, actor.organization_id, due.case_id)
    return case if case is not None and case.held is not None and case.held.id == due.id else None
