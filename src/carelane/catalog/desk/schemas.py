"""Products and bundles on the wire of the staff API. Prices are texts such as `"159.00"`, in the currency beside them."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from carelane.catalog.billing.items.schemas import ItemType, Label, Name, Text
from carelane.organizations.branding.schemas import Color, LinkName
from carelane.web.versions import Version

MAX_PRODUCTS = 100
MAX_TAXES = 100

Price = Annotated[
    str, Meta(pattern=r"^[0-9]{1,10}(\.[0-9]{1,3})?$(?!\n)", description="an amount such as 159 or 99.99")
]
Picture = Annotated[
    str, Meta(pattern=r"^https?://\S+$(?!\n)", max_length=2_000, description="a URL that begins with https://")
]
Line = Annotated[str, Meta(max_length=500)]


class SoldProductIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A product as a whole. One that is not active is sold by nobody."""

    name: Name
    price: Price
    description: Text | None = None
    image_url: Picture | None = None
    category: Label | None = None
    brand_name: Label | None = None
    type: ItemType = "PRODUCT"
    internal_notes: Text | None = None
    exempted_tax_ids: Annotated[list[UUID], Meta(max_length=MAX_TAXES)] = []
    is_active: bool = True
    version: Version | None = None


class SoldProductOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    id: UUID
    name: str
    price: str
    currency: str
    description: str | None
    image_url: str | None
    category: str | None
    brand_name: str | None
    type: ItemType
    internal_notes: str | None
    exempted_tax_ids: list[UUID]
    is_active: bool
    version: str


class SoldProductsOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`total` counts all that fit."""

    products: list[SoldProductOut]
    total: int


class OfferedBundleIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A bundle as a whole. Quantities and prices that the billing dialect gave its products stay."""

    name: Name
    price: Price
    initial_discount: Price = "0"
    description: Text | None = None
    image_url: Picture | None = None
    product_ids: Annotated[list[UUID], Meta(max_length=MAX_PRODUCTS)] = []
    intake_form_id: UUID | None = None
    followup_form_id: UUID | None = None
    is_visible: bool = True
    is_sold_out: bool = False
    is_archived: bool = False
    # How a storefront shows it.
    link_name: LinkName | None = None
    tag: Line | None = None
    sold_out_list_text: Text | None = None
    sold_out_list_color: Color = None
    sold_out_modal_text: Text | None = None
    sold_out_modal_color: Color = None
    version: Version | None = None


class OfferedBundleOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    id: UUID
    name: str
    price: str
    currency: str
    initial_discount: str
    description: str | None
    image_url: str | None
    product_ids: list[UUID]
    intake_form_id: UUID | None
    followup_form_id: UUID | None
    is_visible: bool
    is_sold_out: bool
    is_archived: bool
    link_name: str | None
    tag: str | None
    sold_out_list_text: str | None
    sold_out_list_color: str | None
    sold_out_modal_text: str | None
    sold_out_modal_color: str | None
    version: str


class OfferedBundlesOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`total` counts all that fit."""

    bundles: list[OfferedBundleOut]
    total: int


class PartOut(msgspec.Struct, rename="camel", frozen=True):
    """Something that others are made of: a product, a form, a bundle, a tax or a location, to be picked by its name."""

    id: UUID
    name: str
    # What is not offered any more; who has it keeps it.
    is_active: bool


class PartsOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """What the records of the catalog can name, each by its name."""

    products: list[PartOut]
    bundles: list[PartOut]
    forms: list[PartOut]
    taxes: list[PartOut]
    locations: list[PartOut]
    currency: str
