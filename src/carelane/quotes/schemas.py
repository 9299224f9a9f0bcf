"""Quotes on the wire."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from carelane.catalog.billing.items.schemas import ItemOut
from carelane.catalog.billing.packages.schemas import PackageTinyOut
from carelane.kit.ids import RecordName
from carelane.kit.phi import Phi
from carelane.patients.billing.schemas import BillingPatientOut
from carelane.quotes.states import QuoteStatus
from carelane.staff.billing.schemas import ProviderTinyOut

Text = Annotated[str, Meta(max_length=10_000)]
ShortText = Annotated[str, Meta(max_length=500)]
Title = Annotated[str, Meta(max_length=300)]


class QuoteSummaryOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`QuoteSummary`. Amounts are cents; `discount_amount` is all that the quote's discount came to."""

    id: str
    patient_id: str
    status: QuoteStatus
    discount_amount: int
    discount_percentage: float
    tax_amount: int
    total: int
    creator_id: str | None
    cart_id: str | None
    title: str | None
    item_count: int
    package_count: int
    created_date: datetime | None
    updated_date: datetime | None
    valid_until_date: datetime | None
    sent_date: datetime | None
    viewed_date: datetime | None
    responded_date: datetime | None
    internal_notes: str | None
    creator: ProviderTinyOut | None
    patient: BillingPatientOut | None


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
