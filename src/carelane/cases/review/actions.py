"""What staff do with a case, short of deciding on it. Each act is one transaction that begins with the lock of the case."""

from uuid import UUID

import msgspec

from carelane import events
from carelane.cases.queries import ARCHIVE_NOTE
from carelane.cases.review import queries
from carelane.cases.review.access import check_move, described, get_standing, lock_for
from carelane.cases.review.errors import CaseHeldError
from carelane.cases.review.queries import Standing
from carelane.cases.review.schemas import ArchiveCaseIn, AssignIn, CommentIn
from carelane.conversations.queries import COMMENT_TEXT, Comment, insert_comment
from carelane.events import Event, EventType
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import FieldProblem, RuleBrokenError
from carelane.kit.ids import uuid7
from carelane.kit.phi import DataKey
from carelane.permissions import CASES_DECIDE
from carelane.services import Services
from carelane.staff.queries import find_member


async def assign(services: Services, actor: Actor, case_id: UUID, wanted: AssignIn) -> Standing:
    """Gives the case to a clinician, in place of whoever `wanted` says has it.

    Raises CaseNotFoundError, ActRefusedError, CaseHeldError when somebody else has it, RuleBrokenError.
    """
    async with services.db.transaction(actor) as conn:
        case = await lock_for(conn, actor, case_id, "assign")
        check_move(case, "ASSIGNED")
        _check_instead_of(case, wanted)
        await _check_clinician(conn, actor.organization_id, wanted.staff_id)
        await queries.assign(conn, actor.organization_id, case_id, wanted.staff_id, actor.id)
        await events.record(conn, *_taken(actor, case), _given(actor, case, wanted.staff_id))
        return await get_standing(conn, actor, case_id)


def _check_instead_of(case: Standing, wanted: AssignIn) -> None:
    holder = case.assigned_to
    if holder is None and wanted.instead_of is not None:
        raise CaseHeldError("nobody has the case any more; leave insteadOf out to assign it")
    if holder is not None and holder.id != wanted.instead_of:
        raise CaseHeldError(f"the case is assigned to {holder.name}; name them in insteadOf to give it to another")
    if holder is not None and holder.id == wanted.staff_id:
        raise RuleBrokenError(problems=[FieldProblem("staffId", "expected somebody other than insteadOf")])


async def _check_clinician(conn: Connection, organization_id: UUID, staff_id: UUID) -> None:
    member = await find_member(conn, organization_id, staff_id)
    if member is None or member.role != "CASEWORKER" or member.is_deactivated:
        raise RuleBrokenError(problems=[FieldProblem("staffId", "expected an active CASEWORKER of this clinic")])


async def unassign(services: Services, actor: Actor, case_id: UUID) -> Standing:
    """Takes the case from everybody: it is OPEN again. Raises CaseNotFoundError, ActRefusedError."""
    async with services.db.transaction(actor) as conn:
        case = await lock_for(conn, actor, case_id, "unassign")
        check_move(case, "OPEN")
        await queries.update_unassigned(conn, actor.organization_id, case_id)
        await events.record(conn, *_taken(actor, case, value_before=case.status, value_after="OPEN"))
        return await get_standing(conn, actor, case_id)


async def start(services: Services, actor: Actor, case_id: UUID) -> Standing:
    """The clinician takes the case in hand; a case that nobody has is assigned to them on the way.

    Raises ScopeMissingError unless the actor may decide, CaseNotFoundError, ActRefusedError, CaseHeldError.
    """
    actor.require(CASES_DECIDE)
    async with services.db.transaction(actor) as conn:
        case = await lock_for(conn, actor, case_id, "start")
        if case.assigned_to is not None and case.assigned_to.id != actor.id:
            raise CaseHeldError(f"{described(case)}, who alone can start it; assign it to yourself first")
        given = [] if case.assigned_to else [await _give_to_self(conn, actor, case)]
        case = msgspec.structs.replace(case, status="ASSIGNED") if given else case
        check_move(case, "IN_PROGRESS")
        await queries.update_started(conn, actor.organization_id, case_id, actor.id)
        await events.record(conn, *given, _moved(actor, case, "IN_PROGRESS"))
        return await get_standing(conn, actor, case_id)


async def _give_to_self(conn: Connection, actor: Actor, case: Standing) -> Event:
    check_move(case, "ASSIGNED")
    assert actor.id is not None
    await queries.assign(conn, actor.organization_id, case.id, actor.id, actor.id)
    return _given(actor, case, actor.id)


async def comment(services: Services, actor: Actor, case_id: UUID, said: CommentIn) -> UUID:
    """Writes a comment or a note and returns its id. Raises CaseNotFoundError, ActRefusedError."""
    key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        case = await lock_for(conn, actor, case_id, "comment")
        event = await _write(conn, actor, case, key, said)
        await events.record(conn, event)
    assert event.target_id is not None
    return event.target_id


async def ask(services: Services, actor: Actor, case_id: UUID, text: str) -> Standing:
    """Asks the patient for more, in a comment; since then the case waits for an answer.

    Raises CaseNotFoundError, ActRefusedError.
    """
    key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        case = await lock_for(conn, actor, case_id, "ask")
        event = await _write(conn, actor, case, key, CommentIn(text=text, is_restricted=False))
        await queries.update_asked(conn, actor.organization_id, case_id)
        await events.record(conn, event)
        return await get_standing(conn, actor, case_id)


async def archive(services: Services, actor: Actor, case_id: UUID, why: ArchiveCaseIn) -> Standing:
    """Closes the case for everything but reopening. Raises CaseNotFoundError, ActRefusedError."""
    key = await services.keyring.data_key(actor.organization_id)
    note = key.seal(why.note.encode(), ARCHIVE_NOTE, case_id) if why.note is not None else None
    async with services.db.transaction(actor) as conn:
        case = await lock_for(conn, actor, case_id, "archive")
        await queries.update_archived(conn, actor.organization_id, case_id, actor.id, why.reason, note)
        await events.record(conn, _event(actor, case, "ARCHIVE_CASE", value_after=why.reason))
        return await get_standing(conn, actor, case_id)


async def reopen(services: Services, actor: Actor, case_id: UUID) -> Standing:
    """Undoes archiving: the case stands where it stood. Raises CaseNotFoundError, ActRefusedError."""
    async with services.db.transaction(actor) as conn:
        case = await lock_for(conn, actor, case_id, "reopen")
        await queries.update_reopened(conn, actor.organization_id, case_id)
        await events.record(conn, _event(actor, case, "REOPEN_CASE", value_before=case.archive_reason))
        return await get_standing(conn, actor, case_id)


async def escalate(services: Services, actor: Actor, case_id: UUID, text: str | None) -> Standing:
    """Marks the case for a second look, with a note if there is a text. Raises CaseNotFoundError, ActRefusedError."""
    key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        case = await lock_for(conn, actor, case_id, "escalate")
        await queries.set_escalated(conn, actor.organization_id, case_id, is_escalated=True)
        acts = [_event(actor, case, "ESCALATE_CASE")]
        if text is not None:
            acts.append(await _write(conn, actor, case, key, CommentIn(text=text, is_restricted=True)))
        await events.record(conn, *acts)
        return await get_standing(conn, actor, case_id)


async def deescalate(services: Services, actor: Actor, case_id: UUID) -> Standing:
    """Takes that mark away. Raises CaseNotFoundError, ActRefusedError."""
    async with services.db.transaction(actor) as conn:
        case = await lock_for(conn, actor, case_id, "deescalate")
        await queries.set_escalated(conn, actor.organization_id, case_id, is_escalated=False)
        await events.record(conn, _event(actor, case, "DEESCALATE_CASE"))
        return await get_standing(conn, actor, case_id)


async def _write(conn: Connection, actor: Actor, case: Standing, key: DataKey, said: CommentIn) -> Event:
    """Writes the comment, sealed, and returns its event, which is still to be recorded."""
    comment_id = uuid7()
    row = Comment(
        organization_id=actor.organization_id,
        id=comment_id,
        case_id=case.id,
        text_sealed=key.seal(said.text.encode(), COMMENT_TEXT, comment_id),
        is_restricted=said.is_restricted,
        author_staff_id=actor.id,
    )
    await insert_comment(conn, row)
    event = _event(actor, case, "ADD_CASE_COMMENT", target_id=comment_id)
    return msgspec.structs.replace(event, is_restricted=said.is_restricted)


def _event(
    actor: Actor,
    case: Standing,
    type: EventType,  # noqa: A002 - as in events.new_event
    *,
    target_id: UUID | None = None,
    value_before: str | None = None,
    value_after: str | None = None,
) -> Event:
    return events.new_event(
        actor,
        type,
        case.id,
        target_id=target_id,
        is_test=case.is_test,
        value_before=value_before,
        value_after=value_after,
    )


def _given(actor: Actor, case: Standing, staff_id: UUID) -> Event:
    return _event(
        actor, case, "ADD_CASE_ASSIGNEE", target_id=staff_id, value_before=case.status, value_after="ASSIGNED"
    )


def _taken(actor: Actor, case: Standing, **values: str) -> list[Event]:
    """The event of whoever loses the case, if anybody does; the values tell of a move of its own."""
    if case.assigned_to is None:
        return []
    return [_event(actor, case, "REMOVE_CASE_ASSIGNEE", target_id=case.assigned_to.id, **values)]


def _moved(actor: Actor, case: Standing, after: str) -> Event:
    return _event(actor, case, "CHANGE_CASE_STATUS", value_before=case.status, value_after=after)
