"""Statements about carts that several acts need. Those that write whole carts are in `drafting`, the lists are in `lists`."""

from datetime import datetime, timedelta
from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.carts.offers.queries import QUOTE, QuoteRow
from carelane.carts.states import CartStatus
from carelane.kit.db import Connection, Cursor, uuid_array
from carelane.kit.phi import Phi
from carelane.patients.billing.queries import PATIENT, PatientRow
from carelane.pricing.lines import Catalog, Chargeable, LineRow
from carelane.pricing.queries import LineTable, catalog_json, chargeable_members, lines_json, sold_in
from carelane.staff.billing.queries import PROVIDER
from carelane.staff.billing.schemas import ProviderTinyOut
from carelane.taxes.queries import taxes_at

# What sealed texts of a cart and of its lines are bound to.
NOTES = "carts.notes_sealed"
LINE_NOTES = "cart_lines.notes_sealed"

LINES = LineTable(name="cart_lines", owner="cart_id", text="notes_sealed", key="organization_id, id")
SOLD = sold_in(LINES, "c")

_MEMBERS: LiteralString = f"""
'id', c.id, 'given_id', c.given_id, 'status', c.status, {chargeable_members("c")},
'notes', encode(c.notes_sealed, 'hex'), 'expires_at', c.expires_at, 'locked_at', c.locked_at, 'charge_id', c.charge_id,
'archived_at', c.archived_at, 'created_at', c.created_at, 'updated_at', c.updated_at
"""


def cart_json(catalog: LiteralString) -> LiteralString:
    """A cart `c` with everything that is shown of it, as JSON that reads as a CartRow."""
    return f"""
json_build_object({_MEMBERS},
  'patient', (SELECT {PATIENT} FROM patients p WHERE p.organization_id = c.organization_id AND p.id = c.patient_id),
  'creator', (SELECT {PROVIDER} FROM staff s WHERE s.organization_id = c.organization_id AND s.id = c.creator_id),
  'lines', {lines_json(LINES, "c")},
  'quotes', coalesce((SELECT json_agg({QUOTE} ORDER BY q.created_at, q.id) FROM quotes q
    WHERE q.organization_id = c.organization_id AND q.cart_id = c.id), '[]'),
  'catalog', {catalog})
"""


CART: LiteralString = cart_json(catalog_json("c.currency", "'[]'::json", SOLD))
ONE: LiteralString = "FROM carts c WHERE c.organization_id = %(organization_id)s AND c.id = %(cart_id)s"

_LOCK: LiteralString = f"SELECT json_build_object({_MEMBERS})::text {ONE} FOR NO KEY UPDATE"
_FIND: LiteralString = f"SELECT {CART}::text {ONE} AND c.archived_at IS NULL"
_CONTENT: LiteralString = f"""
SELECT json_build_object('lines', {lines_json(LINES, "c")}, 'catalog', {
    catalog_json("c.currency", taxes_at("coalesce(%(location_id)s::uuid, c.location_id)"), SOLD)
})::text {ONE}
"""
_CURRENCIES: LiteralString = "SELECT id, currency FROM carts WHERE organization_id = %s AND id = ANY(%s::uuid[])"
_SET_STATUS: LiteralString = """
UPDATE carts SET status = %s, charge_id = coalesce(%s, charge_id), updated_at = %s WHERE organization_id = %s AND id = %s
"""
_SET_EXPIRED: LiteralString = """
UPDATE carts SET status = 'EXPIRED', updated_at = %s WHERE organization_id = %s AND id = ANY(%s::uuid[])
"""


class LockedCart(Chargeable, frozen=True, kw_only=True):
    """A cart whose row this transaction holds. It may be archived. `notes` are still sealed, in hex."""

    id: UUID
    given_id: str | None
    status: CartStatus
    notes: str | None
    expires_at: datetime | None
    locked_at: datetime | None
    charge_id: UUID | None
    archived_at: datetime | None
    created_at: datetime
    updated_at: datetime

    @property
    def ref(self) -> str:
        """The id that callers know it by."""
        return self.given_id or str(self.id)


class CartRow(LockedCart, frozen=True, kw_only=True):
    """A cart with everything that is shown of it. The catalog has what its lines sell."""

    patient: PatientRow
    creator: ProviderTinyOut | None
    lines: list[LineRow]
    quotes: list[QuoteRow]
    catalog: Catalog


class CartContent(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """The lines of a cart, what they sell, and the taxes of a location."""

    lines: list[LineRow]
    catalog: Catalog


class EndedCart(msgspec.Struct, frozen=True):
    """A draft whose time is over, and what it becomes."""

    organization_id: UUID
    cart_id: UUID
    status: CartStatus


async def lock_cart(conn: Connection, organization_id: UUID, cart_id: UUID) -> LockedCart | None:
    """The cart, archived or not. Nobody else changes it, its lines or its quotes until the transaction ends."""
    return await _read_lock(await _query_lock(conn, organization_id, cart_id))


async def lock_with_content(
    conn: Connection, organization_id: UUID, cart_id: UUID, location_id: UUID | None
) -> tuple[LockedCart, CartContent] | None:
    """The cart, archived or not, with the taxes of the given location, or else of its own. One round trip: the second
    statement begins when the row is ours, so it sees what the row's last holder did."""
    locking = await _query_lock(conn, organization_id, cart_id)
    values = {"organization_id": organization_id, "cart_id": cart_id, "location_id": location_id}
    reading = await conn.execute(_CONTENT, values)
    cart, row = await _read_lock(locking), await reading.fetchone()
    return (cart, msgspec.json.decode(row[0], type=CartContent)) if cart is not None and row is not None else None


async def _query_lock(conn: Connection, organization_id: UUID, cart_id: UUID) -> Cursor:
    return await conn.execute(_LOCK, {"organization_id": organization_id, "cart_id": cart_id})


async def _read_lock(cursor: Cursor) -> LockedCart | None:
    row = await cursor.fetchone()
    return msgspec.json.decode(row[0], type=LockedCart) if row else None


async def find_cart(conn: Connection, organization_id: UUID, cart_id: UUID) -> CartRow | None:
    """The cart as it is shown, unless it is archived."""
    cursor = await conn.execute(_FIND, {"organization_id": organization_id, "cart_id": cart_id})
    row = await cursor.fetchone()
    return msgspec.json.decode(row[0], type=CartRow) if row else None


async def list_currencies(conn: Connection, organization_id: UUID, cart_ids: list[UUID]) -> dict[UUID, str]:
    """In which each is priced."""
    cursor = await conn.execute(_CURRENCIES, (organization_id, uuid_array(cart_ids)))
    return dict(await cursor.fetchall())


async def set_status(
    conn: Connection, organization_id: UUID, cart_id: UUID, status: CartStatus, charge_id: UUID | None, now: datetime
) -> None:
    await conn.execute(_SET_STATUS, (status, charge_id, now, organization_id, cart_id))


async def set_expired(conn: Connection, organization_id: UUID, cart_ids: list[UUID], now: datetime) -> None:
    await conn.execute(_SET_EXPIRED, (now, organization_id, uuid_array(cart_ids)))


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


async def find_ended(conn: Connection, idle: timedelta, most: int) -> list[EndedCart]:
    """Of all organizations, at most twice `most`. Works in `db.across()`."""
    cursor = await conn.execute("SELECT organization_id, id, status FROM find_ended_carts(%s, %s)", (idle, most))
    return [EndedCart(*row) for row in await cursor.fetchall()]
