"""What the pages of orders show."""

from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from markupsafe import Markup

from carelane.console import times
from carelane.console.orders.states import CALLS, COLUMNS, HAPPENED, JUDGED, OUTCOMES, REPORTED, STATES, STORIES
from carelane.console.wording import capped
from carelane.kit import clock
from carelane.kit.languages import _, ngettext
from carelane.orders.board.schemas import MOST_COUNTED, BoardOut, Column, ColumnOut, PharmacyStateOut, TicketOut
from carelane.orders.contents.schemas import OrderContentsOut
from carelane.orders.desk.schemas import OrderDetailOut
from carelane.orders.inbox.schemas import CallbackDetailOut
from carelane.orders.sending.following import NO_NEWS, NOT_KNOWN
from carelane.orders.sending.handover import INACTIVE
from carelane.orders.states import OrderStatus

PATH = "/console/orders"
_FAILING = 3
Line = tuple[datetime, str, str, str]


class TicketAct(msgspec.Struct, frozen=True):
    """The one button of a ticket: a form when it sends again, else a link to where it is done."""

    text: str
    href: str | None


class CallLine(msgspec.Struct, frozen=True):
    """Who turned to whom, what came of it, and how long it took."""

    at: datetime
    asked: str
    kind: str
    shape: str
    answered: str
    more: str


def address(asked: dict[str, str], path: str = PATH, **changed: str | None) -> str:
    """The page with the filters as they are, but for what is changed."""
    query = {name: text for name, text in (asked | changed).items() if text}
    return f"{path}?{urlencode(query)}" if query else path


def under_way(board: BoardOut) -> str:
    """Those that need a person may have ended; they are counted all the same."""
    count = sum(column.count for column in board.columns)
    if count >= MOST_COUNTED:
        return _("over 1,000 under way")
    return ngettext("%(num)d under way", "%(num)d under way", count) % {"num": count}


def more_of(column: ColumnOut) -> str | None:
    hidden = column.count - len(column.orders)
    if hidden <= 0:
        return None
    return (
        _("all %(count)s") % {"count": capped(column.count)}
        if column.count >= MOST_COUNTED
        else (ngettext("%(num)d more", "%(num)d more", hidden) % {"num": hidden})
    )


def ticket_time(ticket: TicketOut) -> Markup | str:
    """How long it stands there; of a parcel, when it is due; of one that goes out later, when."""
    if ticket.status == "SHIPPED" and ticket.estimated_delivery_at is not None:
        return Markup("{} {}").format(_("due"), times.day(ticket.estimated_delivery_at))
    stood = clock.now() - ticket.moved_at
    return _("now") if stood < timedelta(minutes=1) else times.span(stood)


def failure_of(ticket: TicketOut) -> str:
    """Why somebody has to look at it, in one sentence."""
    if ticket.status == "REJECTED":
        return _("The pharmacy refused it.")
    if ticket.cancel_failure is not None:
        return _("It could not be canceled: the patient may still get it.")
    said = sentence(ticket.failure) if ticket.failure else _("Nobody knows how it goes on.")
    if ticket.attempts > 1:
        said += " " + _("%(num)d tries.") % {"num": ticket.attempts}
    return said


def ticket_act(ticket: TicketOut) -> TicketAct | None:
    """What a person most likely does next."""
    page = f"{PATH}/{ticket.id}"
    if ticket.status == "REJECTED":
        return TicketAct(_("Resolve"), f"{page}#resolve")
    if ticket.status != "NEEDS_ATTENTION":
        return TicketAct(_("Resolve"), f"{page}#resolve") if ticket.failure else None
    if ticket.failure == INACTIVE and not ticket.has_left:
        return TicketAct(_("Replace"), f"{page}#replace")
    if ticket.cancel_failure is not None or ticket.failure in {NO_NEWS, NOT_KNOWN}:
        return TicketAct(_("Resolve"), f"{page}#resolve")
    return TicketAct(_("Send again"), None)


def in_column(column: Column, ticket: TicketOut) -> bool:
    """Whether the ticket says what is wrong and has a button."""
    return column in {"ATTENTION", "REFUSED"} or ticket.status == "NEEDS_ATTENTION"


def state_choices() -> list[tuple[str, str]]:
    return [("", _("All on the board")), *((name, _(words[2])) for name, words in COLUMNS.items())]


def sentence(text: str) -> str:
    """Our own words of what failed, as a sentence."""
    text = text.strip()
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"


def says(callback: CallbackDetailOut) -> str:
    """`Shipped, tracking 1ZX40077E0391`"""
    if callback.reported_status is None:
        return _("It cannot be read.")
    parts = [_(REPORTED[callback.reported_status])]
    if callback.tracking_ids:
        parts.append(_("tracking %(ids)s") % {"ids": ", ".join(callback.tracking_ids)})
    if callback.pharmacy_order_id:
        parts.append(_("their number %(number)s") % {"number": callback.pharmacy_order_id})
    if callback.external_id:
        parts.append(_("our number %(number)s") % {"number": callback.external_id})
    return ", ".join(parts)


def calls(order: OrderDetailOut, contents: OrderContentsOut | None) -> list[CallLine]:
    """What was asked of the pharmacy and what it told us by itself, newest first. Keys and signatures are never kept with them."""
    told = {one.id: one for one in contents.told} if contents else {}
    lines = []
    for call in order.calls:
        kind, shape, text = OUTCOMES.get(call.outcome, ("calm", "s-none", call.outcome))
        more = [_("HTTP %(status)s") % {"status": call.http_status}] if call.http_status else []
        more += [sentence(call.failure)] if call.failure else []
        more.append(_("%(number)d ms") % {"number": call.duration_milliseconds})
        lines.append(
            CallLine(call.created_at, _(CALLS.get(call.call, call.call)), kind, shape, _(text), " · ".join(more))
        )
    for callback in order.callbacks:
        said = told.get(callback.id)
        word = _(REPORTED[said.reported_status]) if said and said.reported_status else ""
        asked = _("They told us: %(what)s") % {"what": word} if word else _("They told us something")
        kind, shape = ("good", "s-yes") if callback.status == "APPLIED" else ("calm", "s-none")
        lines.append(
            CallLine(
                callback.created_at,
                asked,
                kind,
                shape,
                _(JUDGED[callback.status]),
                (said.message or "") if said else "",
            )
        )
    return sorted(lines, key=lambda line: line.at, reverse=True)


def timeline(order: OrderDetailOut, contents: OrderContentsOut | None) -> list[Line]:
    """Where the order was when, newest first."""
    lines: list[Line] = [(order.created_at, "", "truck", _("Placed"))]
    steps: tuple[tuple[OrderStatus, datetime | None], ...] = (
        ("SENT", order.sent_at),
        ("ACCEPTED", order.accepted_at),
        ("SHIPPED", order.shipped_at),
        ("DELIVERED", order.delivered_at),
    )
    lines += [(at, STATES[status][0], STATES[status][1], _(STATES[status][2])) for status, at in steps if at]
    if order.ended_at and order.status in {"REJECTED", "CANCELED"}:
        kind, shape, text = STATES[order.status]
        lines.append((order.ended_at, kind, shape, _(text)))
    if order.status == "NEEDS_ATTENTION":
        lines.append((order.updated_at, "problem", "s-warn", _("Left to a person")))
    if order.cancel_requested_at:
        lines.append((order.cancel_requested_at, "warn", "s-none", _("Somebody wants it canceled")))
    if contents and contents.resolved_at and contents.resolution:
        lines.append((contents.resolved_at, "good", "s-yes", _("Resolved: %(note)s") % {"note": contents.resolution}))
    for parcel in contents.parcels if contents else []:
        about = ", ".join(part for part in (_status(parcel.status), parcel.location, parcel.message) if part)
        lines.append(
            (
                parcel.at,
                "live",
                "s-ship",
                _("Parcel %(id)s: %(about)s") % {"id": parcel.tracking_id or "", "about": about},
            )
        )
    return sorted(lines, key=lambda line: line[0], reverse=True)


def _status(text: str | None) -> str | None:
    return text.replace("_", " ").lower() if text else None


def happened_choices(status: str) -> list[tuple[str, str]]:
    return (
        [("", _("Choose")), *((code, _(text)) for code, text in HAPPENED.items())]
        if status == "NEEDS_ATTENTION"
        else []
    )


def story_choices() -> list[tuple[str, str]]:
    return [(code, _(text)) for code, text in STORIES.items()]


def pharmacy_state(pharmacy: PharmacyStateOut) -> tuple[str, str, str]:
    if not pharmacy.is_active:
        return "calm", "s-none", _("Takes no orders")
    if pharmacy.failures >= _FAILING:
        said = ngettext("Failing: %(num)d call in a row", "Failing: %(num)d calls in a row", pharmacy.failures)
        return "problem", "s-warn", said % {"num": pharmacy.failures}
    if pharmacy.failures:
        return "warn", "s-warn", _("The last call failed")
    if pharmacy.last_call_at is None and pharmacy.last_callback_at is None:
        return "calm", "s-none", _("Quiet")
    return "good", "s-yes", _("Answers")


def last_answer(pharmacy: PharmacyStateOut) -> str:
    if pharmacy.last_call is None or pharmacy.last_outcome is None:
        return _("no call lately")
    parts = [_(CALLS.get(pharmacy.last_call, pharmacy.last_call))]
    parts.append(_(OUTCOMES.get(pharmacy.last_outcome, ("", "", pharmacy.last_outcome))[2]))
    if pharmacy.last_http_status:
        parts.append(_("HTTP %(status)s") % {"status": pharmacy.last_http_status})
    return ", ".join(parts)


def candidate_choices(callback: CallbackDetailOut) -> list[tuple[UUID, str]]:
    return [
        (
            one.id,
            f"{one.case_short_id} · {one.patient_name}"
            + (f" · {_('test')}" if one.is_test else "")
            + f" · {times.words(one.created_at)}",
        )
        for one in callback.candidates
    ]
