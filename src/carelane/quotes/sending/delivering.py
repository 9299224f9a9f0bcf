"""The worker's loop: claims messages that are due, sends them outside any transaction, writes down what came of it.

A claim moves the message's next attempt by a lease, so what a dead worker held is sent by another: after a crash between
sending and writing it down, a mail may come twice, but never not at all.
"""

import asyncio
import random
from datetime import timedelta
from uuid import UUID, uuid4

import msgspec
import structlog

from carelane import events
from carelane.kit import clock, failpoints
from carelane.kit.auth import Actor, system_actor
from carelane.kit.db import Connection
from carelane.kit.jobs import MOST_ATTEMPTS
from carelane.kit.phi import DataKey, Phi
from carelane.quotes import actions as quote_actions
from carelane.quotes.page.access import QuoteLink, url_of
from carelane.quotes.queries import LockedQuote, lock_quote
from carelane.quotes.sending import channels, queries
from carelane.quotes.sending.channels import NotSentError
from carelane.quotes.sending.letter import Letter
from carelane.quotes.sending.queries import MESSAGE, Claimed, Contact, HeldMessage
from carelane.quotes.sending.schemas import Method
from carelane.quotes.states import PENDING
from carelane.services import Services

MOST_AT_ONCE = 8
LOOK_SECONDS = 0.5
# How much longer or shorter a wait may be than it should, so that what failed together does not come again together.
_JITTER = 0.2

log = structlog.get_logger()


class Opened(Phi, msgspec.Struct, frozen=True):
    method: Method
    recipient: str
    letter: Letter


async def run(services: Services) -> None:
    """Sends until cancelled; then what is in hand gets `settings.stop_seconds` to end."""
    busy: set[asyncio.Task[None]] = set()
    try:
        while True:
            for task in await _begin(services, MOST_AT_ONCE - len(busy)):
                busy.add(task)
                task.add_done_callback(busy.discard)
            await asyncio.sleep(LOOK_SECONDS)
    finally:
        if busy:
            await asyncio.wait(busy, timeout=services.settings.stop_seconds)
        for task in list(busy):
            task.cancel()
        await asyncio.gather(*busy, return_exceptions=True)


async def _begin(services: Services, room: int) -> list[asyncio.Task[None]]:
    if room <= 0:
        return []
    claim_id = uuid4()
    async with services.db.across() as conn:
        claimed = await queries.claim_due(conn, room, services.settings.claim_lease_seconds, claim_id)
    if claimed:
        failpoints.reach("quote.claimed")
    return [asyncio.create_task(deliver(services, message, claim_id)) for message in claimed]


async def deliver(services: Services, message: Claimed, claim_id: UUID) -> None:
    """One attempt at one message. Never raises: what cannot be done now is due again when the claim ends, or sooner."""
    try:
        failure = None
        try:
            opened = await _open(services, message, claim_id)
            if opened is None:
                return
            failpoints.reach("quote.opened")
            await channels.send(services, opened.method, opened.recipient, opened.letter)
            failpoints.reach("quote.sent")
        except NotSentError as error:
            failure = error
        async with services.db.transaction(system_actor(message.organization_id)) as conn:
            await _settle(conn, services, message, claim_id, failure)
    except Exception as error:
        log.warning("quote_message_attempt_lost", error=type(error).__name__)


async def _open(services: Services, message: Claimed, claim_id: UUID) -> Opened | None:
    """What is to be sent; a quote that waited for its date is SENT from now on. None: nothing is to be sent any more.

    Raises NotSentError when it cannot be sent, now or ever.
    """
    if message.attempts > MOST_ATTEMPTS:
        raise NotSentError("every attempt ended before its outcome was known", is_final=True)
    actor = system_actor(message.organization_id)
    data_key = await services.keyring.data_key(message.organization_id)
    async with services.db.transaction(actor) as conn:
        quote = await lock_quote(conn, message.organization_id, message.quote_id)
        held = await queries.lock_message(conn, message, claim_id)
        if held is None or quote is None:
            return None
        if quote.status not in PENDING or quote.is_past:
            await queries.set_outcome(conn, message, claim_id, "CANCELED")
            return None
        contact = await queries.find_contact(conn, message.organization_id, quote.id)
        opened = _write(services, data_key, message, held, quote, contact)
        await quote_actions.mark_sent(conn, actor, quote)
    return opened


def _write(
    services: Services, data_key: DataKey, message: Claimed, held: HeldMessage, quote: LockedQuote, contact: Contact
) -> Opened:
    """Raises NotSentError when the patient cannot be reached that way any more, or nothing is left to offer."""
    recipient = channels.address_of(contact, held.method)
    if recipient is None or contact.line_count == 0:
        raise NotSentError("the patient has no address" if recipient is None else "the quote is empty", is_final=True)
    words = data_key.open(held.message_sealed, MESSAGE, message.id).decode() if held.message_sealed else None
    link = QuoteLink(message.organization_id, message.quote_id)
    letter = Letter(
        clinic=contact.organization_name,
        first_name=contact.first_name,
        message=words,
        url=url_of(services.quote_link_key, services.settings.public_url or "", link),
        expires_at=quote.expires_at,
        timezone=contact.timezone,
    )
    return Opened(held.method, recipient, letter)


async def _settle(
    conn: Connection, services: Services, message: Claimed, claim_id: UUID, failure: NotSentError | None
) -> None:
    if failure is None:
        await queries.set_outcome(conn, message, claim_id, "SENT")
    elif failure.is_final or message.attempts >= MOST_ATTEMPTS:
        if await queries.set_outcome(conn, message, claim_id, "FAILED", str(failure)):
            await events.record(conn, _given_up(system_actor(message.organization_id), message.quote_id, str(failure)))
    else:
        wait = wait_seconds(services.settings.message_retry_seconds, message.attempts)
        await queries.set_outcome(
            conn, message, claim_id, "PENDING", str(failure), clock.now() + timedelta(seconds=wait)
        )


def _given_up(actor: Actor, quote_id: UUID, why: str) -> events.Event:
    return events.new_event(actor, "QUOTE_NOT_DELIVERED", None, target_id=quote_id, value_after=why)


def wait_seconds(first_seconds: float, attempts: int) -> float:
    """After so many attempts: each wait is twice the one before, give or take a fifth."""
    doubled: float = first_seconds * 2 ** (attempts - 1)
    return doubled * random.uniform(1 - _JITTER, 1 + _JITTER)
