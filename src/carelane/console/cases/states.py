"""How a case, an order and a payment stand, in words: a kind for the color, a shape, a text."""

from typing import TypeAlias

from carelane.cases.review.queries import CaseSummary
from carelane.cases.states import CaseStatus
from carelane.kit.languages import N_, _
from carelane.orders.states import OrderStatus
from carelane.payments.states import Stage, Status

Shown: TypeAlias = tuple[str, str, str]

CASES: dict[CaseStatus, Shown] = {
    "OPEN": ("", "s-open", N_("Nobody has it")),
    "ASSIGNED": ("live", "s-assigned", N_("Assigned")),
    "IN_PROGRESS": ("live", "s-progress", N_("In progress")),
    "APPROVED": ("good", "s-yes", N_("Approved")),
    "REJECTED": ("", "s-no", N_("Rejected")),
    "NO_DECISION": ("warn", "s-none", N_("Left without a decision")),
    "ABANDONED": ("", "s-none", N_("Left by the patient")),
}
ORDERS: dict[OrderStatus, str] = {
    "RECEIVED": N_("placed"),
    "SENDING": N_("being sent"),
    "SENT": N_("sent"),
    "ACCEPTED": N_("accepted"),
    "SHIPPED": N_("shipped"),
    "DELIVERED": N_("delivered"),
    "REJECTED": N_("rejected"),
    "CANCELED": N_("canceled"),
    "NEEDS_ATTENTION": N_("in need of attention"),
}
_STAGES: dict[Stage, Shown] = {
    "UNVERIFIED": ("", "s-open", N_("Only a reference is kept")),
    "UNCHECKED": ("", "s-wait", N_("Being checked")),
    "WAITING": ("", "s-wait", N_("Waits for the decision")),
    "DUE": ("live", "s-progress", N_("Being charged")),
    "RELEASING": ("", "s-progress", N_("Being given back")),
    "NEEDS_PATIENT": ("warn", "s-wait", N_("Waits for the patient")),
    "NEEDS_CARD": ("warn", "s-warn", N_("Needs another card")),
    "NEEDS_STAFF": ("problem", "s-stop", N_("Needs one of you")),
    "DONE": ("", "s-yes", N_("Done")),
}
_PAYMENTS: dict[Status, Shown] = {
    "UNPAID": ("", "s-open", N_("Unpaid")),
    "PAID": ("good", "s-yes", N_("Paid")),
    "CANCELED": ("", "s-no", N_("Canceled")),
    "IN_DISPUTE": ("problem", "s-stop", N_("In dispute")),
    "LOST_DISPUTE": ("problem", "s-no", N_("Dispute lost")),
    "REFUND": ("", "s-none", N_("Given back")),
    "ERROR": ("problem", "s-stop", N_("Failed")),
}


def case_state(case: CaseSummary) -> Shown:
    if case.is_archived:
        return ("", "s-none", _("Archived"))
    if case.asked_patient_at is not None:
        return ("", "s-wait", _("Waiting for patient"))
    kind, shape, text = CASES[case.status]
    return (kind, shape, _(text))


def payment_state(status: Status, stage: Stage) -> Shown:
    """Once it is done, or went wrong at the bank, the status says more."""
    is_over = stage in {"DONE", "UNVERIFIED"} or status not in {"UNPAID", "PAID"}
    kind, shape, text = _PAYMENTS[status] if is_over else _STAGES[stage]
    return (kind, shape, _(text))


def order_words(status: str) -> str:
    return _(ORDERS[status]) if status in ORDERS else status.lower().replace("_", " ")


def status_words(status: str | None) -> str:
    shown = CASES.get(status) if status is not None else None  # type: ignore[call-overload]
    return _(shown[2]) if shown else (status or "").lower().replace("_", " ")
