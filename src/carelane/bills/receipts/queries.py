"""The statement that reads a receipt."""

from datetime import date, datetime
from decimal import Decimal
from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.charges.money.queries import PAYMENT, PaymentRow
from carelane.charges.schemas import ChargeStatus
from carelane.charges.tips.queries import TIPS
from carelane.charges.tips.schemas import TipOut
from carelane.kit.db import Connection
from carelane.kit.phi import Phi
from carelane.organizations.logos.queries import PAGE_LOGO, RECEIPT_LOGO


class SoldRow(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A line of a charge; `description` is still sealed, in hex."""

    id: UUID
    name: str
    description: str | None
    quantity: int
    unit: str | None
    type: str | None
    is_package: bool
    unit_price_cents: int
    discount_amount_cents: int
    discount_percentage: Decimal
    tax_cents: int
    total_cents: int


class ReceiptChargeRow(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A charge with its lines; `share_cents` is what of a payment went to it; None: no payment is asked about."""

    id: UUID
    given_id: str | None
    share_cents: int | None
    status: ChargeStatus
    subtotal_cents: int
    discount_cents: int
    discount_amount_cents: int
    discount_percentage: Decimal
    tax_cents: int
    total_cents: int
    outstanding_cents: int
    description: str | None
    external_id: str | None
    created_at: datetime
    tips: list[TipOut]
    # What was made of it since: below nothing where less is owed.
    adjusted_cents: int
    lines: list[SoldRow]

    @property
    def ref(self) -> str:
        """As callers know it."""
        return self.given_id or str(self.id)

    @property
    def tip_cents(self) -> int:
        return sum(tip.amount for tip in self.tips)


class PayerRow(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """Whose payment it is. `link_version` and the rest are what a link to a receipt is held against."""

    id: UUID
    given_id: str | None
    first_name: str | None
    last_name: str | None
    email: str | None
    phone_number: str | None
    phone_e164: str | None
    date_of_birth: date | None


class ClinicRow(msgspec.Struct, frozen=True, kw_only=True):
    """How the clinic shows itself."""

    name: str
    # Digests of the pictures on pages and on receipts.
    logo: str | None
    receipt_logo: str | None
    tagline: str | None
    color: str | None
    email: str | None
    phone: str | None
    place: str | None
    timezone: str


class ReceiptRow(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a receipt may say."""

    payment: PaymentRow
    is_test: bool
    card_brand: str | None
    card_last4: str | None
    short_id: str | None
    patient: PayerRow
    clinic: ClinicRow
    charges: list[ReceiptChargeRow]


# The clinic `o` with its branding `b`, as the location `h` shows it: a part of every statement about bills.
CLINIC: LiteralString = f"""
json_build_object('name', o.name, 'logo', {PAGE_LOGO}, 'receipt_logo', {RECEIPT_LOGO},
  'tagline', b.content ->> 'tagline', 'color', b.content ->> 'color_primary',
  'email', b.content ->> 'contact_email', 'phone', coalesce(b.content ->> 'contact_phone', h.phone_number),
  'place', CASE WHEN h.address_line1 IS NOT NULL THEN
    concat_ws(', ', h.address_line1, h.address_line2, h.city, concat_ws(' ', h.state, h.postal_code)) END,
  'timezone', coalesce(h.timezone, 'UTC'))
"""
# A patient `p` as JSON that reads as a PayerRow.
PAYER: LiteralString = """
json_build_object('id', p.id, 'given_id', p.given_id, 'first_name', p.first_name, 'last_name', p.last_name, 'email', p.email,
  'phone_number', p.phone_number, 'phone_e164', p.phone_e164, 'date_of_birth', p.date_of_birth)
"""
# What of a payment `y` went to which charge.
_SHARES: LiteralString = """(
  SELECT y.charge_id, y.amount_cents WHERE y.charge_id IS NOT NULL
  UNION ALL SELECT w.charge_id, w.amount_cents FROM payment_charges w
    WHERE w.organization_id = y.organization_id AND w.payment_id = y.id) s (charge_id, cents)"""


def charge_json(share: LiteralString) -> LiteralString:
    """A charge `c` as JSON that reads as a ReceiptChargeRow. `share`: SQL of what went to it."""
    return f"""
json_build_object('id', c.id, 'given_id', c.given_id, 'share_cents', {share}, 'status', c.status,
  'subtotal_cents', c.subtotal_cents, 'discount_cents', c.discount_cents, 'discount_amount_cents', c.discount_amount_cents,
  'discount_percentage', c.discount_percentage::text, 'tax_cents', c.tax_cents, 'total_cents', c.total_cents,
  'outstanding_cents', c.outstanding_cents, 'description', encode(c.description_sealed, 'hex'), 'external_id', c.external_id,
  'created_at', c.created_at, 'tips', {TIPS}, 'adjusted_cents', coalesce((
    SELECT -sum(a.amount_cents) FROM charge_adjustments a
    WHERE a.organization_id = c.organization_id AND a.charge_id = c.id AND a.kind = 'ADJUSTMENT'), 0), 'lines', coalesce((
    SELECT json_agg(json_build_object('id', n.id, 'name', n.name, 'description', encode(n.description_sealed, 'hex'),
      'quantity', n.quantity, 'unit', i.unit, 'type', CASE WHEN n.bundle_id IS NOT NULL THEN 'PACKAGE' ELSE i.type END,
      'is_package', n.bundle_id IS NOT NULL, 'unit_price_cents', n.unit_price_cents,
      'discount_amount_cents', n.discount_amount_cents, 'discount_percentage', n.discount_percentage::text,
      'tax_cents', n.tax_cents, 'total_cents', n.total_cents) ORDER BY n.position, n.id)
    FROM charge_lines n
    LEFT JOIN products i ON i.organization_id = n.organization_id AND i.id = n.product_id
    WHERE n.organization_id = c.organization_id AND n.charge_id = c.id), '[]'))"""


_CHARGES: LiteralString = f"""
coalesce((
  SELECT json_agg({charge_json("s.cents")} ORDER BY c.created_at, c.id)
  FROM {_SHARES} JOIN charges c ON c.organization_id = y.organization_id AND c.id = s.charge_id), '[]')
"""
_FIND: LiteralString = f"""
SELECT json_build_object('payment', {PAYMENT}, 'is_test', y.is_test, 'card_brand', y.card_brand, 'card_last4', y.card_last4,
  'short_id', k.short_id, 'patient', {PAYER}, 'clinic', {CLINIC}, 'charges', {_CHARGES})::text
FROM payments y
JOIN organizations o ON o.id = y.organization_id
JOIN patients p ON p.organization_id = y.organization_id AND p.id = y.patient_id
LEFT JOIN cases k ON k.organization_id = y.organization_id AND k.id = y.case_id
LEFT JOIN charges f ON f.organization_id = y.organization_id AND f.id = y.charge_id
LEFT JOIN locations h ON h.organization_id = y.organization_id AND h.id = coalesce(y.location_id, f.location_id, p.primary_location_id)
LEFT JOIN branding b ON b.organization_id = y.organization_id
WHERE y.organization_id = %s AND y.id = %s AND y.deleted_at IS NULL
"""


async def find_receipt(conn: Connection, organization_id: UUID, payment_id: UUID) -> ReceiptRow | None:
    row = await (await conn.execute(_FIND, (organization_id, payment_id))).fetchone()
    return msgspec.json.decode(row[0], type=ReceiptRow) if row else None
