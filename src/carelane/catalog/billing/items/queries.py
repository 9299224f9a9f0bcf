"""Every SQL statement about items of the billing dialect, which are the products of the catalogue."""

from collections.abc import Iterable
from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.catalog.billing.items.schemas import (
    ItemDetailOut,
    ItemFilters,
    ItemOut,
    ItemStockIn,
    ItemStockOut,
    ItemType,
    SortBy,
)
from carelane.kit.db import Connection, to_json, uuid_array
from carelane.web.paging import Direction, Page, asked_for

MAX_BRANDS = 1_000

# A product `i` as JSON that reads as an ItemOut: a part of every statement that shows one.
ITEM: LiteralString = """
json_build_object('id', coalesce(i.given_id, i.id::text), 'name', i.name, 'brandName', i.brand_name,
  'description', i.description, 'price', i.price_cents, 'category', i.category, 'unit', i.unit,
  'isPhysical', i.is_physical, 'isArchived', NOT i.is_active, 'internalNotes', i.internal_notes,
  'sortOrder', i.sort_order, 'allowCustomPricing', i.allows_custom_pricing, 'type', i.type, 'externalId', i.external_id,
  'exemptedTaxIds', coalesce((SELECT json_agg(x.tax_id ORDER BY x.tax_id) FROM product_tax_exemptions x
    WHERE x.organization_id = i.organization_id AND x.product_id = i.id), '[]'), 'cost', i.cost_cents)
"""

# Of what has been sold for years nobody needs the number, and everybody would wait for it.
MOST_USED = 1_000
_USAGE_COUNT: LiteralString = """
(SELECT count(*) FROM (
  SELECT FROM charge_lines n WHERE n.organization_id = i.organization_id AND n.product_id = i.id LIMIT %(most_used)s) n)
"""

_CONDITIONS: dict[str, LiteralString] = {
    "ids": "i.id = ANY(%(ids)s::uuid[])",
    "name": "i.name ILIKE %(name)s",
    "category": "i.category = %(category)s",
    "price_range": "i.price_cents BETWEEN (%(price_range)s::bigint[])[1] AND (%(price_range)s::bigint[])[2]",
    "is_archived": "i.is_active = NOT %(is_archived)s",
    "is_physical": "i.is_physical = %(is_physical)s",
    "item_type": "i.type = %(item_type)s",
}
_ORDER: dict[tuple[SortBy, Direction], LiteralString] = {
    ("name", "asc"): "lower(i.name), i.id",
    ("name", "desc"): "lower(i.name) DESC, i.id DESC",
    ("price", "asc"): "i.price_cents, i.id",
    ("price", "desc"): "i.price_cents DESC, i.id DESC",
    ("created_date", "asc"): "i.created_at, i.id",
    ("created_date", "desc"): "i.created_at DESC, i.id DESC",
    ("category", "asc"): "lower(i.category) NULLS LAST, i.id",
    ("category", "desc"): "lower(i.category) DESC NULLS LAST, i.id DESC",
    ("brand_name", "asc"): "lower(i.brand_name) NULLS LAST, i.id",
    ("brand_name", "desc"): "lower(i.brand_name) DESC NULLS LAST, i.id DESC",
    ("sort_order", "asc"): "i.sort_order NULLS LAST, lower(i.name), i.id",
    ("sort_order", "desc"): "i.sort_order DESC NULLS LAST, lower(i.name) DESC, i.id DESC",
    ("usage_count", "asc"): f"{_USAGE_COUNT}, i.id",
    ("usage_count", "desc"): f"{_USAGE_COUNT} DESC, i.id DESC",
}

_COUNT: LiteralString = "SELECT count(*) FROM products i WHERE i.organization_id = %(organization_id)s"
_DETAILS: LiteralString = f"""
SELECT i.id, {ITEM}::text, i.stocks::text, {_USAGE_COUNT} FROM products i WHERE i.organization_id = %(organization_id)s
"""

_INSERT: LiteralString = """
INSERT INTO products (organization_id, id, given_id, name, brand_name, description, price_cents, currency, category, unit,
  is_physical, is_active, internal_notes, sort_order, allows_custom_pricing, type, external_id, cost_cents, stocks)
SELECT n.organization_id, n.id, n.given_id, n.name, n.brand_name, n.description, n.price_cents, o.currency, n.category,
  n.unit, n.is_physical, n.is_active, n.internal_notes, n.sort_order, n.allows_custom_pricing, n.type, n.external_id,
  n.cost_cents, n.stocks
FROM json_populate_record(null::products, %s) n JOIN organizations o ON o.id = n.organization_id
ON CONFLICT (organization_id, id) DO NOTHING RETURNING id
"""

# What is null stays. An archived item can only be brought back.
_UPDATE: LiteralString = """
UPDATE products SET name = coalesce(%(name)s, name), brand_name = coalesce(%(brand_name)s, brand_name),
  description = coalesce(%(description)s, description), price_cents = coalesce(%(price)s, price_cents),
  category = coalesce(%(category)s, category), unit = coalesce(%(unit)s, unit),
  is_physical = coalesce(%(is_physical)s, is_physical), is_active = coalesce(NOT %(is_archived)s::boolean, is_active),
  internal_notes = coalesce(%(internal_notes)s, internal_notes), sort_order = coalesce(%(sort_order)s, sort_order),
  allows_custom_pricing = coalesce(%(allow_custom_pricing)s, allows_custom_pricing), type = coalesce(%(type)s, type),
  external_id = coalesce(%(external_id)s, external_id), cost_cents = coalesce(%(cost)s, cost_cents),
  stocks = coalesce(%(stocks)s::jsonb, stocks), updated_at = now()
WHERE organization_id = %(organization_id)s AND id = %(id)s AND (is_active OR %(is_archived)s::boolean IS FALSE)
RETURNING id
"""

_ARCHIVE: LiteralString = """
UPDATE products SET is_active = false, updated_at = now()
WHERE organization_id = %s AND id = %s AND is_active RETURNING id
"""

# Always in the order of ids, so that two requests for the same items cannot deadlock.
_LOCK: LiteralString = """
SELECT id FROM products WHERE organization_id = %s AND id = ANY(%s::uuid[]) AND is_active
ORDER BY id FOR NO KEY UPDATE
"""

_TOUCH: LiteralString = "UPDATE products SET updated_at = now() WHERE organization_id = %s AND id = ANY(%s::uuid[])"

# A caller may send back what it was shown, with taxes that were archived since.
_TAXES: LiteralString = """
SELECT t.id FROM taxes t WHERE t.organization_id = %(organization_id)s AND t.id = ANY(%(ids)s::uuid[])
  AND (t.archived_at IS NULL OR EXISTS (SELECT FROM product_tax_exemptions x WHERE x.organization_id = t.organization_id
    AND x.product_id = ANY(%(product_ids)s::uuid[]) AND x.tax_id = t.id))
"""

_DELETE_EXEMPTIONS: LiteralString = """
DELETE FROM product_tax_exemptions WHERE organization_id = %s AND product_id = ANY(%s::uuid[])
"""
_INSERT_EXEMPTIONS: LiteralString = """
INSERT INTO product_tax_exemptions (organization_id, product_id, tax_id)
SELECT organization_id, product_id, tax_id FROM json_populate_recordset(null::product_tax_exemptions, %s)
"""

_BRANDS: LiteralString = """
SELECT DISTINCT brand_name FROM products
WHERE organization_id = %s AND is_active AND brand_name IS NOT NULL ORDER BY brand_name LIMIT %s
"""


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """A product to be written; its currency is the organization's."""

    organization_id: UUID
    id: UUID
    given_id: str | None
    name: str
    brand_name: str | None
    description: str | None
    price_cents: int
    category: str | None
    unit: str | None
    is_physical: bool
    is_active: bool
    internal_notes: str | None
    sort_order: int | None
    allows_custom_pricing: bool
    type: ItemType
    external_id: str | None
    cost_cents: int | None
    stocks: list[ItemStockIn] | None


class Exemption(msgspec.Struct, frozen=True, kw_only=True):
    organization_id: UUID
    product_id: UUID
    tax_id: UUID


async def list_items(
    conn: Connection, organization_id: UUID, filters: ItemFilters, order: tuple[SortBy, Direction], page: Page
) -> tuple[list[ItemDetailOut], int]:
    """The items of the page, and how many fit the filters; `filters.ids` are UUIDs here."""
    values = msgspec.structs.asdict(filters) | msgspec.structs.asdict(page)
    values |= {"organization_id": organization_id, "most_used": MOST_USED}
    further = asked_for(_CONDITIONS, values)
    counted = await conn.execute(_COUNT + further, values)
    found = await conn.execute(
        f"{_DETAILS}{further} ORDER BY {_ORDER[order]} LIMIT %(limit)s OFFSET %(offset)s", values
    )
    shown = [_detail(*row) for _, *row in await found.fetchall()]
    return shown, (await counted.fetchall())[0][0]


async def list_items_by_id(conn: Connection, organization_id: UUID, ids: list[UUID]) -> dict[UUID, ItemDetailOut]:
    values = {"organization_id": organization_id, "ids": uuid_array(ids), "most_used": MOST_USED}
    cursor = await conn.execute(f"{_DETAILS} AND {_CONDITIONS['ids']}", values)
    return {item_id: _detail(*row) for item_id, *row in await cursor.fetchall()}


def _detail(item: str, stocks: str | None, usage_count: int) -> ItemDetailOut:
    shown = msgspec.json.decode(item, type=ItemOut)
    kept = None if stocks is None else msgspec.json.decode(stocks, type=list[ItemStockOut])
    return ItemDetailOut(**msgspec.structs.asdict(shown), stocks=kept, usage_count=usage_count)


async def insert_item(conn: Connection, item: Item) -> bool:
    """False when there is a product of this id already."""
    cursor = await conn.execute(_INSERT, (to_json(item),))
    return await cursor.fetchone() is not None


async def update_item(conn: Connection, organization_id: UUID, item_id: UUID, changes: dict[str, object]) -> bool:
    """`changes` by the names of ItemPatch. False when there is no such item, or it is archived and is to stay so."""
    stocks = None if changes["stocks"] is None else to_json(changes["stocks"])
    values = changes | {"organization_id": organization_id, "id": item_id, "stocks": stocks}
    cursor = await conn.execute(_UPDATE, values)
    return await cursor.fetchone() is not None


async def set_item_archived(conn: Connection, organization_id: UUID, item_id: UUID) -> bool:
    """False when there is no such item, or it is archived already."""
    cursor = await conn.execute(_ARCHIVE, (organization_id, item_id))
    return await cursor.fetchone() is not None


async def lock_items(conn: Connection, organization_id: UUID, ids: list[UUID]) -> set[UUID]:
    """Those that are there and not archived."""
    cursor = await conn.execute(_LOCK, (organization_id, uuid_array(ids)))
    return {row[0] for row in await cursor.fetchall()}


async def list_taxes(
    conn: Connection, organization_id: UUID, ids: Iterable[UUID], product_ids: Iterable[UUID]
) -> set[UUID]:
    """Those of the ids that are a tax of the organization, archived only where one of the products escapes it already."""
    values = {"organization_id": organization_id, "ids": uuid_array(ids), "product_ids": uuid_array(product_ids)}
    cursor = await conn.execute(_TAXES, values)
    return {row[0] for row in await cursor.fetchall()}


async def save_exemptions(
    conn: Connection, organization_id: UUID, product_ids: list[UUID], exemptions: list[Exemption]
) -> None:
    """The products, whose rows are locked, escape these taxes and no others."""
    await conn.execute(_DELETE_EXEMPTIONS, (organization_id, uuid_array(product_ids)))
    await conn.execute(_INSERT_EXEMPTIONS, (to_json(exemptions),))
    await conn.execute(_TOUCH, (organization_id, uuid_array(product_ids)))


async def list_brands(conn: Connection, organization_id: UUID) -> list[str]:
    cursor = await conn.execute(_BRANDS, (organization_id, MAX_BRANDS))
    return [row[0] for row in await cursor.fetchall()]
