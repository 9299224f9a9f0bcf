"""Disputes on the wire. Amounts are decimal strings in the dispute's currency."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from carelane.kit.phi import Phi
from carelane.web.paging import Place

DisputeStatus = Literal["OPEN", "WON", "LOST"]


class DisputeListedOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A dispute in a list of all. It names no patient: the payment leads there. `gatewayId` is its name at the gateway."""

    id: UUID
    payment_id: UUID
    case_short_id: str | None
    gateway_id: str
    amount: str
    fee: str
    currency: str
    is_test: bool
    reason: str | None
    status: DisputeStatus
    opened_at: datetime
    closed_at: datetime | None


class DisputePageOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Opened last first. `next` is what to send as `after` for the page behind this one; null on the last."""

    disputes: list[DisputeListedOut]
    next: str | None


class DisputeFilter(msgspec.Struct, frozen=True, kw_only=True):
    """None: whatever it is. `opened_until` is excluded."""

    status: DisputeStatus | None = None
    opened_from: datetime | None = None
    opened_until: datetime | None = None
    after: Place | None = None


class EvidenceLineOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A line of a charge that was paid with the payment; `total` with its discount, before tax."""

    charge_id: UUID
    name: str
    quantity: int
    total: str
    sold_at: datetime


class EvidenceDecisionOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """What was decided on a product of the case, by whom and when."""

    product: str | None
    outcome: str
    decided_by: str | None
    decided_at: datetime


class EvidenceDeliveryOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """An order of the case, and how far it came."""

    order_id: UUID
    status: str
    pharmacy: str | None
    tracking_id: str | None
    sent_at: datetime | None
    shipped_at: datetime | None
    delivered_at: datetime | None


class EvidenceReceiptOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A receipt of the payment that was sent, and whether it left."""

    channel: str
    status: str
    sent_at: datetime | None
    created_at: datetime


class EvidenceOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A dispute, and what a clinic has to answer it with. A list that is empty says what is missing."""

    dispute: DisputeListedOut
    patient_id: UUID | None
    patient_name: str | None
    case_id: UUID | None
    paid_at: datetime | None
    paid: str
    card: str | None
    sold: list[EvidenceLineOut]
    decisions: list[EvidenceDecisionOut]
    deliveries: list[EvidenceDeliveryOut]
    receipts: list[EvidenceReceiptOut]
