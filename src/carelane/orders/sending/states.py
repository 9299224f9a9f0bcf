"""What comes next for an order, and when. No I/O: the worker does what it says, and staff are told the same."""

import random
from datetime import datetime, timedelta
from typing import Literal

from carelane.orders.sending.queries import LockedOrder
from carelane.orders.states import OrderStatus
from carelane.settings import Settings

# CANCEL_UNSENT: end it without a word to the pharmacy.   SEND: hand it over.
# ASK: it was handed over, but no answer came; ask before anything else.   CANCEL: ask the pharmacy to cancel it.
# AWAIT_PAYMENT: it must not leave before its case is paid; look again.
# FETCH_DOCUMENT: get the pharmacy's own document.   POLL: ask where it is, because nobody told us for a while.
# GIVE_UP: nobody has told us anything for so long that a person should look.
Action = Literal["CANCEL_UNSENT", "AWAIT_PAYMENT", "SEND", "ASK", "CANCEL", "FETCH_DOCUMENT", "POLL", "GIVE_UP"]

# The dispatcher releases an order as soon as it is told of the payment; this is for what it is not told of.
PAYMENT_LOOK = timedelta(hours=1)
LONGEST_RETRY = timedelta(hours=1)
LONGEST_POLL = timedelta(days=1)
# A pharmacy that asks for more patience than this is asked again all the same.
LONGEST_RETRY_AFTER = timedelta(days=1)
# How long an order may stand still before a person looks. One that the pharmacy has not even accepted is nobody's work.
MOST_SILENCE: dict[OrderStatus, timedelta] = {
    "SENT": timedelta(days=3),
    "ACCEPTED": timedelta(days=14),
    "SHIPPED": timedelta(days=30),
}
_MOST_DOUBLINGS = 20
# A wait is up to a quarter shorter or longer, so that what failed together does not come back together.
_JITTER = 0.25


def next_step(order: LockedOrder, now: datetime) -> Action | None:
    """What we do next; None when nothing is ours to do. It may have to wait until `due_at`."""
    if order.status in {"RECEIVED", "SENDING"}:
        return _on_the_way_out(order)
    if wants_cancel(order) and order.status in {"SENT", "ACCEPTED"}:
        return "CANCEL"
    if order.status == "NEEDS_ATTENTION":
        return _while_a_person_looks(order)
    if _has_document_for_us(order):
        return "FETCH_DOCUMENT"
    if order.status in MOST_SILENCE:
        return "POLL" if now - last_news_at(order) < MOST_SILENCE[order.status] else "GIVE_UP"
    return None


def due_at(order: LockedOrder, now: datetime, settings: Settings) -> datetime | None:
    """When the next step is due after one that went well."""
    step = next_step(order, now)
    if step is None:
        return None
    if step == "ASK" and order.sending_began_at is not None:
        return max(now, order.sending_began_at + timedelta(seconds=settings.pharmacy_ask_seconds))
    if step == "AWAIT_PAYMENT":
        return now + _jittered(PAYMENT_LOOK)
    if step == "POLL":
        return now + _jittered(_poll_wait(order, now, settings.pharmacy_poll_seconds))
    return now


def retry_wait(failures: int, settings: Settings, wanted_seconds: float | None = None) -> timedelta:
    """How long to wait after so many failures in a row; never less than the pharmacy asked for (Retry-After)."""
    doublings = min(max(failures - 1, 0), _MOST_DOUBLINGS)
    wait = _jittered(min(timedelta(seconds=settings.pharmacy_retry_seconds * 2**doublings), LONGEST_RETRY))
    if wanted_seconds is None:
        return wait
    return max(wait, min(timedelta(seconds=wanted_seconds), LONGEST_RETRY_AFTER))


def wants_cancel(order: LockedOrder) -> bool:
    """Somebody wants it canceled, and whether it can be is still open."""
    return order.cancel_requested_at is not None and order.cancel_failure is None


def last_news_at(order: LockedOrder) -> datetime:
    moments = (order.created_at, order.sent_at, order.accepted_at, order.shipped_at, order.delivered_at)
    return max(moment for moment in moments if moment is not None)


def _on_the_way_out(order: LockedOrder) -> Action:
    if order.sending_began_at is not None:
        # It may be there: before it is sent again or canceled, the pharmacy is asked.
        return "ASK"
    if wants_cancel(order):
        return "CANCEL_UNSENT"
    return "AWAIT_PAYMENT" if order.payment_wait is not None else "SEND"


def _has_document_for_us(order: LockedOrder) -> bool:
    is_there = order.pharmacy_has_document and order.pharmacy_document_id is None
    return is_there and order.status in {"ACCEPTED", "SHIPPED", "DELIVERED"}


def _while_a_person_looks(order: LockedOrder) -> Action | None:
    if not wants_cancel(order):
        return None
    return "CANCEL_UNSENT" if order.sending_began_at is None else "CANCEL"


def _poll_wait(order: LockedOrder, now: datetime, least_seconds: float) -> timedelta:
    """As long again as it has been silent, so the waits double."""
    return min(max(timedelta(seconds=least_seconds), now - last_news_at(order)), LONGEST_POLL)


def _jittered(wait: timedelta) -> timedelta:
    return wait * (1 - _JITTER + 2 * _JITTER * random.random())
