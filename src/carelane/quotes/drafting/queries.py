"""Statements that write quotes, and those that first gather what must be known."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

import msgspec

from carelane.kit.db import Connection, Sealed, to_json
from carelane.kit.phi import Phi
from carelane.permissions import Role
from carelane.pricing.lines import Catalog, LineRow, RequestedLine
from carelane.pricing.queries import (
    REQUESTED,
    LineTable,
    catalog_json,
    line_columns,
    lines_json,
    requested_ids,
    save_lines,
    sold_in,
)
from carelane.quotes.queries import LockedQuote
from carelane.taxes.queries import taxes_at

LINES = LineTable(name="quote_lines", owner="quote_id", text="description_sealed", key="organization_id, quote_id, id")

# Whom a new quote names. An archived patient may still have a cart, and a quote made from it.
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
  %(texts)s::bytea, %(requires_verification)s, %(expires_at)s::timestamptz, %(now)s, %(now)s
FROM carts c WHERE c.organization_id = %(organization_id)s AND c.id = %(cart_id)s
ON CONFLICT (organization_id, id) DO NOTHING RETURNING id
"""
# The notes on a cart's lines are for staff, and the text on a quote's line is for the patient: none is copied.
_INSERT_LINES: LiteralString = """
INSERT INTO quote_lines (organization_id, id, quote_id, position, product_id, bundle_id, quantity, unit_price_cents,
  discount_amount_cents, discount_percentage, tax_cents, total_cents, created_at, updated_at)
SELECT n.organization_id, n.id, %(id)s, n.position, n.product_id, n.bundle_id, n.quantity, n.unit_price_cents,
  n.discount_amount_cents, n.discount_percentage, n.tax_cents, n.total_cents, %(now)s, %(now)s
FROM cart_lines n WHERE n.organization_id = %(organization_id)s AND n.cart_id = %(cart_id)s
"""
_FIND_CONTENT: LiteralString = f"""
SELECT json_build_object('lines', {lines_json(LINES, "q")}, 'catalog', {
    catalog_json("q.currency", taxes_at("q.location_id"), sold_in(LINES, "q"), REQUESTED)
})::text FROM quotes q WHERE q.organization_id = %(organization_id)s AND q.id = %(quote_id)s
"""
# What changed in a quote: its own columns, lines that are gone, and lines that are new or have other values.
_SAVE: LiteralString = f"""
WITH sent AS (SELECT %s::jsonb AS rows), saved AS (
  UPDATE quotes q SET discount_amount_cents = n.discount_amount_cents, discount_percentage = n.discount_percentage,
    subtotal_cents = n.subtotal_cents, discount_cents = n.discount_cents, tax_cents = n.tax_cents,
    total_cents = n.total_cents, words_sealed = n.words_sealed, requires_verification = n.requires_verification,
    revision = n.revision, expires_at = n.expires_at, updated_at = n.updated_at
  FROM sent, jsonb_populate_record(null::quotes, sent.rows -> 'quote') n
  WHERE q.organization_id = n.organization_id AND q.id = n.id
), removed AS (
  DELETE FROM quote_lines n USING sent
  WHERE n.organization_id = (sent.rows -> 'quote' ->> 'organization_id')::uuid
    AND n.quote_id = (sent.rows -> 'quote' ->> 'id')::uuid
    AND n.id IN (SELECT gone::uuid FROM sent, jsonb_array_elements_text(sent.rows -> 'removed') gone)
) {save_lines(LINES)}
"""


class PatientName(Phi, msgspec.Struct, frozen=True):
    first_name: str | None
    last_name: str | None

    def __str__(self) -> str:
        return " ".join(name for name in (self.first_name, self.last_name) if name)


class NamedPeople(Phi, msgspec.Struct, frozen=True):
    """Whom a new quote names. None: not here, or no longer active."""

    patient: PatientName | None
    role: Role | None


class NewQuote(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A quote to be made from a cart. `texts` are sealed."""

    id: UUID
    given_id: str | None
    cart_id: UUID
    creator_id: UUID
    texts: bytes
    requires_verification: bool
    expires_at: datetime | None
    now: datetime


class QuoteContent(Phi, msgspec.Struct, frozen=True):
    """The lines of a quote, and the catalog's part of them and of what is about to be added."""

    lines: list[LineRow]
    catalog: Catalog


async def find_named(conn: Connection, organization_id: UUID, patient_id: UUID, creator_id: UUID) -> NamedPeople:
    values = {"organization_id": organization_id, "patient_id": patient_id, "creator_id": creator_id}
    row = await (await conn.execute(_FIND_NAMED, values)).fetchone()
    return msgspec.json.decode(row[0], type=NamedPeople) if row else NamedPeople(None, None)


async def insert_quote(conn: Connection, organization_id: UUID, new: NewQuote) -> bool:
    """With the lines and amounts of its cart, whose row the transaction holds. False: the id is taken, and nothing was written."""
    values = msgspec.structs.asdict(new) | {"organization_id": organization_id}
    if await (await conn.execute(_INSERT, values)).fetchone() is None:
        return False
    await conn.execute(_INSERT_LINES, values)
    return True


async def get_content(
    conn: Connection, organization_id: UUID, quote_id: UUID, requested: Sequence[RequestedLine] = ()
) -> QuoteContent:
    """Of a quote that the transaction holds."""
    values = {"organization_id": organization_id, "quote_id": quote_id, **requested_ids(requested)}
    row = await (await conn.execute(_FIND_CONTENT, values)).fetchone()
    if row is None:
        raise LookupError("a locked quote is gone")
    return msgspec.json.decode(row[0], type=QuoteContent)


async def save_quote(
    conn: Connection,
    organization_id: UUID,
    quote: LockedQuote,
    lines: Sequence[LineRow],
    removed: Sequence[UUID],
    now: datetime,
) -> None:
    """`lines` are those that are new or changed."""
    rows = {
        "quote": _quote_columns(organization_id, quote, now),
        "lines": [line_columns(LINES, organization_id, quote.id, line) for line in lines],
        "removed": removed,
    }
    await conn.execute(_SAVE, (to_json(rows),))


def _quote_columns(organization_id: UUID, quote: LockedQuote, now: datetime) -> dict[str, Any]:
    texts = None if quote.texts is None else Sealed(bytes.fromhex(quote.texts))
    own = {"organization_id": organization_id, "words_sealed": texts, "updated_at": now}
    return msgspec.structs.asdict(quote) | own
