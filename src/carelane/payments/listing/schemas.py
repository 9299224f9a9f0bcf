"""The table of payments on the wire. Amounts are cents."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from carelane.charges.money.schemas import BillingRefundOut, PaymentStatus
from carelane.charges.schemas import UserOut
from carelane.kit.phi import Phi
from carelane.payments.saved.schemas import PaymentMethodOut
from carelane.web.paging import Direction

SortBy = Literal["created_date", "amount"]


class SoldOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`ItemWithQuantity`: what was sold with a charge of the payment."""

    item_name: str
    description: str | None = None
    charge_id: str | None
    discount_reason: str | None = None
    discount_amount: int | None
    discount_percentage: float | None
    quantity: int
    unit: str | None = None
    price_per_item: int
    tax_amount: int | None
    item_type: str | None = None


class PaymentItemOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`PaymentTableItem`."""

    id: UUID
    first_name: str | None
    last_name: str | None
    patient_id: str | None
    external_patient_id: str | None
    email: str | None
    phone_number: str | None
    comment: str | None
    amount: int
    currency: str
    status: PaymentStatus
    payment_medium: str
    fee: int
    fee_to_patient: int = 0
    payment_method: PaymentMethodOut | None
    created_date: datetime
    refunds: list[BillingRefundOut]
    creator: UserOut | None
    is_payment_plan: bool
    items: list[SoldOut]
    is_insurance_payment: bool = False
    location_id: str | None


class PaymentItemsOut(Phi, msgspec.Struct, frozen=True):
    """`Page_PaymentTableItem_`: a page, and how many there are in all; beyond 10,000 nobody counts."""

    data: list[PaymentItemOut]
    total: int


class DeskPaymentsOut(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A page of the table, and which of it are of test money, which the billing dialect does not say."""

    items: PaymentItemsOut
    test_ids: set[UUID]


class PaymentTableOut(Phi, msgspec.Struct, rename="camel", frozen=True):
    """`PaymentTable`. Insurers pay nothing here."""

    items: PaymentItemsOut
    has_insurance_payments: bool = False


class PaymentFilters(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """Which payments; None: whatever it is."""

    id: UUID | None = None
    patient_id: UUID | None = None
    external_patient_id: str | None = None
    payer: str | None = None
    tag_ids: list[UUID] | None = None
    amount: list[int] | None = None
    last4: str | None = None
    comment: str | None = None
    # In which a comment was found.
    comment_ids: list[UUID] | None = None
    mediums: list[str] | None = None
    statuses: list[PaymentStatus] | None = None
    created_from: datetime | None = None
    created_until: datetime | None = None
    location_ids: list[UUID] | None = None
    creator_name: str | None = None
    creator_ids: list[UUID] | None = None
    account_ids: list[UUID] | None = None
    is_card: bool | None = None
    # For filters that no payment can fit: insurers pay nothing here, and nobody pays by another thing than a card.
    fits_nothing: bool | None = None
    sort_by: SortBy = "created_date"
    sort_direction: Direction = "desc"
