"""Why a case is, or is not, in somebody's queue, in words. No I/O."""

from collections.abc import Iterator
from typing import Literal
from uuid import UUID

import msgspec

from carelane.cases.review.queries import CaseSummary
from carelane.cases.review.queue.queries import Reader
from carelane.cases.review.queue.schemas import QueueFilters
from carelane.cases.review.visibility.queries import CasePlace

Hidden = Literal[
    "ARCHIVED", "NOT_ARCHIVED", "STATUS", "PATIENT_ASKED", "PATIENT_NOT_ASKED", "ESCALATED", "NOT_ESCALATED", "ASSIGNED",
    "UNASSIGNED", "OTHER_PRODUCT", "OTHER_STATE", "NO_LICENSE", "NO_LICENSES", "LEASED", "DECIDED", "OTHER_ID",
]  # fmt: skip

TEXTS: dict[Hidden, str] = {
    "ARCHIVED": "it is archived",
    "NOT_ARCHIVED": "it is not archived",
    "STATUS": "it is {status}, and the list shows {wanted}",
    "PATIENT_ASKED": "it waits for the patient's answer",
    "PATIENT_NOT_ASKED": "it does not wait for the patient",
    "ESCALATED": "it is escalated",
    "NOT_ESCALATED": "it is not escalated",
    "ASSIGNED": "it is assigned to {name}",
    "UNASSIGNED": "nobody has it",
    "OTHER_PRODUCT": "it asks for none of the product that is filtered for",
    "OTHER_STATE": "the patient lives in {state}, and the list shows {wanted}",
    "NO_LICENSE": "the patient lives in {state}; you have licenses that are good today for {licensed}",
    "NO_LICENSES": "you have no license that is good today",
    "LEASED": "{name} looks after it until {until}",
    "DECIDED": "{name} has decided, and can undo that until {until}",
    "OTHER_ID": "its short id does not begin with {wanted}",
}


class HiddenBy(msgspec.Struct, frozen=True):
    """One reason, and the words that stand in its text."""

    code: Hidden
    values: dict[str, str] = {}

    @property
    def text(self) -> str:
        return TEXTS[self.code].format(**self.values)


class ReasonOut(msgspec.Struct, frozen=True, kw_only=True):
    code: Hidden
    text: str


class VisibilityOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Whether the case is in the list that the filters name, and everything that keeps it out."""

    case_id: UUID
    is_shown: bool
    text: str
    reasons: list[ReasonOut]


def find_reasons(case: CaseSummary, place: CasePlace, filters: QueueFilters, reader: Reader) -> list[HiddenBy]:
    """Everything that keeps the case out of the list; nothing when it is in there."""
    return [*_by_case(case, filters), *_by_place(place, filters), *_by_fit(case, place, filters, reader)]


def show(case: CaseSummary, reasons: list[HiddenBy]) -> VisibilityOut:
    why = "; ".join(reason.text for reason in reasons)
    return VisibilityOut(
        case_id=case.id,
        is_shown=not reasons,
        text=f"You do not see the case: {why}." if reasons else "You see the case: it is in this list.",
        reasons=[ReasonOut(code=reason.code, text=reason.text) for reason in reasons],
    )


def _by_case(case: CaseSummary, filters: QueueFilters) -> Iterator[HiddenBy]:
    if case.is_archived != filters.is_archived:
        yield HiddenBy("ARCHIVED" if case.is_archived else "NOT_ARCHIVED")
    if case.status not in filters.statuses:
        yield HiddenBy("STATUS", {"status": case.status, "wanted": ", ".join(filters.statuses)})
    is_asked = case.asked_patient_at is not None
    if filters.awaiting_patient not in {None, is_asked}:
        yield HiddenBy("PATIENT_ASKED" if is_asked else "PATIENT_NOT_ASKED")
    if filters.is_escalated not in {None, case.is_escalated}:
        yield HiddenBy("ESCALATED" if case.is_escalated else "NOT_ESCALATED")
    if filters.short_id is not None and not case.short_id.startswith(filters.short_id.upper()):
        yield HiddenBy("OTHER_ID", {"wanted": filters.short_id.upper()})


def _by_place(place: CasePlace, filters: QueueFilters) -> Iterator[HiddenBy]:
    if filters.assigned_to == "none" and place.assigned_to:
        yield HiddenBy("ASSIGNED", {"name": place.assigned_to})
    if isinstance(filters.assigned_to, UUID) and place.assigned_to_id != filters.assigned_to:
        yield HiddenBy("ASSIGNED", {"name": place.assigned_to}) if place.assigned_to else HiddenBy("UNASSIGNED")
    if filters.product is not None and filters.product not in place.product_ids:
        yield HiddenBy("OTHER_PRODUCT")
    if filters.state is not None and filters.state.upper() != place.patient_state:
        yield HiddenBy("OTHER_STATE", {"state": place.patient_state or "?", "wanted": filters.state.upper()})


def _by_fit(case: CaseSummary, place: CasePlace, filters: QueueFilters, reader: Reader) -> Iterator[HiddenBy]:
    if not filters.fits:
        return
    if not reader.licensed:
        yield HiddenBy("NO_LICENSES")
    elif place.patient_state not in reader.licensed:
        yield HiddenBy("NO_LICENSE", {"state": place.patient_state or "?", "licensed": ", ".join(reader.licensed)})
    if place.assigned_to and place.assigned_to_id != reader.id and filters.assigned_to is None:
        yield HiddenBy("ASSIGNED", {"name": place.assigned_to})
    if place.lease_by and place.lease_ends_at:
        yield HiddenBy("LEASED", {"name": place.lease_by, "until": f"{place.lease_ends_at:%H:%M} UTC"})
    if case.held is not None:
        yield HiddenBy("DECIDED", {"name": case.held.by.name, "until": f"{case.held.due_at:%H:%M:%S} UTC"})
