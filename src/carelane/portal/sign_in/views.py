"""What the message with a code says."""

from datetime import datetime
from uuid import UUID

from carelane.messages.schemas import Channel, Content, NewMessage


def write_code(
    clinic: str, code: str, channel: Channel, recipient: str, patient_id: UUID, expires_at: datetime
) -> NewMessage:
    """It is not sent once the code has expired."""
    text = f"{code} is your code to sign in to {clinic}. It is good for 5 minutes. Nobody from the clinic will ask you for it."
    subject = f"{code} is your code for {clinic}" if channel == "MAIL" else ""
    return NewMessage(
        kind="SIGN_IN_CODE",
        channel=channel,
        record_kind="patient",
        record_id=patient_id,
        content=Content(recipient, subject, text),
        expires_at=expires_at,
    )
