"""Queueing the messages that bring a payment's link: when the payment comes to need its patient, and when staff ask for it again."""

from collections.abc import Iterable
from functools import partial
from uuid import UUID

import structlog

from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.emails import deliverable
from carelane.kit.errors import ConflictError, RecordNotFoundError
from carelane.kit.ids import parse_uuid
from carelane.kit.phi import DataKey, UnsealError
from carelane.messages.actions import missing_setting, new_row, queue
from carelane.messages.schemas import Channel, Content, NewMessage
from carelane.payments.links import queries
from carelane.payments.links.queries import Need, Payer
from carelane.payments.links.schemas import LinkSentOut
from carelane.payments.queries import lock_payment
from carelane.payments.states import WITH_PATIENT
from carelane.permissions import PAYMENTS_WRITE, requires
from carelane.services import Services
from carelane.settings import Settings
from carelane.web.idempotency import RequestKey, run_once

# Of one payment; nobody wants more of them.
MOST_WAITING = 10
_CHANNELS: tuple[Channel, ...] = ("MAIL", "SMS")

log = structlog.get_logger()


async def queue_links(services: Services, conn: Connection, events: Iterable[tuple[UUID, UUID, str]]) -> None:
    """For events as (organization, id, type), in the dispatcher's transaction, which takes up each of them once: where one tells
    that a payment came to need its patient, a message by every way that this server has. Whether the patient can be reached that
    way is seen as it leaves."""
    channels = _ways(services.settings)
    told = [(organization_id, event_id) for organization_id, event_id, kind in events if kind == "PAYMENT_UPDATED"]
    if not (channels and told):
        return
    needs = await queries.list_needs(conn, [pair[0] for pair in told], [pair[1] for pair in told])
    rows = [row for need in needs for row in await _rows(services, need, channels)]
    if rows:
        await queries.insert_calls(conn, rows)


def _ways(settings: Settings) -> list[Channel]:
    return [one for one in _CHANNELS if not missing_setting(settings, one)] if settings.public_url else []


async def _rows(services: Services, need: Need, channels: list[Channel]) -> list[dict[str, object]]:
    try:
        data_key = await services.keyring.data_key(need.organization_id)
    except (UnsealError, LookupError) as error:
        # One organization without its key must not hold up the events of all others.
        log.error("link_not_queued", organization_id=str(need.organization_id), error=type(error).__name__)
        return []
    messages = [_message(need.payment_id, channel, f"{need.event_id} {channel}") for channel in channels]
    return [new_row(need.organization_id, data_key, one) | {"event_id": need.event_id} for one in messages]


def address_of(payer: Payer, channel: Channel) -> str | None:
    """None: the patient cannot be reached that way."""
    if channel == "MAIL":
        return deliverable(payer.email) if payer.email else None
    return payer.phone_number


def _message(payment_id: UUID, channel: Channel, dedupe_key: str | None = None) -> NewMessage:
    """To whom it goes and what it says is written as it leaves."""
    return NewMessage(
        kind="PAYMENT_LINK",
        channel=channel,
        record_kind="payment",
        record_id=payment_id,
        content=Content(recipient=""),
        dedupe_key=dedupe_key,
    )


@requires(PAYMENTS_WRITE)
async def send_link(services: Services, actor: Actor, ref: str, request_key: RequestKey | None) -> LinkSentOut:
    """A new link, by every way that there is; those of before are worthless from now on.

    Raises RecordNotFoundError, ConflictError (the payment does not need its patient, the patient cannot be reached, or this
    server sends nothing).
    """
    data_key = await services.keyring.data_key(actor.organization_id)
    return await run_once(services, actor, request_key, partial(_send, actor, data_key, services.settings, ref))


async def _send(actor: Actor, data_key: DataKey, settings: Settings, ref: str, conn: Connection) -> LinkSentOut:
    payment_id = parse_uuid(ref)
    payment = await lock_payment(conn, actor.organization_id, payment_id) if payment_id else None
    if payment is None:
        raise RecordNotFoundError(f"no payment {ref} here")
    if payment.stage not in WITH_PATIENT:
        raise ConflictError(
            f"the payment is {payment.stage}; only one that is NEEDS_PATIENT or NEEDS_CARD needs its patient"
        )
    _require_way(settings)
    payer = await queries.find_payer(conn, actor.organization_id, payment.id)
    ways = _ways(settings)
    channels: list[Channel] = [one for one in ways if payer is not None and address_of(payer, one)]
    if payer is None or not channels:
        raise ConflictError("no e-mail address or phone number of the patient is known that this server can send to")
    if payer.waiting_count >= MOST_WAITING:
        raise ConflictError(f"{payer.waiting_count} messages with this payment are waiting to be sent already")
    await queries.set_new_version(conn, actor.organization_id, payment.id)
    await queue(conn, actor, data_key, *(_message(payment.id, channel) for channel in channels))
    return LinkSentOut(payment_id=payment.id, channels=channels)


def _require_way(settings: Settings) -> None:
    """Raises ConflictError that names the settings which are missing."""
    missing = [missing_setting(settings, channel) for channel in _CHANNELS]
    if all(missing):
        raise ConflictError(f"this server cannot send messages: neither {' nor '.join(filter(None, missing))} is set")
    if not settings.public_url:
        raise ConflictError("this server cannot send links: CARELANE_PUBLIC_URL is not set")
