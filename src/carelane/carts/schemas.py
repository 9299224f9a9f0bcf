"""Carts on the wire."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated

import msgspec
from litestar.params import PathParameter

from carelane.carts.lines import MAX_LINES, broken_rules
from carelane.carts.states import CartStatus
from carelane.catalog.billing.items.schemas import ItemOut
from carelane.catalog.billing.packages.schemas import PackageTinyOut
from carelane.kit.decimals import decimals_problem
from carelane.kit.errors import FieldProblem
from carelane.kit.ids import RecordName
from carelane.kit.money import MAX_CENTS
from carelane.kit.phi import Phi
from carelane.patients.billing.schemas import BillingPatientOut
from carelane.quotes.schemas import QuoteSummaryOut
from carelane.staff.billing.schemas import ProviderTinyOut

MAX_QUANTITY = 1_000_000
MAX_WORDS_CHARACTERS = 10_000
# A cart of this name could not be asked for.
RESERVED_NAMES = frozenset({"list", "expire-old"})

CartId = Annotated[str, PathParameter(description="The cart's id, or the name it was given")]
Cents = Annotated[int, msgspec.Meta(ge=0, le=MAX_CENTS)]
Quantity = Annotated[float, msgspec.Meta(ge=0, le=MAX_QUANTITY)]
Percentage = Annotated[float, msgspec.Meta(ge=0, le=100)]
Text = Annotated[str, msgspec.Meta(max_length=MAX_WORDS_CHARACTERS)]


class CartItemIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`CartItemCreate`: one of `item_id` and `package_id`. A price given here counts in place of the catalogue's, whatever
    the item's `allowCustomPricing` says: that is a hint for consoles, and a caller with a key is trusted with prices."""

    item_id: RecordName | None = None
    package_id: RecordName | None = None
    quantity: Quantity = 1.0
    unit_price: Cents | None = None
    discount_amount: Cents = 0
    discount_percentage: Percentage = 0.0
    notes: Text | None = None


class CartItemPatch(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`CartItemUpdate`: what is absent or null stays as it is."""

    quantity: Quantity | None = None
    unit_price: Cents | None = None
    discount_amount: Cents | None = None
    discount_percentage: Percentage | None = None
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


def in_utc(moment: datetime | None) -> datetime | None:
    """A moment without a zone counts as UTC. Raises OverflowError where UTC knows no such year."""
    if moment is None:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def date_problem(moment: datetime | None, field: str) -> list[FieldProblem]:
    try:
        in_utc(moment)
    except OverflowError:
        return [FieldProblem(field, "expected a moment in the years 1 to 9999 of UTC")]
    return []


def cart_problems(body: CartIn) -> Iterator[FieldProblem]:
    """What is wrong with a body by itself, beyond the types and bounds of its members."""
    if body.id in RESERVED_NAMES:
        yield FieldProblem("id", f"expected another name; {body.id} is the name of a route")
    yield from date_problem(body.expires_date, "expiresDate")
    yield from decimals_problem(body.discount_percentage, "discountPercentage")
    for index, line in enumerate(body.items):
        yield from broken_rules(line, f"items[{index}].")


def patch_problems(body: CartItemPatch) -> Iterator[FieldProblem]:
    yield from decimals_problem(body.quantity or 0, "quantity")
    yield from decimals_problem(body.discount_percentage or 0, "discountPercentage")
