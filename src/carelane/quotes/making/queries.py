"""The statements that make a quote, and what must be known before."""

from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.kit.db import Connection
from carelane.kit.phi import Phi
from carelane.permissions import Role

# Whom and what a new quote names. An archived patient may still have a cart, and a quote of it.
_FIND_NAMED: LiteralString = """
SELECT json_build_object('patient', (
    SELECT json_build_object('first_name', p.first_name, 'last_name', p.last_name) FROM patients p
    WHERE p.organization_id = o.id AND p.id = %(patient_id)s),
  'role', (
    SELECT s.role FROM staff s
    WHERE s.organization_id = o.id AND s.id = %(creator_id)s AND s.deactivated_at IS NULL))::text
FROM organizations o WHERE o.id = %(organization_id)s
"""
_INSERT: LiteralString = """
INSERT INTO quotes (organization_id, id, given_id, patient_id, cart_id, creator_id, location_id, currency,
  discount_amount_cents, discount_percentage, subtotal_cents, discount_cents, tax_cents, total_cents, words_sealed,
  requires_verification, expires_at, created_at, updated_at)
SELECT c.organization_id, %(id)s, %(given_id)s::text, c.patient_id, c.id, %(creator_id)s, c.location_id, c.currency,
  c.discount_amount_cents, c.discount_percentage, c.subtotal_cents, c.discount_cents, c.tax_cents, c.total_cents,
  %(words)s::bytea, %(requires_verification)s, %(expires_at)s::timestamptz, %(now)s, %(now)s
FROM carts c WHERE c.organization_id = %(organization_id)s AND c.id = %(cart_id)s
ON CONFLICT (organization_id, id) DO NOTHING RETURNING id
"""
# Notes of the cart's lines are staff's own; what a quote's line says is for the patient, so none is copied.
_INSERT_LINES: LiteralString = """
INSERT INTO quote_lines (organization_id, id, quote_id, position, product_id, bundle_id, quantity, unit_price_cents,
  discount_amount_cents, discount_percentage, tax_cents, total_cents, created_at, updated_at)
SELECT n.organization_id, n.id, %(id)s, n.position, n.product_id, n.bundle_id, n.quantity, n.unit_price_cents,
  n.discount_amount_cents, n.discount_percentage, n.tax_cents, n.total_cents, %(now)s, %(now)s
FROM cart_lines n WHERE n.organization_id = %(organization_id)s AND n.cart_id = %(cart_id)s
"""


class PatientName(Phi, msgspec.Struct, frozen=True):
    first_name: str | None
    last_name: str | None

    def __str__(self) -> str:
        return " ".join(name for name in (self.first_name, self.last_name) if name)


class Named(Phi, msgspec.Struct, frozen=True):
    """Whom a new quote names; None for who is not here, or not active any more."""

    patient: PatientName | None
    role: Role | None


class NewQuote(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A quote to be made of a cart."""

    id: UUID
    given_id: str | None
    cart_id: UUID
    creator_id: UUID
    words: bytes
    requires_verification: bool
    expires_at: datetime | None
    now: datetime


async def find_named(conn: Connection, organization_id: UUID, patient_id: UUID, creator_id: UUID) -> Named:
    values = {"organization_id": organization_id, "patient_id": patient_id, "creator_id": creator_id}
    row = await (await conn.execute(_FIND_NAMED, values)).fetchone()
    return msgspec.json.decode(row[0], type=Named) if row else Named(None, None)


async def insert_quote(conn: Connection, organization_id: UUID, new: NewQuote) -> bool:
    """With the lines and amounts of its cart, whose row is held. False: the id is taken, and nothing was written."""
    values = msgspec.structs.asdict(new) | {"organization_id": organization_id}
    if await (await conn.execute(_INSERT, values)).fetchone() is None:
        return False
    await conn.execute(_INSERT_LINES, values)
    return True
