"""Orders as the desk shows them, and what staff may ask. No health information in any answer."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from carelane.kit.phi import Phi
from carelane.orders.inbox.schemas import CallbackStatus
from carelane.orders.schemas import FindingOut
from carelane.orders.states import OrderStatus
from carelane.patients.schemas import Line
from carelane.web.wire import boolean_string, uuid_string

Reason = Annotated[str, Meta(pattern=r"\S", max_length=2_000, description="Not blank; kept sealed")]
Mover = Literal["CARELANE", "PHARMACY", "STAFF"]


class OrderRowOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """One order. `failure` and `cancel_failure` are our own words; `attempts` counts failed calls in a row."""

    id: UUID
    case_id: UUID
    case_short_id: str
    status: OrderStatus
    is_test: bool
    external_id: UUID
    pharmacy_id: UUID | None
    pharmacy_name: str | None
    pharmacy_order_id: str | None
    attempts: int
    failure: str | None
    next_step_at: datetime | None
    cancel_requested_at: datetime | None
    cancel_failure: str | None
    replaces_order_id: UUID | None
    replaced_by_order_id: UUID | None
    created_at: datetime
    updated_at: datetime
    sent_at: datetime | None
    accepted_at: datetime | None
    shipped_at: datetime | None
    delivered_at: datetime | None
    ended_at: datetime | None


class OrderFilter(msgspec.Struct, frozen=True, kw_only=True):
    statuses: list[OrderStatus] | None = None
    pharmacy_id: UUID | None = None
    case_id: UUID | None = None
    needs_attention: bool | None = None
    # The last order of the page before.
    after: UUID | None = None


class OrderQuery(msgspec.Struct, frozen=True, kw_only=True):
    """The query of a list of orders as it was sent."""

    statuses: list[OrderStatus] | None
    pharmacy_id: str | None
    case_id: str | None
    needs_attention: str | None
    after: str | None
    limit: int

    def filter(self) -> OrderFilter:
        """Raises InvalidRequestError."""
        return OrderFilter(
            statuses=self.statuses,
            pharmacy_id=uuid_string("pharmacyId", self.pharmacy_id),
            case_id=uuid_string("caseId", self.case_id),
            needs_attention=boolean_string("needsAttention", self.needs_attention),
            after=uuid_string("after", self.after),
        )


class OrderPageOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Newest first. `next` is what to send as `after` for the page behind this one; null on the last."""

    orders: list[OrderRowOut]
    next: UUID | None


class CallOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """One time we turned to the pharmacy."""

    id: UUID
    call: str
    outcome: str
    http_status: int | None
    failure: str | None
    duration_milliseconds: int
    created_at: datetime


class CallbackOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """One message of the pharmacy, without what it said."""

    id: UUID
    message_id: str
    status: CallbackStatus
    created_at: datetime
    applied_at: datetime | None


class ShippingOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    tracking_id: str | None
    status: str | None
    status_updated_at: datetime


class OrderDetailOut(OrderRowOut, rename="camel", frozen=True, kw_only=True):
    tracking_id: str | None
    tracking_url: str | None
    carrier_name: str | None
    estimated_delivery_at: datetime | None
    calls: list[CallOut]
    callbacks: list[CallbackOut]
    shipping: list[ShippingOut]


class CancelIn(Phi, msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The reason is told to the pharmacy if it has the order."""

    reason: Reason


Letters = Annotated[str, Meta(pattern="^[A-Za-z]{2}$", description="Two letters")]


class NewAddressIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the replacement goes. Only US addresses are shipped to."""

    address_line1: Annotated[str, Meta(pattern=r"\S", max_length=500)]
    address_line2: Line | None = None
    city: Annotated[str, Meta(pattern=r"\S", max_length=200)]
    state: Letters
    country: Letters
    postal_code: Annotated[str, Meta(pattern="^[0-9]{5}$", description="Five digits")]


class ReplaceIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whatever is left out is as in the order that is replaced. `pharmacy_id` is the pharmacy's UUID."""

    reason: Reason
    pharmacy_id: UUID | None = None
    shipping_address: NewAddressIn | None = None


class OrderReplacedOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`id` is the new order's."""

    id: UUID
    replaces_order_id: UUID


class OrderMovedOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Where the order stands now. `cancel_requested_at`: the pharmacy may have it and is asked to give it back."""

    id: UUID
    status: OrderStatus
    cancel_requested_at: datetime | None
    next_step_at: datetime | None


class LastFailureOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`call` and `outcome` are null for what failed without turning to the pharmacy."""

    call: str | None
    outcome: str | None
    failure: str | None
    http_status: int | None
    at: datetime


class MoveOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    who: Mover
    how: str


class OrderWhyOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Why an order stands where it stands. `next_at` is null when no time is set for what comes next; `findings` are what was
    doubted when it was placed."""

    order_id: UUID
    status: OrderStatus
    waits_for: str
    since: datetime
    last_failure: LastFailureOut | None
    next: str
    next_at: datetime | None
    who_can_move_it: list[MoveOut]
    findings: list[FindingOut]
