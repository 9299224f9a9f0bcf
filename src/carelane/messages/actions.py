"""Queueing messages, and sending a failed one again."""

from uuid import UUID

import msgspec

from carelane import events
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.db import Connection, Sealed
from carelane.kit.ids import parse_uuid, uuid7
from carelane.kit.phi import DataKey
from carelane.messages import queries
from carelane.messages.errors import MessageNotFoundError, MessageStateError
from carelane.messages.mail import mail_server
from carelane.messages.queries import CONTENT, DEDUPE, MessageRow
from carelane.messages.schemas import Channel, MessageOut, NewMessage
from carelane.messages.sms import sms_gateway
from carelane.messages.views import show_message
from carelane.permissions import MESSAGES_WORK, requires
from carelane.services import Services
from carelane.settings import Settings

_SETTING_OF: dict[Channel, str] = {"MAIL": "CARELANE_SMTP_HOST", "SMS": "CARELANE_SMS_URL"}


def missing_setting(settings: Settings, channel: Channel) -> str | None:
    """The setting without which nothing leaves this way; None when it is there."""
    way = mail_server(settings) if channel == "MAIL" else sms_gateway(settings)
    return _SETTING_OF[channel] if way is None else None


async def queue(conn: Connection, actor: Actor, data_key: DataKey, *messages: NewMessage) -> list[UUID]:
    """Puts messages into the outbox, in the caller's own transaction; the ids of those that were not there already."""
    rows = [new_row(actor.organization_id, data_key, message) for message in messages]
    return await queries.insert_messages(conn, rows) if rows else []


def new_row(organization_id: UUID, data_key: DataKey, message: NewMessage) -> dict[str, object]:
    """The columns of a new message, sealed; draws its id."""
    message_id = uuid7()
    key = message.dedupe_key
    return {
        "organization_id": organization_id,
        "id": message_id,
        "kind": message.kind,
        "channel": message.channel,
        "record_kind": message.record_kind,
        "record_id": message.record_id,
        "dedupe_digest": None if key is None else Sealed(data_key.digest(key.encode(), DEDUPE)),
        "content_sealed": Sealed(data_key.seal(msgspec.json.encode(message.content), CONTENT, message_id)),
        "due_at": message.due_at,
        "expires_at": message.expires_at,
    }


@requires(MESSAGES_WORK)
async def retry_message(services: Services, actor: Actor, ref: str) -> MessageOut:
    """Puts a failed message back into the queue, with all its attempts. Raises MessageNotFoundError, MessageStateError."""
    data_key = await services.keyring.data_key(actor.organization_id)
    message_id = parse_uuid(ref)
    async with services.db.transaction(actor) as conn:
        found = await queries.lock_message(conn, actor.organization_id, message_id) if message_id else None
        if found is None:
            raise MessageNotFoundError
        _require_retryable(found)
        queued = await queries.set_queued(conn, actor.organization_id, found.id)
        await events.record(conn, events.new_event(actor, "MESSAGE_RETRIED", None, target_id=found.id))
    return show_message(data_key, queued)


def _require_retryable(message: MessageRow) -> None:
    if message.status != "FAILED":
        raise MessageStateError(f"the message is {message.status}; only one that is FAILED is sent again")
    if message.content_sealed is None:
        raise MessageStateError("what the message said was removed; it is kept for a limited time only")
    if message.expires_at is not None and message.expires_at <= clock.now():
        raise MessageStateError("the message was of use until a moment that has passed")
