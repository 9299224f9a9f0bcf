"""The board on the wire, and what may be asked of it."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from carelane.kit.phi import Phi
from carelane.orders.states import OrderStatus
from carelane.pharmacies.queries import AdapterName
from carelane.web.wire import boolean_string, uuid_string

# Under way, most urgent first; and where an order ends.
Column = Literal["ATTENTION", "TO_SEND", "SENT", "ACCEPTED", "SHIPPED", "DELIVERED", "REFUSED", "CANCELED"]
COLUMNS: dict[Column, tuple[OrderStatus, ...]] = {
    "ATTENTION": (),
    "TO_SEND": ("RECEIVED", "SENDING"),
    "SENT": ("SENT",),
    "ACCEPTED": ("ACCEPTED",),
    "SHIPPED": ("SHIPPED",),
    "DELIVERED": ("DELIVERED",),
    "REFUSED": ("REJECTED",),
    "CANCELED": ("CANCELED",),
}
ENDS: tuple[Column, ...] = ("DELIVERED", "REFUSED", "CANCELED")
# Counting stops there: nobody reads more of a column.
MOST_COUNTED = 1_000


class BoardFilter(msgspec.Struct, frozen=True, kw_only=True):
    pharmacy_id: UUID | None = None
    is_test: bool = False
    # The last order of the page before.
    after: UUID | None = None


class BoardQuery(msgspec.Struct, frozen=True, kw_only=True):
    """The query of the board as it was sent."""

    pharmacy_id: str | None = None
    is_test: str | None = None
    after: str | None = None

    def filter(self) -> BoardFilter:
        """Raises InvalidRequestError."""
        return BoardFilter(
            pharmacy_id=uuid_string("pharmacyId", self.pharmacy_id or None),
            is_test=boolean_string("isTest", self.is_test or None) or False,
            after=uuid_string("after", self.after or None),
        )


class TicketOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """One order on the board. `patient_name` and `products` are null for whoever may not read cases; `moved_at` is when it came
    where it stands, `failure` in our own words."""

    id: UUID
    case_id: UUID
    case_short_id: str
    status: OrderStatus
    is_test: bool
    pharmacy_id: UUID | None
    pharmacy_name: str | None
    pharmacy_order_id: str | None
    failure: str | None
    attempts: int
    cancel_requested_at: datetime | None
    cancel_failure: str | None
    has_left: bool
    next_step_at: datetime | None
    estimated_delivery_at: datetime | None
    tracking_id: str | None
    created_at: datetime
    moved_at: datetime
    patient_name: str | None
    products: list[str] | None


class ColumnOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`count` is of all orders in the column, at most 1000; `orders` are those that wait longest."""

    name: Column
    count: int
    orders: list[TicketOut]


class EndedOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """How many of the orders of the last 14 days came to this end, at most 1000."""

    name: Column
    count: int


class BoardOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    columns: list[ColumnOut]
    ended: list[EndedOut]


class ColumnPageOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Whoever waits longest first; ended ones newest first. `next` is what to send as `after`; null on the last page."""

    name: Column
    count: int
    orders: list[TicketOut]
    next: UUID | None


class PharmacyStateOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A pharmacy and how it answered lately: the last of the organization's newest 500 calls and 500 callbacks. `failures` counts its
    newest calls that failed in a row; counts of orders stop at 1000."""

    id: UUID
    code: str
    name: str
    adapter: AdapterName
    is_active: bool
    under_way: int
    needs_attention: int
    last_call_at: datetime | None
    last_call: str | None
    last_outcome: str | None
    last_failure: str | None
    last_http_status: int | None
    last_milliseconds: int | None
    failures: int
    last_callback_at: datetime | None


class PharmaciesOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    pharmacies: list[PharmacyStateOut]
