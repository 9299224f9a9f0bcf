"""From a charge's row to the billing dialect's shapes."""

from typing import Any

import msgspec

from carelane.charges.money.schemas import AdjustmentOut
from carelane.charges.money.views import (
    adjustment_entry,
    payment_entries,
    show_adjustment,
    show_payment,
    show_table_payment,
)
from carelane.charges.plans.queries import PlannedRow
from carelane.charges.queries import COMMENT, DESCRIPTION, DISCOUNT_REASON, LINE_DESCRIPTION, META, ChargeRow, LineRow
from carelane.charges.schemas import (
    ChargeItemDetailOut,
    ChargeItemOut,
    ChargeOut,
    ChargeRowOut,
    ChargeSummaryOut,
    ChargeWithItemsOut,
    PlannedPaymentOut,
    TimelineEntryOut,
)
from carelane.kit.phi import DataKey
from carelane.patients.billing.views import show_patient
from carelane.pricing.lines import show_text


def show_charge(data_key: DataKey, row: ChargeRow) -> ChargeOut:
    """`ChargeDetail`."""
    items = [ChargeItemOut(**_line(data_key, row, line)) for line in row.lines]
    return ChargeOut(**_charge(data_key, row), items=items)


def show_sold(data_key: DataKey, row: ChargeRow) -> ChargeSummaryOut:
    """`ChargeSummary`."""
    items = [ChargeItemOut(**_line(data_key, row, line)) for line in row.lines]
    return ChargeSummaryOut(**_summary(data_key, row), items=items)


def show_with_items(data_key: DataKey, row: ChargeRow) -> ChargeWithItemsOut:
    """`ChargeDetailWithItems`."""
    return ChargeWithItemsOut(**_charge(data_key, row), items=_items(data_key, row))


def show_row(data_key: DataKey, row: ChargeRow) -> ChargeRowOut:
    """`ChargeTable`."""
    return ChargeRowOut(
        id=row.ref,
        total=row.whole_cents,
        total_outstanding=row.outstanding_cents,
        description=show_text(data_key, DESCRIPTION, row.id, row.description),
        status=row.status,
        patient=show_patient(data_key, row.patient),
        created_date=row.created_at,
        external_id=row.external_id,
        external_created_date=row.external_created_at,
        comment=show_text(data_key, COMMENT, row.id, row.comment),
        creator=row.creator,
        items=_items(data_key, row),
        location_id=row.location.id if row.location else None,
        payments=[show_table_payment(one) for one in row.payments],
        planned_payments=[show_planned(one) for one in row.planned],
        adjustments=_adjustments(data_key, row),
        tips=row.tips,
    )


def show_timeline(data_key: DataKey, row: ChargeRow) -> list[TimelineEntryOut]:
    """Everything that happened to a charge, oldest first."""
    made = TimelineEntryOut(
        id=row.ref,
        type="CHARGE",
        amount=row.whole_cents,
        date=row.created_at,
        status=row.status,
        comment=show_text(data_key, COMMENT, row.id, row.comment),
        description=show_text(data_key, DESCRIPTION, row.id, row.description),
        items=_items(data_key, row),
        discount_amount=row.discount_cents,
        creator=row.creator,
        tips=row.tips,
    )
    later = [entry for one in row.payments for entry in payment_entries(one)]
    later += [adjustment_entry(data_key, one) for one in row.adjustments]
    # Of an instalment that was begun its payment is shown.
    later += [_planned_entry(one) for one in row.planned if not one.is_taken]
    return [made, *sorted(later, key=lambda entry: entry.date)]


def show_planned(row: PlannedRow) -> PlannedPaymentOut:
    return PlannedPaymentOut(id=str(row.id), amount=row.amount_cents, status=row.status, payment_date=row.due_at)


def _planned_entry(row: PlannedRow) -> TimelineEntryOut:
    return TimelineEntryOut(
        id=str(row.id),
        type="SCHEDULED_PAYMENT",
        amount=row.amount_cents,
        date=row.due_at,
        payment_medium="PAYMENT_PLAN",
        status=row.status,
    )


def _charge(data_key: DataKey, row: ChargeRow) -> dict[str, Any]:
    summary = _summary(data_key, row)
    return summary | {
        "payments": [show_payment(one, row.ref, summary["patient_id"]) for one in row.payments],
        "adjustments": _adjustments(data_key, row),
    }


def _summary(data_key: DataKey, row: ChargeRow) -> dict[str, Any]:
    patient = show_patient(data_key, row.patient)
    return {
        "id": row.ref,
        "patient_id": patient.id,
        "patient": patient,
        "total": row.whole_cents,
        "total_outstanding": row.outstanding_cents,
        "description": show_text(data_key, DESCRIPTION, row.id, row.description),
        "status": row.status,
        "discount_amount": row.discount_amount_cents,
        "discount_percentage": float(row.discount_percentage),
        "external_id": row.external_id,
        "external_created_date": row.external_created_at,
        "comment": show_text(data_key, COMMENT, row.id, row.comment),
        "meta": _meta(data_key, row),
        "created_date": row.created_at,
        "creator_id": row.creator.id if row.creator else None,
        "location_id": row.location.id if row.location else None,
        "event_id": row.appointment_id,
        "tips": row.tips,
    }


def _meta(data_key: DataKey, row: ChargeRow) -> dict[str, Any] | None:
    text = show_text(data_key, META, row.id, row.meta)
    try:
        return msgspec.json.decode(text, type=dict[str, Any]) if text is not None else None
    except msgspec.DecodeError:
        # Damaged: the words for that are no JSON.
        return None


def _adjustments(data_key: DataKey, row: ChargeRow) -> list[AdjustmentOut]:
    location_id = row.location.id if row.location else None
    return [show_adjustment(data_key, one, row.ref, location_id) for one in row.adjustments]


def _items(data_key: DataKey, row: ChargeRow) -> list[ChargeItemDetailOut]:
    place = row.location
    where: dict[str, Any] = {"location_id": place.id if place else None, "location_name": place.name if place else None}
    return [
        ChargeItemDetailOut(**_line(data_key, row, line), **where, item=line.item, sale_date=row.created_at)
        for line in row.lines
    ]


def _line(data_key: DataKey, row: ChargeRow, line: LineRow) -> dict[str, Any]:
    return {
        "id": str(line.id),
        "item_id": line.item.id if line.item else None,
        "charge_id": row.ref,
        "name": line.name,
        "description": show_text(data_key, LINE_DESCRIPTION, line.id, line.description),
        "quantity": line.quantity,
        "discount_amount": line.discount_amount_cents,
        "discount_percentage": float(line.discount_percentage),
        "discount_reason": show_text(data_key, DISCOUNT_REASON, line.id, line.discount_reason),
        "sold_by_provider_id": line.sold_by,
        "price": line.unit_price_cents,
        "tax_amount": line.tax_cents,
    }
