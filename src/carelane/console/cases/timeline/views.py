"""One line for each event: a kind, a shape, and a sentence in which whoever did it stands out."""

from datetime import datetime

from markupsafe import Markup

from carelane.case_detail.timeline.schemas import TimelineEventOut
from carelane.console.cases.states import order_words, status_words
from carelane.kit.auth import Actor
from carelane.kit.formatting import money_text
from carelane.kit.languages import N_, _

Line = tuple[datetime, str, str, Markup]

# By the event: kind, shape, sentence.
_LINES: dict[str, tuple[str, str, str]] = {
    "CREATE_CASE": ("", "s-open", N_("%(who)s opened the case")),
    "ADD_CASE_ASSIGNEE": ("", "user-plus", N_("%(who)s gave the case to %(about)s")),
    "REMOVE_CASE_ASSIGNEE": ("", "user-minus", N_("%(who)s took the case from %(about)s")),
    "CHANGE_CASE_STATUS": ("", "s-progress", N_("%(who)s moved the case: %(after)s")),
    "ADD_CASE_COMMENT": ("live", "chat-bubble-left", N_("%(who)s wrote a message")),
    "ADD_CASE_DECISION": ("warn", "s-none", N_("%(who)s left %(about)s without a decision")),
    "DECISION_SUBMITTED": ("live", "s-hour", N_("%(who)s decided, and can undo it for a moment")),
    "DECISION_UNDONE": ("", "arrow-uturn-left", N_("%(who)s undid the decision in time")),
    "DECISION_NOT_TAKEN": ("problem", "s-stop", N_("The decision could not be taken: nothing was decided")),
    "ADD_CASE_ATTACHMENT": ("", "paper-clip", N_("%(who)s added a file")),
    "DELETE_ATTACHMENT": ("", "paper-clip", N_("%(who)s deleted a file")),
    "ADD_FORM_RESPONSE": ("live", "clipboard-document-list", N_("%(who)s added answers")),
    "CASE_PRODUCT_ADDED": ("", "plus", N_("%(who)s added %(about)s")),
    "CASE_PRODUCT_CLOSED": ("", "x-mark", N_("%(who)s closed %(about)s")),
    "ARCHIVE_CASE": ("", "archive-box", N_("%(who)s archived the case")),
    "REOPEN_CASE": ("", "arrow-uturn-left", N_("%(who)s opened the case again")),
    "ESCALATE_CASE": ("warn", "s-warn", N_("%(who)s marked the case for a second look")),
    "DEESCALATE_CASE": ("", "s-open", N_("%(who)s took the mark for a second look away")),
    "CALENDAR_EVENT_CREATED": ("", "calendar", N_("%(who)s booked a visit")),
    "CALENDAR_EVENT_RESCHEDULED": ("", "calendar", N_("%(who)s moved a visit")),
    "CALENDAR_EVENT_CANCELED": ("", "calendar", N_("%(who)s canceled a visit")),
    "CALENDAR_EVENT_NO_SHOW": ("warn", "calendar", N_("%(who)s noted that a visit was missed")),
    "CALENDAR_EVENT_NO_SHOW_REMOVED": ("", "calendar", N_("%(who)s noted that the visit was not missed after all")),
    "ORDER_CREATED": ("", "truck", N_("%(who)s placed an order with %(about)s")),
    "ORDER_STATUS_CHANGED": ("", "truck", N_("The order with %(about)s is %(order)s")),
    "ORDER_CANCEL_REQUESTED": ("warn", "truck", N_("%(who)s asked %(about)s to cancel the order")),
    "ORDER_TRACKING_ADDED": ("", "truck", N_("The parcel from %(about)s has a tracking number")),
    "PAYMENT_ADDED": ("", "banknotes", N_("Payment of %(money)s was added")),
    "PAYMENT_UPDATED": ("", "banknotes", N_("Payment of %(money)s went on")),
    "PAYMENT_COMPLETED": ("good", "banknotes", N_("%(money)s was paid")),
    "PAYMENT_FAILED": ("problem", "banknotes", N_("Payment of %(money)s failed")),
    "PAYMENT_INFO_LINK_SENT": ("", "banknotes", N_("The patient was sent the page of the payment of %(money)s")),
    "REFUND_GRANTED": ("", "banknotes", N_("%(who)s granted a refund of %(money)s")),
    "REFUND_SENT": ("", "banknotes", N_("%(who)s had the refund of %(money)s sent")),
    "REFUND_CANCELED": ("", "banknotes", N_("%(who)s took back the refund of %(money)s")),
    "REFUND_CREATED": ("", "banknotes", N_("The refund of %(money)s was sent to the bank")),
    "REFUND_COMPLETED": ("good", "banknotes", N_("%(money)s went back to the patient")),
    "REFUND_FAILED": ("problem", "banknotes", N_("The refund of %(money)s failed")),
    "DISPUTE_OPENED": ("problem", "banknotes", N_("The patient's bank disputes the payment of %(money)s")),
    "DISPUTE_CLOSED": ("", "banknotes", N_("The dispute about %(money)s is over")),
    "CHARGE_CREATED": ("", "banknotes", N_("What the case costs was charged")),
}  # fmt: skip
_APPROVED = ("good", "s-yes", N_("%(who)s approved %(about)s"))
_REJECTED = ("", "s-no", N_("%(who)s rejected %(about)s"))
_NOTE = ("", "lock-closed", N_("%(who)s wrote a note"))
_TAKEN = ("", "user-plus", N_("%(who)s took the case"))
_LEFT = ("", "user-minus", N_("%(who)s gave the case back"))
_OTHER = ("", "s-open", N_("%(who)s: %(what)s"))


def lines(events: list[TimelineEventOut], actor: Actor) -> list[Line]:
    return [_line(event, actor) for event in events]


def _line(event: TimelineEventOut, actor: Actor) -> Line:
    kind, shape, sentence = _wording(event)
    told = {
        "who": Markup("<b>{}</b>").format(_who(event, actor)),
        "about": event.about or _("what is gone"),
        "after": status_words(event.value_after),
        "order": order_words(event.value_after or ""),
        "money": _money(event.about),
        "what": event.type.lower().replace("_", " "),
    }
    # Text of ours; what is put into it is escaped.
    return event.at, kind, shape, Markup(_(sentence)) % told  # noqa: S704


def _wording(event: TimelineEventOut) -> tuple[str, str, str]:
    if event.type == "ADD_CASE_COMMENT" and event.is_restricted:
        return _NOTE
    if event.type == "ADD_CASE_DECISION" and event.is_approved is not None:
        return _APPROVED if event.is_approved else _REJECTED
    is_own = event.actor is not None and event.actor.id == event.target_id
    if is_own and event.type == "ADD_CASE_ASSIGNEE":
        return _TAKEN
    if is_own and event.type == "REMOVE_CASE_ASSIGNEE":
        return _LEFT
    return _LINES.get(event.type, _OTHER)


def _who(event: TimelineEventOut, actor: Actor) -> str:
    if event.actor is not None:
        name = " ".join(part for part in (event.actor.first_name, event.actor.last_name) if part)
        return _("You") if event.actor.id == actor.id else name
    if event.actor_kind in {"key", "client"}:
        return _("The storefront")
    return _("Carelane") if event.actor_kind == "system" else _("Somebody")


def _money(about: str | None) -> str:
    cents, _space, currency = (about or "").partition(" ")
    return money_text(int(cents), currency) if cents.lstrip("-").isdigit() and currency else _("an amount")
