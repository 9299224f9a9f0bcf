"""Carts on the wire."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar.params import PathParameter

from carelane.carts.offers.schemas import QuoteSummaryOut
from carelane.carts.states import CartStatus
from carelane.catalog.billing.items.schemas import ItemOut
from carelane.catalog.billing.packages.schemas import PackageTinyOut
from carelane.kit.errors import FieldProblem
from carelane.kit.ids import RecordName
from carelane.kit.phi import Phi
from carelane.patients.billing.schemas import BillingPatientOut
from carelane.pricing.schemas import MAX_LINES, Cents, LineIn, LinePatch, Percentage, Text, date_problem, line_problems
from carelane.staff.billing.schemas import ProviderTinyOut
from carelane.web.paging import Direction

PAGE_SIZE = 20
MAX_PAGE_SIZE = 100
# The list that has no pages ends here.
MAX_LISTED = 1_000
# A cart with such an id could not be reached.
RESERVED_REFS = frozenset({"list", "expire-old"})

CartId = Annotated[str, PathParameter(description="The cart's id, or the name it was given")]


CartSort = Literal[
    "created_date",
    "updated_date",
    "expires_date",
    "total",
    "status",
    "createdDate",
    "updatedDate",
    "expiresDate",
]


class CartItemIn(LineIn, frozen=True, kw_only=True):
    """`CartItemCreate`: one of `item_id` and `package_id`. A price given here replaces the catalog's, whatever the item's
    `allowCustomPricing` says: that is a hint for consoles, and a caller with a key is trusted with prices."""

    notes: Text | None = None


class CartItemPatch(LinePatch, frozen=True, kw_only=True):
    """`CartItemUpdate`: what is absent or null stays as it is."""

    notes: Text | None = None


class CartIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`CartCreate`: the body of creating and of replacing a cart."""

    patient_id: RecordName
    id: RecordName | None = None
    creator_id: RecordName | None = None
    status: CartStatus | None = None
    notes: Text | None = None
    expires_date: datetime | None = None
    discount_amount: Cents = 0
    discount_percentage: Percentage = 0.0
    items: Annotated[list[CartItemIn], msgspec.Meta(max_length=MAX_LINES)] = []


class CartItemOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`CartItem`: a line. `total_price` is gross less the line's discount, before the cart's discount and tax."""

    id: str
    cart_id: str
    item_id: str | None
    package_id: str | None
    quantity: float
    unit_price: int
    discount_amount: int
    discount_percentage: float
    tax_amount: int
    total_price: int
    notes: str | None
    item: ItemOut | None
    package: PackageTinyOut | None
    created_date: datetime | None
    updated_date: datetime | None


class CartOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`CartSummary`. Cents; `discount_amount` is all that the cart's own discount came to, so that
    total = subtotal - discountAmount + taxAmount."""

    id: str
    patient: BillingPatientOut
    status: CartStatus
    discount_amount: int
    discount_percentage: float
    tax_amount: int
    total: int
    subtotal: int
    creator: ProviderTinyOut | None
    items: list[CartItemOut]
    quotes: list[QuoteSummaryOut]
    created_date: datetime | None
    updated_date: datetime | None
    expires_date: datetime | None
    notes: str | None
    converted_charge_id: str | None


class CartsOut(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """`Page_CartSummary_`."""

    data: list[CartOut]
    total: int


def cart_problems(body: CartIn) -> Iterator[FieldProblem]:
    """What is wrong with a body by itself, beyond the types and bounds of its members."""
    if body.id in RESERVED_REFS:
        yield FieldProblem("id", f"expected another name; {body.id} is the name of a route")
    yield from date_problem(body.expires_date, "expiresDate")
    for index, line in enumerate(body.items):
        yield from line_problems(line, f"items[{index}].")


class CartFilters(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """Which carts a list shows, and in what order; None filters nothing."""

    patient_id: UUID | None = None
    creator_id: UUID | None = None
    statuses: tuple[CartStatus, ...] | None = None
    # A part of a name or a status, or a whole id.
    search: str | None = None
    sort_by: CartSort = "created_date"
    sort_direction: Direction = "desc"
