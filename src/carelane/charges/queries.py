"""Every SQL statement about charges."""

from datetime import datetime
from decimal import Decimal
from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.catalog.billing.items.queries import ITEM
from carelane.catalog.billing.items.schemas import ItemOut
from carelane.charges.money.queries import ADJUSTMENTS, PAYMENTS, AdjustmentRow, PaymentRow
from carelane.charges.schemas import ChargeFilters, ChargeStatus, SortBy, UserOut
from carelane.kit.db import Connection, Sealed, to_json
from carelane.kit.phi import Phi
from carelane.patients.billing.queries import PATIENT, PatientRow
from carelane.patients.queries import living
from carelane.web.paging import Direction, Page, asked_for

# What sealed descriptions are bound to.
DESCRIPTION = "charges.description_sealed"
LINE_DESCRIPTION = "charge_lines.description_sealed"

# A charge `c` with its lines as JSON that reads as a ChargeRow.
CHARGE: LiteralString = (
    """
json_build_object('id', c.id, 'status', c.status, 'discount_amount_cents', c.discount_amount_cents,
  'discount_percentage', c.discount_percentage::text, 'discount_cents', c.discount_cents, 'total_cents', c.total_cents,
  'outstanding_cents', c.outstanding_cents, 'description', encode(c.description_sealed, 'hex'),
  'external_id', c.external_id, 'appointment_id', c.appointment_id, 'created_at', c.created_at,
  'patient', (SELECT """
    + PATIENT
    + """ FROM patients p WHERE p.organization_id = c.organization_id AND p.id = c.patient_id),
  'creator', (SELECT json_build_object('id', coalesce(s.given_id, s.id::text), 'firstName', s.first_name,
      'lastName', s.last_name, 'phoneNumber', s.phone_number, 'email', s.email, 'type', 'PROVIDER')
    FROM staff s WHERE s.organization_id = c.organization_id AND s.id = c.creator_id),
  'location', (SELECT json_build_object('id', coalesce(l.given_id, l.id::text), 'name', l.name)
    FROM locations l WHERE l.organization_id = c.organization_id AND l.id = c.location_id),
  'lines', coalesce((
    SELECT json_agg(json_build_object('id', n.id, 'name', n.name, 'description', encode(n.description_sealed, 'hex'),
      'quantity', n.quantity, 'unit_price_cents', n.unit_price_cents, 'discount_amount_cents', n.discount_amount_cents,
      'discount_percentage', n.discount_percentage::text, 'tax_cents', n.tax_cents,
      'item', CASE WHEN i.id IS NOT NULL THEN """
    + ITEM
    + """ END) ORDER BY n.position, n.id)
    FROM charge_lines n
    LEFT JOIN products i ON i.organization_id = n.organization_id AND i.id = n.product_id
    WHERE n.organization_id = c.organization_id AND n.charge_id = c.id), '[]'),
  'payments', """
    + PAYMENTS
    + """, 'adjustments', """
    + ADJUSTMENTS
    + ")"
)

_FIND: LiteralString = (
    "SELECT " + CHARGE + "::text FROM charges c WHERE c.organization_id = %(organization_id)s AND c.id = %(id)s"
)

_CONDITIONS: dict[str, LiteralString] = {
    "ids": "c.id = ANY(%(ids)s::uuid[])",
    "patient_id": f"c.patient_id = {living('%(patient_id)s')}",
    "statuses": "c.status = ANY(%(statuses)s)",
    "external_id": "c.external_id = %(external_id)s",
    "location_ids": "c.location_id = ANY(%(location_ids)s::uuid[])",
    "total": "c.total_cents BETWEEN (%(total)s::bigint[])[1] AND (%(total)s::bigint[])[2]",
    "outstanding": "c.outstanding_cents BETWEEN (%(outstanding)s::bigint[])[1] AND (%(outstanding)s::bigint[])[2]",
    "created_from": "c.created_at >= %(created_from)s",
    "created_until": "c.created_at < %(created_until)s",
    "paid_from": """EXISTS (SELECT FROM payments y WHERE y.organization_id = c.organization_id AND y.charge_id = c.id
    AND y.paid_at >= %(paid_from)s AND y.paid_at < %(paid_until)s)""",
    "patient_name": "concat_ws(' ', p.first_name_key, p.last_name_key) LIKE %(patient_name)s",
    "patient_external_id": "p.external_id = %(patient_external_id)s",
}
_ORDER: dict[tuple[SortBy, Direction], LiteralString] = {
    ("created_date", "asc"): "c.created_at, c.id",
    ("created_date", "desc"): "c.created_at DESC, c.id DESC",
    ("total", "asc"): "c.total_cents, c.id",
    ("total", "desc"): "c.total_cents DESC, c.id DESC",
    ("total_outstanding", "asc"): "c.outstanding_cents, c.id",
    ("total_outstanding", "desc"): "c.outstanding_cents DESC, c.id DESC",
    ("status", "asc"): "c.status, c.id",
    ("status", "desc"): "c.status DESC, c.id DESC",
    ("name", "asc"): "lower(p.last_name) NULLS LAST, lower(p.first_name), c.id",
    ("name", "desc"): "lower(p.last_name) DESC NULLS LAST, lower(p.first_name) DESC, c.id DESC",
}
_PATIENT_OF: LiteralString = " JOIN patients p ON p.organization_id = c.organization_id AND p.id = c.patient_id"

_INSERT: LiteralString = """
WITH sent AS (SELECT %s::jsonb AS rows), new_charge AS (
  INSERT INTO charges (organization_id, id, patient_id, cart_id, case_id, quote_id, creator_id, location_id, currency, is_test,
    discount_amount_cents, discount_percentage, subtotal_cents, discount_cents, tax_cents, total_cents, outstanding_cents,
    status, description_sealed, external_id, appointment_id)
  SELECT n.organization_id, n.id, n.patient_id, n.cart_id, n.case_id, n.quote_id, n.creator_id, n.location_id, n.currency,
    coalesce(n.is_test, (SELECT bool_and(a.is_test) FROM gateway_accounts a
      WHERE a.organization_id = n.organization_id AND a.is_active), false),
    n.discount_amount_cents, n.discount_percentage, n.subtotal_cents, n.discount_cents, n.tax_cents, n.total_cents,
    n.total_cents, CASE WHEN n.total_cents = 0 THEN 'PAID' ELSE 'OUTSTANDING' END, n.description_sealed, n.external_id,
    n.appointment_id
  FROM sent, jsonb_populate_record(null::charges, sent.rows -> 'charge') n
)
INSERT INTO charge_lines (organization_id, id, charge_id, position, product_id, bundle_id, name, description_sealed,
  quantity, unit_price_cents, discount_amount_cents, discount_percentage, tax_cents, total_cents)
SELECT organization_id, id, charge_id, position, product_id, bundle_id, name, description_sealed,
  quantity, unit_price_cents, discount_amount_cents, discount_percentage, tax_cents, total_cents
FROM sent, jsonb_populate_recordset(null::charge_lines, sent.rows -> 'lines')
"""


class Charge(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A charge to be written; nothing of it is paid."""

    organization_id: UUID
    id: UUID
    patient_id: UUID
    cart_id: UUID | None
    case_id: UUID | None
    quote_id: UUID | None
    creator_id: UUID | None
    location_id: UUID | None
    currency: str
    is_test: bool | None
    discount_amount_cents: int
    discount_percentage: Decimal
    subtotal_cents: int
    discount_cents: int
    tax_cents: int
    total_cents: int
    description_sealed: Sealed | None
    external_id: str | None
    appointment_id: str | None


class ChargeLine(Phi, msgspec.Struct, frozen=True, kw_only=True):
    organization_id: UUID
    id: UUID
    charge_id: UUID
    position: int
    product_id: UUID | None
    bundle_id: UUID | None
    name: str
    description_sealed: Sealed | None
    quantity: int
    unit_price_cents: int
    discount_amount_cents: int
    discount_percentage: Decimal
    tax_cents: int
    total_cents: int


class Place(msgspec.Struct, frozen=True):
    id: str
    name: str


class LineRow(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A line as CHARGE gives it; `description` is still sealed, in hex."""

    id: UUID
    name: str
    description: str | None
    quantity: int
    unit_price_cents: int
    discount_amount_cents: int
    discount_percentage: Decimal
    tax_cents: int
    item: ItemOut | None


class ChargeRow(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A charge as CHARGE gives it; `description` is still sealed, in hex."""

    id: UUID
    status: ChargeStatus
    discount_amount_cents: int
    discount_percentage: Decimal
    discount_cents: int
    total_cents: int
    outstanding_cents: int
    description: str | None
    external_id: str | None
    appointment_id: str | None
    created_at: datetime
    patient: PatientRow
    creator: UserOut | None
    location: Place | None
    lines: list[LineRow]
    payments: list[PaymentRow]
    adjustments: list[AdjustmentRow]


async def insert_charge(conn: Connection, charge: Charge, lines: list[ChargeLine]) -> None:
    await conn.execute(_INSERT, (to_json({"charge": charge, "lines": lines}),))


async def find_charge(conn: Connection, organization_id: UUID, charge_id: UUID) -> ChargeRow | None:
    cursor = await conn.execute(_FIND, {"organization_id": organization_id, "id": charge_id})
    row = await cursor.fetchone()
    return msgspec.json.decode(row[0], type=ChargeRow) if row else None


async def list_charges(conn: Connection, organization_id: UUID, filters: ChargeFilters, page: Page) -> list[ChargeRow]:
    values = _values(organization_id, filters) | msgspec.structs.asdict(page)
    order: LiteralString = " ORDER BY " + _ORDER[filters.sort_by, filters.sort_direction]
    # The page is cut first, so that JSON is only built for the charges on it.
    cut = (
        f"SELECT c.*, row_number() OVER ({order}) AS place {_chosen(values)} {order} LIMIT %(limit)s OFFSET %(offset)s"
    )
    cursor = await conn.execute(f"SELECT {CHARGE}::text FROM ({cut}) c ORDER BY c.place", values)
    return [msgspec.json.decode(row[0], type=ChargeRow) for row in await cursor.fetchall()]


async def count_charges(conn: Connection, organization_id: UUID, filters: ChargeFilters) -> int:
    values = _values(organization_id, filters)
    cursor = await conn.execute(f"SELECT count(*) {_chosen(values)}", values)
    return int((await cursor.fetchall())[0][0])


async def list_descriptions(
    conn: Connection, organization_id: UUID, filters: ChargeFilters, most: int
) -> list[tuple[UUID, bytes]]:
    """The sealed descriptions of the newest charges that have one."""
    values = _values(organization_id, filters) | {"most": most}
    newest: LiteralString = "AND c.description_sealed IS NOT NULL ORDER BY c.created_at DESC, c.id DESC LIMIT %(most)s"
    cursor = await conn.execute(f"SELECT c.id, c.description_sealed {_chosen(values)} {newest}", values)
    return [(row[0], bytes(row[1])) for row in await cursor.fetchall()]


def _values(organization_id: UUID, filters: ChargeFilters) -> dict[str, object]:
    return {**msgspec.structs.asdict(filters), "organization_id": organization_id}


def _chosen(values: dict[str, object]) -> LiteralString:
    """The charges `c` that the filters select, joined to their patients `p` only where patients matter."""
    needs_patient = (
        values["sort_by"] == "name" or values["patient_name"] is not None or values["patient_external_id"] is not None
    )
    joined: LiteralString = _PATIENT_OF if needs_patient else ""
    return f"FROM charges c{joined} WHERE c.organization_id = %(organization_id)s{asked_for(_CONDITIONS, values)}"
