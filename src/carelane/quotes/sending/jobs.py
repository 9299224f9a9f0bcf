"""What the worker does about messages with quotes: writes one as it leaves, and follows up when one was given up."""

from uuid import UUID

from carelane import events
from carelane.kit.auth import Actor, system_actor
from carelane.kit.db import Connection
from carelane.kit.languages import speaking
from carelane.messages.actions import queue
from carelane.messages.errors import SendError
from carelane.messages.jobs import Hooks
from carelane.messages.queries import MessageRow
from carelane.messages.schemas import Content
from carelane.messages.templates.reads import write_mail
from carelane.patients.queries import find_language
from carelane.quotes import actions as quote_actions
from carelane.quotes.page.access import QuoteLink, url_of
from carelane.quotes.queries import lock_quote
from carelane.quotes.sending import queries
from carelane.quotes.sending.actions import address_of, link_message
from carelane.quotes.sending.queries import OLD_WORDS
from carelane.quotes.sending.views import Offer, sms_text, values_of
from carelane.quotes.states import PENDING
from carelane.services import Services

_MOST_MOVED = 500


async def write(services: Services, conn: Connection, message: MessageRow, queued: Content) -> Content | None:
    """The message with the quote's link; a quote that waited for its date is SENT from now on. None: it has ended.

    Raises SendError when the patient cannot be reached that way any more, or nothing is left to offer.
    """
    organization_id, quote_id = message.organization_id, message.record_id
    quote = await lock_quote(conn, organization_id, quote_id)
    if quote is None or quote.status not in PENDING or quote.is_past:
        return None
    contact = await queries.find_contact(conn, organization_id, quote_id)
    recipient = address_of(contact, message.channel)
    if recipient is None or contact.line_count == 0:
        raise SendError("the patient has no address" if recipient is None else "the quote is empty", is_final=True)
    if not services.settings.public_url:
        raise SendError("CARELANE_PUBLIC_URL is not set")
    link = QuoteLink(organization_id, quote_id, contact.link_version)
    language = await find_language(conn, organization_id, quote.patient_id)
    offer = Offer(
        clinic=contact.organization_name,
        first_name=contact.first_name,
        message=queued.text or None,
        url=url_of(services.quote_link_key, services.settings.public_url, link),
        expires_at=quote.expires_at,
        timezone=contact.timezone,
    )
    await quote_actions.mark_sent(conn, system_actor(organization_id), quote)
    with speaking(language):
        if message.channel == "SMS":
            return Content(recipient, text=sms_text(offer))
        base = services.settings.public_url
        return await write_mail(conn, organization_id, "QUOTE", values_of(offer), recipient, base)


async def settled(conn: Connection, actor: Actor, message: MessageRow, failure: SendError | None) -> None:
    if failure is not None:
        given_up = events.new_event(
            actor, "QUOTE_NOT_DELIVERED", None, target_id=message.record_id, value_after=str(failure)
        )
        await events.record(conn, given_up)


HOOKS = Hooks(write=write, settled=settled)


async def move_old_messages(services: Services) -> None:
    """Messages of before the outbox, most of them waiting for a date, become messages there; their words are sealed anew."""
    async with services.db.across() as conn:
        found = await queries.list_old(conn, _MOST_MOVED)
    for organization_id, message_id in found:
        await _move(services, system_actor(organization_id), message_id)


async def _move(services: Services, actor: Actor, message_id: UUID) -> None:
    organization_id = actor.organization_id
    data_key = await services.keyring.data_key(organization_id)
    async with services.db.transaction(actor) as conn:
        old = await queries.lock_old(conn, organization_id, message_id)
        if old is None:
            return
        words = data_key.open(old.message_sealed, OLD_WORDS, message_id).decode() if old.message_sealed else None
        contact = await queries.find_contact(conn, organization_id, old.quote_id)
        await queue(conn, actor, data_key, link_message(old.quote_id, contact, old.method, words, old.next_attempt_at))
        await queries.set_moved(conn, organization_id, message_id)
