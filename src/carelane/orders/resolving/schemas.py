"""What staff say of an order that needs a person."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from carelane.kit.phi import Phi
from carelane.orders.states import OrderStatus

# What happened at the pharmacy. UNCHANGED: the order has ended, and there is nothing left to do about it.
Happened = Literal["ACCEPTED", "SHIPPED", "DELIVERED", "REJECTED", "CANCELED", "UNCHANGED"]


class ResolveOrderIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`happened`: UNCHANGED for an order that has ended, any other for one that is NEEDS_ATTENTION. `seen_status`: where the order
    stood for whoever decided this; if it moved since, nothing is done."""

    happened: Happened
    note: Annotated[str, Meta(pattern=r"\S", max_length=2_000, description="Not blank; kept sealed")]
    tracking_id: Annotated[str, Meta(pattern=r"\S", max_length=200, description="For SHIPPED")] | None = None
    seen_status: OrderStatus | None = None
