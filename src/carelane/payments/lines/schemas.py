"""Lines that are to be given back, and those that can be, on the wire."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from carelane.kit.ids import RecordName
from carelane.kit.phi import Phi

MAX_ITEMS = 200
Quantity = Annotated[int, Meta(ge=1, le=1_000_000)]


class RefundItemIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A line of a charge: the id that the charge's `items` have. Without a quantity: all that is left of it."""

    id: RecordName
    quantity: Quantity | None = None


RefundItems = Annotated[list[RefundItemIn], Meta(min_length=1, max_length=MAX_ITEMS)]


class RefundedItemOut(msgspec.Struct, frozen=True, kw_only=True):
    """What a refund gave back of a line."""

    id: UUID
    quantity: int
    amount: str


class RefundableItemOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A line that a payment paid for. `amount` is its part of the charge's total; `quantityLeft` and `amountLeft` did not go back yet."""

    id: UUID
    charge_id: UUID
    name: str
    quantity: int
    amount: str
    quantity_left: int
    amount_left: str


class RefundableItemsOut(Phi, msgspec.Struct, frozen=True, kw_only=True):
    items: list[RefundableItemOut]
