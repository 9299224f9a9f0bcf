"""Quotes on the wire, as their cart shows them."""

from datetime import datetime
from typing import Literal

import msgspec

from carelane.kit.phi import Phi
from carelane.patients.billing.schemas import BillingPatientOut
from carelane.staff.billing.schemas import ProviderTinyOut

QuoteStatus = Literal["DRAFT", "SENT", "VIEWED", "ACCEPTED", "DECLINED", "EXPIRED", "CONVERTED"]


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
