"""The statements that change a quote, and what must be known before."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

import msgspec

from carelane.carts.lines import Catalogue, LineRow, WantedLine
from carelane.carts.queries import SENT_BUNDLES, SENT_PRODUCTS, catalogue_json, line_json
from carelane.kit.db import Connection, Sealed, to_json, uuid_array
from carelane.kit.phi import Phi
from carelane.quotes.queries import LockedQuote
from carelane.taxes.queries import taxes_at

_LINES: LiteralString = (
    "coalesce((SELECT json_agg("
    + line_json("description_sealed")
    + " ORDER BY n.position) FROM quote_lines n WHERE n.organization_id = q.organization_id AND n.quote_id = q.id), '[]')"
)
_HELD: LiteralString = " FROM quote_lines n WHERE n.organization_id = q.organization_id AND n.quote_id = q.id"
_ONE: LiteralString = " FROM quotes q WHERE q.organization_id = %(organization_id)s AND q.id = %(quote_id)s"

_FIND_CONTENT: LiteralString = (
    "SELECT json_build_object('lines', "
    + _LINES
    + ", 'catalogue', "
    + catalogue_json(
        "q.currency",
        taxes_at("q.location_id"),
        "SELECT n.product_id" + _HELD + " UNION " + SENT_PRODUCTS,
        "SELECT n.bundle_id" + _HELD + " UNION " + SENT_BUNDLES,
    )
    + ")::text"
    + _ONE
)

_LINE_COLUMNS: LiteralString = """
organization_id, id, quote_id, position, product_id, bundle_id, quantity, unit_price_cents, discount_amount_cents,
discount_percentage, tax_cents, total_cents, description_sealed, created_at, updated_at
"""
# What changed of a quote: its own columns, lines that are gone, and lines that are new or have other values.
_SAVE: LiteralString = (
    """
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
) INSERT INTO quote_lines ("""
    + _LINE_COLUMNS
    + ") SELECT "
    + _LINE_COLUMNS
    + " FROM sent, jsonb_populate_recordset(null::quote_lines, sent.rows -> 'lines')"
    + """
ON CONFLICT (organization_id, quote_id, id) DO UPDATE SET position = excluded.position, quantity = excluded.quantity,
  unit_price_cents = excluded.unit_price_cents, discount_amount_cents = excluded.discount_amount_cents,
  discount_percentage = excluded.discount_percentage, tax_cents = excluded.tax_cents,
  total_cents = excluded.total_cents, description_sealed = excluded.description_sealed,
  updated_at = excluded.updated_at
"""
)


class Content(Phi, msgspec.Struct, frozen=True):
    """What is in a quote: its lines, and what is known of what they sell, and of what is about to be added."""

    lines: list[LineRow]
    catalogue: Catalogue


async def get_content(
    conn: Connection, organization_id: UUID, quote_id: UUID, wanted: Sequence[WantedLine] = ()
) -> Content:
    """Of a quote that is there."""
    values = {
        "organization_id": organization_id,
        "quote_id": quote_id,
        "product_ids": uuid_array(line.product_id for line in wanted if line.product_id),
        "bundle_ids": uuid_array(line.bundle_id for line in wanted if line.bundle_id),
    }
    row = await (await conn.execute(_FIND_CONTENT, values)).fetchone()
    if row is None:
        raise LookupError("a locked quote is gone")
    return msgspec.json.decode(row[0], type=Content)


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
        "lines": [_line_columns(organization_id, quote.id, line) for line in lines],
        "removed": removed,
    }
    await conn.execute(_SAVE, (to_json(rows),))


def _quote_columns(organization_id: UUID, quote: LockedQuote, now: datetime) -> dict[str, Any]:
    words = None if quote.words is None else Sealed(bytes.fromhex(quote.words))
    own = {"organization_id": organization_id, "words_sealed": words, "updated_at": now}
    return msgspec.structs.asdict(quote) | own


def _line_columns(organization_id: UUID, quote_id: UUID, line: LineRow) -> dict[str, Any]:
    own = {"organization_id": organization_id, "quote_id": quote_id, "description_sealed": line.sealed_words()}
    return msgspec.structs.asdict(line) | own
