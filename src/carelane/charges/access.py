"""From a charge's row to what a caller is shown."""

from typing import Any
from uuid import UUID

import msgspec

from carelane.charges import queries
from carelane.charges.queries import DESCRIPTION, LINE_DESCRIPTION, ChargeRow, LineRow
from carelane.charges.schemas import (
    ChargeFilters,
    ChargeItemDetailOut,
    ChargeItemOut,
    ChargeOut,
    ChargeRowOut,
    ChargeWithItemsOut,
    TimelineEntryOut,
)
from carelane.kit.db import Connection
from carelane.kit.phi import DataKey
from carelane.patients.billing.views import show_patient

# Opening one takes a few microseconds.
MAX_OPENED = 10_000


async def find_shown(conn: Connection, data_key: DataKey, organization_id: UUID, charge_id: UUID) -> ChargeOut | None:
    """The charge as conversion answers it, None when the organization has none of this id."""
    row = await queries.find_charge(conn, organization_id, charge_id)
    return show_charge(data_key, row) if row else None


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
        description=_open(data_key, row.description, DESCRIPTION, row.id),
        status=row.status,
        patient=show_patient(data_key, row.patient),
        created_date=row.created_at,
        external_id=row.external_id,
        creator=row.creator,
        items=_items(data_key, row),
        location_id=row.location.id if row.location else None,
    )


def show_timeline(data_key: DataKey, row: ChargeRow) -> list[TimelineEntryOut]:
    """All that happened to a charge: as yet, that it was made."""
    return [
        TimelineEntryOut(
            id=str(row.id),
            type="CHARGE",
            amount=row.total_cents,
            date=row.created_at,
            status=row.status,
            description=_open(data_key, row.description, DESCRIPTION, row.id),
            items=_items(data_key, row),
            discount_amount=row.discount_cents,
            creator=row.creator,
        )
    ]


async def with_description(
    conn: Connection, data_key: DataKey, organization_id: UUID, filters: ChargeFilters, wanted: str
) -> ChargeFilters:
    """The filters narrowed to charges whose description has `wanted` in it, in whatever case.

    Descriptions are sealed, so they are opened one by one: those of the newest MAX_OPENED charges that fit the filters.
    """
    sealed = await queries.list_descriptions(conn, organization_id, filters, MAX_OPENED)
    part = wanted.casefold()
    ids = [n for n, text in sealed if part in data_key.open(text, DESCRIPTION, n).decode().casefold()]
    return msgspec.structs.replace(filters, ids=ids)


def _charge(data_key: DataKey, row: ChargeRow) -> dict[str, Any]:
    patient = show_patient(data_key, row.patient)
    return {
        "id": str(row.id),
        "patient_id": patient.id,
        "patient": patient,
        "total": row.total_cents,
        "total_outstanding": row.outstanding_cents,
        "description": _open(data_key, row.description, DESCRIPTION, row.id),
        "status": row.status,
        "discount_amount": row.discount_amount_cents,
        "discount_percentage": float(row.discount_percentage),
        "external_id": row.external_id,
        "created_date": row.created_at,
        "creator_id": row.creator.id if row.creator else None,
        "location_id": row.location.id if row.location else None,
        "event_id": row.appointment_id,
    }


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
        "description": _open(data_key, line.description, LINE_DESCRIPTION, line.id),
        "quantity": line.quantity,
        "discount_amount": line.discount_amount_cents,
        "discount_percentage": float(line.discount_percentage),
        "price": line.unit_price_cents,
        "tax_amount": line.tax_cents,
    }


def _open(data_key: DataKey, sealed: str | None, place: str, row_id: UUID) -> str | None:
    return data_key.open(bytes.fromhex(sealed), place, row_id).decode() if sealed is not None else None
