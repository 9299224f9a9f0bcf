"""The SQL statements about products and bundles that only administrators' lists and forms ask."""

from collections.abc import Iterable, Sequence
from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.catalog.billing.items.schemas import ItemType
from carelane.catalog.desk.schemas import PartsOut
from carelane.catalog.queries import FullBundle, Product
from carelane.kit.db import Connection, to_json, uuid_array
from carelane.web.paging import Wanted, asked_for

# Of one kind, to pick from.
MOST_PARTS = 500

_PRODUCT: LiteralString = """
json_build_object('id', i.id, 'name', i.name, 'description', i.description, 'image_url', i.image_url,
  'price_cents', i.price_cents, 'currency', i.currency, 'is_active', i.is_active, 'category', i.category,
  'brand_name', i.brand_name, 'type', i.type, 'internal_notes', i.internal_notes,
  'exempted_tax_ids', coalesce((SELECT json_agg(x.tax_id ORDER BY x.tax_id) FROM product_tax_exemptions x
    WHERE x.organization_id = i.organization_id AND x.product_id = i.id), '[]'))::text
FROM products i WHERE i.organization_id = %(organization_id)s
"""
_BUNDLE: LiteralString = """
json_build_object('id', i.id, 'name', i.name, 'image_url', i.image_url, 'description', i.description,
  'price_cents', i.price_cents, 'currency', i.currency, 'initial_discount_cents', i.initial_discount_cents,
  'is_sold_out', i.is_sold_out, 'is_visible', i.is_visible, 'intake_form_id', i.intake_form_id,
  'followup_form_id', i.followup_form_id, 'is_archived', i.archived_at IS NOT NULL, 'link_name', i.link_name,
  'tag', i.tag, 'sold_out_list_text', i.sold_out_list_text, 'sold_out_list_color', i.sold_out_list_color,
  'sold_out_modal_text', i.sold_out_modal_text, 'sold_out_modal_color', i.sold_out_modal_color,
  'product_ids', ARRAY(SELECT p.product_id FROM bundle_products p
    WHERE p.organization_id = i.organization_id AND p.bundle_id = i.id ORDER BY p.product_id))::text
FROM bundles i WHERE i.organization_id = %(organization_id)s
"""
_NAME: LiteralString = "i.name ILIKE %(name)s"
_PRODUCTS_WANTED: dict[str, LiteralString] = {"name": _NAME, "is_active": "i.is_active = %(is_active)s"}
_BUNDLES_WANTED: dict[str, LiteralString] = {
    "name": _NAME,
    "is_active": "(i.archived_at IS NULL) = %(is_active)s",
}
_PAGE: LiteralString = " ORDER BY lower(i.name), i.id LIMIT %(limit)s OFFSET %(offset)s"
_COUNT_PRODUCTS: LiteralString = "SELECT count(*) FROM products i WHERE i.organization_id = %(organization_id)s"
_COUNT_BUNDLES: LiteralString = "SELECT count(*) FROM bundles i WHERE i.organization_id = %(organization_id)s"

# What the care dialect does not know. `catalog/queries.py` writes the rest.
_SAVE_REST: LiteralString = """
UPDATE products p SET category = n.category, brand_name = n.brand_name, type = n.type, internal_notes = n.internal_notes,
  updated_at = now()
FROM json_populate_recordset(null::products, %s) n WHERE p.organization_id = %s AND p.id = n.id
"""


def _part(kind: LiteralString, table: LiteralString, is_active: LiteralString, further: LiteralString) -> LiteralString:
    """The first by name; what a record names already is among them however late it is sorted, or saving it would drop it."""
    return f"""
  '{kind}', coalesce((SELECT json_agg(json_build_object('id', n.id, 'name', n.name, 'isActive', n.is_active)
      ORDER BY lower(n.name), n.id)
    FROM ((SELECT id, name, {is_active} AS is_active FROM {table} WHERE organization_id = o.id{further}
           ORDER BY lower(name), id LIMIT %(most)s)
      UNION SELECT id, name, {is_active} FROM {table} WHERE organization_id = o.id AND id = ANY(%(chosen)s)) n), '[]')"""


_ARCHIVES: LiteralString = "archived_at IS NULL"
_PARTS: LiteralString = f"""
SELECT json_build_object('currency', o.currency,
{_part("products", "products", "is_active", "")},
{_part("bundles", "bundles", _ARCHIVES, "")},
{_part("forms", "forms", "is_active", " AND product_id IS NULL")},
{_part("taxes", "taxes", _ARCHIVES, "")},
{_part("locations", "locations", _ARCHIVES, "")})::text
FROM organizations o WHERE o.id = %(organization_id)s
"""
# Nothing is locked: `apply` locks products before bundles, and whoever changes a bundle has locked that.
_MISSING_PRODUCTS: LiteralString = """
SELECT w.id FROM unnest(%s::uuid[]) w (id)
WHERE NOT EXISTS (SELECT FROM products i WHERE i.organization_id = %s AND i.id = w.id)
"""
_MISSING_FORMS: LiteralString = """
SELECT w.id FROM unnest(%s::uuid[]) w (id) WHERE NOT EXISTS (
  SELECT FROM forms f WHERE f.organization_id = %s AND f.id = w.id AND f.product_id IS NULL)
"""


class SoldProduct(Product, frozen=True, kw_only=True):
    """With what taxes and the desk ask of it."""

    category: str | None
    brand_name: str | None
    type: ItemType
    internal_notes: str | None
    exempted_tax_ids: list[UUID]


async def find_product(conn: Connection, organization_id: UUID, product_id: UUID) -> SoldProduct | None:
    """Whether it is sold or not."""
    values = {"organization_id": organization_id, "id": product_id}
    row = await (await conn.execute(f"SELECT {_PRODUCT} AND i.id = %(id)s", values)).fetchone()
    return msgspec.json.decode(row[0], type=SoldProduct) if row else None


async def find_sold_products(conn: Connection, organization_id: UUID, ids: Iterable[UUID]) -> dict[UUID, SoldProduct]:
    """Whether they are sold or not, by id."""
    values = {"organization_id": organization_id, "ids": uuid_array(ids)}
    cursor = await conn.execute(f"SELECT {_PRODUCT} AND i.id = ANY(%(ids)s::uuid[])", values)
    rows = [msgspec.json.decode(row[0], type=SoldProduct) for row in await cursor.fetchall()]
    return {row.id: row for row in rows}


async def find_bundle(conn: Connection, organization_id: UUID, bundle_id: UUID) -> FullBundle | None:
    """Archived ones too."""
    values = {"organization_id": organization_id, "id": bundle_id}
    row = await (await conn.execute(f"SELECT {_BUNDLE} AND i.id = %(id)s", values)).fetchone()
    return msgspec.json.decode(row[0], type=FullBundle) if row else None


async def list_products(conn: Connection, organization_id: UUID, wanted: Wanted) -> tuple[list[SoldProduct], int]:
    """By name, and how many fit."""
    values = wanted.values(organization_id)
    further = asked_for(_PRODUCTS_WANTED, values)
    counted = await conn.execute(_COUNT_PRODUCTS + further, values)
    found = await conn.execute(f"SELECT {_PRODUCT}{further}{_PAGE}", values)
    rows = [msgspec.json.decode(row[0], type=SoldProduct) for row in await found.fetchall()]
    return rows, (await counted.fetchall())[0][0]


async def list_bundles(conn: Connection, organization_id: UUID, wanted: Wanted) -> tuple[list[FullBundle], int]:
    """By name, and how many fit."""
    values = wanted.values(organization_id)
    further = asked_for(_BUNDLES_WANTED, values)
    counted = await conn.execute(_COUNT_BUNDLES + further, values)
    found = await conn.execute(f"SELECT {_BUNDLE}{further}{_PAGE}", values)
    rows = [msgspec.json.decode(row[0], type=FullBundle) for row in await found.fetchall()]
    return rows, (await counted.fetchall())[0][0]


async def save_rest(conn: Connection, organization_id: UUID, products: list[SoldProduct]) -> None:
    """What `catalog.queries.save_products` leaves as it is, of products whose rows are locked or new."""
    await conn.execute(_SAVE_REST, (to_json(products), organization_id))


async def list_missing_products(conn: Connection, organization_id: UUID, product_ids: list[UUID]) -> set[UUID]:
    """Those of the ids that are no product here."""
    cursor = await conn.execute(_MISSING_PRODUCTS, (uuid_array(product_ids), organization_id))
    return {row[0] for row in await cursor.fetchall()}


async def list_missing_forms(conn: Connection, organization_id: UUID, form_ids: list[UUID]) -> set[UUID]:
    """Those of the ids that are no form that bundles show."""
    cursor = await conn.execute(_MISSING_FORMS, (uuid_array(form_ids), organization_id))
    return {row[0] for row in await cursor.fetchall()}


async def get_parts(conn: Connection, organization_id: UUID, chosen: Sequence[UUID] = ()) -> PartsOut:
    """The first MOST_PARTS of each kind, and those of `chosen`."""
    values = {"organization_id": organization_id, "most": MOST_PARTS, "chosen": uuid_array(chosen)}
    row = await (await conn.execute(_PARTS, values)).fetchone()
    if row is None:
        raise LookupError("the organization is gone")
    return msgspec.json.decode(row[0], type=PartsOut)
