"""Statements about the quotes of carts."""

from datetime import datetime
from decimal import Decimal
from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.carts.offers.schemas import QuoteStatus
from carelane.kit.db import Connection, uuid_array
from carelane.kit.phi import Phi
from carelane.staff.billing.queries import PROVIDER
from carelane.staff.billing.schemas import ProviderTinyOut

# What the sealed texts of a quote are bound to.
TEXTS = "quotes.words_sealed"

# A quote `q` as JSON that reads as a QuoteRow, without its patient, whom every statement that shows a quote has at hand.
QUOTE: LiteralString = f"""
json_build_object('id', q.id, 'given_id', q.given_id, 'status', q.status, 'discount_cents', q.discount_cents,
  'discount_percentage', q.discount_percentage::text, 'tax_cents', q.tax_cents, 'subtotal_cents', q.subtotal_cents,
  'total_cents', q.total_cents, 'created_at', q.created_at, 'updated_at', q.updated_at, 'expires_at', q.expires_at,
  'sent_at', q.sent_at, 'viewed_at', q.viewed_at, 'responded_at', q.responded_at,
  'texts', encode(q.words_sealed, 'hex'), 'charge_id', q.charge_id,
  'cart_id', (SELECT coalesce(k.given_id, k.id::text) FROM carts k
    WHERE k.organization_id = q.organization_id AND k.id = q.cart_id),
  'item_count', (SELECT count(n.product_id) FROM quote_lines n
    WHERE n.organization_id = q.organization_id AND n.quote_id = q.id),
  'package_count', (SELECT count(n.bundle_id) FROM quote_lines n
    WHERE n.organization_id = q.organization_id AND n.quote_id = q.id),
  'creator', (SELECT {PROVIDER} FROM staff s WHERE s.organization_id = q.organization_id AND s.id = q.creator_id))
"""
_LOCK_PENDING: LiteralString = """
SELECT id, cart_id, status, expires_at FROM quotes
WHERE organization_id = %s AND cart_id = ANY(%s::uuid[]) AND status IN ('DRAFT', 'SENT', 'VIEWED')
ORDER BY id FOR NO KEY UPDATE
"""
_SET_EXPIRED: LiteralString = """
UPDATE quotes SET status = 'EXPIRED', updated_at = %s WHERE organization_id = %s AND id = ANY(%s::uuid[])
"""
# Quotes of the cart `c` with messages that are still to be sent, most of them on a date.
_WAITING: LiteralString = """
FROM quotes q WHERE q.organization_id = c.organization_id AND q.cart_id = c.id
  AND count_waiting_messages(q.organization_id, q.id) > 0
"""
_COUNT_WAITING: LiteralString = f"""
SELECT (SELECT count(*) {_WAITING}) FROM carts c WHERE c.organization_id = %s AND c.id = %s
"""
# SKIP LOCKED: a cart that somebody holds at this moment is not idle.
_LOCK_IDLE: LiteralString = f"""
SELECT c.id FROM carts c
WHERE c.organization_id = %s AND c.status = 'DRAFT' AND c.archived_at IS NULL AND c.locked_at IS NULL AND c.updated_at < %s
  AND NOT EXISTS (SELECT {_WAITING}) ORDER BY c.updated_at LIMIT %s FOR NO KEY UPDATE OF c SKIP LOCKED
"""


class QuoteRow(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A quote as QUOTE gives it. `texts` are still sealed, in hex."""

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
    texts: str | None
    charge_id: UUID | None
    cart_id: str
    item_count: int
    package_count: int
    creator: ProviderTinyOut | None

    @property
    def ref(self) -> str:
        """The id that callers know it by."""
        return self.given_id or str(self.id)


class PendingQuote(msgspec.Struct, frozen=True):
    """A quote that is not answered yet. The transaction holds its row and its cart's."""

    id: UUID
    cart_id: UUID
    status: QuoteStatus
    expires_at: datetime | None


async def lock_pending(conn: Connection, organization_id: UUID, cart_ids: list[UUID]) -> list[PendingQuote]:
    """The pending quotes of carts whose rows the transaction holds already."""
    cursor = await conn.execute(_LOCK_PENDING, (organization_id, uuid_array(cart_ids)))
    return [PendingQuote(*row) for row in await cursor.fetchall()]


async def set_expired(conn: Connection, organization_id: UUID, quote_ids: list[UUID], now: datetime) -> None:
    await conn.execute(_SET_EXPIRED, (now, organization_id, uuid_array(quote_ids)))


async def count_waiting(conn: Connection, organization_id: UUID, cart_id: UUID) -> int:
    """Quotes of the cart with messages that are still to be sent."""
    count: int = (await (await conn.execute(_COUNT_WAITING, (organization_id, cart_id))).fetchall())[0][0]
    return count


async def lock_idle(conn: Connection, organization_id: UUID, before: datetime, most: int) -> list[UUID]:
    """Drafts that were never offered, have no message waiting for its date, and were last changed before `before`; the longest
    unchanged first."""
    cursor = await conn.execute(_LOCK_IDLE, (organization_id, before, most))
    return [row[0] for row in await cursor.fetchall()]
