"""What the message with a code says: the same sentence in a mail and in a text message. The words are in `messages/templates`."""

from datetime import datetime
from uuid import UUID

from carelane.messages.schemas import Channel, Content, NewMessage
from carelane.messages.templates.views import ours, write


def sms_text(clinic: str, code: str) -> str:
    return write("SIGN_IN_CODE", ours("SIGN_IN_CODE"), {"code": code, "clinic": clinic}, "").text.strip()


def show_message(content: Content, channel: Channel, patient_id: UUID, expires_at: datetime) -> NewMessage:
    """It is not sent once the code has expired."""
    return NewMessage(
        kind="SIGN_IN_CODE",
        channel=channel,
        record_kind="patient",
        record_id=patient_id,
        content=content,
        expires_at=expires_at,
    )
