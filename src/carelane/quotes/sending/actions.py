"""Handing a quote over: at once, or on a date. Only a row is written; the worker sends."""

from datetime import UTC, datetime, timedelta

import msgspec

from carelane import events
from carelane.carts.queries import LockedCart
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError, FieldProblem, RuleBrokenError
from carelane.kit.ids import uuid7
from carelane.kit.phi import DataKey, Phi
from carelane.quotes import access, views
from carelane.quotes import actions as quote_actions
from carelane.quotes.queries import LockedQuote
from carelane.quotes.schemas import QuoteOut
from carelane.quotes.sending import channels, queries
from carelane.quotes.sending.queries import MESSAGE, Contact
from carelane.quotes.sending.schemas import Method, SendQuoteIn
from carelane.settings import Settings

MOST_SCHEDULED_DAYS = 366
# Of one quote; nobody wants more of them.
MOST_WAITING = 10
_METHODS: dict[str, Method] = {"email": "email", "sms": "sms"}
_WANTED = {"email": "an e-mail address", "sms": "a phone number"}


class Sending(Phi, msgspec.Struct, frozen=True):
    """What was asked for, checked as far as it can be without the quote."""

    quote_name: str
    method: Method
    message: str | None
    # None: at once.
    due_at: datetime | None


def read_sending(data: SendQuoteIn) -> Sending:
    """Raises RuleBrokenError with all problems."""
    due_at, problems = _due_at(data.schedule_send_date)
    method = _METHODS.get(data.method.strip().lower())
    if method is None:
        problems = [FieldProblem("method", "expected one of email, sms"), *problems]
    if method is None or problems:
        raise RuleBrokenError(problems=problems)
    return Sending(data.quote_id, method, data.message or None, due_at)


def _due_at(asked: datetime | None) -> tuple[datetime | None, list[FieldProblem]]:
    if asked is None:
        return None, []
    due_at, now = asked if asked.tzinfo else asked.replace(tzinfo=UTC), clock.now()
    if due_at - now > timedelta(days=MOST_SCHEDULED_DAYS):
        return None, [FieldProblem("scheduleSendDate", f"expected a date within {MOST_SCHEDULED_DAYS} days")]
    return (due_at.astimezone(UTC) if due_at > now else None), []


async def send_quote(
    conn: Connection, actor: Actor, data_key: DataKey, settings: Settings, sending: Sending
) -> QuoteOut:
    """Puts the message into the queue. At once: the quote is SENT; later: it stays as it is until then.

    Raises RecordNotFoundError, ConflictError (it has ended, is empty, or has enough messages waiting; or this server cannot
    send that way), RuleBrokenError (the patient cannot be reached that way, or the quote ends before the date).
    """
    quote = await access.lock_quote(conn, actor, sending.quote_name)
    quote_actions.require_pending(quote)
    channels.require_channel(settings, sending.method)
    contact = await queries.find_contact(conn, actor.organization_id, quote.id)
    cart = await access.lock_cart_of(conn, actor, quote)
    _require_sendable(quote, cart, contact, sending)
    message_id = uuid7()
    sealed = data_key.seal(sending.message.encode(), MESSAGE, message_id) if sending.message else None
    due_at = sending.due_at or clock.now()
    await queries.insert_message(conn, actor.organization_id, message_id, quote.id, sending.method, sealed, due_at)
    if sending.due_at is None:
        await quote_actions.mark_sent(conn, actor, quote)
    else:
        when = due_at.isoformat(timespec="seconds").replace("+00:00", "Z")
        scheduled = events.new_event(actor, "QUOTE_SCHEDULED", None, target_id=quote.id, value_after=when)
        await events.record(conn, scheduled)
    return views.show_quote(data_key, await access.get_shown(conn, actor, sending.quote_name))


def _require_sendable(quote: LockedQuote, cart: LockedCart, contact: Contact, sending: Sending) -> None:
    if contact.line_count == 0:
        raise ConflictError("the quote has no lines; add one before it is sent")
    if contact.waiting_count >= MOST_WAITING:
        raise ConflictError(f"{contact.waiting_count} messages with this quote are waiting to be sent already")
    problems = []
    if channels.address_of(contact, sending.method) is None:
        wanted = f"expected a method by which the patient can be reached; {_WANTED[sending.method]} is not known"
        problems.append(FieldProblem("method", wanted))
    if sending.due_at is not None and quote.expires_at is not None and sending.due_at >= quote.expires_at:
        problems.append(FieldProblem("scheduleSendDate", "expected a date before the quote's validUntilDate"))
    # A cart that was offered stands as long as its quotes do, whatever its own date says.
    ends_at = cart.expires_at if cart.locked_at is None else None
    if sending.due_at is not None and ends_at is not None and sending.due_at >= ends_at:
        problems.append(FieldProblem("scheduleSendDate", "expected a date before the cart's expiresDate"))
    if problems:
        raise RuleBrokenError(problems=problems)
