"""What staff do with a case, short of deciding on it. Each act is one transaction that begins with the lock of the case."""

from uuid import UUID

import msgspec

from carelane import events
from carelane.cases.access import CloseAct
from carelane.cases.errors import CaseHeldError
from carelane.cases.queries import ARCHIVE_NOTE
from carelane.cases.review import queries
from carelane.cases.review.access import check_move, described, lock_case
from carelane.cases.review.queries import CaseSummary
from carelane.cases.review.schemas import (
    WITHOUT_SALE,
    ArchiveCaseIn,
    AskIn,
    AssignIn,
    CaseSummaryOut,
    CommentedOut,
    CommentIn,
    EscalateIn,
)
from carelane.cases.review.views import show_case
from carelane.conversations.queries import COMMENT_TEXT, Comment, insert_comment
from carelane.event_names import EventType
from carelane.events import Event
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import FieldProblem, RuleBrokenError
from carelane.kit.ids import uuid7
from carelane.kit.phi import DataKey
from carelane.payments.decided import resume_payments, return_payments
from carelane.permissions import CASES_DECIDE, CASES_WORK, requires
from carelane.promo_codes.actions import release_codes, retake_codes
from carelane.services import Services
from carelane.staff.queries import find_member
from carelane.web.idempotency import RequestKey, run_once


@requires(CASES_WORK)
async def assign_case(services: Services, actor: Actor, ref: str, body: AssignIn) -> CaseSummary:
    """Gives the case to a clinician, in place of whoever `body` says has it.

    Raises CaseNotFoundError, ActRefusedError, CaseHeldError when somebody else has it, RuleBrokenError.
    """
    async with services.db.transaction(actor) as conn:
        case = await lock_case(conn, actor, ref, "assign")
        check_move(case, "ASSIGNED")
        _check_instead_of(case, body)
        await check_clinician(conn, actor.organization_id, body.staff_id)
        await assign(conn, actor, case, body.staff_id)
        return await queries.get_summary(conn, actor.organization_id, case.id)


async def assign(conn: Connection, actor: Actor, case: CaseSummary, staff_id: UUID) -> None:
    """Gives the case, which is locked and may be given, in the caller's transaction."""
    await queries.assign(conn, actor.organization_id, case.id, staff_id, actor.id)
    await events.record(conn, *_taken(actor, case), _given(actor, case, staff_id))


def _check_instead_of(case: CaseSummary, body: AssignIn) -> None:
    holder = case.assigned_to
    if holder is None and body.instead_of is not None:
        raise CaseHeldError("nobody has the case any more; leave insteadOf out to assign it")
    if holder is not None and holder.id != body.instead_of:
        raise CaseHeldError(f"the case is assigned to {holder.name}; name them in insteadOf to give it to another")
    if holder is not None and holder.id == body.staff_id:
        raise RuleBrokenError(problems=[FieldProblem("staffId", "expected somebody other than insteadOf")])


async def check_clinician(conn: Connection, organization_id: UUID, staff_id: UUID) -> None:
    """Raises RuleBrokenError for whoever cannot be given cases."""
    member = await find_member(conn, organization_id, staff_id)
    if member is None or member.role != "CASEWORKER" or member.is_deactivated:
        raise RuleBrokenError(problems=[FieldProblem("staffId", "expected an active CASEWORKER of this clinic")])


@requires(CASES_WORK)
async def unassign_case(services: Services, actor: Actor, ref: str) -> CaseSummary:
    """Takes the case back: it is OPEN again, and nobody's. Raises CaseNotFoundError, ActRefusedError."""
    async with services.db.transaction(actor) as conn:
        case = await lock_case(conn, actor, ref, "unassign")
        check_move(case, "OPEN")
        await unassign(conn, actor, case)
        return await queries.get_summary(conn, actor.organization_id, case.id)


async def unassign(conn: Connection, actor: Actor, case: CaseSummary) -> None:
    """Takes back the case, which is locked and somebody's, in the caller's transaction."""
    await queries.update_unassigned(conn, actor.organization_id, case.id)
    await events.record(conn, *_taken(actor, case, value_before=case.status, value_after="OPEN"))


@requires(CASES_WORK, CASES_DECIDE)
async def start_case(services: Services, actor: Actor, ref: str) -> CaseSummary:
    """The clinician starts the case; one that nobody has is assigned to them on the way.

    Raises CaseNotFoundError, ActRefusedError, CaseHeldError.
    """
    async with services.db.transaction(actor) as conn:
        case = await lock_case(conn, actor, ref, "start")
        if case.assigned_to is not None and case.assigned_to.id != actor.id:
            raise CaseHeldError(f"{described(case)}, who alone can start it; assign it to yourself first")
        given = [] if case.assigned_to else [await _give_to_self(conn, actor, case)]
        case = msgspec.structs.replace(case, status="ASSIGNED") if given else case
        check_move(case, "IN_PROGRESS")
        await queries.update_started(conn, actor.organization_id, case.id, actor.id)
        await events.record(conn, *given, _moved(actor, case, "IN_PROGRESS"))
        return await queries.get_summary(conn, actor.organization_id, case.id)


async def _give_to_self(conn: Connection, actor: Actor, case: CaseSummary) -> Event:
    check_move(case, "ASSIGNED")
    assert actor.id is not None
    await queries.assign(conn, actor.organization_id, case.id, actor.id, actor.id)
    return _given(actor, case, actor.id)


@requires(CASES_WORK)
async def comment_on_case(
    services: Services, actor: Actor, ref: str, body: CommentIn, request_key: RequestKey | None = None
) -> CommentedOut:
    """Writes a comment or a note. Raises CaseNotFoundError, ActRefusedError, and what `run_once` raises."""
    key = await services.keyring.data_key(actor.organization_id)

    async def act(conn: Connection) -> CommentedOut:
        case = await lock_case(conn, actor, ref, "comment")
        event = await _write(conn, actor, case, key, body)
        await events.record(conn, event)
        assert event.target_id is not None
        return CommentedOut(event.target_id)

    return await run_once(services, actor, request_key, act)


@requires(CASES_WORK)
async def ask_patient(
    services: Services, actor: Actor, ref: str, body: AskIn, request_key: RequestKey | None = None
) -> CaseSummaryOut:
    """Asks the patient for more, in a comment; from then on the case waits for an answer.

    Raises CaseNotFoundError, ActRefusedError, and what `run_once` raises.
    """
    key = await services.keyring.data_key(actor.organization_id)

    async def act(conn: Connection) -> CaseSummaryOut:
        case = await lock_case(conn, actor, ref, "ask")
        await ask(conn, actor, case, key, body.text)
        return show_case(await queries.get_summary(conn, actor.organization_id, case.id))

    return await run_once(services, actor, request_key, act)


async def ask(conn: Connection, actor: Actor, case: CaseSummary, key: DataKey, text: str) -> None:
    """Asks the patient of the case, which is locked and undecided, in the caller's transaction."""
    event = await _write(conn, actor, case, key, CommentIn(text=text, is_restricted=False))
    await queries.update_asked(conn, actor.organization_id, case.id)
    await events.record(conn, event)


@requires(CASES_WORK)
async def archive_case(
    services: Services, actor: Actor, ref: str, body: ArchiveCaseIn, on_closed: CloseAct | None = None
) -> CaseSummary:
    """Closes the case for everything but reopening; where nothing is sold, `on_closed` is done in the same transaction.

    Raises CaseNotFoundError, ActRefusedError.
    """
    key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        case = await lock_case(conn, actor, ref, "archive")
        note = None if body.note is None else key.seal(body.note.encode(), ARCHIVE_NOTE, case.id)
        await queries.update_archived(conn, actor.organization_id, case.id, actor.id, body.reason, note)
        if body.reason in WITHOUT_SALE:
            await release_codes(conn, actor.organization_id, case.id)
        await events.record(conn, _event(actor, case, "ARCHIVE_CASE", value_after=body.reason))
        if on_closed is not None and body.reason in WITHOUT_SALE:
            await on_closed(conn, actor, case.id)
        # What is approved and owed stays owed when the case is merely filed.
        if case.status != "APPROVED" or body.reason in WITHOUT_SALE:
            is_sold = case.status == "APPROVED"
            await return_payments(services, conn, actor, case.id, is_paid_kept=is_sold)
        return await queries.get_summary(conn, actor.organization_id, case.id)


@requires(CASES_WORK)
async def reopen_case(services: Services, actor: Actor, ref: str) -> CaseSummary:
    """Undoes archiving: the case stands where it stood. Raises CaseNotFoundError, ActRefusedError."""
    key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        case = await lock_case(conn, actor, ref, "reopen")
        await queries.update_reopened(conn, actor.organization_id, case.id)
        await retake_codes(conn, actor.organization_id, case.id)
        await events.record(conn, _event(actor, case, "REOPEN_CASE", value_before=case.archive_reason))
        await resume_payments(services, conn, actor, key, case.id, case.status)
        return await queries.get_summary(conn, actor.organization_id, case.id)


@requires(CASES_WORK)
async def escalate_case(services: Services, actor: Actor, ref: str, body: EscalateIn) -> CaseSummary:
    """Marks the case for a second look, with a note if there is a text. Raises CaseNotFoundError, ActRefusedError."""
    key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        case = await lock_case(conn, actor, ref, "escalate")
        await set_escalated(conn, actor, case, is_escalated=True)
        if body.text is not None:
            note = CommentIn(text=body.text, is_restricted=True)
            await events.record(conn, await _write(conn, actor, case, key, note))
        return await queries.get_summary(conn, actor.organization_id, case.id)


@requires(CASES_WORK)
async def deescalate_case(services: Services, actor: Actor, ref: str) -> CaseSummary:
    """Removes that mark. Raises CaseNotFoundError, ActRefusedError."""
    async with services.db.transaction(actor) as conn:
        case = await lock_case(conn, actor, ref, "deescalate")
        await set_escalated(conn, actor, case, is_escalated=False)
        return await queries.get_summary(conn, actor.organization_id, case.id)


async def set_escalated(conn: Connection, actor: Actor, case: CaseSummary, *, is_escalated: bool) -> None:
    """Sets or removes the mark of the case, which is locked, in the caller's transaction."""
    await queries.set_escalated(conn, actor.organization_id, case.id, is_escalated=is_escalated)
    await events.record(conn, _event(actor, case, "ESCALATE_CASE" if is_escalated else "DEESCALATE_CASE"))


async def _write(conn: Connection, actor: Actor, case: CaseSummary, key: DataKey, body: CommentIn) -> Event:
    """Writes the comment, sealed, and returns its event, which is still to be recorded."""
    comment_id = uuid7()
    row = Comment(
        organization_id=actor.organization_id,
        id=comment_id,
        case_id=case.id,
        text_sealed=key.seal(body.text.encode(), COMMENT_TEXT, comment_id),
        is_restricted=body.is_restricted,
        author_staff_id=actor.id,
    )
    await insert_comment(conn, row)
    event = _event(actor, case, "ADD_CASE_COMMENT", target_id=comment_id)
    return msgspec.structs.replace(event, is_restricted=body.is_restricted)


def _event(
    actor: Actor,
    case: CaseSummary,
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


def _given(actor: Actor, case: CaseSummary, staff_id: UUID) -> Event:
    return _event(
        actor, case, "ADD_CASE_ASSIGNEE", target_id=staff_id, value_before=case.status, value_after="ASSIGNED"
    )


def _taken(actor: Actor, case: CaseSummary, **values: str) -> list[Event]:
    """The event for whoever loses the case, if anybody does; `values` are those of a change of state."""
    if case.assigned_to is None:
        return []
    return [_event(actor, case, "REMOVE_CASE_ASSIGNEE", target_id=case.assigned_to.id, **values)]


def _moved(actor: Actor, case: CaseSummary, after: str) -> Event:
    return _event(actor, case, "CHANGE_CASE_STATUS", value_before=case.status, value_after=after)
