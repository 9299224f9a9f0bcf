"""Statements of the patient's page."""

from datetime import date, datetime
from decimal import Decimal
from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.carts.offers.schemas import QuoteStatus
from carelane.kit.db import Connection
from carelane.kit.phi import Phi
from carelane.organizations.logos.queries import PAGE_LOGO


class PageLineRow(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A line. `description` is still sealed, in hex."""

    id: UUID
    name: str
    quantity: Decimal
    unit_price_cents: int
    total_cents: int
    description: str | None


class Money(msgspec.Struct, frozen=True, kw_only=True):
    """What is owed for the quote, and what of it was paid. All of it is owed while it is no charge yet.

    `can_be_paid`: the clinic takes such money here.
    """

    can_be_paid: bool
    outstanding_cents: int
    is_void: bool
    is_test: bool
    paid_cents: int
    refunded_cents: int
    paid_at: datetime | None
    # The gateway is at it: the patient has entered a card that is not charged yet.
    is_pending: bool


class PageRow(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the page may need to know. `texts` are still sealed, in hex."""

    id: UUID
    patient_id: UUID
    status: QuoteStatus
    currency: str
    subtotal_cents: int
    discount_cents: int
    tax_cents: int
    total_cents: int
    texts: str | None
    requires_verification: bool
    revision: int
    link_version: int
    verification_unlocks_at: datetime | None
    is_closed: bool
    expires_at: datetime | None
    responded_at: datetime | None
    organization_name: str
    logo: str | None
    location_name: str | None
    clinic_phone: str | None
    timezone: str
    last_name: str | None
    date_of_birth: date | None
    phone_number: str | None
    money: Money
    lines: list[PageLineRow]


class Tries(msgspec.Struct, frozen=True, kw_only=True):
    """Wrong tries: since the last right one or the last lock (`failed`), and since the link was made (`wrong`); how often it was
    locked, until when even a right one is refused, and whether it is for good."""

    failed: int
    wrong: int
    locks: int
    unlocks_at: datetime | None
    is_closed: bool
    # Which link of the quote the tries are of.
    version: int


# Of the quote `q`, its charge `e`, if there is one, and its organization `o`.
_MONEY: LiteralString = """
(SELECT json_build_object(
  'can_be_paid', o.payment_policy <> 'unverified' AND EXISTS (
    SELECT FROM gateway_accounts a
    WHERE a.organization_id = q.organization_id AND a.is_active AND (e.id IS NULL OR a.is_test = e.is_test)),
  'outstanding_cents', coalesce(e.outstanding_cents, q.total_cents), 'is_void', e.voided_at IS NOT NULL,
  'is_test', coalesce(e.is_test, false), 'paid_cents', coalesce(sum(y.captured_cents), 0),
  'refunded_cents', coalesce(sum(y.refunded_cents), 0), 'paid_at', max(y.paid_at),
  'is_pending', coalesce(bool_or(y.stage = 'DUE' OR EXISTS (
    SELECT FROM payment_intents i
    WHERE i.organization_id = y.organization_id AND i.payment_id = y.id AND i.status = 'processing')), false))
FROM payments y WHERE y.organization_id = q.organization_id AND y.charge_id = e.id AND y.deleted_at IS NULL)
"""
_FIND: LiteralString = (
    """
SELECT json_build_object('id', q.id, 'patient_id', q.patient_id, 'status', q.status, 'currency', q.currency,
  'subtotal_cents', q.subtotal_cents, 'discount_cents', q.discount_cents, 'tax_cents', q.tax_cents,
  'total_cents', q.total_cents, 'texts', encode(q.words_sealed, 'hex'), 'requires_verification', q.requires_verification,
  'revision', q.revision, 'link_version', q.link_version, 'is_closed', q.verification_closed_at IS NOT NULL,
  'verification_unlocks_at', q.verification_unlocks_at, 'expires_at', q.expires_at,
  'responded_at', q.responded_at, 'organization_name', o.name, 'logo', """
    + PAGE_LOGO
    + """, 'location_name', coalesce(l.name, h.name),
  'clinic_phone', coalesce(l.phone_number, h.phone_number), 'timezone', coalesce(l.timezone, h.timezone, 'UTC'),
  'last_name', p.last_name, 'date_of_birth', p.date_of_birth, 'phone_number', coalesce(p.phone_e164, p.phone_number),
  'money', """
    + _MONEY
    + """, 'lines', coalesce((
    SELECT json_agg(json_build_object('id', n.id, 'name', coalesce(i.name, b.name), 'quantity', n.quantity::text,
      'unit_price_cents', n.unit_price_cents, 'total_cents', n.total_cents,
      'description', encode(n.description_sealed, 'hex')) ORDER BY n.position, n.id)
    FROM quote_lines n
    LEFT JOIN products i ON i.organization_id = n.organization_id AND i.id = n.product_id
    LEFT JOIN bundles b ON b.organization_id = n.organization_id AND b.id = n.bundle_id
    WHERE n.organization_id = q.organization_id AND n.quote_id = q.id), '[]'))::text
FROM quotes q
JOIN organizations o ON o.id = q.organization_id
JOIN patients p ON p.organization_id = q.organization_id AND p.id = q.patient_id
LEFT JOIN locations l ON l.organization_id = q.organization_id AND l.id = q.location_id
LEFT JOIN locations h ON h.organization_id = q.organization_id AND h.id = p.primary_location_id
LEFT JOIN charges e ON e.organization_id = q.organization_id AND e.id = q.charge_id
WHERE q.organization_id = %s AND q.id = %s
"""
)
_LOCK_TRIES: LiteralString = """
SELECT json_build_object('failed', failed_verifications, 'wrong', wrong_verifications, 'locks', verification_locks,
  'unlocks_at', verification_unlocks_at, 'is_closed', verification_closed_at IS NOT NULL, 'version', link_version)::text
FROM quotes WHERE organization_id = %s AND id = %s FOR NO KEY UPDATE
"""
_SET_TRIES: LiteralString = """
UPDATE quotes SET failed_verifications = %(failed)s, wrong_verifications = %(wrong)s, verification_locks = %(locks)s,
  verification_unlocks_at = %(unlocks_at)s, link_version = %(version)s,
  verification_closed_at = CASE WHEN %(is_closed)s THEN coalesce(verification_closed_at, now()) END
WHERE organization_id = %(organization_id)s AND id = %(id)s
"""


async def find_page(conn: Connection, organization_id: UUID, quote_id: UUID) -> PageRow | None:
    row = await (await conn.execute(_FIND, (organization_id, quote_id))).fetchone()
    return msgspec.json.decode(row[0], type=PageRow) if row else None


async def lock_tries(conn: Connection, organization_id: UUID, quote_id: UUID) -> Tries:
    """Of a quote that is there. Tries made at the same moment wait until this transaction has counted."""
    row = await (await conn.execute(_LOCK_TRIES, (organization_id, quote_id))).fetchone()
    if row is None:
        raise LookupError("a quote that was there a moment ago")
    return msgspec.json.decode(row[0], type=Tries)


async def set_tries(conn: Connection, organization_id: UUID, quote_id: UUID, tries: Tries) -> None:
    await conn.execute(_SET_TRIES, msgspec.structs.asdict(tries) | {"organization_id": organization_id, "id": quote_id})
