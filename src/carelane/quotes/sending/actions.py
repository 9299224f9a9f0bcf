"""Handing a quote over: at once, or on a date. Only a message is queued; the worker sends it."""

from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import msgspec

from carelane import events
from carelane.carts.queries import LockedCart
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.emails import deliverable
from carelane.kit.errors import ConflictError, FieldProblem, RuleBrokenError
from carelane.kit.phi import DataKey, Phi
from carelane.messages.actions import missing_setting, queue
from carelane.messages.schemas import Channel, Content, NewMessage
from carelane.permissions import BILLING_WRITE, requires
from carelane.quotes import access, views
from carelane.quotes import actions as quote_actions
from carelane.quotes.page.actions import renew_link
from carelane.quotes.queries import LockedQuote
from carelane.quotes.schemas import QuoteOut
from carelane.quotes.sending import queries
from carelane.quotes.sending.queries import Contact
from carelane.quotes.sending.schemas import Method, SendQuoteIn
from carelane.services import Services
from carelane.settings import Settings
from carelane.web.idempotency import RequestKey, run_once

MOST_SCHEDULED_DAYS = 366
# Of one quote; nobody wants more of them.
MOST_WAITING = 10
CHANNELS: dict[Method, Channel] = {"email": "MAIL", "sms": "SMS"}
_METHODS: dict[str, Method] = {"email": "email", "sms": "sms"}
_WANTED = {"email": "an e-mail address", "sms": "a phone number"}
_WHAT = {"email": "mail", "sms": "text messages"}


class Sending(Phi, msgspec.Struct, frozen=True):
    """What was asked for, checked as far as it can be without the quote."""

    ref: str
    method: Method
    message: str | None
    # None: at once.
    due_at: datetime | None


@requires(BILLING_WRITE)
async def send_quote(services: Services, actor: Actor, body: SendQuoteIn, request_key: RequestKey | None) -> QuoteOut:
    """Queues the message with the quote's link. At once: the quote is SENT; later: it stays as it is until then.

    Raises RecordNotFoundError, ConflictError (it has ended, is empty, or has enough messages waiting; or this server cannot
    send that way), RuleBrokenError (the patient cannot be reached that way, or the quote ends before the date).
    """
    sending = _read(body)
    data_key = await services.keyring.data_key(actor.organization_id)
    return await run_once(services, actor, request_key, partial(_send, actor, data_key, services.settings, sending))


def _read(body: SendQuoteIn) -> Sending:
    """Raises RuleBrokenError with all problems."""
    due_at, problems = _due_at(body.schedule_send_date)
    method = _METHODS.get(body.method.strip().lower())
    if method is None:
        problems = [FieldProblem("method", "expected one of email, sms"), *problems]
    if method is None or problems:
        raise RuleBrokenError(problems=problems)
    return Sending(body.quote_id, method, body.message or None, due_at)


def _due_at(asked: datetime | None) -> tuple[datetime | None, list[FieldProblem]]:
    if asked is None:
        return None, []
    due_at, now = asked if asked.tzinfo else asked.replace(tzinfo=UTC), clock.now()
    if due_at - now > timedelta(days=MOST_SCHEDULED_DAYS):
        return None, [FieldProblem("scheduleSendDate", f"expected a date within {MOST_SCHEDULED_DAYS} days")]
    return (due_at.astimezone(UTC) if due_at > now else None), []


async def _send(actor: Actor, data_key: DataKey, settings: Settings, sending: Sending, conn: Connection) -> QuoteOut:
    quote = await access.lock_quote(conn, actor, sending.ref)
    quote_actions.require_pending(quote)
    _require_channel(settings, sending.method)
    contact = await queries.find_contact(conn, actor.organization_id, quote.id)
    cart = await access.lock_cart_of(conn, actor, quote)
    _require_sendable(quote, cart, contact, sending)
    # Where the old link was closed after too many guesses, this message has a new one.
    await renew_link(conn, actor.organization_id, quote.id)
    await queue(conn, actor, data_key, link_message(quote.id, contact, sending.method, sending.message, sending.due_at))
    if sending.due_at is None:
        await quote_actions.mark_sent(conn, actor, quote)
    else:
        when = sending.due_at.isoformat(timespec="seconds").replace("+00:00", "Z")
        scheduled = events.new_event(actor, "QUOTE_SCHEDULED", None, target_id=quote.id, value_after=when)
        await events.record(conn, scheduled)
    return views.show_quote(data_key, await access.get_shown(conn, actor, sending.ref))


def link_message(
    quote_id: UUID, contact: Contact, method: Method, words: str | None, due_at: datetime | None
) -> NewMessage:
    """`words` go with the link; the rest is written as the message leaves."""
    return NewMessage(
        kind="QUOTE_LINK",
        channel=CHANNELS[method],
        record_kind="quote",
        record_id=quote_id,
        content=Content(recipient=address_of(contact, CHANNELS[method]) or "", text=words or ""),
        due_at=due_at,
    )


def address_of(contact: Contact, channel: Channel) -> str | None:
    """None: the patient cannot be reached that way."""
    if channel == "MAIL":
        return deliverable(contact.email) if contact.email else None
    return contact.phone_number


def _require_channel(settings: Settings, method: Method) -> None:
    """Raises ConflictError that names the setting which is missing."""
    missing = missing_setting(settings, CHANNELS[method])
    if missing is None and not settings.public_url:
        missing = "CARELANE_PUBLIC_URL"
    if missing is not None:
        raise ConflictError(f"this server cannot send quotes by {_WHAT[method]}: {missing} is not set")


def _require_sendable(quote: LockedQuote, cart: LockedCart, contact: Contact, sending: Sending) -> None:
    if contact.line_count == 0:
        raise ConflictError("the quote has no lines; add one before it is sent")
    if contact.waiting_count >= MOST_WAITING:
        raise ConflictError(f"{contact.waiting_count} messages with this quote are waiting to be sent already")
    problems = []
    if address_of(contact, CHANNELS[sending.method]) is None:
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
