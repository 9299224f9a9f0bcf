"""Statements about carts that more than one act needs. Writing one whole is in `editing`, the lists are in `listing`."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.carts.lines import Catalogue, LineRow
from carelane.carts.states import CartStatus
from carelane.catalog.billing.items.queries import ITEM
from carelane.catalog.billing.packages.queries import PACKAGE
from carelane.kit.db import Connection, Cursor, uuid_array
from carelane.kit.phi import Phi
from carelane.patients.billing.queries import PATIENT, PatientRow
from carelane.quotes.queries import QUOTE, QuoteRow
from carelane.staff.billing.queries import PROVIDER
from carelane.staff.billing.schemas import ProviderTinyOut

# The places that what is sealed of a cart is bound to.
NOTES = "carts.notes_sealed"
LINE_NOTES = "cart_lines.notes_sealed"


def line_json(words_column: LiteralString) -> LiteralString:
    """A line `n` of a cart or a quote as JSON that reads as a LineRow."""
    return (
        """
json_build_object('id', n.id, 'position', n.position, 'product_id', n.product_id, 'bundle_id', n.bundle_id,
  'quantity', n.quantity::text, 'unit_price_cents', n.unit_price_cents, 'discount_amount_cents', n.discount_amount_cents,
  'discount_percentage', n.discount_percentage::text, 'tax_cents', n.tax_cents, 'total_cents', n.total_cents,
  'words', encode(n."""
        + words_column
        + """, 'hex'), 'created_at', n.created_at, 'updated_at', n.updated_at)
"""
    )


def catalogue_json(
    currency: LiteralString, taxes: LiteralString, products: LiteralString, bundles: LiteralString
) -> LiteralString:
    """What is sold as JSON that reads as a Catalogue; `products` and `bundles` are SQL that yields their ids."""
    return (
        "json_build_object('currency', "
        + currency
        + ", 'taxes', "
        + taxes
        + ", 'items', coalesce((SELECT json_agg(json_build_object('id', i.id, 'currency', i.currency, 'shown', "
        + ITEM
        + ")) FROM products i WHERE i.organization_id = %(organization_id)s AND i.id IN ("
        + products
        + ")), '[]'), 'packages', coalesce((SELECT json_agg(json_build_object('id', b.id, 'currency', b.currency,"
        + " 'category', b.category, 'shown', "
        + PACKAGE
        + ")) FROM bundles b WHERE b.organization_id = %(organization_id)s AND b.id IN ("
        + bundles
        + ")), '[]'))"
    )


SENT_PRODUCTS: LiteralString = "SELECT unnest(%(product_ids)s::uuid[])"
SENT_BUNDLES: LiteralString = "SELECT unnest(%(bundle_ids)s::uuid[])"
HELD_PRODUCTS: LiteralString = (
    "SELECT n.product_id FROM cart_lines n WHERE n.organization_id = c.organization_id AND n.cart_id = c.id"
)
HELD_BUNDLES: LiteralString = (
    "SELECT n.bundle_id FROM cart_lines n WHERE n.organization_id = c.organization_id AND n.cart_id = c.id"
)

_COLUMNS: LiteralString = """
'id', c.id, 'given_id', c.given_id, 'patient_id', c.patient_id, 'creator_id', c.creator_id, 'location_id', c.location_id,
'status', c.status, 'currency', c.currency, 'discount_amount_cents', c.discount_amount_cents,
'discount_percentage', c.discount_percentage::text, 'subtotal_cents', c.subtotal_cents,
'discount_cents', c.discount_cents, 'tax_cents', c.tax_cents, 'total_cents', c.total_cents,
'notes', encode(c.notes_sealed, 'hex'), 'expires_at', c.expires_at, 'locked_at', c.locked_at, 'charge_id', c.charge_id,
'archived_at', c.archived_at, 'created_at', c.created_at, 'updated_at', c.updated_at
"""


def cart_json(catalogue: LiteralString) -> LiteralString:
    """A cart `c` with all that is shown of it, as JSON that reads as a CartRow."""
    return (
        "json_build_object("
        + _COLUMNS
        + ", 'patient', (SELECT "
        + PATIENT
        + " FROM patients p WHERE p.organization_id = c.organization_id AND p.id = c.patient_id), 'creator', (SELECT "
        + PROVIDER
        + " FROM staff s WHERE s.organization_id = c.organization_id AND s.id = c.creator_id),"
        + " 'lines', coalesce((SELECT json_agg("
        + line_json("notes_sealed")
        + " ORDER BY n.position) FROM cart_lines n WHERE n.organization_id = c.organization_id AND n.cart_id = c.id), '[]'),"
        + " 'quotes', coalesce((SELECT json_agg("
        + QUOTE
        + " ORDER BY q.created_at, q.id) FROM quotes q"
        + " WHERE q.organization_id = c.organization_id AND q.cart_id = c.id), '[]'),"
        + " 'catalogue', "
        + catalogue
        + ")"
    )


CART: LiteralString = cart_json(catalogue_json("c.currency", "'[]'::json", HELD_PRODUCTS, HELD_BUNDLES))
ONE: LiteralString = " FROM carts c WHERE c.organization_id = %(organization_id)s AND c.id = %(cart_id)s"

_LOCK: LiteralString = "SELECT json_build_object(" + _COLUMNS + ")::text" + ONE + " FOR NO KEY UPDATE"
_FIND: LiteralString = "SELECT " + CART + "::text" + ONE + " AND c.archived_at IS NULL"


class LockedCart(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A cart whose row this transaction holds. `notes` is still sealed, in hex. It may be archived."""

    id: UUID
    given_id: str | None
    patient_id: UUID
    creator_id: UUID | None
    location_id: UUID | None
    status: CartStatus
    currency: str
    discount_amount_cents: int
    discount_percentage: Decimal
    subtotal_cents: int
    discount_cents: int
    tax_cents: int
    total_cents: int
    notes: str | None
    expires_at: datetime | None
    locked_at: datetime | None
    charge_id: UUID | None
    archived_at: datetime | None
    created_at: datetime
    updated_at: datetime

    @property
    def name(self) -> str:
        """As callers know it."""
        return self.given_id or str(self.id)


class CartRow(LockedCart, frozen=True, kw_only=True):
    """A cart with all that is shown of it. The catalogue has what its lines sell."""

    patient: PatientRow
    creator: ProviderTinyOut | None
    lines: list[LineRow]
    quotes: list[QuoteRow]
    catalogue: Catalogue


async def query_lock(conn: Connection, organization_id: UUID, cart_id: UUID) -> Cursor:
    """As `lock_cart`, for whoever asks more in the same round trip. The cursor is for `read_lock`."""
    return await conn.execute(_LOCK, {"organization_id": organization_id, "cart_id": cart_id})


async def read_lock(cursor: Cursor) -> LockedCart | None:
    row = await cursor.fetchone()
    return msgspec.json.decode(row[0], type=LockedCart) if row else None


async def lock_cart(conn: Connection, organization_id: UUID, cart_id: UUID) -> LockedCart | None:
    """The cart, archived or not; nobody else changes it, its lines or its quotes until the transaction ends."""
    return await read_lock(await query_lock(conn, organization_id, cart_id))


async def find_cart(conn: Connection, organization_id: UUID, cart_id: UUID) -> CartRow | None:
    """The cart as it is shown, unless it is archived."""
    cursor = await conn.execute(_FIND, {"organization_id": organization_id, "cart_id": cart_id})
    row = await cursor.fetchone()
    return msgspec.json.decode(row[0], type=CartRow) if row else None


_SET_STATUS: LiteralString = """
UPDATE carts SET status = %s, charge_id = coalesce(%s, charge_id), updated_at = %s WHERE organization_id = %s AND id = %s
"""


async def set_status(
    conn: Connection, organization_id: UUID, cart_id: UUID, status: CartStatus, charge_id: UUID | None, now: datetime
) -> None:
    await conn.execute(_SET_STATUS, (status, charge_id, now, organization_id, cart_id))


async def set_locked(conn: Connection, organization_id: UUID, cart_id: UUID, now: datetime) -> None:
    await conn.execute(
        "UPDATE carts SET locked_at = %s, updated_at = %s WHERE organization_id = %s AND id = %s",
        (now, now, organization_id, cart_id),
    )


async def set_archived(conn: Connection, organization_id: UUID, cart_id: UUID, now: datetime) -> None:
    await conn.execute(
        "UPDATE carts SET archived_at = %s, updated_at = %s WHERE organization_id = %s AND id = %s",
        (now, now, organization_id, cart_id),
    )


class Ended(msgspec.Struct, frozen=True):
    """A draft whose time is over, and what it becomes."""

    organization_id: UUID
    cart_id: UUID
    status: CartStatus


async def find_ended(conn: Connection, idle: timedelta, most: int) -> list[Ended]:
    """Of all organizations, at most twice `most`. Works in `db.across()`."""
    cursor = await conn.execute("SELECT organization_id, id, status FROM find_ended_carts(%s, %s)", (idle, most))
    return [Ended(*row) for row in await cursor.fetchall()]


# Quotes of the cart `c` with messages that wait to be sent, most of them for a date.
_WAITING: LiteralString = """
FROM quotes q WHERE q.organization_id = c.organization_id AND q.cart_id = c.id
  AND count_waiting_messages(q.organization_id, q.id) > 0
"""
# Whoever holds one at this moment is touching it.
_LOCK_IDLE: LiteralString = (
    """
SELECT c.id FROM carts c
WHERE c.organization_id = %s AND c.status = 'DRAFT' AND c.archived_at IS NULL AND c.locked_at IS NULL AND c.updated_at < %s
  AND NOT EXISTS (SELECT"""
    + _WAITING
    + ") ORDER BY c.updated_at LIMIT %s FOR NO KEY UPDATE OF c SKIP LOCKED"
)
_SET_EXPIRED: LiteralString = """
UPDATE carts SET status = 'EXPIRED', updated_at = %s WHERE organization_id = %s AND id = ANY(%s::uuid[])
"""


async def lock_idle(conn: Connection, organization_id: UUID, before: datetime, most: int) -> list[UUID]:
    """Drafts that were not offered, whose quotes wait for no date, and that nobody touched since `before`; the longest
    untouched first."""
    cursor = await conn.execute(_LOCK_IDLE, (organization_id, before, most))
    return [row[0] for row in await cursor.fetchall()]


async def count_waiting(conn: Connection, organization_id: UUID, cart_id: UUID) -> int:
    """Quotes of the cart with messages that wait to be sent."""
    values = {"organization_id": organization_id, "cart_id": cart_id}
    count: int = (await (await conn.execute("SELECT (SELECT count(*)" + _WAITING + ")" + ONE, values)).fetchall())[0][0]
    return count


async def set_expired(conn: Connection, organization_id: UUID, cart_ids: list[UUID], now: datetime) -> None:
    await conn.execute(_SET_EXPIRED, (now, organization_id, uuid_array(cart_ids)))
