"""SQL that all tables of lines share: parts of the statements of carts and quotes, which run them."""

from collections.abc import Iterable
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

import msgspec

from carelane.catalog.billing.items.queries import ITEM
from carelane.catalog.billing.packages.queries import PACKAGE
from carelane.kit.db import uuid_array
from carelane.pricing.lines import LineRow, RequestedLine


class LineTable(NamedTuple):
    """A table of lines: its name, the column with the id of the cart or quote, that of the sealed text, the primary key."""

    name: LiteralString
    owner: LiteralString
    text: LiteralString
    key: LiteralString


class Sold(NamedTuple):
    """What lines sell: SQL that yields ids of products, and SQL that yields ids of bundles."""

    products: LiteralString
    bundles: LiteralString


# What the caller asks for: the parameters that `requested_ids` gives.
REQUESTED = Sold("SELECT unnest(%(product_ids)s::uuid[])", "SELECT unnest(%(bundle_ids)s::uuid[])")


def requested_ids(requested: Iterable[RequestedLine]) -> dict[str, str]:
    lines = list(requested)
    return {
        "product_ids": uuid_array({line.product_id for line in lines if line.product_id}),
        "bundle_ids": uuid_array({line.bundle_id for line in lines if line.bundle_id}),
    }


def sold_in(table: LineTable, owner: LiteralString) -> Sold:
    """What a cart or quote sells; `owner` is its alias in the statement."""
    return Sold(f"SELECT n.product_id {_of(table, owner)}", f"SELECT n.bundle_id {_of(table, owner)}")


def catalog_json(currency: LiteralString, taxes: LiteralString, *sold: Sold) -> LiteralString:
    """JSON that reads as a Catalog of everything that any of `sold` yields. Needs %(organization_id)s."""
    products, bundles = " UNION ".join(one.products for one in sold), " UNION ".join(one.bundles for one in sold)
    return f"""
json_build_object('currency', {currency}, 'taxes', {taxes}, 'items', coalesce((
    SELECT json_agg(json_build_object('id', i.id, 'currency', i.currency, 'shown', {ITEM}))
    FROM products i WHERE i.organization_id = %(organization_id)s AND i.id IN ({products})), '[]'), 'packages', coalesce((
    SELECT json_agg(json_build_object('id', b.id, 'currency', b.currency, 'category', b.category, 'shown', {PACKAGE}))
    FROM bundles b WHERE b.organization_id = %(organization_id)s AND b.id IN ({bundles})), '[]'))
"""


def chargeable_members(owner: LiteralString) -> LiteralString:
    """Members of a JSON object that reads as a Chargeable; `owner` is the alias of the cart or quote."""
    return f"""
'patient_id', {owner}.patient_id, 'creator_id', {owner}.creator_id, 'location_id', {owner}.location_id,
'currency', {owner}.currency, 'discount_amount_cents', {owner}.discount_amount_cents,
'discount_percentage', {owner}.discount_percentage::text, 'subtotal_cents', {owner}.subtotal_cents,
'discount_cents', {owner}.discount_cents, 'tax_cents', {owner}.tax_cents, 'total_cents', {owner}.total_cents"""


def lines_json(table: LineTable, owner: LiteralString) -> LiteralString:
    """The lines of a cart or quote, by its alias, as JSON that reads as a list of LineRow."""
    return f"""
coalesce((
  SELECT json_agg(json_build_object('id', n.id, 'position', n.position, 'product_id', n.product_id, 'bundle_id', n.bundle_id,
    'quantity', n.quantity::text, 'unit_price_cents', n.unit_price_cents, 'discount_amount_cents', n.discount_amount_cents,
    'discount_percentage', n.discount_percentage::text, 'tax_cents', n.tax_cents, 'total_cents', n.total_cents,
    'text', encode(n.{table.text}, 'hex'), 'created_at', n.created_at, 'updated_at', n.updated_at) ORDER BY n.position)
  {_of(table, owner)}), '[]')
"""


def insert_lines(table: LineTable) -> LiteralString:
    """The end of a statement whose `sent.rows` has the lines as JSON, made with `line_columns`."""
    columns: LiteralString = f"""organization_id, id, {table.owner}, position, product_id, bundle_id, quantity,
  unit_price_cents, discount_amount_cents, discount_percentage, tax_cents, total_cents, {table.text}, created_at, updated_at"""
    return f"""
INSERT INTO {table.name} ({columns})
SELECT {columns} FROM sent, jsonb_populate_recordset(null::{table.name}, sent.rows -> 'lines')
"""


def save_lines(table: LineTable) -> LiteralString:
    """As `insert_lines`, for lines that may be there already, with other values."""
    return f"""{insert_lines(table)}
ON CONFLICT ({table.key}) DO UPDATE SET position = excluded.position, quantity = excluded.quantity,
  unit_price_cents = excluded.unit_price_cents, discount_amount_cents = excluded.discount_amount_cents,
  discount_percentage = excluded.discount_percentage, tax_cents = excluded.tax_cents,
  total_cents = excluded.total_cents, {table.text} = excluded.{table.text}, updated_at = excluded.updated_at
"""


def line_columns(table: LineTable, organization_id: UUID, owner_id: UUID, line: LineRow) -> dict[str, Any]:
    own = {"organization_id": organization_id, table.owner: owner_id, table.text: line.sealed_text()}
    return msgspec.structs.asdict(line) | own


def _of(table: LineTable, owner: LiteralString) -> LiteralString:
    return f"FROM {table.name} n WHERE n.organization_id = {owner}.organization_id AND n.{table.owner} = {owner}.id"
