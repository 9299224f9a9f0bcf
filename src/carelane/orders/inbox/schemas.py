"""What a pharmacy gets as an answer, and what is kept of its message."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from carelane.kit.phi import Phi
from carelane.pharmacies.adapters import Callback

CallbackStatus = Literal["STORED", "APPLIED", "LATE", "WAITING", "UNREADABLE"]
Verdict = Literal["stored", "applied", "late", "waiting", "duplicate"]


class CallbackTakenOut(msgspec.Struct, frozen=True):
    """`stored`: taken, and judged in a moment. `late`: it changed nothing. `waiting`: no such order yet. `duplicate`: seen before."""

    status: Verdict


class KeptCallback(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """What is sealed of a message: its very bytes, and how they were read; null when they could not be."""

    body: bytes
    callback: Callback | None


class WaitingCallbackOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A message that found no order (WAITING) or that could not be read (UNREADABLE)."""

    id: UUID
    pharmacy_id: UUID
    pharmacy_name: str
    message_id: str
    status: CallbackStatus
    external_id: UUID | None
    pharmacy_order_id: str | None
    since: datetime


class InboxPageOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Newest first. `next` is what to send as `after` for the page behind this one; null on the last."""

    callbacks: list[WaitingCallbackOut]
    next: UUID | None


class MatchIn(msgspec.Struct, rename="camel", frozen=True, forbid_unknown_fields=True):
    order_id: UUID


class MatchedOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`APPLIED`, or `LATE` when the order knew it already."""

    id: UUID
    order_id: UUID
    status: CallbackStatus
