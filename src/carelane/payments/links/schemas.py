"""Sending a payment's link again, on the wire."""

from uuid import UUID

import msgspec

from carelane.messages.schemas import Channel


class LinkSentOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """By which ways a message is on its way; `GET /api/staff/messages?recordId=` tells what came of it."""

    payment_id: UUID
    channels: list[Channel]
