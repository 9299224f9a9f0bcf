"""Refunds on the wire."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from carelane.kit.phi import Phi
from carelane.payments.lines.schemas import RefundedItemOut, RefundItems
from carelane.payments.states import RefundStatus
from carelane.web.paging import Place

# Those that gateways know; without one they are told none.
RefundReason = Literal["duplicate", "fraudulent", "requested_by_customer"]
Comment = Annotated[str, Meta(pattern=r"\S", max_length=2_000, description="Not blank; kept sealed")]
Amount = Annotated[int | float | str, Meta(extra_json_schema={"format": "decimal", "examples": [50, 99.99, "99.99"]})]


class RefundIn(Phi, msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Without an amount: all that can be refunded. With items it is what these come to."""

    amount: Amount | None = None
    reason: RefundReason | None = None
    comment: Comment | None = None
    items: RefundItems | None = None


class RefundOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`amount` is a decimal string. `comment` is shown to those who may read cases. `items`: those that it gives back, where
    it names any."""

    id: UUID
    payment_id: UUID
    amount: str
    currency: str
    reason: str | None
    comment: str | None
    status: RefundStatus
    gateway_id: str | None
    failure: str | None
    granted_by_staff_id: UUID | None
    sent_by_staff_id: UUID | None
    granted_at: datetime
    sent_at: datetime | None
    settled_at: datetime | None
    items: list[RefundedItemOut] = []


class RefundListedOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A refund in a list of all. It names members of staff, and no patient: the payment leads there."""

    id: UUID
    payment_id: UUID
    case_short_id: str | None
    amount: str
    currency: str
    is_test: bool
    reason: str | None
    status: RefundStatus
    failure: str | None
    granted_by: str | None
    sent_by: str | None
    granted_at: datetime
    sent_at: datetime | None
    settled_at: datetime | None


class RefundPageOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Granted last first. `next` is what to send as `after` for the page behind this one; null on the last."""

    refunds: list[RefundListedOut]
    next: str | None


class RefundFilter(msgspec.Struct, frozen=True, kw_only=True):
    """None: whatever it is. `granted_until` is excluded."""

    status: RefundStatus | None = None
    granted_from: datetime | None = None
    granted_until: datetime | None = None
    after: Place | None = None
