"""Statements of the lists of carts.

ILIKE is not leakproof, so it cannot use an index under row-level security: names are looked up in the small tables (patients,
staff, items, packages), and carts are reached from there by id.
"""

from functools import cache
from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.carts.queries import CART, CartRow
from carelane.carts.schemas import CartFilters
from carelane.carts.states import CartStatus
from carelane.kit.db import Connection
from carelane.kit.phi import Phi
from carelane.patients.known.queries import found_ids, values_of
from carelane.patients.queries import living
from carelane.web.paging import Page, last_without

# A search considers this many matching patients, staff, items and packages, ...
_MAX_NAMED = 500
# ... takes this many carts for each kind of match, the newest, ...
_MAX_FOUND = 1_000
# ... and looks for items and packages in the lines of this many carts.
_MAX_SEEN = 10_000

_FITTING: LiteralString = "carts c WHERE c.organization_id = %(organization_id)s AND c.archived_at IS NULL"
# A filter that is not set must not be in the statement: each statement is planned once, for all values.
_CONDITIONS: dict[str, LiteralString] = {
    "patient_id": f" AND c.patient_id = {living('%(patient_id)s')}",
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
    # None: not counted.
    total: int | None


class Search(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A text to look for: as a pattern for names, as the id that a record of this name would have, as a part of statuses."""

    pattern: str
    # In the form that names of patients are kept in.
    name_pattern: str
    # As a name with this beginning is found.
    name_begins: str
    named_id: UUID
    statuses: tuple[CartStatus, ...]


@cache
def _where(names: tuple[str, ...]) -> LiteralString:
    chosen: LiteralString = "".join(_CONDITIONS[name] for name in names)
    return f"{_FITTING}{chosen}"


@cache
def _order(table: LiteralString, sort_by: str, direction: str) -> LiteralString:
    way: LiteralString = "DESC" if direction == "desc" else "ASC"
    column = _COLUMNS[sort_by]
    if column == "status":
        # The newest of a status first, as its index has them.
        back: LiteralString = "ASC" if direction == "desc" else "DESC"
        return f"ORDER BY {table}.status {way}, {table}.created_at {back}, {table}.id {back}"
    nulls: LiteralString = " NULLS LAST" if column == "expires_at" else ""
    return f"ORDER BY {table}.{column} {way}{nulls}, {table}.id {way}"


@cache
def _page(names: tuple[str, ...], sort_by: str, direction: str) -> LiteralString:
    """The page is cut from what an index alone has, before anything is looked up for it: a far page passes over many."""
    ordered, column = _order("w", sort_by, direction), _COLUMNS[sort_by]
    taken: LiteralString = "c.id, c.created_at" + ("" if column == "created_at" else f", c.{column}")
    bare: LiteralString = f"SELECT {taken} FROM {_where(names)}"
    if names == ("statuses",) and column == "created_at":
        # The newest of each status, which the index has in order, and of those the newest.
        bare = f"""SELECT w.* FROM unnest(%(statuses)s::text[]) one (status), LATERAL (
  SELECT {taken} FROM {_FITTING} AND c.status = one.status {_order("c", sort_by, direction)} LIMIT %(limit)s + %(offset)s) w"""
    elif column == "expires_at" and direction == "desc":
        bare = last_without(bare, "c.expires_at", "c.id DESC")
    return f"""
SELECT {CART}::text FROM (
  SELECT w.* FROM (SELECT w.* FROM ({bare}) w {ordered} LIMIT %(limit)s OFFSET %(offset)s) f, LATERAL (
    SELECT * FROM carts k WHERE k.organization_id = %(organization_id)s AND k.id = f.id LIMIT 1) w) c
{_order("c", sort_by, direction)}"""


# LIMIT 1 in a LATERAL keeps it a lookup by key: a join would be planned, once and for all texts, to read all carts or lines.
# There is one arm for each thing that is searched; `fitting` is filled in with the filters. An arm whose names match nothing
# costs nothing more.
def _arms(fitting: LiteralString) -> tuple[LiteralString, ...]:
    newest: LiteralString = "ORDER BY c.created_at DESC LIMIT %(max_found)s"
    bare: LiteralString = f"SELECT c.id, c.created_at FROM {fitting}"
    return (
        f"(SELECT c.id FROM {fitting} AND c.id = %(named_id)s)",
        f"(SELECT c.id FROM {fitting} AND c.patient_id = %(named_id)s {newest})",
        f"(SELECT c.id FROM patients_found p, LATERAL ({bare} AND c.patient_id = p.id {newest}) c {newest})",
        f"(SELECT c.id FROM staff_found s, LATERAL ({bare} AND c.creator_id = s.id {newest}) c {newest})",
        f"""(SELECT c.id FROM unnest(%(found_statuses)s::text[]) one (status),
  LATERAL ({bare} AND c.status = one.status {newest}) c {newest})""",
        f"""(SELECT c.id FROM
  ({bare} AND EXISTS (SELECT FROM sold_found) ORDER BY c.created_at DESC LIMIT %(max_seen)s) c,
  LATERAL (SELECT FROM cart_lines n WHERE n.organization_id = %(organization_id)s AND n.cart_id = c.id
    AND coalesce(n.product_id, n.bundle_id) = ANY((SELECT array_agg(f.id) FROM sold_found f)::uuid[]) LIMIT 1) held
  {newest})""",
    )


_NAMED: LiteralString = f"""
WITH patients_found AS MATERIALIZED (
  SELECT p.id FROM ({found_ids("concat_ws(' ', p.first_name_key, p.last_name_key) LIKE %(name_pattern)s")}) p LIMIT %(max_named)s
), staff_found AS MATERIALIZED (
  SELECT s.id FROM staff s WHERE s.organization_id = %(organization_id)s
    AND concat_ws(' ', s.first_name, s.last_name) ILIKE %(pattern)s LIMIT %(max_named)s
), sold_found AS MATERIALIZED (
  (SELECT i.id FROM products i WHERE i.organization_id = %(organization_id)s AND i.name ILIKE %(pattern)s
    LIMIT %(max_named)s)
  UNION ALL
  (SELECT b.id FROM bundles b WHERE b.organization_id = %(organization_id)s AND b.name ILIKE %(pattern)s
    LIMIT %(max_named)s)
)"""


@cache
def _searched(names: tuple[str, ...], sort_by: str, direction: str) -> LiteralString:
    """One row: how many carts were found, and those on the page."""
    ordered = _order("c", sort_by, direction)
    return f"""{_NAMED}, found AS MATERIALIZED ({" UNION ".join(_arms(_where(names)))})
SELECT (SELECT count(*) FROM found), coalesce((
  SELECT json_agg({CART} {ordered}) FROM (
    SELECT c.* FROM found f, LATERAL (
      SELECT * FROM carts k WHERE k.organization_id = %(organization_id)s AND k.id = f.id LIMIT 1) c
    {ordered} LIMIT %(limit)s OFFSET %(offset)s) c), '[]')::text
"""


def _names(filters: CartFilters) -> tuple[str, ...]:
    return tuple(name for name in _CONDITIONS if getattr(filters, name) is not None)


def _values(organization_id: UUID, filters: CartFilters, page: Page) -> dict[str, object]:
    values = msgspec.structs.asdict(filters) | msgspec.structs.asdict(page)
    return values | {"organization_id": organization_id, "statuses": list(filters.statuses or ())}


async def list_carts(conn: Connection, organization_id: UUID, filters: CartFilters, page: Page) -> list[CartRow]:
    """Without archived ones."""
    statement = _page(_names(filters), filters.sort_by, filters.sort_direction)
    cursor = await conn.execute(statement, _values(organization_id, filters, page))
    return [msgspec.json.decode(row[0], type=CartRow) for row in await cursor.fetchall()]


async def list_page(
    conn: Connection, organization_id: UUID, filters: CartFilters, page: Page, *, is_counted: bool
) -> CartPage:
    """With how many there are in all, if they are to be counted. One round trip."""
    counting: LiteralString = f"SELECT count(*) FROM {_where(_names(filters))}"
    counted = await conn.execute(counting, _values(organization_id, filters, page)) if is_counted else None
    carts = await list_carts(conn, organization_id, filters, page)
    return CartPage(carts, (await counted.fetchall())[0][0] if counted else None)


async def find_page(
    conn: Connection, organization_id: UUID, filters: CartFilters, search: Search, page: Page
) -> CartPage:
    """Of the carts that fit the filters, those that have the text somewhere, as far as a search goes."""
    values = _values(organization_id, filters, page) | {
        "pattern": search.pattern,
        "name_pattern": search.name_pattern,
        "named_id": search.named_id,
        "found_statuses": list(search.statuses),
        "max_named": _MAX_NAMED,
        "max_found": _MAX_FOUND,
        "max_seen": _MAX_SEEN,
        **values_of(search.name_begins),
    }
    statement = _searched(_names(filters), filters.sort_by, filters.sort_direction)
    total, carts = (await (await conn.execute(statement, values)).fetchall())[0]
    return CartPage(msgspec.json.decode(carts, type=list[CartRow]), total)
