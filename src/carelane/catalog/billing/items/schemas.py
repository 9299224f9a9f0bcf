"""Items of the billing dialect on the wire. Prices are cents."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from carelane.kit.ids import RecordName
from carelane.kit.money import MAX_CENTS

ItemType = Literal["ITEM", "PRODUCT", "MEDICATION", "SERVICE", "PACKAGE", "MEMBERSHIP"]
# fmt: off
Unit = Literal[
    "AMPOULES", "APPLICATORS", "BOTTLES", "BOXES", "CAPSULES", "CUPS", "DOSES", "G_PER_ML", "GRAMS", "IU", "IU_PER_ML",
    "OUNCES", "FLUID_OUNCES", "KG", "KITS", "LITERS", "MCG", "MG", "MG_PER_ML", "ML", "MMOL", "MICROGRAM_PER_ML", "PACKS",
    "PAIRS", "PATCHES", "PERCENTAGE", "PIECES", "POUCHES", "ROLLS", "SACHETS", "SHEETS", "SPRAYS", "STRIPS", "SYRINGES",
    "TABLETS", "TABLETS_PER_DAY", "TESTS", "TUBES", "UNITS", "VIALS", "TREATMENTS", "SESSIONS", "PULSES", "JOULES",
    "CENTIMETERS", "THREAD_COUNT", "INJECTIONS", "WRINKLE_UNITS", "POUNDS", "FEET", "INCHES",
]
# fmt: on
MAX_UPDATES = 500
MAX_STOCKS = 100

Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")]
Label = Annotated[str, Meta(min_length=1, max_length=200)]
Text = Annotated[str, Meta(max_length=10_000)]
Cents = Annotated[int, Meta(ge=0, le=MAX_CENTS)]
Code = Annotated[str, Meta(min_length=1, max_length=128)]
TaxIds = Annotated[list[Code], Meta(max_length=100)]
SortOrder = Annotated[int, Meta(ge=-1_000_000, le=1_000_000)]


class ItemOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`ItemTiny`: an item as lines of carts, quotes and charges show it. Prices are cents."""

    id: str
    name: str
    brand_name: str | None
    description: str | None
    price: int
    category: str | None
    unit: Unit | None
    is_physical: bool
    is_archived: bool
    internal_notes: str | None
    sort_order: int | None
    allow_custom_pricing: bool
    type: ItemType
    external_id: str | None
    exempted_tax_ids: list[str] | None
    cost: int | None


class ItemStockIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`ItemStock`: how much of a stock one piece uses up. There are no stocks here: it is kept as it was said."""

    item_id: Code
    stock_id: Code
    quantity_used: Annotated[float, Meta(ge=0, le=1_000_000_000)]


class ItemStockOut(ItemStockIn, frozen=True, kw_only=True):
    """`ItemStock`, as it was said."""


class StockedItemOut(ItemOut, frozen=True, kw_only=True):
    """`Item`."""

    stocks: list[ItemStockOut] | None = None


Stocks = Annotated[list[ItemStockIn], Meta(max_length=MAX_STOCKS)]


class ItemDetailOut(StockedItemOut, frozen=True, kw_only=True):
    """`ItemDetail`: `usage_count` is how many lines of charges sold it; 1,000 stands for as many and more."""

    usage_count: int


class ItemPageOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`Page_ItemDetail_`: `total` counts all that fit the filters."""

    data: list[ItemDetailOut]
    total: int


class ItemIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`Item` as it is made. `price` and `cost` are cents, `category` is the name of one."""

    id: RecordName | None = None
    name: Name
    brand_name: Label | None = None
    description: Text | None = None
    price: Cents
    category: Label | None = None
    unit: Unit | None = None
    is_physical: bool = True
    is_archived: bool = False
    internal_notes: Text | None = None
    sort_order: SortOrder | None = None
    allow_custom_pricing: bool = False
    type: ItemType = "PRODUCT"
    external_id: Label | None = None
    exempted_tax_ids: TaxIds | None = None
    cost: Cents | None = None
    stocks: Stocks | None = None


class ItemPatch(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`ItemUpdate`: what is absent or null stays as it is; `exempted_tax_ids` [] empties the list."""

    name: Name | None = None
    brand_name: Label | None = None
    description: Text | None = None
    price: Cents | None = None
    category: Label | None = None
    unit: Unit | None = None
    is_physical: bool | None = None
    is_archived: bool | None = None
    internal_notes: Text | None = None
    sort_order: SortOrder | None = None
    allow_custom_pricing: bool | None = None
    type: ItemType | None = None
    external_id: Label | None = None
    exempted_tax_ids: TaxIds | None = None
    cost: Cents | None = None
    stocks: Stocks | None = None


class ItemTaxPatch(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`ItemTaxUpdate`: the taxes that the item escapes from now on, all of them; null is none."""

    item_id: RecordName
    exempted_tax_ids: TaxIds | None = None


class BulkTaxPatch(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`BulkItemTaxUpdate`."""

    updates: Annotated[list[ItemTaxPatch], Meta(min_length=1, max_length=MAX_UPDATES)]


SortBy = Literal["name", "price", "created_date", "category", "brand_name", "sort_order", "usage_count"]


class ItemFilters(msgspec.Struct, frozen=True, kw_only=True):
    """None: not asked for. `name` is an ILIKE pattern, `price_range` the lowest and the highest."""

    ids: list[str] | None = None
    name: str | None = None
    category: str | None = None
    price_range: list[int] | None = None
    is_archived: bool = False
    is_physical: bool | None = None
    item_type: ItemType | None = None
