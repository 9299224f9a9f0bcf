"""What staff send about a case, and the answers."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from carelane.cases.review.states import Act
from carelane.cases.schemas import MAX_PRODUCTS, MedicationIn
from carelane.cases.states import CaseStatus, RequestStatus
from carelane.kit import clock
from carelane.kit.errors import FieldProblem
from carelane.kit.phi import Phi
from carelane.kit.us_zones import earliest_day_in
from carelane.staff.schemas import BasicUserOut

MAX_TEXT_CHARACTERS = 10_000
MAX_MEDICATIONS = 50
MAX_REFILLS = 99
MAX_GRACE_SECONDS = 300
_MAX_CATEGORY_CHARACTERS = 200

# The dialect's own words for why a case is closed.
ArchiveReason = Literal["COMPLETE", "INELIGIBLE", "APPROVED", "DENIED", "RESOLVED"]
# Nothing is sold to the patient, so the promo codes of the case can be used by others.
WITHOUT_SALE: frozenset[ArchiveReason] = frozenset({"INELIGIBLE", "DENIED"})
# At least one character that is not white space.
Text = Annotated[str, Meta(min_length=1, max_length=MAX_TEXT_CHARACTERS, pattern=r"\S")]


class AssignIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`insteadOf` names who has the case in the caller's eyes, and is left out when nobody has it.

    So nobody takes away, unknowingly, what somebody else was given a moment ago.
    """

    staff_id: UUID
    instead_of: UUID | None = None


class CommentIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A restricted comment is a note: staff alone see it."""

    text: Text
    is_restricted: bool


class AskIn(Phi, msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A question to the patient."""

    text: Text


class ArchiveCaseIn(Phi, msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    reason: ArchiveReason
    note: Text | None = None


class EscalateIn(Phi, msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`text` becomes a note."""

    text: Text | None = None


class RequestSummaryOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    product_id: UUID
    name: str
    status: RequestStatus


class CommentedOut(msgspec.Struct, rename="camel", frozen=True):
    comment_id: UUID


class HeldOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A decision that its clinician can undo until `dueAt`; then it is taken."""

    id: UUID
    by: BasicUserOut
    due_at: datetime


class CaseSummaryOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """How a case stands, and what may be done with it next."""

    id: UUID
    short_id: str
    status: CaseStatus
    is_archived: bool
    is_escalated: bool
    waits_since: datetime
    asked_patient_at: datetime | None
    assigned_to: BasicUserOut | None
    in_progress_by: BasicUserOut | None
    requests: list[RequestSummaryOut]
    # Another one as soon as something happened that whoever decides must see.
    version: int
    held_decision: HeldOut | None
    possible_acts: list[Act]


# ---- decisions

Outcome = Literal["APPROVED", "REJECTED", "NO_DECISION"]
DecisionVisitType = Literal["NO_SHOW", "ASYNC_TEXT_EMAIL", "SYNC_IN_PERSON", "SYNC_VIDEO", "SYNC_PHONE", "ORDER_FORM"]


class DecisionIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`medInfo`, `startDate` and `endDate` are required to approve. Without a visit type, that of the request is kept."""

    product_id: UUID
    outcome: Outcome
    visit_type: DecisionVisitType | None = None
    start_date: date | None = None
    end_date: date | None = None
    decision_text: Text | None = None
    category: Annotated[str, Meta(max_length=_MAX_CATEGORY_CHARACTERS)] | None = None
    med_info: Annotated[list[MedicationIn], Meta(max_length=MAX_MEDICATIONS)] = []


class DecideIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`version` is the case's as it was seen: if anything was added since, the answer is 409. With `graceSeconds` nothing happens
    before they are over, and until then it can be undone."""

    decisions: Annotated[list[DecisionIn], Meta(min_length=1, max_length=MAX_PRODUCTS)]
    version: Annotated[int, Meta(ge=0)] | None = None
    grace_seconds: Annotated[int, Meta(ge=0, le=MAX_GRACE_SECONDS)] = 0


class DecidedOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """The decisions' ids, in the order of the body; none yet where it is held back."""

    decision_ids: list[UUID]
    case: CaseSummaryOut


HeldStatus = Literal["PENDING", "TAKEN", "UNDONE", "FAILED"]


class HeldDecisionOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """The last decision on the case that was held back, and what became of it. `body` is gone once it is TAKEN."""

    id: UUID
    by: BasicUserOut
    status: HeldStatus
    created_at: datetime
    due_at: datetime
    ended_at: datetime | None
    failure_code: str | None
    failure: str | None
    body: DecideIn | None


def broken_rules(body: DecideIn) -> Iterator[FieldProblem]:
    seen: set[UUID] = set()
    for index, decision in enumerate(body.decisions):
        place = f"decisions[{index}]"
        if decision.product_id in seen:
            yield FieldProblem(f"{place}.productId", "expected each product once")
        seen.add(decision.product_id)
        yield from _broken_dates(decision, place)
        yield from _broken_med_info(decision, place)


def _broken_dates(decision: DecisionIn, place: str) -> Iterator[FieldProblem]:
    if decision.outcome == "APPROVED" and decision.start_date is None:
        yield FieldProblem(f"{place}.startDate", "expected a date as YYYY-MM-DD: an approval says from when it holds")
    if decision.outcome == "APPROVED" and decision.end_date is None:
        yield FieldProblem(f"{place}.endDate", "expected a date as YYYY-MM-DD: an approval says until when it holds")
    # Wherever the patient lives, whose evening may be tomorrow in Greenwich.
    ended = decision.end_date is not None and decision.end_date < earliest_day_in("", clock.now())
    if decision.outcome == "APPROVED" and ended:
        yield FieldProblem(f"{place}.endDate", "expected a date that is not in the past: nothing could be ordered")
    if decision.start_date is not None and decision.end_date is not None and decision.end_date <= decision.start_date:
        yield FieldProblem(f"{place}.endDate", "expected a date after startDate")


def _broken_med_info(decision: DecisionIn, place: str) -> Iterator[FieldProblem]:
    if decision.outcome == "APPROVED" and not decision.med_info:
        yield FieldProblem(f"{place}.medInfo", "expected at least one medicine: an approval prescribes")
    if decision.outcome != "APPROVED" and decision.med_info:
        yield FieldProblem(f"{place}.medInfo", "expected none: only an approval prescribes")
    for index, medication in enumerate(decision.med_info):
        if not medication.medicine.strip():
            yield FieldProblem(f"{place}.medInfo[{index}].medicine", "expected the name of a medicine, not blank")
        if medication.refill_count is not None and not 0 <= medication.refill_count <= MAX_REFILLS:
            yield FieldProblem(f"{place}.medInfo[{index}].refillCount", f"expected a number from 0 to {MAX_REFILLS}")
