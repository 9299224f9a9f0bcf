"""Why an order is where it is, in words. No I/O; it asks the same `next_step` that the worker obeys."""

from datetime import datetime

import msgspec

from carelane.orders.desk.schemas import LastFailureOut, MoveOut, OrderWhyOut
from carelane.orders.schemas import FindingOut
from carelane.orders.sending.queries import LockedOrder
from carelane.orders.sending.states import Action, next_step, wants_cancel
from carelane.orders.states import FINAL, OrderStatus, may_follow
from carelane.payments.gate.why import payment_waits_for

# What the order waits for, by what is done next.
_WAITS: dict[Action, str] = {
    "AWAIT_PAYMENT": "the payment of the case",
    "SEND": "to be handed to the pharmacy",
    "CANCEL_UNSENT": "to be canceled; nothing of it has left us",
    "ASK": "word from the pharmacy whether it has the order: it was handed over, and no answer came",
    "CANCEL": "the pharmacy's answer to our wish to cancel",
    "FETCH_DOCUMENT": "the pharmacy's own document",
    "POLL": "the pharmacy",
    "GIVE_UP": "a person: the pharmacy has told nothing for too long",
}
_NEXT: dict[Action, str] = {
    "AWAIT_PAYMENT": "the order leaves as soon as the case is paid",
    "SEND": "we send the prescription to the pharmacy",
    "CANCEL_UNSENT": "we end the order without a word to the pharmacy",
    "ASK": "we ask the pharmacy by our own order id; only if it does not know the order is it sent again",
    "CANCEL": "we ask the pharmacy to cancel the order",
    "FETCH_DOCUMENT": "we download the document",
    "POLL": "the pharmacy calls back; if it does not, we ask where the order is",
    "GIVE_UP": "the order is marked as one that needs attention",
}
_PHARMACY_DOES: dict[OrderStatus, str] = {
    "SENT": "the pharmacy to accept the order",
    "ACCEPTED": "the pharmacy to ship the order",
    "SHIPPED": "the carrier to deliver the order",
}
_SEND_ON = MoveOut(who="STAFF", how="send it on its way again")
_CANCEL = MoveOut(who="STAFF", how="cancel it")
_REPLACE = MoveOut(who="STAFF", how="replace it by another order")


class OrderSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What must be known about an order to explain it. `moved_at` is when it reached its state."""

    order: LockedOrder
    moved_at: datetime
    is_replaced: bool
    # The newest call to the pharmacy that failed.
    last_call: LastFailureOut | None


def explain(summary: OrderSummary, now: datetime) -> OrderWhyOut:
    order = summary.order
    action = next_step(order, now)
    return OrderWhyOut(
        order_id=order.id,
        status=order.status,
        waits_for=_waits_for(order, action),
        since=_since(summary, action),
        last_failure=_last_failure(summary),
        next=_next(order, action),
        next_at=order.next_step_at if action else None,
        who_can_move_it=_movers(summary, action),
        findings=[_finding(warning) for warning in order.warnings],
    )


def _finding(warning: str) -> FindingOut:
    field, _, message = warning.partition(": ")
    return FindingOut(field, message, "warn")


def _waits_for(order: LockedOrder, action: Action | None) -> str:
    if action == "AWAIT_PAYMENT" and order.payment_wait is not None:
        return payment_waits_for(order.payment_wait)
    if action == "SEND" and order.attempts:
        return "the next attempt to hand it to the pharmacy"
    if action == "SEND" and not order.is_document_stored:
        return "its prescription document, and then to be handed to the pharmacy"
    if action == "POLL":
        return _PHARMACY_DOES.get(order.status, _WAITS["POLL"])
    if action is not None:
        return _WAITS[action]
    return "a person to look at it" if order.status == "NEEDS_ATTENTION" else "nothing: it has ended"


def _since(summary: OrderSummary, action: Action | None) -> datetime:
    order = summary.order
    if action == "ASK" and order.sending_began_at:
        return order.sending_began_at
    if action in {"CANCEL", "CANCEL_UNSENT"} and order.cancel_requested_at:
        return order.cancel_requested_at
    return summary.moved_at


def _last_failure(summary: OrderSummary) -> LastFailureOut | None:
    """The call that failed; or what failed without a call, such as a pharmacy that no longer takes orders."""
    failure = summary.order.failure
    if failure is None or (summary.last_call and summary.last_call.failure == failure):
        return summary.last_call
    return LastFailureOut(call=None, outcome=None, failure=failure, http_status=None, at=summary.moved_at)


def _next(order: LockedOrder, action: Action | None) -> str:
    if action is not None:
        return _NEXT[action]
    if order.status == "NEEDS_ATTENTION":
        return "nothing, until somebody sends it on, cancels it or replaces it; a callback of the pharmacy still counts"
    return "nothing"


def _movers(summary: OrderSummary, action: Action | None) -> list[MoveOut]:
    """Who can move the order forward, and how. Empty when nobody can."""
    order = summary.order
    movers: list[MoveOut] = []
    if action is not None:
        movers.append(MoveOut(who="CARELANE", how=_NEXT[action]))
    if order.status not in FINAL and order.sending_began_at is not None:
        movers.append(MoveOut(who="PHARMACY", how="tell us how the order goes"))
    if order.status == "NEEDS_ATTENTION":
        movers.append(_SEND_ON)
    if may_follow(order.status, "CANCELED") and not wants_cancel(order):
        movers.append(_CANCEL)
    if may_be_replaced(order) and not summary.is_replaced:
        movers.append(_REPLACE)
    return movers


def may_be_replaced(order: LockedOrder) -> bool:
    """An order that came to nothing, or whose parcel did; one that may still be at the pharmacy must be canceled first."""
    if order.status == "NEEDS_ATTENTION":
        return order.sending_began_at is None
    return order.status in {"CANCELED", "REJECTED", "SHIPPED", "DELIVERED"}
