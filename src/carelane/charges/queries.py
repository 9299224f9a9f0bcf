"""Every SQL statement about charges."""

from datetime import datetime
from decimal import Decimal
from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.catalog.billing.items.queries import ITEM
from carelane.catalog.billing.items.schemas import ItemOut
from carelane.charges.money.queries import ADJUSTMENTS, PAYMENTS, AdjustmentRow, PaymentRow
from carelane.charges.schemas import ChargeStatus, UserOut
from carelane.kit.db import Connection, Sealed, to_json
from carelane.kit.phi import Phi
from carelane.patients.billing.queries import PATIENT, PatientRow

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
