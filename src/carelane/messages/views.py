"""From a message's row to what staff see: never what it says, and of its recipient as much as tells one from another."""

import msgspec

from carelane.kit.damage import DAMAGED, shown_as
from carelane.kit.phi import DataKey
from carelane.messages.queries import CONTENT, MessageRow
from carelane.messages.schemas import Content, MessageOut

_HIDDEN = "***"
_DIGITS_SHOWN = 4


def open_content(data_key: DataKey, row: MessageRow) -> Content | None:
    """None once it was removed. Raises UnsealError."""
    if row.content_sealed is None:
        return None
    return msgspec.json.decode(data_key.open(row.content_sealed, CONTENT, row.id), type=Content)


def _shown_content(data_key: DataKey, row: MessageRow) -> Content | None:
    if row.content_sealed is None:
        return None
    return shown_as(data_key, row.content_sealed, CONTENT, row.id, Content, Content(DAMAGED))


def show_message(data_key: DataKey, row: MessageRow) -> MessageOut:
    content = _shown_content(data_key, row)
    return MessageOut(
        id=row.id,
        kind=row.kind,
        channel=row.channel,
        record_kind=row.record_kind,
        record_id=row.record_id,
        recipient=_masked(content.recipient) if content else None,
        status=row.status,
        attempts=row.attempts,
        failure=row.failure,
        due_at=row.due_at,
        expires_at=row.expires_at,
        settled_at=row.settled_at,
        created_at=row.created_at,
    )


def _masked(recipient: str) -> str:
    return recipient if recipient == DAMAGED else mask(recipient)


def mask(recipient: str) -> str:
    """`r***@clinic.example`, `***0123`."""
    name, at, domain = recipient.rpartition("@")
    return f"{name[:1]}{_HIDDEN}@{domain}" if at else f"{_HIDDEN}{recipient[-_DIGITS_SHOWN:]}"
