"""Deciding on the products of a case."""

from collections.abc import Iterator
from uuid import UUID

import msgspec

from carelane import events
from carelane.cases.errors import AlreadyDecidedError, CaseChangedError, CaseHeldError
from carelane.cases.queries import (
    DECISION_TEXT,
    MEDICATION,
    Decision,
    DecisionMedication,
    DecisionRows,
    RequestMove,
    insert_decisions,
)
from carelane.cases.review import queries
from carelane.cases.review.access import check_move, described, lock_case
from carelane.cases.review.grace.access import hold
from carelane.cases.review.queries import CaseSummary
from carelane.cases.review.schemas import DecidedOut, DecideIn, DecisionIn, Outcome, broken_rules
from carelane.cases.review.views import show_case
from carelane.cases.states import RequestStatus, status_after
from carelane.events import Event
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.db import Connection, Sealed
from carelane.kit.errors import FieldProblem, refuse
from carelane.kit.ids import uuid7
from carelane.kit.phi import DataKey
from carelane.kit.us_addresses import is_state
from carelane.kit.us_zones import earliest_day_in
from carelane.payments.decided import return_payments, take_payments
from carelane.permissions import CASES_DECIDE, requires
from carelane.services import Services
from carelane.staff.queries import Member, find_license, find_member
from carelane.web.idempotency import RequestKey, run_once

_MOVES: dict[Outcome, RequestStatus] = {"APPROVED": "APPROVED", "REJECTED": "REJECTED", "NO_DECISION": "PENDING"}


@requires(CASES_DECIDE)
async def decide_case(
    services: Services, actor: Actor, ref: str, body: DecideIn, request_key: RequestKey | None
) -> DecidedOut:
    """Takes all decisions or none, and moves the case on if every product of it has an outcome now. With a grace they are held:
    what is wrong with them is said at once, and they are taken when it is over.

    Raises CaseNotFoundError, ActRefusedError, CaseHeldError, CaseChangedError, RuleBrokenError with every broken rule,
    AlreadyDecidedError, and what `run_once` raises.
    """
    key = await services.keyring.data_key(actor.organization_id)

    async def act(conn: Connection) -> DecidedOut:
        case = await lock_case(conn, actor, ref, "decide")
        if body.version is not None and body.version != case.version:
            raise CaseChangedError(
                f"version: the case is at {case.version} now; look at what was added, and decide anew"
            )
        await check(conn, actor, case, body)
        if body.grace_seconds:
            await hold(conn, actor, key, case, body)
            taken = []
        else:
            taken = await take(services, conn, actor, key, case, body)
        after = await queries.get_summary(conn, actor.organization_id, case.id)
        return DecidedOut(decision_ids=taken, case=show_case(after))

    return await run_once(services, actor, request_key, act)


async def check(conn: Connection, actor: Actor, case: CaseSummary, body: DecideIn) -> None:
    """Whether the actor may decide so on the locked case: when it is sent, and again when it is taken."""
    if case.in_progress_by is None or case.in_progress_by.id != actor.id:
        raise CaseHeldError(f"{described(case)}, who alone can decide on it")
    member = await find_member(conn, actor.organization_id, case.in_progress_by.id)
    assert member is not None
    refuse([*broken_rules(body), *_unknown_products(case, body), *_unfit_to_approve(case, body, member)])
    _refuse_decided(case, body)


async def take(
    services: Services, conn: Connection, actor: Actor, key: DataKey, case: CaseSummary, body: DecideIn
) -> list[UUID]:
    """Writes what was checked, and what follows from it. Returns the decisions' ids."""
    assert actor.id is not None
    rows = _rows(actor.organization_id, case, actor.id, key, body)
    await insert_decisions(conn, rows)
    decided = [_decided(actor, case, decision.id) for decision in rows.decisions]
    moved = await _move_case(conn, actor, case, body)
    await events.record(conn, *decided, *moved)
    await _settle_payments(services, conn, actor, key, case, rows, moved)
    return [decision.id for decision in rows.decisions]


async def _settle_payments(
    services: Services,
    conn: Connection,
    actor: Actor,
    key: DataKey,
    case: CaseSummary,
    rows: DecisionRows,
    moved: list[Event],
) -> None:
    """What the case's end means for its money: no capture without approval, nothing held or kept without it."""
    outcome = next((event.value_after for event in moved), None)
    if outcome == "APPROVED":
        approval = next((decision.id for decision in rows.decisions if decision.is_approved), None)
        await take_payments(services, conn, actor, key, case.id, approval)
    elif outcome == "REJECTED":
        await return_payments(services, conn, actor, case.id)


def _unknown_products(case: CaseSummary, body: DecideIn) -> Iterator[FieldProblem]:
    known = {request.product_id for request in case.requests}
    for index, decision in enumerate(body.decisions):
        if decision.product_id not in known:
            names = ", ".join(sorted(map(str, known)))
            yield FieldProblem(f"decisions[{index}].productId", f"expected a product of this case: {names}")


def _unfit_to_approve(case: CaseSummary, body: DecideIn, member: Member) -> Iterator[FieldProblem]:
    """What the prescriber lacks, reported at the first approval."""
    index = next((i for i, decision in enumerate(body.decisions) if decision.outcome == "APPROVED"), None)
    if index is None:
        return
    place, state = f"decisions[{index}].outcome", (case.patient_state or "").strip().upper()
    if not member.npi:
        yield FieldProblem(place, "APPROVED expects a prescriber with an NPI; none is on record for you")
    if not is_state(state):
        yield FieldProblem(place, "APPROVED expects a patient whose address names a US state, such as CA")
    elif find_license(member, state, earliest_day_in(state, clock.now())) is None:
        held = ", ".join(f"{one.state} until {one.expires_on}" for one in member.licenses) or "none"
        yield FieldProblem(place, f"APPROVED expects your licence in {state}, valid today; on record: {held}")


def _refuse_decided(case: CaseSummary, body: DecideIn) -> None:
    pending = {request.product_id for request in case.requests if request.status == "PENDING"}
    decided = {request.product_id: request.status for request in case.requests}
    for index, decision in enumerate(body.decisions):
        if decision.product_id not in pending:
            status = decided[decision.product_id]
            raise AlreadyDecidedError(f"decisions[{index}].productId: its request is {status}; expected a PENDING one")


def _rows(organization_id: UUID, case: CaseSummary, member_id: UUID, key: DataKey, body: DecideIn) -> DecisionRows:
    decisions = [_decision(organization_id, case, member_id, key, decided) for decided in body.decisions]
    moves: dict[UUID, RequestStatus] = {decided.product_id: _MOVES[decided.outcome] for decided in body.decisions}
    return DecisionRows(
        decisions=decisions,
        medications=[
            medication
            for decision, decided in zip(decisions, body.decisions, strict=True)
            for medication in _medications(organization_id, decision.id, key, decided)
        ],
        requests=[
            RequestMove(organization_id=organization_id, id=request.id, status=moves[request.product_id])
            for request in case.requests
            if request.status == "PENDING" and moves.get(request.product_id, "PENDING") != "PENDING"
        ],
    )


def _decision(organization_id: UUID, case: CaseSummary, member_id: UUID, key: DataKey, decided: DecisionIn) -> Decision:
    decision_id, text = uuid7(), decided.decision_text
    asked = next(request for request in case.requests if request.product_id == decided.product_id)
    return Decision(
        organization_id=organization_id,
        id=decision_id,
        case_id=case.id,
        product_id=decided.product_id,
        added_by_id=member_id,
        is_approved=decided.outcome == "APPROVED",
        is_no_decision=decided.outcome == "NO_DECISION",
        start_date=decided.start_date,
        end_date=decided.end_date,
        decision_text_sealed=None if text is None else Sealed(key.seal(text.encode(), DECISION_TEXT, decision_id)),
        category=decided.category,
        visit_type=decided.visit_type or asked.visit_type,
    )


def _medications(
    organization_id: UUID, decision_id: UUID, key: DataKey, decided: DecisionIn
) -> Iterator[DecisionMedication]:
    for position, medication in enumerate(decided.med_info):
        medication_id = uuid7()
        yield DecisionMedication(
            organization_id=organization_id,
            id=medication_id,
            decision_id=decision_id,
            position=position,
            sealed=Sealed(key.seal(msgspec.json.encode(medication), MEDICATION, medication_id)),
        )


def _decided(actor: Actor, case: CaseSummary, decision_id: UUID) -> Event:
    return events.new_event(actor, "ADD_CASE_DECISION", case.id, target_id=decision_id, is_test=case.is_test)


async def _move_case(conn: Connection, actor: Actor, case: CaseSummary, body: DecideIn) -> list[Event]:
    """Closes the case if every product has an outcome; the event of it, or none."""
    outcomes: dict[UUID, Outcome] = {decided.product_id: decided.outcome for decided in body.decisions}
    after = status_after(
        (_MOVES[outcomes[request.product_id]], True)
        if request.status == "PENDING" and request.product_id in outcomes
        else (request.status, request.is_left)
        for request in case.requests
    )
    if after == "IN_PROGRESS":
        return []
    check_move(case, after)
    await queries.update_closed(conn, actor.organization_id, case.id, after, actor.id)
    return [
        events.new_event(
            actor,
            "CHANGE_CASE_STATUS",
            case.id,
            is_test=case.is_test,
            value_before=case.status,
            value_after=after,
        )
    ]
