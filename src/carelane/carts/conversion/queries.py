"""What conversion must know of a cart, in one answer."""

from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.carts import queries as cart_queries
from carelane.carts.lines import Catalogue, LineRow
from carelane.carts.queries import HELD_BUNDLES, HELD_PRODUCTS, ONE, LockedCart, catalogue_json, line_json
from carelane.kit.db import Connection
from carelane.kit.phi import Phi
from carelane.taxes.queries import taxes_at

_CONTENT: LiteralString = (
    "SELECT json_build_object('lines', coalesce((SELECT json_agg("
    + line_json("notes_sealed")
    + " ORDER BY n.position) FROM cart_lines n WHERE n.organization_id = c.organization_id AND n.cart_id = c.id), '[]'),"
    + " 'catalogue', "
    + catalogue_json(
        "c.currency", taxes_at("coalesce(%(location_id)s::uuid, c.location_id)"), HELD_PRODUCTS, HELD_BUNDLES
    )
    + ")::text"
    + ONE
)


class Content(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """The lines of a cart, what they sell, and the taxes of the place in question."""

    lines: list[LineRow]
    catalogue: Catalogue


async def lock_with_content(
    conn: Connection, organization_id: UUID, cart_id: UUID, location_id: UUID | None
) -> tuple[LockedCart, Content] | None:
    """The cart, archived or not, held until the transaction ends; the taxes are those of the location, or else of the cart's
    own. One round trip; the second statement sees what whoever held the cart before has done."""
    locking = await cart_queries.query_lock(conn, organization_id, cart_id)
    values = {"organization_id": organization_id, "cart_id": cart_id, "location_id": location_id}
    reading = await conn.execute(_CONTENT, values)
    cart, row = await cart_queries.read_lock(locking), await reading.fetchone()
    return (cart, msgspec.json.decode(row[0], type=Content)) if cart is not None and row is not None else None
