"""Items of the billing dialect on the wire."""

from typing import Literal

import msgspec

ItemType = Literal["ITEM", "PRODUCT", "MEDICATION", "SERVICE", "PACKAGE", "MEMBERSHIP"]


class ItemOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`ItemTiny`: an item as lines of carts, quotes and charges show it. Prices are cents."""

    id: str
    name: str
    brand_name: str | None
    description: str | None
    price: int
    category: str | None
    unit: str | None
    is_physical: bool
    is_archived: bool
    internal_notes: str | None
    sort_order: int | None
    allow_custom_pricing: bool
    type: ItemType
    external_id: str | None
    exempted_tax_ids: list[str] | None
    cost: int | None
