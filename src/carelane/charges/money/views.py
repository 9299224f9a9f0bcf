"""From rows of payments, refunds and adjustments to the billing dialect's shapes."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from carelane.charges.money.queries import AdjustmentRow, PaymentRow, Returned
from carelane.charges.money.schemas import (
    AdjustmentOut,
    BillingPaymentOut,
    BillingRefundOut,
    ChargePaymentOut,
    PaymentStatus,
    PaymentSummaryOut,
    RefundReason,
    TablePaymentOut,
)
from carelane.charges.owed.queries import ADJUSTMENT_REASON
from carelane.charges.schemas import TimelineEntryOut
from carelane.kit.phi import DataKey
from carelane.pricing.lines import show_text

_BY_STAGE: dict[str, PaymentStatus] = {
    "UNCHECKED": "IN_REVIEW",
    "NEEDS_STAFF": "IN_REVIEW",
    "DUE": "PROCESSING",
    "RELEASING": "PROCESSING",
    "NEEDS_PATIENT": "PRESENTING",
    "NEEDS_CARD": "FAILED",
}
_BY_STATUS: dict[str, PaymentStatus] = {
    "PAID": "SUCCEEDED",
    "REFUND": "SUCCEEDED",
    "IN_DISPUTE": "SUCCEEDED",
    "LOST_DISPUTE": "SUCCEEDED",
    "CANCELED": "CANCELED",
    "ERROR": "FAILED",
}
_OF_REFUND: dict[str, PaymentStatus] = {
    "GRANTED": "CREATED",
    "SENDING": "PROCESSING",
    "SENT": "PROCESSING",
    "SUCCEEDED": "SUCCEEDED",
    "FAILED": "FAILED",
    "CANCELED": "CANCELED",
}
_REASONS: dict[str | None, RefundReason] = {
    "DUPLICATE": "DUPLICATE",
    "DISPUTE": "DISPUTE",
    "BOOKING_FEE": "BOOKING_FEE",
    # By staff, and by the worker, of what was not owed any more when it came.
    "duplicate": "DUPLICATE",
    "not_owed": "DUPLICATE",
}


def status_of(row: PaymentRow) -> PaymentStatus:
    """Of a payment that is neither paid nor ended, from where it stands."""
    # Its words are also those of `payments.shown_status`, by which payments are found (migration 0042).
    if row.policy == "at_desk" and row.status == "CANCELED" and not row.captured_cents:
        return "FAILED"
    return _BY_STATUS.get(row.status) or _BY_STAGE.get(row.stage) or "CREATED"


def medium_of(row: PaymentRow) -> str:
    """As it was said; a payment that was made elsewhere and of which nobody said it came by a medium that the dialect has no word for."""
    if row.medium is not None:
        return row.medium
    if row.method == "GATEWAY":
        return "PAYMENT_LINK" if row.policy == "on_page" else "SAVED_PAYMENT_METHOD"
    return {"CASH": "CASH", "CREDIT": "PATIENT_CREDIT"}.get(row.method, "EXTERNAL")


def show_payment_summary(row: PaymentRow, patient_id: str | None) -> PaymentSummaryOut:
    """`PaymentSummary`."""
    return PaymentSummaryOut(**_summary(row, patient_id))


def show_summary(row: PaymentRow, patient_id: str | None) -> BillingPaymentOut:
    """`PaymentSummary`, and its refunds."""
    return BillingPaymentOut(**_summary(row, patient_id), refunds=_refunds(row))


def _summary(row: PaymentRow, patient_id: str | None) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "patient_id": patient_id,
        "amount": row.amount_cents,
        "status": status_of(row),
        "currency": row.currency,
        "payment_medium": medium_of(row),
        "stripe_payment_intent_id": row.intent_id,
        # In our words: the gateway's may say that a card was reported stolen.
        "failed_reason": row.failure or (row.failed[-1].reason if row.failed and status_of(row) == "FAILED" else None),
        "updated_date": row.updated_at,
        "created_date": row.created_at,
        "fee": row.fee_cents,
    }


def show_payment(row: PaymentRow, charge_id: str, patient_id: str) -> ChargePaymentOut:
    """`ChargePaymentDetail`."""
    return ChargePaymentOut(
        payment_id=str(row.id),
        amount=share_of(row),
        created_date=row.created_at,
        charge_id=charge_id,
        payment=show_summary(row, patient_id),
    )


def share_of(row: PaymentRow) -> int:
    """What of a payment is for the charge that it is shown for."""
    return row.amount_cents if row.share_cents is None else row.share_cents


def show_table_payment(row: PaymentRow) -> TablePaymentOut:
    """`ChargeTablePayment`."""
    return TablePaymentOut(
        id=str(row.id),
        amount=share_of(row),
        status=status_of(row),
        created_date=row.created_at,
        payment_medium=medium_of(row),
        refunds=_refunds(row),
    )


def show_adjustment(data_key: DataKey, row: AdjustmentRow, charge_id: str, location_id: str | None) -> AdjustmentOut:
    """`AdjustmentSummary`."""
    return AdjustmentOut(
        id=str(row.id),
        charge_id=charge_id,
        provider_id=row.creator.id if row.creator else None,
        location_id=row.location or location_id,
        amount=-row.amount_cents,
        reason=show_text(data_key, ADJUSTMENT_REASON, row.id, row.reason),
        created_date=row.created_at,
        adjustment_type="WRITE_OFF" if row.kind == "WRITE_OFF" else "ADJUSTMENT",
    )


def payment_entries(row: PaymentRow) -> Iterator[TimelineEntryOut]:
    """`ChargeTimeline` of a payment: that it was made, each try that failed, and what went back of it."""
    medium = medium_of(row)
    yield TimelineEntryOut(
        id=str(row.id),
        type="EXTERNAL_SETTLEMENT" if row.method == "EXTERNAL" else "PAYMENT",
        amount=share_of(row),
        date=row.paid_at or row.created_at,
        payment_medium=medium,
        status=status_of(row),
    )
    for failed in row.failed:
        yield TimelineEntryOut(
            id=str(failed.id),
            type="FAILED_PAYMENT",
            amount=failed.amount_cents,
            date=failed.created_at,
            payment_medium=medium,
            status="FAILED",
            comment=failed.reason,
        )
    for refund in (*row.refunds, *row.lost):
        yield TimelineEntryOut(
            id=str(refund.id),
            type="REFUND",
            amount=refund.amount_cents if refund.share_cents is None else refund.share_cents,
            date=refund.created_at,
            payment_medium=medium,
            status=_OF_REFUND.get(refund.status, "PROCESSING"),
            refund_reason=_REASONS.get(refund.reason, "OTHER"),
        )


def adjustment_entry(data_key: DataKey, row: AdjustmentRow) -> TimelineEntryOut:
    """`ChargeTimeline` of what staff took back; of an adjustment, what is owed more."""
    return TimelineEntryOut(
        id=str(row.id),
        type=row.kind,
        amount=-row.amount_cents if row.kind == "ADJUSTMENT" else row.amount_cents,
        date=row.created_at,
        comment=show_text(data_key, ADJUSTMENT_REASON, row.id, row.reason),
        creator=row.creator,
    )


def _refunds(row: PaymentRow) -> list[BillingRefundOut]:
    return [show_refund(row.id, one) for one in (*row.refunds, *row.lost)]


def show_refund(payment_id: UUID, refund: Returned) -> BillingRefundOut:
    """`RefundSummary`."""
    return BillingRefundOut(
        id=str(refund.id),
        payment_id=str(payment_id),
        amount=refund.amount_cents,
        reason=_REASONS.get(refund.reason, "OTHER"),
        created_date=refund.created_at,
        status=_OF_REFUND.get(refund.status, "PROCESSING"),
    )
