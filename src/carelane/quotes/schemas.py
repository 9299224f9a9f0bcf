"""Quotes on the wire."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from carelane.carts.offers.schemas import QuoteStatus, QuoteSummaryOut
from carelane.catalog.billing.items.schemas import ItemOut
from carelane.catalog.billing.packages.schemas import PackageTinyOut
from carelane.kit.errors import FieldProblem
from carelane.kit.ids import RecordName
from carelane.kit.phi import Phi
from carelane.pricing.schemas import Cents, LineIn, LinePatch, Percentage, Text, date_problem

PAGE_SIZE = 20
MAX_PAGE_SIZE = 100
# Far beyond any list, but times the size of a page it is still a number that the database can count to.
MAX_PAGE = 1_000_000_000
# Steps of paths beside `/billing/quote/{quote_id}`: a quote with such an id could not be reached.
_RESERVED_REFS = ("list", "public", "respond", "send", "convert-to-charge", "expire-old")

Name = Annotated[str, Meta(max_length=255)]
ShortText = Annotated[str, Meta(max_length=500)]
Title = Annotated[str, Meta(max_length=300)]


class QuoteItemOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`QuoteItem`: a line. The discounts as asked for; `total_price` is gross less the line's discount, before tax."""

    quote_id: str
    item_id: str | None
    package_id: str | None
    quantity: float
    unit_price: int
    discount_amount: int
    discount_percentage: float
    tax_amount: int
    total_price: int
    description: str | None
    item: ItemOut | None
    package: PackageTinyOut | None
    created_date: datetime | None
    updated_date: datetime | None


class QuoteOut(QuoteSummaryOut, rename="camel", frozen=True, kw_only=True):
    """`QuoteDetail`: a quote as staff see it."""

    description: str | None
    terms: str | None
    items: list[QuoteItemOut]
    converted_charge_id: str | None
    subtotal: int


class EditableQuoteOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A quote with what changing it takes: the ids of its lines, in their order. Another `version`: somebody changed it, or it was seen or
    answered."""

    quote: QuoteOut
    line_ids: list[UUID]
    currency: str
    version: str


class PublicQuoteOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`PublicQuoteView`: a quote as its patient sees it; who it is for and what staff note among themselves is left out."""

    id: str
    status: QuoteStatus
    title: str | None
    description: str | None
    discount_amount: int
    tax_amount: int
    total: int
    terms: str | None
    valid_until_date: datetime | None
    items: list[QuoteItemOut]
    created_date: datetime | None
    viewed_date: datetime | None
    responded_date: datetime | None
    subtotal: int


class QuotePageOut(Phi, msgspec.Struct, frozen=True):
    """`Page_QuoteSummary_`."""

    data: list[QuoteSummaryOut]
    total: int


class QuoteFilters(msgspec.Struct, frozen=True, kw_only=True):
    """Which quotes a list shows; None filters nothing."""

    patient_id: UUID | None = None
    creator_id: UUID | None = None
    cart_id: UUID | None = None
    status: QuoteStatus | None = None


class QuoteIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`QuoteCreate`: lines, discounts and amounts are the cart's."""

    patient_id: RecordName
    cart_id: RecordName
    creator_id: RecordName
    id: RecordName | None = None
    title: Title | None = None
    description: Text | None = None
    valid_until_date: datetime | None = None
    terms: Text | None = None
    internal_notes: Text | None = None
    requires_patient_verification: bool = True


class QuotePatch(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`QuoteUpdate`."""

    status: QuoteStatus | None = None
    title: Title | None = None
    description: Text | None = None
    valid_until_date: datetime | None = None
    terms: Text | None = None
    internal_notes: Text | None = None
    requires_patient_verification: bool | None = None
    discount_amount: Cents | None = None
    discount_percentage: Percentage | None = None


class QuoteItemIn(LineIn, frozen=True, kw_only=True):
    """`QuoteItemCreate`: exactly one of `item_id` and `package_id`."""

    description: Text | None = None


class QuoteItemPatch(LinePatch, frozen=True, kw_only=True):
    """`QuoteItemUpdate`."""

    description: Text | None = None


class QuoteResponseIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`QuoteResponse`: what the patient answers. `response`: accept(ed), decline(d) or reject(ed)."""

    quote_id: RecordName
    response: str
    message: Text | None = None
    preferred_payment_method_id: RecordName | None = None


class ConvertQuoteIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`ConvertQuoteToChargeRequest`. The location is only written down: the accepted price stands."""

    quote_id: RecordName
    description: Text | None = None
    external_id: ShortText | None = None
    location_id: RecordName | None = None
    event_id: ShortText | None = None


class ConvertCartIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`ConvertCartToChargeRequest`. `cart_id` says again what the path says."""

    cart_id: RecordName
    description: Text | None = None
    external_id: Name | None = None
    location_id: RecordName | None = None
    event_id: Name | None = None


def quote_problems(body: QuoteIn) -> Iterator[FieldProblem]:
    """What is wrong with a body by itself, beyond the types and bounds of its members."""
    if body.id in _RESERVED_REFS:
        yield FieldProblem("id", f"expected anything but {', '.join(_RESERVED_REFS)}")
    yield from date_problem(body.valid_until_date, "validUntilDate")


def quote_patch_problems(body: QuotePatch) -> Iterator[FieldProblem]:
    yield from date_problem(body.valid_until_date, "validUntilDate")
