"""Bundles (seed 003) and products on the wire."""

from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from carelane.forms.schemas import FormOut


class BundleOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Prices are decimal strings with the decimals of their currency."""

    id: UUID
    name: str
    image_url: str | None
    description: str | None
    price: str
    price_unit: str
    initial_discount: str
    is_sold_out: bool
    is_visible: bool


class BundleListOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    status: int = 200
    success: bool = True
    message: str = "Products return successfully"
    data: list[BundleOut]


class BundleDetailOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """The forms are there when asked for; null when the bundle has none."""

    bundle: BundleOut
    intake_form: FormOut | UnsetType | None = UNSET
    followup_form: FormOut | UnsetType | None = UNSET


class BundleAnswerOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    status: int = 200
    success: bool = True
    message: str = "Bundle return successfully"
    data: BundleDetailOut


class ProductOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`price` is a decimal string with two decimals."""

    id: UUID
    name: str
    image_url: str | None
    description: str | None
    price: str
    price_unit: str
    is_visible: bool


class ProductListOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    status: int = 200
    success: bool = True
    message: str = "Products return successfully"
    data: list[ProductOut]


class ProductDetailOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """The forms are there when asked for; null when the product's bundles have none."""

    product: ProductOut
    followup_form: FormOut | UnsetType | None = UNSET
    optional_followup_form: FormOut | UnsetType | None = UNSET


class ProductAnswerOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    status: int = 200
    success: bool = True
    message: str = "Product return successfully"
    data: ProductDetailOut
