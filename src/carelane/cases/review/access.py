"""The one door to a case for whoever acts on it: found, locked, and in a state that allows the act."""

from uuid import UUID

from carelane.cases.errors import ActRefusedError, CaseNotFoundError
from carelane.cases.review import queries
from carelane.cases.review.queries import CaseSummary
from carelane.cases.review.states import Act, possible_acts
from carelane.cases.states import CaseStatus, may_follow
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.ids import parse_uuid


async def lock_case(conn: Connection, actor: Actor, ref: str, act: Act) -> CaseSummary:
    """The case, locked. Raises CaseNotFoundError, ActRefusedError."""
    case = await queries.lock_case(conn, actor.organization_id, _id_of(ref))
    if case is None:
        raise CaseNotFoundError
    if act not in acts_on(case):
        raise ActRefusedError(f"{described(case)}; possible now: {', '.join(acts_on(case))}")
    if actor.id is not None:
        await queries.update_lease(conn, actor.organization_id, case.id, actor.id)
    return case


async def get_case(conn: Connection, actor: Actor, ref: str) -> CaseSummary:
    """Raises CaseNotFoundError."""
    case = await queries.find_summary(conn, actor.organization_id, _id_of(ref))
    if case is None:
        raise CaseNotFoundError
    return case


async def get_explained(conn: Connection, actor: Actor, ref: str) -> CaseSummary:
    """The case with what it waits for. Raises CaseNotFoundError."""
    case = await queries.find_explained(conn, actor.organization_id, _id_of(ref))
    if case is None:
        raise CaseNotFoundError
    return case


def _id_of(ref: str) -> UUID:
    """Whatever is not an id names no case."""
    case_id = parse_uuid(ref)
    if case_id is None:
        raise CaseNotFoundError
    return case_id


def acts_on(case: CaseSummary) -> list[Act]:
    return possible_acts(
        case.status, is_archived=case.is_archived, is_escalated=case.is_escalated, is_held=case.held is not None
    )


def described(case: CaseSummary) -> str:
    """The state of the case, for an error."""
    if case.is_archived:
        return f"the case is archived ({case.archive_reason or 'no reason given'})"
    if case.held is not None:
        until = f"{case.held.due_at:%Y-%m-%d %H:%M:%S} UTC"
        return f"{case.held.by.name} has decided on the case, and can undo that until {until}"
    text = f"the case is {case.status}"
    if case.closed_by is not None:
        return f"{text}, closed by {case.closed_by.name}"
    if case.in_progress_by is not None:
        return f"{text}, in the hands of {case.in_progress_by.name}"
    return f"{text}, assigned to {case.assigned_to.name}" if case.assigned_to is not None else text


def check_move(case: CaseSummary, after: CaseStatus) -> None:
    """The table of acts allows nothing that the states forbid; should the two ever disagree, the states win."""
    if not may_follow(case.status, after):
        raise ActRefusedError(f"{described(case)}; {after} cannot follow")
