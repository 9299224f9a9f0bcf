"""States of cases, orders, carts and charges as shapes and words: kind, shape, text."""

from typing import NamedTuple

from carelane.carts.states import CartStatus
from carelane.cases.states import CaseStatus
from carelane.charges.schemas import ChargeStatus
from carelane.kit.languages import N_
from carelane.orders.states import OrderStatus


class Shown(NamedTuple):
    kind: str
    shape: str
    text: str


CASE_STATES: dict[CaseStatus, Shown] = {
    "OPEN": Shown("", "s-open", N_("Open")),
    "ASSIGNED": Shown("", "s-assigned", N_("Assigned")),
    "IN_PROGRESS": Shown("live", "s-progress", N_("In progress")),
    "APPROVED": Shown("good", "s-yes", N_("Approved")),
    "REJECTED": Shown("problem", "s-no", N_("Rejected")),
    "NO_DECISION": Shown("", "s-none", N_("No decision")),
    "ABANDONED": Shown("calm", "s-later", N_("Not finished by the patient")),
}
ORDER_STATES: dict[OrderStatus, Shown] = {
    "RECEIVED": Shown("", "s-open", N_("To be sent")),
    "SENDING": Shown("live", "s-progress", N_("Being sent")),
    "SENT": Shown("live", "s-assigned", N_("Sent")),
    "ACCEPTED": Shown("live", "s-progress", N_("With the pharmacy")),
    "SHIPPED": Shown("live", "s-hour", N_("On its way")),
    "DELIVERED": Shown("good", "s-yes", N_("Delivered")),
    "REJECTED": Shown("problem", "s-no", N_("Rejected by the pharmacy")),
    "CANCELED": Shown("calm", "s-none", N_("Canceled")),
    "NEEDS_ATTENTION": Shown("problem", "s-warn", N_("Needs attention")),
}
CART_STATES: dict[CartStatus, Shown] = {
    "DRAFT": Shown("", "s-open", N_("Draft")),
    "ABANDONED": Shown("calm", "s-none", N_("Abandoned")),
    "ACCEPTED": Shown("live", "s-assigned", N_("Accepted")),
    "REJECTED": Shown("problem", "s-no", N_("Declined by the patient")),
    "CONVERTED": Shown("good", "s-yes", N_("Charged")),
    "EXPIRED": Shown("calm", "s-later", N_("Ran out")),
}
CHARGE_STATES: dict[ChargeStatus, Shown] = {
    "OUTSTANDING": Shown("warn", "s-hour", N_("Outstanding")),
    "PAID": Shown("good", "s-yes", N_("Paid")),
    "EXTERNAL_SETTLEMENT": Shown("good", "s-yes", N_("Paid elsewhere")),
    "VOID": Shown("calm", "s-none", N_("Voided")),
    "WRITE_OFF": Shown("calm", "s-none", N_("Written off")),
    "REFUNDED": Shown("calm", "s-none", N_("Refunded")),
    "CHARGEBACK": Shown("problem", "s-warn", N_("Taken back by the bank")),
    "COLLECTIONS": Shown("problem", "s-warn", N_("In collections")),
    "PAYMENT_PLAN": Shown("live", "s-progress", N_("Paid in parts")),
}
