"""What the message with a code says."""

from datetime import datetime
from uuid import UUID

from carelane.kit.languages import _
from carelane.messages.schemas import Channel, Content, NewMessage


def write_code(
    clinic: str, code: str, channel: Channel, recipient: str, patient_id: UUID, expires_at: datetime
) -> NewMessage:
    """It is not sent once the code has expired."""
    text = _(
        "%(code)s is your code to sign in to %(clinic)s. It is good for 5 minutes. Nobody from the clinic will ask you for it."
    ) % {"code": code, "clinic": clinic}
    subject = _("%(code)s is your code for %(clinic)s") % {"code": code, "clinic": clinic} if channel == "MAIL" else ""
    return NewMessage(
        kind="SIGN_IN_CODE",
        channel=channel,
        record_kind="patient",
        record_id=patient_id,
        content=Content(recipient, subject, text),
        expires_at=expires_at,
    )
