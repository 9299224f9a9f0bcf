"""Packages of the billing dialect on the wire. Prices are cents."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from carelane.catalog.billing.items.schemas import Cents, ItemOut, Label, Name, Text
from carelane.kit.ids import RecordName

# The step of a path beside `/inventory/packages/{package_id}`: a package of such a name could not be asked for.
RESERVED_NAMES = frozenset({"list"})


class PackageTinyOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`PackageTiny`: a package as lines of carts, quotes and charges show it. `price` is in cents."""

    id: str
    name: str
    description: str | None
    is_archived: bool
    price: int
    external_id: str | None


class PackageItemOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`PackageItem`: what is in a package. `price` is that of the item where the package names none."""

    id: str
    package_id: str
    item_id: str
    quantity: int | None
    price: int
    item: ItemOut


class PackageOut(PackageTinyOut, frozen=True, kw_only=True):
    """`PackageDetail`. Patients are those who were charged for it; active are those whose charge stands."""

    internal_notes: str | None
    items: list[PackageItemOut]
    category: str | None
    number_of_active_patients: int
    number_of_patients: int
    created_date: datetime


class PackagePageOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`Page_PackageDetail_`: `total` counts all that fit the filters."""

    data: list[PackageOut]
    total: int


class PackageItemIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`price` null: the item's own. Each item is in a package once."""

    item_id: RecordName
    quantity: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    price: Cents | None = None


class PackageIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`Package-Input`, on create and as a full replacement. On replacement `items` and `is_archived` stay when they are null."""

    id: RecordName | None = None
    name: Name
    description: Text | None = None
    is_archived: bool | None = None
    price: Cents
    external_id: Label | None = None
    internal_notes: Text | None = None
    items: Annotated[list[PackageItemIn], Meta(max_length=200)] | None = None
    category: Label | None = None


SortBy = Literal["name", "price", "created_date", "category", "number_of_active_patients"]


class PackageFilters(msgspec.Struct, frozen=True, kw_only=True):
    """None: not asked for. `name` is an ILIKE pattern, the ranges are the lowest and the highest."""

    ids: list[str] | None = None
    name: str | None = None
    price: list[int] | None = None
    contains_items: list[str] | None = None
    number_of_active_patients: list[int] | None = None
    category: str | None = None
