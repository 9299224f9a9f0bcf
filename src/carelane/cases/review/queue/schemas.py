"""The queue over the wire, and what it may be asked for."""

from datetime import datetime
from typing import Literal, get_args
from uuid import UUID

import msgspec

from carelane.cases.review.schemas import HeldOut, RequestSummaryOut
from carelane.cases.states import CaseStatus
from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.kit.ids import parse_uuid
from carelane.kit.phi import Phi
from carelane.staff.schemas import BasicUserOut
from carelane.web.wire import boolean_string, uuid_string

PAGE_SIZE = 50
MAX_PAGE_SIZE = 200
# Counting goes no further.
MOST_COUNTED = 1_000

# What is listed unless the caller names states.
_MAX_WORD_CHARACTERS = 50
_STATUSES: tuple[CaseStatus, ...] = get_args(CaseStatus)
WAITING: tuple[CaseStatus, ...] = ("OPEN", "ASSIGNED", "IN_PROGRESS")

DueReason = Literal["PROMISE", "HOLD", "LICENSE", "DECISION"]


class QueuePatientOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    id: UUID
    first_name: str
    last_name: str
    state: str | None
    gender: str | None = None
    date_of_birth: str | None = None


class LeaseOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Who looks after a case just now, and until when, unless that goes on."""

    staff: BasicUserOut
    until: datetime


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
    answered_at: datetime | None
    # When the money that is held for it must have been taken; the most urgent reason to decide.
    hold_ends_at: datetime | None
    # When it runs out and what does; null: nothing.
    due_at: datetime | None
    due_reason: DueReason | None
    lease: LeaseOut | None
    held_decision: HeldOut | None
    is_escalated: bool
    is_archived: bool
    is_test: bool
    requests: list[RequestSummaryOut]


class QueueOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`next` is the `after` of the next page, or null on the last."""

    cases: list[QueueEntryOut]
    next: UUID | None


class QueueCount(msgspec.Struct, frozen=True, kw_only=True):
    """How many there are, and how many run out by then; no more than MOST_COUNTED are counted."""

    total: int
    late: int
    hour: int
    today: int

    @property
    def later(self) -> int:
        return self.total - self.late - self.hour - self.today


class ViewCounts(msgspec.Struct, frozen=True, kw_only=True):
    """How many of what waits are in each view that everybody has; `unlicensed`: where the reader may not decide, of those that
    do not wait for the patient."""

    fits: int
    unlicensed: int
    mine: int
    unassigned: int
    asked: int
    everyone: int

    @property
    def with_others(self) -> int:
        """What neither waits for the patient, nor lacks a license, nor fits."""
        return self.everyone - self.asked - self.unlicensed - self.fits


class FreeAndAsked(msgspec.Struct, frozen=True, kw_only=True):
    """What the home page of a member of staff says of cases that are not theirs. `free`: that nobody has and they may decide, or that
    nobody has where they decide nothing; `asked`: that wait for their patients, of the whole clinic."""

    free: int
    asked: int


class QueueFilters(msgspec.Struct, frozen=True, kw_only=True):
    """None: not asked for. `assigned_to` "none": cases that nobody has."""

    statuses: tuple[CaseStatus, ...] = WAITING
    is_archived: bool = False
    assigned_to: UUID | Literal["none"] | None = None
    is_escalated: bool | None = None
    awaiting_patient: bool | None = None
    product: UUID | None = None
    state: str | None = None
    fits: bool = False
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
    product: str | None = None
    state: str | None = None
    fits_my_license: str | None = None
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
            product=uuid_string("product", self.product),
            state=_word("state", self.state),
            fits=_only_true("fitsMyLicense", self.fits_my_license),
            short_id=_word("q", self.q),
            after=_case_id(self.after),
            limit=_limit(self.limit),
        )


def _refused(field: str, problem: str) -> InvalidRequestError:
    return InvalidRequestError(problems=[FieldProblem(field, problem)])


def _statuses(texts: list[str] | None) -> tuple[CaseStatus, ...]:
    try:
        # Each once: a state that is named twice is not listed twice.
        return tuple(dict.fromkeys(msgspec.convert(texts or WAITING, tuple[CaseStatus, ...])))
    except msgspec.ValidationError:
        raise _refused("status", f"expected one of {', '.join(_STATUSES)}") from None


def _assignee(text: str | None, me: UUID | None) -> UUID | Literal["none"] | None:
    if text is None or text == "anyone":
        return None
    if text == "none":
        return "none"
    staff_id = me if text == "me" else parse_uuid(text)
    if staff_id is None:
        raise _refused("assignedTo", "expected a UUID, `me`, `none` or `anyone`")
    return staff_id


def _only_true(field: str, text: str | None) -> bool:
    if text not in {None, "true"}:
        raise _refused(field, "expected `true`, or nothing")
    return text == "true"


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
