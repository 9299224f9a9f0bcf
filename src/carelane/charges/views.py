"""From a charge's row to the billing dialect's shapes."""

from typing import Any

from carelane.charges.money.schemas import AdjustmentOut
from carelane.charges.money.views import (
    adjustment_entry,
    payment_entries,
    show_adjustment,
    show_payment,
    show_table_payment,
)
from carelane.charges.queries import DESCRIPTION, LINE_DESCRIPTION, ChargeRow, LineRow
from carelane.charges.schemas import (
    ChargeItemDetailOut,
    ChargeItemOut,
    ChargeOut,
    ChargeRowOut,
    ChargeWithItemsOut,
    TimelineEntryOut,
)
from carelane.kit.phi import DataKey
from carelane.patients.billing.views import show_patient
from carelane.pricing.lines import show_text


def show_charge(data_key: DataKey, row: ChargeRow) -> ChargeOut:
    """`ChargeDetail`."""
    items = [ChargeItemOut(**_line(data_key, row, line)) for line in row.lines]
    return ChargeOut(**_charge(data_key, row), items=items)


def show_with_items(data_key: DataKey, row: ChargeRow) -> ChargeWithItemsOut:
    """`ChargeDetailWithItems`."""
    return ChargeWithItemsOut(**_charge(data_key, row), items=_items(data_key, row))


def show_row(data_key: DataKey, row: ChargeRow) -> ChargeRowOut:
    """`ChargeTable`."""
    return ChargeRowOut(
        id=str(row.id),
        total=row.total_cents,
        total_outstanding=row.outstanding_cents,
        description=show_text(data_key, DESCRIPTION, row.id, row.description),
        status=row.status,
        patient=show_patient(data_key, row.patient),
        created_date=row.created_at,
        external_id=row.external_id,
        creator=row.creator,
        items=_items(data_key, row),
        location_id=row.location.id if row.location else None,
        payments=[show_table_payment(one) for one in row.payments],
        adjustments=_adjustments(data_key, row),
    )


def show_timeline(data_key: DataKey, row: ChargeRow) -> list[TimelineEntryOut]:
    """Everything that happened to a charge, oldest first."""
    made = TimelineEntryOut(
        id=str(row.id),
        type="CHARGE",
        amount=row.total_cents,
        date=row.created_at,
        status=row.status,
        description=show_text(data_key, DESCRIPTION, row.id, row.description),
        items=_items(data_key, row),
        discount_amount=row.discount_cents,
        creator=row.creator,
    )
    later = [entry for one in row.payments for entry in payment_entries(one)]
    later += [adjustment_entry(data_key, one) for one in row.adjustments]
    return [made, *sorted(later, key=lambda entry: entry.date)]


def _charge(data_key: DataKey, row: ChargeRow) -> dict[str, Any]:
    patient = show_patient(data_key, row.patient)
    return {
        "id": str(row.id),
        "patient_id": patient.id,
        "patient": patient,
        "total": row.total_cents,
        "total_outstanding": row.outstanding_cents,
        "description": show_text(data_key, DESCRIPTION, row.id, row.description),
        "status": row.status,
        "discount_amount": row.discount_amount_cents,
        "discount_percentage": float(row.discount_percentage),
        "external_id": row.external_id,
        "created_date": row.created_at,
        "creator_id": row.creator.id if row.creator else None,
        "location_id": row.location.id if row.location else None,
        "event_id": row.appointment_id,
        "payments": [show_payment(one, str(row.id), patient.id) for one in row.payments],
        "adjustments": _adjustments(data_key, row),
    }


def _adjustments(data_key: DataKey, row: ChargeRow) -> list[AdjustmentOut]:
    location_id = row.location.id if row.location else None
    return [show_adjustment(data_key, one, str(row.id), location_id) for one in row.adjustments]


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
        "charge_id": str(row.id),
        "name": line.name,
        "description": show_text(data_key, LINE_DESCRIPTION, line.id, line.description),
        "quantity": line.quantity,
        "discount_amount": line.discount_amount_cents,
        "discount_percentage": float(line.discount_percentage),
        "price": line.unit_price_cents,
        "tax_amount": line.tax_cents,
    }
