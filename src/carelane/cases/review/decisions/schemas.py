"""Decisions on the wire, and the rules that need nothing but the body."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from carelane.cases.review.schemas import StandingOut, Text
from carelane.cases.schemas import MAX_PRODUCTS, MedicationIn
from carelane.kit import clock
from carelane.kit.errors import FieldProblem
from carelane.kit.phi import Phi

Outcome = Literal["APPROVED", "REJECTED", "NO_DECISION"]
DecisionVisitType = Literal["NO_SHOW", "ASYNC_TEXT_EMAIL", "SYNC_IN_PERSON", "SYNC_VIDEO", "SYNC_PHONE", "ORDER_FORM"]

MAX_MEDICATIONS = 50
MAX_REFILLS = 99
_MAX_WORD_CHARACTERS = 200


class DecisionIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`medInfo`, `startDate` and `endDate` are required to approve. Without a visit type, that of the request is kept."""

    product_id: UUID
    outcome: Outcome
    visit_type: DecisionVisitType | None = None
    start_date: date | None = None
    end_date: date | None = None
    decision_text: Text | None = None
    category: Annotated[str, Meta(max_length=_MAX_WORD_CHARACTERS)] | None = None
    med_info: Annotated[list[MedicationIn], Meta(max_length=MAX_MEDICATIONS)] = []


class DecideIn(Phi, msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    decisions: Annotated[list[DecisionIn], Meta(min_length=1, max_length=MAX_PRODUCTS)]


class DecidedOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """The decisions' ids, in the order of the body."""

    decision_ids: list[UUID]
    case: StandingOut


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
