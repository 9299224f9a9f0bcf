"""Sending a quote, on the wire."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from carelane.kit.ids import RecordName
from carelane.kit.phi import Phi

Method = Literal["email", "sms"]
# A text message holds what fits beside the link.
MAX_MESSAGE_CHARACTERS = 10_000


class SendQuoteIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`SendQuoteRequest`. `method` is `email` or `sms`, in any case; without a date, or with one that has come, it goes now."""

    quote_id: RecordName
    method: str
    message: Annotated[str, Meta(max_length=MAX_MESSAGE_CHARACTERS)] | None = None
    schedule_send_date: datetime | None = None
