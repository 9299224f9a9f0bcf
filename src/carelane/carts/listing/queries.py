"""The statements of the lists.

ILIKE is not leakproof, so under row-level security no index serves it: names are looked for in the small tables (patients,
staff, items, packages), and carts are reached from there by their ids.
"""

from functools import cache
from typing import Any, LiteralString
from uuid import UUID

import msgspec

from carelane.carts.listing.schemas import CartFilters, Search
from carelane.carts.queries import CART, CartRow
from carelane.kit.db import Connection

# A search looks at so many matching patients, items and packages, ...
_MOST_NAMED = 500
# ... takes so many carts for each kind of match, the newest, ...
_MOST_FOUND = 1_000
# ... and looks for items and packages in the lines of so many carts.
_MOST_SEEN = 10_000

_FITTING: LiteralString = "carts c WHERE c.organization_id = %(organization_id)s AND c.archived_at IS NULL"
# A filter that is not set must not be in the statement: it is planned once, and for all values.
_CONDITIONS: dict[str, LiteralString] = {
    "patient_id": " AND c.patient_id = %(patient_id)s",
    "creator_id": " AND c.creator_id = %(creator_id)s",
    "statuses": " AND c.status = ANY(%(statuses)s::text[])",
}
_COLUMNS: dict[str, LiteralString] = {
    "created_date": "created_at",
    "updated_date": "updated_at",
    "expires_date": "expires_at",
    "total": "total_cents",
    "status": "status",
    "createdDate": "created_at",
    "updatedDate": "updated_at",
    "expiresDate": "expires_at",
}


class CartPage(msgspec.Struct, frozen=True):
    carts: list[CartRow]
    # None: nobody asked.
    total: int | None


@cache
def _where(names: tuple[str, ...]) -> LiteralString:
    chosen: LiteralString = "".join(_CONDITIONS[name] for name in names)
    return _FITTING + chosen


@cache
def _order(table: LiteralString, sort_by: str, direction: str) -> LiteralString:
    way: LiteralString = " DESC" if direction == "desc" else " ASC"
    column, prefix = _COLUMNS[sort_by], table + "."
    nulls: LiteralString = " NULLS LAST" if column == "expires_at" else ""
    return " ORDER BY " + prefix + column + way + nulls + ", " + prefix + "id" + way


@cache
def _page(names: tuple[str, ...], sort_by: str, direction: str) -> LiteralString:
    """The page is cut from bare rows before anything is looked up for it."""
    cut: LiteralString = " LIMIT %(limit)s OFFSET %(offset)s"
    ordered = _order("c", sort_by, direction)
    if names == ("statuses",) and _COLUMNS[sort_by] == "created_at":
        # The newest of each status, which the index has in order, and of those the newest.
        bare = (
            "SELECT w.* FROM unnest(%(statuses)s::text[]) one (status), LATERAL (SELECT c.* FROM "
            + _FITTING
            + " AND c.status = one.status"
            + ordered
            + " LIMIT %(limit)s + %(offset)s) w"
            + _order("w", sort_by, direction)
            + cut
        )
    else:
        bare = "SELECT c.* FROM " + _where(names) + ordered + cut
    return "SELECT " + CART + "::text FROM (" + bare + ") c" + ordered


# LIMIT 1 in a LATERAL keeps it a look-up by key: as a join it is planned, once and for all texts, to read all carts or lines.
# One arm for each thing that is searched; `fitting` is filled in with the filters. An arm whose names match nothing costs
# nothing more.
def _arms(fitting: LiteralString) -> tuple[LiteralString, ...]:
    newest: LiteralString = " ORDER BY c.created_at DESC LIMIT %(most_found)s)"
    return (
        "(SELECT c.id FROM " + fitting + " AND c.id = %(named_id)s)",
        "(SELECT c.id FROM " + fitting + " AND c.patient_id = %(named_id)s" + newest,
        "(SELECT c.id FROM patients_found p, LATERAL (SELECT c.id, c.created_at FROM "
        + fitting
        + " AND c.patient_id = p.id"
        + newest
        + " c"
        + newest,
        "(SELECT c.id FROM staff_found s, LATERAL (SELECT c.id, c.created_at FROM "
        + fitting
        + " AND c.creator_id = s.id"
        + newest
        + " c"
        + newest,
        "(SELECT c.id FROM unnest(%(found_statuses)s::text[]) one (status), LATERAL (SELECT c.id, c.created_at FROM "
        + fitting
        + " AND c.status = one.status"
        + newest
        + " c"
        + newest,
        "(SELECT c.id FROM (SELECT c.id, c.created_at FROM "
        + fitting
        + " AND EXISTS (SELECT FROM sold_found) ORDER BY c.created_at DESC LIMIT %(most_seen)s) c, LATERAL ("
        + "SELECT FROM cart_lines n WHERE n.organization_id = %(organization_id)s AND n.cart_id = c.id"
        + " AND coalesce(n.product_id, n.bundle_id) = ANY((SELECT array_agg(f.id) FROM sold_found f)::uuid[]) LIMIT 1) held"
        + newest,
    )


_NAMED: LiteralString = """
WITH patients_found AS MATERIALIZED (
  SELECT p.id FROM patients p WHERE p.organization_id = %(organization_id)s
    AND concat_ws(' ', p.first_name, p.last_name) ILIKE %(pattern)s LIMIT %(most_named)s
), staff_found AS MATERIALIZED (
  SELECT s.id FROM staff s WHERE s.organization_id = %(organization_id)s
    AND concat_ws(' ', s.first_name, s.last_name) ILIKE %(pattern)s LIMIT %(most_named)s
), sold_found AS MATERIALIZED (
  (SELECT i.id FROM products i WHERE i.organization_id = %(organization_id)s AND i.name ILIKE %(pattern)s
    LIMIT %(most_named)s)
  UNION ALL
  (SELECT b.id FROM bundles b WHERE b.organization_id = %(organization_id)s AND b.name ILIKE %(pattern)s
    LIMIT %(most_named)s)
), found AS MATERIALIZED (
"""


@cache
def _searched(names: tuple[str, ...], sort_by: str, direction: str) -> LiteralString:
    """Rows of one cart and the count; the count alone when the page is empty."""
    ordered = _order("c", sort_by, direction)
    return (
        _NAMED
        + " UNION ".join(_arms(_where(names)))
        + ") SELECT (SELECT count(*) FROM found), coalesce((SELECT json_agg("
        + CART
        + ordered
        + ") FROM (SELECT c.* FROM found f, LATERAL ("
        + "SELECT * FROM carts k WHERE k.organization_id = %(organization_id)s AND k.id = f.id LIMIT 1) c"
        + ordered
        + " LIMIT %(limit)s OFFSET %(offset)s) c), '[]')::text"
    )


def _names(filters: CartFilters) -> tuple[str, ...]:
    return tuple(name for name in _CONDITIONS if getattr(filters, name) is not None)


def _values(organization_id: UUID, filters: CartFilters) -> dict[str, Any]:
    values = msgspec.structs.asdict(filters) | {"organization_id": organization_id}
    return values | {"statuses": list(filters.statuses or ())}


async def list_carts(conn: Connection, organization_id: UUID, filters: CartFilters) -> list[CartRow]:
    """A page of the carts that fit, archived ones left out."""
    statement = _page(_names(filters), filters.sort_by, filters.sort_direction)
    cursor = await conn.execute(statement, _values(organization_id, filters))
    return [msgspec.json.decode(row[0], type=CartRow) for row in await cursor.fetchall()]


async def list_page(conn: Connection, organization_id: UUID, filters: CartFilters, *, is_counted: bool) -> CartPage:
    """With how many fit in all, if they are to be counted. One round trip."""
    counting = "SELECT count(*) FROM " + _where(_names(filters))
    counted = await conn.execute(counting, _values(organization_id, filters)) if is_counted else None
    carts = await list_carts(conn, organization_id, filters)
    return CartPage(carts, (await counted.fetchall())[0][0] if counted else None)


async def find_page(conn: Connection, organization_id: UUID, filters: CartFilters, search: Search) -> CartPage:
    """Those of the carts that fit which have the text somewhere, as far as a search goes."""
    values = _values(organization_id, filters) | {
        "pattern": search.pattern,
        "named_id": search.named_id,
        "found_statuses": list(search.statuses),
        "most_named": _MOST_NAMED,
        "most_found": _MOST_FOUND,
        "most_seen": _MOST_SEEN,
    }
    statement = _searched(_names(filters), filters.sort_by, filters.sort_direction)
    total, carts = (await (await conn.execute(statement, values)).fetchall())[0]
    return CartPage(msgspec.json.decode(carts, type=list[CartRow]), total)
