"""Every SQL statement about products and bundles."""

from collections.abc import Iterable
from functools import partial
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import LOCK, Connection, to_json, uuid_array

MAX_BUNDLES = 1_000
MAX_PRODUCTS = 1_000

_BUNDLE: LiteralString = """
SELECT id, name, image_url, description, price_cents, currency, initial_discount_cents, is_sold_out, is_visible,
       intake_form_id, followup_form_id
FROM bundles WHERE organization_id = %(organization_id)s AND archived_at IS NULL
"""

_PRODUCTS: LiteralString = """
SELECT id, name, description, image_url, price_cents, currency, is_active FROM products
WHERE organization_id = %(organization_id)s
"""
# Products have no forms of their own to follow up with; the oldest bundle that holds one has.
_FOLLOWUP_FORM: LiteralString = """
SELECT b.followup_form_id FROM bundle_products p
JOIN bundles b ON b.organization_id = p.organization_id AND b.id = p.bundle_id
WHERE p.organization_id = %s AND p.product_id = %s AND b.archived_at IS NULL AND b.followup_form_id IS NOT NULL
ORDER BY b.created_at, b.id LIMIT 1
"""

# Always in the order of ids, so that two transactions cannot deadlock over them.
_FIND_PRODUCTS: LiteralString = """
SELECT id, name, description, image_url, price_cents, currency, is_active FROM products
WHERE organization_id = %(organization_id)s AND (id = ANY(%(ids)s::uuid[]) OR name = ANY(%(names)s::text[]))
ORDER BY id
"""

# What only the billing dialect knows of a product or a bundle stays as it is.
_SAVE_PRODUCTS: LiteralString = """
INSERT INTO products (organization_id, id, name, description, image_url, price_cents, currency, is_active)
SELECT %s, id, name, description, image_url, price_cents, currency, is_active
FROM json_populate_recordset(null::products, %s)
ON CONFLICT (organization_id, id) DO UPDATE SET
  name = excluded.name, description = excluded.description, image_url = excluded.image_url,
  price_cents = excluded.price_cents, currency = excluded.currency, is_active = excluded.is_active, updated_at = now()
"""

_THESE_BUNDLES: LiteralString = """
FROM bundles b
WHERE b.organization_id = %(organization_id)s AND (b.id = ANY(%(ids)s::uuid[]) OR b.name = ANY(%(names)s::text[]))
ORDER BY b.id
"""
# In a statement of its own: the products that are read with the lock would be those from before the wait for it.
_LOCK_BUNDLES: LiteralString = f"SELECT {_THESE_BUNDLES} FOR NO KEY UPDATE"
_FIND_BUNDLES: LiteralString = f"""
SELECT b.id, b.name, b.image_url, b.description, b.price_cents, b.currency, b.initial_discount_cents, b.is_sold_out,
  b.is_visible, b.intake_form_id, b.followup_form_id, b.archived_at IS NOT NULL AS is_archived, b.link_name, b.tag,
  b.sold_out_list_text, b.sold_out_list_color, b.sold_out_modal_text, b.sold_out_modal_color,
  ARRAY(SELECT p.product_id FROM bundle_products p
        WHERE p.organization_id = b.organization_id AND p.bundle_id = b.id ORDER BY p.product_id) AS product_ids
{_THESE_BUNDLES}
"""

# New ones are made a microsecond apart, so that bundles are listed in the order they were saved in.
_SAVE_BUNDLES: LiteralString = """
INSERT INTO bundles (organization_id, id, name, description, image_url, price_cents, initial_discount_cents, currency,
  is_sold_out, is_visible, intake_form_id, followup_form_id, archived_at, created_at, link_name, tag,
  sold_out_list_text, sold_out_list_color, sold_out_modal_text, sold_out_modal_color)
SELECT %s, n.id, n.name, n.description, n.image_url, n.price_cents, n.initial_discount_cents, n.currency, n.is_sold_out,
  n.is_visible, n.intake_form_id, n.followup_form_id, CASE WHEN (sent ->> 'is_archived')::boolean THEN now() END,
  now() + place * interval '1 microsecond', n.link_name, n.tag,
  n.sold_out_list_text, n.sold_out_list_color, n.sold_out_modal_text, n.sold_out_modal_color
FROM json_array_elements(%s::json) WITH ORDINALITY s (sent, place), json_populate_record(null::bundles, sent) n
ON CONFLICT (organization_id, id) DO UPDATE SET
  name = excluded.name, description = excluded.description, image_url = excluded.image_url,
  price_cents = excluded.price_cents, initial_discount_cents = excluded.initial_discount_cents,
  currency = excluded.currency, is_sold_out = excluded.is_sold_out, is_visible = excluded.is_visible,
  intake_form_id = excluded.intake_form_id, followup_form_id = excluded.followup_form_id,
  archived_at = CASE WHEN excluded.archived_at IS NOT NULL
    THEN coalesce(bundles.archived_at, excluded.archived_at) END,
  link_name = excluded.link_name, tag = excluded.tag, sold_out_list_text = excluded.sold_out_list_text,
  sold_out_list_color = excluded.sold_out_list_color, sold_out_modal_text = excluded.sold_out_modal_text,
  sold_out_modal_color = excluded.sold_out_modal_color,
  updated_at = now()
"""

_TAKE_OUT: LiteralString = """
DELETE FROM bundle_products WHERE organization_id = %s AND bundle_id = %s AND NOT product_id = ANY (%s::uuid[])
"""
_PUT_IN: LiteralString = """
INSERT INTO bundle_products (organization_id, bundle_id, product_id)
SELECT %s, %s, unnest(%s::uuid[]) ON CONFLICT DO NOTHING
"""


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """What both dialects know of a product."""

    id: UUID
    name: str
    description: str | None
    image_url: str | None
    price_cents: int
    currency: str
    is_active: bool


class Bundle(msgspec.Struct, frozen=True):
    id: UUID
    name: str
    image_url: str | None
    description: str | None
    price_cents: int
    currency: str
    initial_discount_cents: int
    is_sold_out: bool
    is_visible: bool
    intake_form_id: UUID | None
    followup_form_id: UUID | None


class FullBundle(Bundle, frozen=True, kw_only=True):
    """A bundle with all that can be written of it."""

    product_ids: list[UUID]
    is_archived: bool = False
    # How a storefront shows it.
    link_name: str | None = None
    tag: str | None = None
    sold_out_list_text: str | None = None
    sold_out_list_color: str | None = None
    sold_out_modal_text: str | None = None
    sold_out_modal_color: str | None = None


async def list_bundles(conn: Connection, organization_id: UUID, is_visible: bool | None) -> list[Bundle]:
    """The oldest MAX_BUNDLES bundles that are not archived, in the order they were made; `is_visible` None: all."""
    cursor = await conn.execute(
        _BUNDLE
        + "AND (%(is_visible)s::boolean IS NULL OR is_visible = %(is_visible)s) ORDER BY created_at, id LIMIT %(most)s",
        {"organization_id": organization_id, "is_visible": is_visible, "most": MAX_BUNDLES},
    )
    return [Bundle(*row) for row in await cursor.fetchall()]


async def find_bundle(conn: Connection, organization_id: UUID, bundle_id: UUID) -> Bundle | None:
    """None for an archived one too."""
    cursor = await conn.execute(_BUNDLE + "AND id = %(id)s", {"organization_id": organization_id, "id": bundle_id})
    row = await cursor.fetchone()
    return Bundle(*row) if row else None


async def list_products(conn: Connection, organization_id: UUID, is_active: bool | None) -> list[Product]:
    """The oldest MAX_PRODUCTS products, in the order they were made, of one moment by name; `is_active` None: all."""
    values = {"organization_id": organization_id, "is_active": is_active, "most": MAX_PRODUCTS}
    statement = (
        _PRODUCTS
        + "AND (%(is_active)s::boolean IS NULL OR is_active = %(is_active)s) ORDER BY created_at, name, id LIMIT %(most)s"
    )
    async with conn.cursor(row_factory=class_row(Product)) as cursor:
        await cursor.execute(statement, values)
        return await cursor.fetchall()


async def find_product(conn: Connection, organization_id: UUID, product_id: UUID) -> Product | None:
    async with conn.cursor(row_factory=class_row(Product)) as cursor:
        await cursor.execute(_PRODUCTS + "AND id = %(id)s", {"organization_id": organization_id, "id": product_id})
        return await cursor.fetchone()


async def find_followup_form(conn: Connection, organization_id: UUID, product_id: UUID) -> UUID | None:
    row = await (await conn.execute(_FOLLOWUP_FORM, (organization_id, product_id))).fetchone()
    return row[0] if row else None


async def find_products(
    conn: Connection, organization_id: UUID, ids: Iterable[UUID], names: Iterable[str] = (), *, lock: LiteralString = ""
) -> dict[UUID, Product]:
    """Those of `ids` or with one of `names`; by id."""
    values = {"organization_id": organization_id, "ids": uuid_array(ids), "names": list(names)}
    async with conn.cursor(row_factory=class_row(Product)) as cursor:
        await cursor.execute(_FIND_PRODUCTS + lock, values)
        return {product.id: product for product in await cursor.fetchall()}


lock_products = partial(find_products, lock=LOCK)


async def save_products(conn: Connection, organization_id: UUID, products: list[Product]) -> None:
    await conn.execute(_SAVE_PRODUCTS, (organization_id, to_json(products)))


async def find_bundles(
    conn: Connection, organization_id: UUID, ids: Iterable[UUID], names: Iterable[str] = (), *, is_locked: bool = False
) -> dict[UUID, FullBundle]:
    """Those of `ids` or with one of `names`; by id."""
    values = {"organization_id": organization_id, "ids": uuid_array(ids), "names": list(names)}
    async with conn.cursor(row_factory=class_row(FullBundle)) as cursor:
        if is_locked:
            await cursor.execute(_LOCK_BUNDLES, values)
        await cursor.execute(_FIND_BUNDLES, values)
        return {bundle.id: bundle for bundle in await cursor.fetchall()}


lock_bundles = partial(find_bundles, is_locked=True)


async def save_bundles(conn: Connection, organization_id: UUID, bundles: list[FullBundle]) -> None:
    """Makes their products exactly those in `product_ids`; what stays in a bundle keeps its quantity and price."""
    await conn.execute(_SAVE_BUNDLES, (organization_id, to_json(bundles)))
    for bundle in bundles:
        values = (organization_id, bundle.id, uuid_array(bundle.product_ids))
        await conn.execute(_TAKE_OUT, values)
        await conn.execute(_PUT_IN, values)
