"""Why a case is where it is, from its summary alone. No I/O."""

from datetime import datetime, timedelta
from typing import Literal

import msgspec

from carelane.cases.review.access import acts_on
from carelane.cases.review.queries import CaseSummary, HeldDecision
from carelane.cases.review.states import Act
from carelane.cases.states import CaseStatus
from carelane.payments.gate.why import payment_waits_for
from carelane.payments.states import HURRY_BEFORE

# Once its event is dispatched, a new case is assigned within seconds; after this long, nobody is going to.
ASSIGNING = timedelta(minutes=1)

Reason = Literal[
    "ARCHIVED", "PATIENT_ASKED", "WORKER_ASSIGNS", "ASSIGNMENT_OFF", "ROTA_EMPTY", "NOBODY_HAS_IT", "NOT_STARTED",
    "NOT_DECIDED", "DECISION_HELD", "HOLDER_GONE", "LEFT_UNDECIDED", "NOT_ORDERED", "NOT_PAID", "AT_THE_PHARMACY", "CART_LEFT", "DONE",
]  # fmt: skip

_UNDECIDED = frozenset({"OPEN", "ASSIGNED", "IN_PROGRESS", "NO_DECISION"})
_STAFF = "any CASEMANAGER, ADMIN or CASEWORKER"
_CLINICIAN = "any CASEWORKER, by starting it"


class CaseWhyOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`nextAt` is set where something happens by itself. `isFinal`: nothing is waited for, and nothing will happen."""

    status: CaseStatus
    code: Reason
    is_final: bool = False
    waits_for: str
    since: datetime
    last_failure: str | None = None
    next: str
    next_at: datetime | None = None
    # When the money that is held for it must have been taken.
    hold_ends_at: datetime | None = None
    who_can_move_it: list[str]
    possible_acts: list[Act]


class _Wait(msgspec.Struct, frozen=True):
    code: Reason
    waits_for: str
    who: list[str]
    next: str
    since: datetime | None = None
    last_failure: str | None = None
    next_at: datetime | None = None


def explain(case: CaseSummary, now: datetime) -> CaseWhyOut:
    """The one thing the case waits for most."""
    wait = _wait(case, now) if case.held is None or case.is_archived else _held(case.held)
    return CaseWhyOut(
        status=case.status,
        code=wait.code,
        is_final=wait.code == "DONE",
        waits_for=wait.waits_for + _urgency(case, now),
        since=wait.since or case.waits_since,
        last_failure=wait.last_failure,
        next=wait.next,
        next_at=wait.next_at,
        hold_ends_at=case.hold_ends_at,
        who_can_move_it=wait.who,
        possible_acts=acts_on(case),
    )


def _wait(case: CaseSummary, now: datetime) -> _Wait:
    if case.is_archived:
        reason = f"nothing: it was archived ({case.archive_reason or 'no reason given'})"
        return _Wait("ARCHIVED", reason, [_STAFF], "it stays closed until it is reopened", case.archived_at)
    if case.asked_patient_at is not None:
        return _asked(case, case.asked_patient_at)
    if case.status == "OPEN":
        return _unassigned(case, now)
    if case.status in {"ASSIGNED", "IN_PROGRESS", "NO_DECISION"}:
        return _with_a_clinician(case)
    if case.status == "ABANDONED":
        waits_for = "the patient, who left the cart before the end"
        return _Wait("CART_LEFT", waits_for, ["the storefront, with a new case"], "nothing by itself")
    return _decided(case)


def _urgency(case: CaseSummary, now: datetime) -> str:
    """It comes first in the queue then."""
    if (
        case.status not in _UNDECIDED
        or case.is_archived
        or case.hold_ends_at is None
        or case.hold_ends_at - now > HURRY_BEFORE
    ):
        return ""
    return f"; urgent: the money held for it can be taken until {case.hold_ends_at:%Y-%m-%d %H:%M} UTC only"


def _held(held: HeldDecision) -> _Wait:
    text = f"the time in which {held.by.name} can undo the decision"
    who = [f"{held.by.name}, by undoing it", "the worker"]
    return _Wait("DECISION_HELD", text, who, "the decision is taken", held.created_at, next_at=held.due_at)


def _asked(case: CaseSummary, since: datetime) -> _Wait:
    held = case.in_progress_by or case.assigned_to
    who = ["the patient, by answering", f"{held.name}, by deciding" if held else _CLINICIAN]
    return _Wait("PATIENT_ASKED", "the patient's answer to a question", who, "the clinician goes on with it", since)


def _unassigned(case: CaseSummary, now: datetime) -> _Wait:
    who = [f"{_STAFF}, by assigning it", _CLINICIAN]
    if case.policy == "none":
        text = "somebody to take it: this clinic assigns no case by itself"
        return _Wait("ASSIGNMENT_OFF", text, who, "nothing by itself")
    if case.dispatched_at is None or now - case.dispatched_at < ASSIGNING:
        due = case.dispatched_at or now
        return _Wait(
            "WORKER_ASSIGNS", "the worker, which assigns it", ["the worker", *who], "it is assigned", next_at=due
        )
    if case.rota_size == 0:
        text, follows = "somebody to take it: the rota is empty", "it is assigned once somebody is in the rota"
        return _Wait("ROTA_EMPTY", text, who, follows, last_failure="nobody was in the rota")
    # It was taken from somebody a moment ago, somebody came into the rota a moment ago, or no worker runs.
    text = "somebody to take it: the worker assigns it within seconds, if one runs"
    return _Wait("NOBODY_HAS_IT", text, ["the worker", *who], "it is assigned", next_at=now)


def _with_a_clinician(case: CaseSummary) -> _Wait:
    others = f"{_STAFF}, by assigning it to somebody else"
    held = case.in_progress_by or case.assigned_to
    name = held.name if held is not None else "a clinician"
    if held is not None and not held.is_active:
        text = f"somebody else to take it: it is with {name}, whose account was closed"
        return _Wait("HOLDER_GONE", text, [others], "nothing by itself")
    if case.status == "ASSIGNED":
        return _Wait("NOT_STARTED", f"{name} to start", [f"{name}, by starting it", others], "it is reviewed")
    if case.status == "IN_PROGRESS":
        open_requests = [
            request.name for request in case.requests if request.status == "PENDING" and not request.is_left
        ]
        text = f"{name} to decide on {', '.join(open_requests) or 'it'}"
        return _Wait("NOT_DECIDED", text, [f"{name}, by deciding", others], "the decision is told to the storefront")
    text = "another look: it was left without a decision"
    return _Wait("LEFT_UNDECIDED", text, [f"{name}, by starting it again", others], "nothing by itself")


def _decided(case: CaseSummary) -> _Wait:
    states = {request.status for request in case.requests}
    if "APPROVED" in states:
        names = ", ".join(request.name for request in case.requests if request.status == "APPROVED")
        who = ["the storefront, with PLACE_ORDER on POST /api/v1/cases/{id}"]
        follows = "the order goes to the pharmacy"
        if case.payment_wait is not None:
            follows = f"the order waits for {payment_waits_for(case.payment_wait)}"
        return _Wait("NOT_ORDERED", f"an order for what was approved: {names}", who, follows)
    if case.payment_wait is not None and any(request.is_here for request in case.requests):
        text, follows = (
            payment_waits_for(case.payment_wait),
            "the order goes to the pharmacy as soon as the case is paid",
        )
        return _Wait("NOT_PAID", text, [f"see /api/staff/payments/{case.payment_wait.id}/why"], follows)
    if states & {"ORDERED", "SHIPPED"}:
        orders = sorted({f"/api/staff/orders/{request.order_id}/why" for request in case.requests if request.order_id})
        text = "the pharmacy" + (f"; see {', '.join(orders)}" if orders else "")
        return _Wait("AT_THE_PHARMACY", text, ["the pharmacy", "staff, on the order"], "it is shipped and delivered")
    return _Wait("DONE", "nothing", [], "nothing")
