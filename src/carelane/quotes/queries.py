"""Every SQL statement about quotes."""

from datetime import datetime
from decimal import Decimal
from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.catalog.billing.items.queries import ITEM
from carelane.catalog.billing.items.schemas import ItemOut
from carelane.catalog.billing.packages.queries import PACKAGE
from carelane.catalog.billing.packages.schemas import PackageTinyOut
from carelane.kit.db import Connection, uuid_array
from carelane.kit.phi import Phi
from carelane.patients.billing.queries import PATIENT, PatientRow
from carelane.quotes.states import QuoteStatus
from carelane.staff.billing.queries import PROVIDER
from carelane.staff.billing.schemas import ProviderTinyOut

# The places that what is sealed of a quote is bound to.
WORDS = "quotes.words_sealed"
RESPONSE = "quotes.response_sealed"
DESCRIPTION = "quote_lines.description_sealed"

# A quote `q` as JSON that reads as a QuoteRow, without its patient, whom every statement that shows a quote has at hand.
QUOTE: LiteralString = (
    """
json_build_object('id', q.id, 'given_id', q.given_id, 'status', q.status, 'discount_cents', q.discount_cents,
  'discount_percentage', q.discount_percentage::text, 'tax_cents', q.tax_cents, 'subtotal_cents', q.subtotal_cents,
  'total_cents', q.total_cents, 'created_at', q.created_at, 'updated_at', q.updated_at, 'expires_at', q.expires_at,
  'sent_at', q.sent_at, 'viewed_at', q.viewed_at, 'responded_at', q.responded_at,
  'words', encode(q.words_sealed, 'hex'), 'charge_id', q.charge_id,
  'cart_id', (SELECT coalesce(k.given_id, k.id::text) FROM carts k
    WHERE k.organization_id = q.organization_id AND k.id = q.cart_id),
  'item_count', (SELECT count(n.product_id) FROM quote_lines n
    WHERE n.organization_id = q.organization_id AND n.quote_id = q.id),
  'package_count', (SELECT count(n.bundle_id) FROM quote_lines n
    WHERE n.organization_id = q.organization_id AND n.quote_id = q.id),
  'creator', (SELECT """
    + PROVIDER
    + """ FROM staff s WHERE s.organization_id = q.organization_id AND s.id = q.creator_id))
"""
)


class QuoteRow(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A quote as QUOTE gives it; `words` is still sealed, in hex."""

    id: UUID
    given_id: str | None
    status: QuoteStatus
    discount_cents: int
    discount_percentage: Decimal
    tax_cents: int
    subtotal_cents: int
    total_cents: int
    created_at: datetime
    updated_at: datetime
    expires_at: datetime | None
    sent_at: datetime | None
    viewed_at: datetime | None
    responded_at: datetime | None
    words: str | None
    charge_id: UUID | None
    cart_id: str
    item_count: int
    package_count: int
    creator: ProviderTinyOut | None


# A line `n` of a quote as JSON that reads as a QuoteLineRow.
_LINE: LiteralString = (
    """
json_build_object('id', n.id, 'quantity', n.quantity::text, 'unit_price_cents', n.unit_price_cents,
  'discount_amount_cents', n.discount_amount_cents, 'discount_percentage', n.discount_percentage::text,
  'tax_cents', n.tax_cents, 'total_cents', n.total_cents, 'description', encode(n.description_sealed, 'hex'),
  'created_at', n.created_at, 'updated_at', n.updated_at, 'item', (SELECT """
    + ITEM
    + """ FROM products i WHERE i.organization_id = n.organization_id AND i.id = n.product_id), 'package', (SELECT """
    + PACKAGE
    + """ FROM bundles b WHERE b.organization_id = n.organization_id AND b.id = n.bundle_id))
"""
)
_SHOWN: LiteralString = (
    "SELECT json_build_object('quote', "
    + QUOTE
    + ", 'patient', "
    + PATIENT
    + ", 'lines', coalesce((SELECT json_agg("
    + _LINE
    + """ ORDER BY n.position) FROM quote_lines n
  WHERE n.organization_id = q.organization_id AND n.quote_id = q.id), '[]'))::text
FROM quotes q JOIN patients p ON p.organization_id = q.organization_id AND p.id = q.patient_id
WHERE q.organization_id = %s AND q.id = %s
"""
)


class QuoteLineRow(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A line with what it sells; `description` is still sealed, in hex."""

    id: UUID
    quantity: Decimal
    unit_price_cents: int
    discount_amount_cents: int
    discount_percentage: Decimal
    tax_cents: int
    total_cents: int
    description: str | None
    created_at: datetime
    updated_at: datetime
    item: ItemOut | None
    package: PackageTinyOut | None


class ShownQuote(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A quote, whom it is for, and all that is in it."""

    quote: QuoteRow
    patient: PatientRow
    lines: list[QuoteLineRow]


async def find_shown(conn: Connection, organization_id: UUID, quote_id: UUID) -> ShownQuote | None:
    row = await (await conn.execute(_SHOWN, (organization_id, quote_id))).fetchone()
    return msgspec.json.decode(row[0], type=ShownQuote) if row else None


class LockedQuote(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A quote whose row, and whose cart's row, this transaction holds. `words` is still sealed, in hex."""

    id: UUID
    given_id: str | None
    patient_id: UUID
    cart_id: UUID
    creator_id: UUID
    location_id: UUID | None
    status: QuoteStatus
    currency: str
    discount_amount_cents: int
    discount_percentage: Decimal
    subtotal_cents: int
    discount_cents: int
    tax_cents: int
    total_cents: int
    words: str | None
    requires_verification: bool
    revision: int
    failed_verifications: int
    verification_unlocks_at: datetime | None
    charge_id: UUID | None
    expires_at: datetime | None
    sent_at: datetime | None
    viewed_at: datetime | None
    responded_at: datetime | None


class PendingQuote(msgspec.Struct, frozen=True):
    """A quote that is not answered yet, held by this transaction as its cart is."""

    id: UUID
    cart_id: UUID
    status: QuoteStatus
    expires_at: datetime | None


# A quote's cart never changes, so it may be looked up before anything is held.
_LOCK_CART: LiteralString = """
SELECT FROM carts WHERE organization_id = %(organization_id)s AND id = (
  SELECT cart_id FROM quotes WHERE organization_id = %(organization_id)s AND id = %(id)s) FOR NO KEY UPDATE
"""
# A statement of its own: only one that begins after the cart is held sees what its last holder did to the quote.
_LOCKED: LiteralString = """
SELECT json_build_object('id', id, 'given_id', given_id, 'patient_id', patient_id, 'cart_id', cart_id,
  'creator_id', creator_id, 'location_id', location_id, 'status', status, 'currency', currency,
  'discount_amount_cents', discount_amount_cents, 'discount_percentage', discount_percentage::text,
  'subtotal_cents', subtotal_cents, 'discount_cents', discount_cents, 'tax_cents', tax_cents, 'total_cents', total_cents,
  'words', encode(words_sealed, 'hex'), 'requires_verification', requires_verification, 'revision', revision,
  'failed_verifications', failed_verifications, 'verification_unlocks_at', verification_unlocks_at,
  'charge_id', charge_id, 'expires_at', expires_at, 'sent_at', sent_at, 'viewed_at', viewed_at,
  'responded_at', responded_at)::text
FROM quotes WHERE organization_id = %(organization_id)s
"""
_LOCK: LiteralString = _LOCKED + " AND id = %(id)s FOR NO KEY UPDATE"
_LOCK_ACCEPTED: LiteralString = (
    _LOCKED + " AND cart_id = %(id)s AND status IN ('ACCEPTED', 'CONVERTED') FOR NO KEY UPDATE"
)
_SET_STATUS: LiteralString = """
UPDATE quotes SET status = %(status)s, charge_id = %(charge_id)s, updated_at = %(now)s,
  sent_at = CASE WHEN %(status)s = 'SENT' THEN coalesce(sent_at, %(now)s) ELSE sent_at END,
  viewed_at = CASE WHEN %(status)s = 'VIEWED' THEN coalesce(viewed_at, %(now)s) ELSE viewed_at END,
  responded_at = CASE WHEN %(status)s IN ('ACCEPTED', 'DECLINED') THEN %(now)s ELSE responded_at END
WHERE organization_id = %(organization_id)s AND id = %(id)s
"""
_LOCK_PENDING: LiteralString = """
SELECT id, cart_id, status, expires_at FROM quotes
WHERE organization_id = %s AND cart_id = ANY(%s::uuid[]) AND status IN ('DRAFT', 'SENT', 'VIEWED')
ORDER BY id FOR NO KEY UPDATE
"""
_CARTS_PAST: LiteralString = """
SELECT cart_id FROM (
  SELECT cart_id, expires_at FROM quotes
  WHERE organization_id = %s AND status IN ('DRAFT', 'SENT', 'VIEWED') AND expires_at <= %s
  ORDER BY expires_at LIMIT %s
) past GROUP BY cart_id ORDER BY cart_id
"""
_SET_EXPIRED: LiteralString = """
UPDATE quotes SET status = 'EXPIRED', updated_at = %s WHERE organization_id = %s AND id = ANY(%s::uuid[])
"""
_SET_RESPONSE: LiteralString = "UPDATE quotes SET response_sealed = %s WHERE organization_id = %s AND id = %s"


async def lock_quote(conn: Connection, organization_id: UUID, quote_id: UUID) -> LockedQuote | None:
    """Locks the cart's row, then the quote's, both until the transaction ends. One round trip."""
    values = {"organization_id": organization_id, "id": quote_id}
    await conn.execute(_LOCK_CART, values)
    row = await (await conn.execute(_LOCK, values)).fetchone()
    return msgspec.json.decode(row[0], type=LockedQuote) if row else None


async def lock_accepted(conn: Connection, organization_id: UUID, cart_id: UUID) -> LockedQuote | None:
    """The quote of the cart that was accepted, converted or not. The transaction holds the cart's row already."""
    row = await (await conn.execute(_LOCK_ACCEPTED, {"organization_id": organization_id, "id": cart_id})).fetchone()
    return msgspec.json.decode(row[0], type=LockedQuote) if row else None


async def lock_pending(conn: Connection, organization_id: UUID, cart_ids: list[UUID]) -> list[PendingQuote]:
    """The pending quotes of carts whose rows the transaction holds already."""
    cursor = await conn.execute(_LOCK_PENDING, (organization_id, uuid_array(cart_ids)))
    return [PendingQuote(*row) for row in await cursor.fetchall()]


async def list_carts_past(conn: Connection, organization_id: UUID, now: datetime, most: int) -> list[UUID]:
    """Carts with a pending quote whose date has passed, in the order of their ids."""
    cursor = await conn.execute(_CARTS_PAST, (organization_id, now, most))
    return [row[0] for row in await cursor.fetchall()]


async def list_organizations_past(conn: Connection, most: int) -> set[UUID]:
    """Organizations with such quotes; in a transaction of no organization."""
    cursor = await conn.execute("SELECT organization_id FROM find_ended_quotes(%s)", (most,))
    return {row[0] for row in await cursor.fetchall()}


async def set_expired(conn: Connection, organization_id: UUID, quote_ids: list[UUID], now: datetime) -> None:
    await conn.execute(_SET_EXPIRED, (now, organization_id, uuid_array(quote_ids)))


async def set_status(
    conn: Connection, organization_id: UUID, quote_id: UUID, status: QuoteStatus, charge_id: UUID | None, now: datetime
) -> None:
    """With the date that belongs to the status: sent, viewed first, answered."""
    values = {"organization_id": organization_id, "id": quote_id, "status": status, "charge_id": charge_id, "now": now}
    await conn.execute(_SET_STATUS, values)


async def set_response(conn: Connection, organization_id: UUID, quote_id: UUID, sealed: bytes) -> None:
    await conn.execute(_SET_RESPONSE, (sealed, organization_id, quote_id))
