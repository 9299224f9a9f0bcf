"""What staff send about a case, the answers, and the queue."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, Literal, get_args
from uuid import UUID

import msgspec
from msgspec import Meta

from carelane.cases.review.states import Act
from carelane.cases.schemas import MAX_PRODUCTS, MedicationIn
from carelane.cases.states import CaseStatus, RequestStatus
from carelane.kit import clock
from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.kit.ids import parse_uuid
from carelane.kit.phi import Phi
from carelane.staff.schemas import BasicUserOut
from carelane.web.wire import boolean_string

MAX_TEXT_CHARACTERS = 10_000
MAX_MEDICATIONS = 50
MAX_REFILLS = 99
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


class DecideIn(Phi, msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    decisions: Annotated[list[DecisionIn], Meta(min_length=1, max_length=MAX_PRODUCTS)]


class DecidedOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """The decisions' ids, in the order of the body."""

    decision_ids: list[UUID]
    case: CaseSummaryOut


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
    if decision.outcome == "APPROVED" and decision.end_date is not None and decision.end_date < clock.now().date():
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


# ---- the queue

PAGE_SIZE = 50
MAX_PAGE_SIZE = 200

# What is listed unless the caller names states.
_MAX_WORD_CHARACTERS = 50
_STATUSES: tuple[CaseStatus, ...] = get_args(CaseStatus)
WAITING: tuple[CaseStatus, ...] = ("OPEN", "ASSIGNED", "IN_PROGRESS")


class QueuePatientOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    id: UUID
    first_name: str
    last_name: str
    state: str | None


class QueueEntryOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    id: UUID
    short_id: str
    title: str
    status: CaseStatus
    patient: QueuePatientOut
    assigned_to: BasicUserOut | None
    created_at: datetime
    waits_since: datetime
    asked_patient_at: datetime | None
    # When the money that is held for it must have been taken; the most urgent reason to decide.
    hold_ends_at: datetime | None
    is_escalated: bool
    is_archived: bool
    is_test: bool
    requests: list[RequestSummaryOut]


class QueueOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`next` is the `after` of the next page, or null on the last."""

    cases: list[QueueEntryOut]
    next: UUID | None


class QueueFilters(msgspec.Struct, frozen=True, kw_only=True):
    """None: not asked for. `assigned_to` "none": cases that nobody has."""

    statuses: tuple[CaseStatus, ...] = WAITING
    is_archived: bool = False
    assigned_to: UUID | Literal["none"] | None = None
    is_escalated: bool | None = None
    awaiting_patient: bool | None = None
    state: str | None = None
    short_id: str | None = None
    after: UUID | None = None
    limit: int = PAGE_SIZE


class QueueQuery(msgspec.Struct, frozen=True, kw_only=True):
    """The queue's query as it was sent."""

    status: list[str] | None = None
    assigned_to: str | None = None
    is_escalated: str | None = None
    is_archived: str | None = None
    awaiting_patient: str | None = None
    state: str | None = None
    q: str | None = None
    after: str | None = None
    limit: str | None = None

    def filters(self, me: UUID | None) -> QueueFilters:
        """`me` is whom `assignedTo=me` means. Raises InvalidRequestError."""
        return QueueFilters(
            statuses=_statuses(self.status),
            is_archived=boolean_string("isArchived", self.is_archived) or False,
            assigned_to=_assignee(self.assigned_to, me),
            is_escalated=boolean_string("isEscalated", self.is_escalated),
            awaiting_patient=boolean_string("awaitingPatient", self.awaiting_patient),
            state=_word("state", self.state),
            short_id=_word("q", self.q),
            after=_case_id(self.after),
            limit=_limit(self.limit),
        )


def _refused(field: str, problem: str) -> InvalidRequestError:
    return InvalidRequestError(problems=[FieldProblem(field, problem)])


def _statuses(texts: list[str] | None) -> tuple[CaseStatus, ...]:
    try:
        return msgspec.convert(texts or WAITING, tuple[CaseStatus, ...])
    except msgspec.ValidationError:
        raise _refused("status", f"expected one of {', '.join(_STATUSES)}") from None


def _assignee(text: str | None, me: UUID | None) -> UUID | Literal["none"] | None:
    if text is None:
        return None
    if text == "none":
        return "none"
    staff_id = me if text == "me" else parse_uuid(text)
    if staff_id is None:
        raise _refused("assignedTo", "expected a UUID, `me` or `none`")
    return staff_id


def _word(field: str, text: str | None) -> str | None:
    if text is not None and ("\0" in text or not 0 < len(text) <= _MAX_WORD_CHARACTERS):
        raise _refused(field, f"expected 1 to {_MAX_WORD_CHARACTERS} characters")
    return text


def _case_id(text: str | None) -> UUID | None:
    case_id = parse_uuid(text) if text is not None else None
    if text is not None and case_id is None:
        raise _refused("after", "expected the `next` of the page before")
    return case_id


def _limit(text: str | None) -> int:
    if text is None:
        return PAGE_SIZE
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= MAX_PAGE_SIZE):
        raise _refused("limit", f"expected a whole number from 1 to {MAX_PAGE_SIZE}")
    return int(text)
