"""Statements about quotes. Those that write whole quotes are in `drafting`."""

import time
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.carts.offers.queries import QUOTE, QuoteRow
from carelane.carts.offers.schemas import QuoteStatus
from carelane.catalog.billing.items.queries import ITEM
from carelane.catalog.billing.items.schemas import ItemOut
from carelane.catalog.billing.packages.queries import PACKAGE
from carelane.catalog.billing.packages.schemas import PackageTinyOut
from carelane.kit import clock
from carelane.kit.db import Connection, uuid_array
from carelane.kit.phi import Phi
from carelane.patients.billing.queries import PATIENT, PatientRow
from carelane.patients.queries import living
from carelane.pricing.lines import Chargeable
from carelane.pricing.queries import chargeable_members
from carelane.quotes.schemas import QuoteFilters
from carelane.web.paging import Page
from carelane.web.totals import TOTALS

# What the patient's answer and the descriptions of lines are bound to when they are sealed.
RESPONSE = "quotes.response_sealed"
DESCRIPTION = "quote_lines.description_sealed"

# A line `n` of a quote as JSON that reads as a QuoteLineRow.
_LINE: LiteralString = f"""
json_build_object('id', n.id, 'quantity', n.quantity::text, 'unit_price_cents', n.unit_price_cents,
  'discount_amount_cents', n.discount_amount_cents, 'discount_percentage', n.discount_percentage::text,
  'tax_cents', n.tax_cents, 'total_cents', n.total_cents, 'description', encode(n.description_sealed, 'hex'),
  'created_at', n.created_at, 'updated_at', n.updated_at,
  'item', (SELECT {ITEM} FROM products i WHERE i.organization_id = n.organization_id AND i.id = n.product_id),
  'package', (SELECT {PACKAGE} FROM bundles b WHERE b.organization_id = n.organization_id AND b.id = n.bundle_id))
"""
_SHOWN: LiteralString = f"""
SELECT json_build_object('quote', {QUOTE}, 'patient', {PATIENT}, 'lines', coalesce((
  SELECT json_agg({_LINE} ORDER BY n.position) FROM quote_lines n
  WHERE n.organization_id = q.organization_id AND n.quote_id = q.id), '[]'))::text
FROM quotes q JOIN patients p ON p.organization_id = q.organization_id AND p.id = q.patient_id
WHERE q.organization_id = %s AND q.id = %s
"""
# A filter that is not set must not be in the statement: each statement is planned once, for all values.
_CONDITIONS: dict[str, LiteralString] = {
    "patient_id": f" AND q.patient_id = {living('%(patient_id)s')}",
    "creator_id": " AND q.creator_id = %(creator_id)s",
    "cart_id": " AND q.cart_id = %(cart_id)s",
    "status": " AND q.status = %(status)s",
}
# The cart of a quote never changes, so it may be looked up before anything is locked.
_LOCK_CART: LiteralString = """
SELECT FROM carts WHERE organization_id = %(organization_id)s AND id = (
  SELECT cart_id FROM quotes WHERE organization_id = %(organization_id)s AND id = %(id)s) FOR NO KEY UPDATE
"""
# Another statement: only one that begins when the cart's row is ours sees what its last holder did to the quote.
_LOCKED: LiteralString = f"""
SELECT json_build_object('id', q.id, 'given_id', q.given_id, 'cart_id', q.cart_id, 'status', q.status,
  {chargeable_members("q")}, 'texts', encode(q.words_sealed, 'hex'),
  'requires_verification', q.requires_verification, 'revision', q.revision, 'charge_id', q.charge_id,
  'expires_at', q.expires_at, 'updated_at', q.updated_at)::text
FROM quotes q WHERE q.organization_id = %(organization_id)s
"""
_LOCK: LiteralString = f"{_LOCKED} AND q.id = %(id)s FOR NO KEY UPDATE"
_LOCK_ACCEPTED: LiteralString = (
    f"{_LOCKED} AND q.cart_id = %(id)s AND q.status IN ('ACCEPTED', 'CONVERTED') FOR NO KEY UPDATE"
)
_SET_STATUS: LiteralString = """
UPDATE quotes SET status = %(status)s, charge_id = %(charge_id)s, updated_at = %(now)s,
  sent_at = CASE WHEN %(status)s = 'SENT' THEN coalesce(sent_at, %(now)s) ELSE sent_at END,
  viewed_at = CASE WHEN %(status)s = 'VIEWED' THEN coalesce(viewed_at, %(now)s) ELSE viewed_at END,
  responded_at = CASE WHEN %(status)s IN ('ACCEPTED', 'DECLINED') THEN %(now)s ELSE responded_at END
WHERE organization_id = %(organization_id)s AND id = %(id)s
"""
_CARTS_PAST: LiteralString = """
SELECT cart_id FROM (
  SELECT cart_id, expires_at FROM quotes
  WHERE organization_id = %s AND status IN ('DRAFT', 'SENT', 'VIEWED') AND expires_at <= %s
  ORDER BY expires_at LIMIT %s
) past GROUP BY cart_id ORDER BY cart_id
"""
_SET_RESPONSE: LiteralString = "UPDATE quotes SET response_sealed = %s WHERE organization_id = %s AND id = %s"
_CURRENCIES: LiteralString = "SELECT id, currency FROM quotes WHERE organization_id = %s AND id = ANY(%s::uuid[])"


class QuoteLineRow(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A line with what it sells. `description` is still sealed, in hex."""

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


class ListedQuote(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A quote and whom it is for."""

    quote: QuoteRow
    patient: PatientRow


class ShownQuote(ListedQuote, frozen=True, kw_only=True):
    """A quote, whom it is for, and everything in it."""

    lines: list[QuoteLineRow]


class LockedQuote(Chargeable, frozen=True, kw_only=True):
    """A quote whose row this transaction holds, and its cart's. `texts` are still sealed, in hex."""

    id: UUID
    given_id: str | None
    cart_id: UUID
    status: QuoteStatus
    texts: str | None
    requires_verification: bool
    revision: int
    charge_id: UUID | None
    expires_at: datetime | None
    updated_at: datetime

    @property
    def is_past(self) -> bool:
        """Whether its date has come, marked EXPIRED or not."""
        return self.expires_at is not None and self.expires_at <= clock.now()


async def find_shown(conn: Connection, organization_id: UUID, quote_id: UUID) -> ShownQuote | None:
    row = await (await conn.execute(_SHOWN, (organization_id, quote_id))).fetchone()
    return msgspec.json.decode(row[0], type=ShownQuote) if row else None


@cache
def _where(names: tuple[str, ...]) -> LiteralString:
    chosen: LiteralString = "".join(_CONDITIONS[name] for name in names)
    return f"FROM quotes q WHERE q.organization_id = %(organization_id)s{chosen}"


@cache
def _page(names: tuple[str, ...]) -> LiteralString:
    """The page is cut from what an index alone has, before anything is looked up for it: a far page passes over many."""
    newest: LiteralString = "ORDER BY q.created_at DESC, q.id DESC"
    return f"""
SELECT json_build_object('quote', {QUOTE}, 'patient', {PATIENT})::text
FROM (SELECT q.id {_where(names)} {newest} LIMIT %(limit)s OFFSET %(offset)s) f, LATERAL (
  SELECT * FROM quotes k WHERE k.organization_id = %(organization_id)s AND k.id = f.id LIMIT 1) q
JOIN patients p ON p.organization_id = q.organization_id AND p.id = q.patient_id {newest}
"""


async def list_quotes(
    conn: Connection, organization_id: UUID, filters: QuoteFilters, page: Page
) -> tuple[list[ListedQuote], int]:
    """A page of the quotes that fit, newest first, and how many fit in all. One round trip."""
    names = tuple(name for name in _CONDITIONS if getattr(filters, name) is not None)
    values = msgspec.structs.asdict(filters) | msgspec.structs.asdict(page) | {"organization_id": organization_id}
    key, began = ("quotes", organization_id, filters), time.perf_counter()
    total = TOTALS.find(key)
    counted = await conn.execute(f"SELECT count(*) {_where(names)}", values) if total is None else None
    listed = await conn.execute(_page(names), values)
    if counted is not None:
        total = int((await counted.fetchall())[0][0])
        TOTALS.keep(key, total, time.perf_counter() - began)
    return [msgspec.json.decode(row[0], type=ListedQuote) for row in await listed.fetchall()], total or 0


async def lock_quote(conn: Connection, organization_id: UUID, quote_id: UUID) -> LockedQuote | None:
    """Locks the cart's row, then the quote's. One round trip."""
    values = {"organization_id": organization_id, "id": quote_id}
    await conn.execute(_LOCK_CART, values)
    row = await (await conn.execute(_LOCK, values)).fetchone()
    return msgspec.json.decode(row[0], type=LockedQuote) if row else None


async def lock_accepted(conn: Connection, organization_id: UUID, cart_id: UUID) -> LockedQuote | None:
    """The quote of the cart that was accepted, converted or not. The transaction holds the cart's row already."""
    row = await (await conn.execute(_LOCK_ACCEPTED, {"organization_id": organization_id, "id": cart_id})).fetchone()
    return msgspec.json.decode(row[0], type=LockedQuote) if row else None


async def list_carts_past(conn: Connection, organization_id: UUID, now: datetime, most: int) -> list[UUID]:
    """Carts with a pending quote whose date has passed, in the order of their ids."""
    cursor = await conn.execute(_CARTS_PAST, (organization_id, now, most))
    return [row[0] for row in await cursor.fetchall()]


async def list_organizations_past(conn: Connection, most: int) -> set[UUID]:
    """Organizations with such quotes. Works in `db.across()`."""
    cursor = await conn.execute("SELECT organization_id FROM find_ended_quotes(%s)", (most,))
    return {row[0] for row in await cursor.fetchall()}


async def set_status(
    conn: Connection, organization_id: UUID, quote_id: UUID, status: QuoteStatus, charge_id: UUID | None, now: datetime
) -> None:
    """With the date that belongs to the status: sent, first viewed, answered."""
    values = {"organization_id": organization_id, "id": quote_id, "status": status, "charge_id": charge_id, "now": now}
    await conn.execute(_SET_STATUS, values)


async def set_response(conn: Connection, organization_id: UUID, quote_id: UUID, sealed: bytes) -> None:
    await conn.execute(_SET_RESPONSE, (sealed, organization_id, quote_id))


async def list_currencies(conn: Connection, organization_id: UUID, quote_ids: list[UUID]) -> dict[UUID, str]:
    """In which each is priced."""
    cursor = await conn.execute(_CURRENCIES, (organization_id, uuid_array(quote_ids)))
    return dict(await cursor.fetchall())
