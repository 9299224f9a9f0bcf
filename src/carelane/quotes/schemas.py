"""Quotes on the wire."""

from datetime import datetime

import msgspec

from carelane.kit.phi import Phi
from carelane.patients.records.schemas import PatientOut
from carelane.quotes.states import QuoteStatus
from carelane.staff.providers.schemas import ProviderTinyOut


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
    patient: PatientOut | None
