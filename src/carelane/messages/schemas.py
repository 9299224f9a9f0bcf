"""Messages: their kinds, what a feature queues, and what staff see of them on the wire."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from carelane.kit.phi import Phi
from carelane.messages.states import Status

Channel = Literal["MAIL", "SMS"]
Kind = Literal[
    "CASE_CREATED",
    "WEBHOOK_DISABLED",
    "WEBHOOK_FAILED",
    "QUOTE_LINK",
    "PAYMENT_LINK",
    "PAYMENT_RECEIPT",
    "INVOICE_LINK",
    "SIGN_IN_CODE",
    "APPOINTMENT",
    "CASE_MESSAGE",
    "STAFF_INVITATION",
    "PASSWORD_RESET",
    "EMAIL_CHANGED",
]

MEANINGS: dict[Kind, str] = {
    "CASE_CREATED": "tells the people whom the organization named of a new case",
    "WEBHOOK_DISABLED": "tells them of a webhook endpoint that was switched off",
    "WEBHOOK_FAILED": "tells the address that a storefront named for its listener that deliveries to it were given up",
    "QUOTE_LINK": "brings a quote's link to its patient",
    "PAYMENT_LINK": "brings a patient the page on which a payment is confirmed, or made with another card",
    "PAYMENT_RECEIPT": "brings the link to a payment's receipt",
    "INVOICE_LINK": "brings a patient the link to what is owed, where it can be paid",
    "SIGN_IN_CODE": "brings a patient a one-time code for the portal",
    "APPOINTMENT": "tells the patient or the clinician of an appointment that was booked, moved or canceled",
    "CASE_MESSAGE": "tells whoever has a case that its patient wrote; not what",
    "STAFF_INVITATION": "brings a member of staff the link by which a first password is chosen",
    "PASSWORD_RESET": "brings a member of staff who forgot the password the link by which another is chosen",
    "EMAIL_CHANGED": "tells a member of staff, at the former address and at the new one, that an administrator changed it",
}


class Content(Phi, msgspec.Struct, frozen=True, omit_defaults=True):
    """What is sealed of a message: to whom, and what it says. A text message has no subject.

    `invitation` is an iCalendar object that goes with a mail; `html` the same as the text, for whoever would rather read that.
    """

    recipient: str
    subject: str = ""
    text: str = ""
    invitation: str = ""
    html: str = ""


class NewMessage(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """What a feature queues. The record is the one it tells of, by which staff find it."""

    kind: Kind
    channel: Channel
    record_kind: str
    record_id: UUID
    content: Content
    # None: at once.
    due_at: datetime | None = None
    # After this it is given up rather than sent late.
    expires_at: datetime | None = None
    # A second message of the organization with the same key is not queued. None: there is no other like it.
    dedupe_key: str | None = None


class MessageOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A message, without what it says."""

    id: UUID
    kind: Kind
    channel: Channel
    record_kind: str
    record_id: UUID
    # Masked. Null once what the message said was removed.
    recipient: str | None
    status: Status
    attempts: int
    # Of the last attempt.
    failure: str | None
    # When it is tried next; null once it is settled.
    due_at: datetime | None
    expires_at: datetime | None
    settled_at: datetime | None
    created_at: datetime


class MessagePageOut(msgspec.Struct, frozen=True, kw_only=True):
    """`next` is the `after` of the page behind this one."""

    messages: list[MessageOut]
    next: UUID | None


class MessageFilter(msgspec.Struct, frozen=True, kw_only=True):
    """None lets everything through."""

    statuses: list[Status] | None
    record_id: UUID | None
