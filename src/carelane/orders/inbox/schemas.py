"""What a pharmacy gets as an answer, and what is kept of its message."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from carelane.kit.phi import Phi
from carelane.orders.states import OrderStatus
from carelane.pharmacies.adapters import Callback, PharmacyStatus

CallbackStatus = Literal["STORED", "APPLIED", "LATE", "WAITING", "UNREADABLE", "DISMISSED"]
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


class DismissIn(Phi, msgspec.Struct, rename="camel", frozen=True, forbid_unknown_fields=True):
    reason: Annotated[str, Meta(pattern=r"\S", max_length=2_000, description="Not blank; kept sealed")]


class DismissedOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    id: UUID
    status: CallbackStatus


class CandidateOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """An order that the message may be about: at its pharmacy, under way, and without a number of the pharmacy."""

    id: UUID
    case_short_id: str
    status: OrderStatus
    is_test: bool
    patient_name: str
    created_at: datetime


class CallbackDetailOut(WaitingCallbackOut, Phi, rename="camel", frozen=True, kw_only=True):
    """A message with what it says, as far as it could be read; `candidates` are the orders it may be about, oldest first, at most 20."""

    reported_status: PharmacyStatus | None
    message: str | None
    tracking_ids: list[str]
    carrier_name: str | None
    candidates: list[CandidateOut]


class CallbackDetailsOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Newest first."""

    callbacks: list[CallbackDetailOut]
