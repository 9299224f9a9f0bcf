"""Receipts on the wire. All amounts are cents."""

from datetime import datetime

import msgspec

from carelane.charges.money.schemas import BillingRefundOut
from carelane.charges.schemas import ChargeStatus
from carelane.charges.tips.schemas import TipOut
from carelane.kit.phi import Phi


class PublicPatientOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`PublicPatient`: whose money it is, and nothing more."""

    id: str
    first_name: str | None
    last_name: str | None


class PublicChargeOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`PublicCharge`: a charge without its lines. The discount is the charge's own, as asked for."""

    id: str
    total: int
    total_outstanding: int
    description: str | None
    status: ChargeStatus
    discount_amount: int
    discount_percentage: float
    external_id: str | None
    external_created_date: datetime | None = None
    created_date: datetime
    rule_set_id: str | None = None
    tips: list[TipOut]
    tax_total: int | None


class PaymentMethodPublicOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`PaymentMethodPublic`: what may be shown of a card."""

    brand: str | None
    last4: str | None
    exp_month: int | None = None
    exp_year: int | None = None
    account_holder_type: str | None = None
    account_number_last4: int | None = None
    bank_name: str | None = None
    routing_number: int | None = None
    type: str | None = "CARD"


class PaymentReceiptOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`PaymentReceipt`. `charges` are those that the payment was for."""

    id: str
    patient: PublicPatientOut
    amount: int
    charges: list[PublicChargeOut]
    refunds: list[BillingRefundOut]
    created_date: datetime
    payment_medium: str
    payment_method: PaymentMethodPublicOut | None
    fee_to_patient: int = 0
    has_items: bool
    has_packages: bool


class ItemWithQuantityOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`ItemWithQuantity`: a line of a charge, with the name that it had when it was sold."""

    item_name: str
    description: str | None
    charge_id: str | None
    discount_reason: str | None = None
    discount_amount: int | None
    discount_percentage: float | None
    quantity: int
    unit: str | None
    price_per_item: int
    tax_amount: int | None
    item_type: str | None
