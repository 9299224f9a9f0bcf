"""Charges on the wire. All amounts are cents, percentages from 0 to 100."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from carelane.catalog.billing.items.schemas import ItemOut
from carelane.charges.money.schemas import (
    AdjustmentOut,
    ChargePaymentOut,
    PaymentStatus,
    RefundReason,
    TablePaymentOut,
)
from carelane.charges.tips.schemas import TipOut
from carelane.kit.phi import Phi
from carelane.patients.billing.schemas import BillingPatientOut, UserType
from carelane.web.paging import Direction

ChargeStatus = Literal[
    "OUTSTANDING",
    "PAID",
    "EXTERNAL_SETTLEMENT",
    "VOID",
    "WRITE_OFF",
    "REFUNDED",
    "CHARGEBACK",
    "COLLECTIONS",
    "PAYMENT_PLAN",
]
EntryType = Literal[
    "CHARGE",
    "PAYMENT",
    "REFUND",
    "VOID",
    "ADJUSTMENT",
    "EXTERNAL_SETTLEMENT",
    "WRITE_OFF",
    "SCHEDULED_PAYMENT",
    "FAILED_PAYMENT",
]
PlannedStatus = Literal["SCHEDULED", "COMPLETED", "FAILED", "CANCELLED"]


class ChargeItemOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`ChargeItem`: a line, with the name that the item or package had when it was sold. `price` is for one piece, the discounts
    are as asked for. A package has no `item_id`. Members that are null by default have no source yet."""

    id: str
    item_id: str | None
    charge_id: str
    name: str
    description: str | None
    quantity: int
    discount_amount: int
    discount_percentage: float
    discount_reason: str | None = None
    price: int
    sold_package_id: str | None = None
    banked_quantity: int | None = None
    banked_item_id: str | None = None
    issued_discount_id: str | None = None
    sold_by_provider_id: str | None = None
    tax_amount: int
    pricing_id: str | None = None
    shipment_ids: list[str] | None = None


class ChargeItemDetailOut(ChargeItemOut, frozen=True, kw_only=True):
    """`ChargeItemDetail`: `item` is the item as it is now, not as it was when it was sold."""

    item: ItemOut | None
    location_id: str | None
    location_name: str | None
    sale_date: datetime


class _SummaryOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """What the shapes of a charge have in common. The discount is the charge's own, as asked for."""

    id: str
    patient_id: str
    patient: BillingPatientOut
    total: int
    total_outstanding: int
    description: str | None
    status: ChargeStatus
    discount_amount: int
    discount_percentage: float
    external_id: str | None
    external_created_date: datetime | None = None
    rule_set_id: str | None = None
    created_date: datetime
    creator_id: str | None
    tips: list[TipOut]
    location_id: str | None
    event_id: str | None
    member_id: str | None = None
    comment: str | None = None
    meta: dict[str, Any] | None = None
    merchant_account_id: str | None = None


class _ChargeOut(_SummaryOut, frozen=True, kw_only=True):
    """With its money."""

    payments: list[ChargePaymentOut]
    adjustments: list[AdjustmentOut]


class ChargeSummaryOut(_SummaryOut, frozen=True, kw_only=True):
    """`ChargeSummary`: what selling answers. Its money is not shown: there is none yet."""

    items: list[ChargeItemOut]


class ChargeOut(_ChargeOut, frozen=True, kw_only=True):
    """`ChargeDetail`: what conversion answers."""

    items: list[ChargeItemOut]


class ChargeWithItemsOut(_ChargeOut, frozen=True, kw_only=True):
    """`ChargeDetailWithItems`."""

    items: list[ChargeItemDetailOut]


class UserOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`UserTiny`: who made a charge, or whom it is of."""

    id: str
    first_name: str | None
    last_name: str | None
    phone_number: str | None
    email: str | None
    type: UserType
    location_id: str | None = None


class PlannedPaymentOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`ChargeTablePlannedPayment`: an instalment of the payment plan that the charge is in. FAILED is one whose card said no; the plan
    waits for another card."""

    id: str
    amount: int
    status: PlannedStatus
    payment_date: datetime


class ChargeRowOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`ChargeTable`: a charge as the table shows it."""

    id: str
    total: int
    total_outstanding: int
    description: str | None
    status: ChargeStatus
    patient: BillingPatientOut
    rule_set_id: str | None = None
    external_created_date: datetime | None = None
    created_date: datetime
    external_id: str | None
    creator: UserOut | None
    adjustments: list[AdjustmentOut]
    payments: list[TablePaymentOut]
    planned_payments: list[PlannedPaymentOut]
    comment: str | None = None
    items: list[ChargeItemDetailOut]
    location_id: str | None
    tips: list[TipOut]


class ChargePageOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`Page_ChargeTable_`: `total` counts all that fit the filters."""

    data: list[ChargeRowOut]
    total: int


class TimelineEntryOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`ChargeTimeline`. `discount_amount` is what the charge's own discount came to; of a try that failed, `comment` says why."""

    id: str
    type: EntryType
    amount: int
    date: datetime
    payment_method: dict[str, Any] | None = None
    payment_medium: str | None = None
    status: Literal[ChargeStatus, PaymentStatus, PlannedStatus] | None = None
    comment: str | None = None
    description: str | None = None
    refund_reason: RefundReason | None = None
    items: list[ChargeItemDetailOut] | None = None
    discount_amount: int | None = None
    creator: UserOut | None = None
    fee_to_patient: int | None = None
    tips: list[TipOut] | None = None


SortBy = Literal["created_date", "total", "total_outstanding", "status", "name"]


class ChargeFilters(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """Which charges a list shows, and in what order; None filters nothing. `patient_name` is a part of a folded name,
    `description` a part of the description. `total` and `outstanding` are the lowest and the highest. `created_until` is excluded."""

    ids: list[UUID] | None = None
    patient_id: UUID | None = None
    statuses: list[str] | None = None
    external_id: str | None = None
    location_ids: list[UUID] | None = None
    total: list[int] | None = None
    outstanding: list[int] | None = None
    created_from: datetime | None = None
    # Of a payment.
    paid_from: datetime | None = None
    paid_until: datetime | None = None
    created_until: datetime | None = None
    patient_name: str | None = None
    patient_external_id: str | None = None
    description: str | None = None
    sort_by: SortBy = "created_date"
    sort_direction: Direction = "desc"
