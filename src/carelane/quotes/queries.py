"""Every SQL statement about quotes."""

from datetime import datetime
from decimal import Decimal
from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.kit.phi import Phi
from carelane.quotes.states import QuoteStatus
from carelane.staff.providers.queries import PROVIDER
from carelane.staff.providers.schemas import ProviderTinyOut

# The place the sealed words of a quote are bound to.
WORDS = "quotes.words_sealed"

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
