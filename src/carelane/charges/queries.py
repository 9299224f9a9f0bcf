"""Every SQL statement about charges."""

from datetime import datetime
from decimal import Decimal
from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.catalog.billing.items.queries import ITEM
from carelane.catalog.billing.items.schemas import ItemOut
from carelane.charges.money.queries import ADJUSTMENTS, PAYMENTS, AdjustmentRow, PaymentRow
from carelane.charges.plans.queries import PLANNED, PlannedRow
from carelane.charges.schemas import ChargeStatus, UserOut
from carelane.charges.tips.queries import TIPS
from carelane.charges.tips.schemas import TipOut
from carelane.kit.db import Connection, Sealed, to_json
from carelane.kit.phi import Phi
from carelane.patients.billing.queries import PATIENT, PatientRow

# What sealed descriptions are bound to.
DESCRIPTION = "charges.description_sealed"
COMMENT = "charges.comment_sealed"
META = "charges.meta_sealed"
LINE_DESCRIPTION = "charge_lines.description_sealed"
DISCOUNT_REASON = "charge_lines.discount_reason_sealed"

# A charge `c` with its lines as JSON that reads as a ChargeRow.
CHARGE: LiteralString = (
    """
json_build_object('id', c.id, 'given_id', c.given_id, 'currency', c.currency, 'is_test', coalesce(c.is_test, false), 'case_id', c.case_id,
  'status', c.status, 'discount_amount_cents', c.discount_amount_cents,
  'discount_percentage', c.discount_percentage::text, 'discount_cents', c.discount_cents, 'total_cents', c.total_cents,
  'outstanding_cents', c.outstanding_cents, 'description', encode(c.description_sealed, 'hex'),
  'comment', encode(c.comment_sealed, 'hex'), 'meta', encode(c.meta_sealed, 'hex'), 'external_created_at', c.external_created_at,
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
      'discount_reason', encode(n.discount_reason_sealed, 'hex'), 'sold_by', (SELECT coalesce(w.given_id, w.id::text)
        FROM staff w WHERE w.organization_id = n.organization_id AND w.id = n.sold_by_id),
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
    + ", 'tips', "
    + TIPS
    + """, 'planned', """
    + PLANNED
    + ")"
)

_FIND: LiteralString = (
    "SELECT " + CHARGE + "::text FROM charges c WHERE c.organization_id = %(organization_id)s AND c.id = %(id)s"
    " AND c.archived_at IS NULL"
)

_INSERT: LiteralString = """
WITH sent AS (SELECT %s::jsonb AS rows), new_charge AS (
  INSERT INTO charges (organization_id, id, patient_id, cart_id, case_id, quote_id, creator_id, location_id, currency, is_test,
    discount_amount_cents, discount_percentage, subtotal_cents, discount_cents, tax_cents, total_cents, outstanding_cents,
    status, description_sealed, external_id, appointment_id, given_id, comment_sealed, meta_sealed, external_created_at)
  SELECT n.organization_id, n.id, n.patient_id, n.cart_id, n.case_id, n.quote_id, n.creator_id, n.location_id, n.currency,
    coalesce(n.is_test, (SELECT bool_and(a.is_test) FROM gateway_accounts a
      WHERE a.organization_id = n.organization_id AND a.is_active), false),
    n.discount_amount_cents, n.discount_percentage, n.subtotal_cents, n.discount_cents, n.tax_cents, n.total_cents,
    n.total_cents, CASE WHEN n.total_cents = 0 THEN 'PAID' ELSE 'OUTSTANDING' END, n.description_sealed, n.external_id,
    n.appointment_id, n.given_id, n.comment_sealed, n.meta_sealed, n.external_created_at
  FROM sent, jsonb_populate_record(null::charges, sent.rows -> 'charge') n
)
INSERT INTO charge_lines (organization_id, id, charge_id, position, product_id, bundle_id, name, description_sealed,
  quantity, unit_price_cents, discount_amount_cents, discount_percentage, tax_cents, total_cents,
  sold_by_id, discount_reason_sealed)
SELECT organization_id, id, charge_id, position, product_id, bundle_id, name, description_sealed,
  quantity, unit_price_cents, discount_amount_cents, discount_percentage, tax_cents, total_cents,
  sold_by_id, discount_reason_sealed
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
    given_id: str | None
    comment_sealed: Sealed | None
    meta_sealed: Sealed | None
    external_created_at: datetime | None


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
    sold_by_id: UUID | None
    discount_reason_sealed: Sealed | None


class Place(msgspec.Struct, frozen=True):
    id: str
    name: str


class LineRow(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A line as CHARGE gives it; `description` and `discount_reason` are still sealed, in hex."""

    id: UUID
    name: str
    description: str | None
    quantity: int
    unit_price_cents: int
    discount_amount_cents: int
    discount_percentage: Decimal
    tax_cents: int
    discount_reason: str | None
    # By the id that callers know the member of staff by.
    sold_by: str | None
    item: ItemOut | None


class ChargeRow(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A charge as CHARGE gives it; `description`, `comment` and `meta` are still sealed, in hex."""

    id: UUID
    given_id: str | None
    currency: str
    is_test: bool
    case_id: UUID | None
    status: ChargeStatus
    discount_amount_cents: int
    discount_percentage: Decimal
    discount_cents: int
    total_cents: int
    outstanding_cents: int
    description: str | None
    comment: str | None
    meta: str | None
    external_created_at: datetime | None
    external_id: str | None
    appointment_id: str | None
    created_at: datetime
    patient: PatientRow
    creator: UserOut | None
    location: Place | None
    lines: list[LineRow]
    payments: list[PaymentRow]
    adjustments: list[AdjustmentRow]
    planned: list[PlannedRow]
    tips: list[TipOut]

    @property
    def whole_cents(self) -> int:
        """The total with its tips."""
        return self.total_cents + sum(tip.amount for tip in self.tips)

    @property
    def ref(self) -> str:
        """The id that callers know it by."""
        return self.given_id or str(self.id)


async def insert_charge(conn: Connection, charge: Charge, lines: list[ChargeLine]) -> None:
    await conn.execute(_INSERT, (to_json({"charge": charge, "lines": lines}),))


async def find_charge(conn: Connection, organization_id: UUID, charge_id: UUID) -> ChargeRow | None:
    cursor = await conn.execute(_FIND, {"organization_id": organization_id, "id": charge_id})
    row = await cursor.fetchone()
    return msgspec.json.decode(row[0], type=ChargeRow) if row else None
