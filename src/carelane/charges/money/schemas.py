"""Payments, refunds and adjustments of a charge on the wire. All amounts are cents."""

from datetime import datetime
from typing import Any, Literal

import msgspec

from carelane.kit.phi import Phi

PaymentStatus = Literal["CANCELED", "CREATED", "FAILED", "IN_REVIEW", "PRESENTING", "PROCESSING", "SUCCEEDED"]
RefundReason = Literal["DUPLICATE", "DISPUTE", "BOOKING_FEE", "OTHER"]
AdjustmentType = Literal["WRITE_OFF", "ADJUSTMENT", "EXTERNAL_SETTLEMENT"]


class BillingRefundOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`RefundSummary`. A dispute that was lost is shown as one, too: its money went back."""

    id: str
    payment_id: str
    amount: int
    reason: RefundReason
    created_date: datetime
    status: PaymentStatus
    rainforest_refund_id: str | None = None
    fee: int = 0


class PaymentSummaryOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`PaymentSummary`. `stripe_payment_intent_id` is the one that took the money."""

    id: str
    patient_id: str | None
    payin_id: str | None = None
    amount: int
    status: PaymentStatus
    currency: str
    payin_config_id: str | None = None
    payment_medium: str
    payment_method_id: str | None = None
    stripe_payment_intent_id: str | None
    failed_reason: str | None
    updated_date: datetime
    created_date: datetime
    fee: int
    fee_to_patient: int = 0


class BillingPaymentOut(PaymentSummaryOut, rename="camel", frozen=True, kw_only=True):
    """`Payment`: `PaymentSummary` with its refunds."""

    payment_method: dict[str, Any] | None = None
    refunds: list[BillingRefundOut]


class ChargePaymentOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`ChargePaymentDetail`: what of a payment is for this charge."""

    payment_id: str
    amount: int
    created_date: datetime
    charge_id: str
    payment: BillingPaymentOut


class TablePaymentOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`ChargeTablePayment`."""

    id: str
    amount: int
    status: PaymentStatus
    created_date: datetime
    payment_medium: str
    payment_method: dict[str, Any] | None = None
    refunds: list[BillingRefundOut]


class AdjustmentOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`AdjustmentSummary`. What lowers the charge is negative. A charge that was voided has an ADJUSTMENT over all of it."""

    id: str
    charge_id: str
    provider_id: str | None
    location_id: str | None
    amount: int
    reason: str | None
    created_date: datetime
    adjustment_type: AdjustmentType
