"""Every SQL statement about packages of the billing dialect, which are the bundles of the catalogue."""

from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.catalog.billing.items.queries import ITEM
from carelane.catalog.billing.packages.schemas import PackageFilters, PackageOut, SortBy
from carelane.kit.db import Connection, to_json, uuid_array
from carelane.web.paging import Direction, Page, asked_for

# A bundle `b` as JSON that reads as a PackageTinyOut: a part of every statement that shows one.
PACKAGE: LiteralString = """
json_build_object('id', coalesce(b.given_id, b.id::text), 'name', b.name, 'description', b.description,
  'isArchived', b.archived_at IS NOT NULL, 'price', b.price_cents, 'externalId', b.external_id)
"""

_PATIENTS: LiteralString = """
SELECT count(DISTINCT c.patient_id) FROM charge_lines n
JOIN charges c ON c.organization_id = n.organization_id AND c.id = n.charge_id
WHERE n.organization_id = b.organization_id AND n.bundle_id = b.id
"""
_ACTIVE_PATIENTS: LiteralString = f"({_PATIENTS} AND c.status NOT IN ('VOID', 'REFUNDED', 'CHARGEBACK'))"

_DETAIL: LiteralString = f"""
json_build_object('id', coalesce(b.given_id, b.id::text), 'name', b.name, 'description', b.description,
  'isArchived', b.archived_at IS NOT NULL, 'price', b.price_cents, 'externalId', b.external_id,
  'internalNotes', b.internal_notes, 'category', b.category, 'createdDate', b.created_at,
  'numberOfPatients', ({_PATIENTS}), 'numberOfActivePatients', {_ACTIVE_PATIENTS}, 'items', coalesce((
    SELECT json_agg(json_build_object('id', k.id, 'packageId', coalesce(b.given_id, b.id::text),
      'itemId', coalesce(i.given_id, i.id::text), 'quantity', k.quantity,
      'price', coalesce(k.price_cents, i.price_cents), 'item', {ITEM}) ORDER BY i.name, i.id)
    FROM bundle_products k JOIN products i ON i.organization_id = k.organization_id AND i.id = k.product_id
    WHERE k.organization_id = b.organization_id AND k.bundle_id = b.id), '[]'))::text
"""

_CONDITIONS: dict[str, LiteralString] = {
    "ids": "b.id = ANY(%(ids)s::uuid[])",
    "name": "b.name ILIKE %(name)s",
    "price": "b.price_cents BETWEEN (%(price)s::bigint[])[1] AND (%(price)s::bigint[])[2]",
    "contains_items": """
NOT EXISTS (SELECT FROM unnest(%(contains_items)s::text[]) w (name) WHERE NOT EXISTS (
  SELECT FROM bundle_products k JOIN products i ON i.organization_id = k.organization_id AND i.id = k.product_id
  WHERE k.organization_id = b.organization_id AND k.bundle_id = b.id AND lower(i.name) = lower(w.name)))
""",
    "number_of_active_patients": f"""
{_ACTIVE_PATIENTS} BETWEEN (%(number_of_active_patients)s::bigint[])[1] AND (%(number_of_active_patients)s::bigint[])[2]
""",
    "category": "b.category = %(category)s",
}
_ORDER: dict[tuple[SortBy, Direction], LiteralString] = {
    ("name", "asc"): "lower(b.name), b.id",
    ("name", "desc"): "lower(b.name) DESC, b.id DESC",
    ("price", "asc"): "b.price_cents, b.id",
    ("price", "desc"): "b.price_cents DESC, b.id DESC",
    ("created_date", "asc"): "b.created_at, b.id",
    ("created_date", "desc"): "b.created_at DESC, b.id DESC",
    ("category", "asc"): "lower(b.category) NULLS LAST, b.id",
    ("category", "desc"): "lower(b.category) DESC NULLS LAST, b.id DESC",
    ("number_of_active_patients", "asc"): f"{_ACTIVE_PATIENTS}, b.id",
    ("number_of_active_patients", "desc"): f"{_ACTIVE_PATIENTS} DESC, b.id DESC",
}

_THERE: LiteralString = " FROM bundles b WHERE b.organization_id = %(organization_id)s AND b.archived_at IS NULL"

_FIND: LiteralString = f"""
SELECT {_DETAIL} FROM bundles b WHERE b.organization_id = %(organization_id)s AND b.id = %(id)s
"""

# Storefronts of the care dialect show what `carelane apply` made; what staff sell at the desk is not for them.
_INSERT: LiteralString = """
INSERT INTO bundles (organization_id, id, given_id, name, description, price_cents, currency, is_visible, external_id,
  internal_notes, category, archived_at)
SELECT n.organization_id, n.id, n.given_id, n.name, n.description, n.price_cents, o.currency, false, n.external_id,
  n.internal_notes, n.category, CASE WHEN n.is_archived THEN now() END
FROM json_to_record(%s) n (organization_id uuid, id uuid, given_id text, name text, description text, price_cents bigint,
  external_id text, internal_notes text, category text, is_archived boolean)
JOIN organizations o ON o.id = n.organization_id
ON CONFLICT (organization_id, id) DO NOTHING RETURNING id
"""

# An archived package can only be brought back.
_REPLACE: LiteralString = """
UPDATE bundles b SET name = n.name, description = n.description, price_cents = n.price_cents, external_id = n.external_id,
  internal_notes = n.internal_notes, category = n.category, updated_at = now(),
  archived_at = CASE WHEN n.is_archived THEN coalesce(b.archived_at, now()) END
FROM json_to_record(%s) n (organization_id uuid, id uuid, name text, description text, price_cents bigint,
  external_id text, internal_notes text, category text, is_archived boolean)
WHERE b.organization_id = n.organization_id AND b.id = n.id AND (b.archived_at IS NULL OR n.is_archived IS FALSE)
RETURNING b.id
"""

_ARCHIVE: LiteralString = """
UPDATE bundles SET archived_at = now(), updated_at = now()
WHERE organization_id = %s AND id = %s AND archived_at IS NULL RETURNING id
"""

# Items that may be put in: those that are sold, and what is in already.
_CONTAINABLE: LiteralString = """
SELECT i.id FROM products i WHERE i.organization_id = %(organization_id)s AND i.id = ANY(%(ids)s::uuid[]) AND (
  i.is_active OR EXISTS (SELECT FROM bundle_products k WHERE k.organization_id = i.organization_id
    AND k.bundle_id = %(package_id)s AND k.product_id = i.id))
"""

_TAKE_OUT: LiteralString = """
DELETE FROM bundle_products WHERE organization_id = %s AND bundle_id = %s AND NOT product_id = ANY(%s::uuid[])
"""
# What was in before keeps its id.
_PUT_IN: LiteralString = """
INSERT INTO bundle_products (organization_id, bundle_id, product_id, quantity, price_cents)
SELECT organization_id, bundle_id, product_id, quantity, price_cents
FROM json_populate_recordset(null::bundle_products, %s)
ON CONFLICT (organization_id, bundle_id, product_id) DO UPDATE SET
  quantity = excluded.quantity, price_cents = excluded.price_cents
"""


class Package(msgspec.Struct, frozen=True, kw_only=True):
    """A bundle to be written; its currency is the organization's. `is_archived` null: as it is."""

    organization_id: UUID
    id: UUID
    given_id: str | None
    name: str
    description: str | None
    price_cents: int
    external_id: str | None
    internal_notes: str | None
    category: str | None
    is_archived: bool | None


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """An item in a package."""

    organization_id: UUID
    bundle_id: UUID
    product_id: UUID
    quantity: int | None
    price_cents: int | None


async def list_packages(
    conn: Connection, organization_id: UUID, filters: PackageFilters, order: tuple[SortBy, Direction], page: Page
) -> tuple[list[PackageOut], int]:
    """The packages of the page, and how many fit the filters; ids in `filters` are UUIDs here."""
    values = msgspec.structs.asdict(filters) | msgspec.structs.asdict(page) | {"organization_id": organization_id}
    further = _THERE + asked_for(_CONDITIONS, values)
    counted = await conn.execute("SELECT count(*)" + further, values)
    found = await conn.execute(
        f"SELECT {_DETAIL}{further} ORDER BY {_ORDER[order]} LIMIT %(limit)s OFFSET %(offset)s", values
    )
    shown = [msgspec.json.decode(row[0], type=PackageOut) for row in await found.fetchall()]
    return shown, (await counted.fetchall())[0][0]


async def find_package(conn: Connection, organization_id: UUID, package_id: UUID) -> PackageOut | None:
    """Archived ones too."""
    cursor = await conn.execute(_FIND, {"organization_id": organization_id, "id": package_id})
    row = await cursor.fetchone()
    return msgspec.json.decode(row[0], type=PackageOut) if row else None


async def insert_package(conn: Connection, package: Package) -> bool:
    """False when there is a bundle of this id already."""
    cursor = await conn.execute(_INSERT, (to_json(package),))
    return await cursor.fetchone() is not None


async def update_package(conn: Connection, package: Package) -> bool:
    """False when there is no such package, or it is archived and is to stay so. What storefronts show of it stays."""
    cursor = await conn.execute(_REPLACE, (to_json(package),))
    return await cursor.fetchone() is not None


async def set_package_archived(conn: Connection, organization_id: UUID, package_id: UUID) -> bool:
    """False when there is no such package, or it is archived already."""
    cursor = await conn.execute(_ARCHIVE, (organization_id, package_id))
    return await cursor.fetchone() is not None


async def list_containable(conn: Connection, organization_id: UUID, package_id: UUID, ids: list[UUID]) -> set[UUID]:
    """Those of the items that may be in the package."""
    values = {"organization_id": organization_id, "package_id": package_id, "ids": uuid_array(ids)}
    cursor = await conn.execute(_CONTAINABLE, values)
    return {row[0] for row in await cursor.fetchall()}


async def save_contents(conn: Connection, organization_id: UUID, package_id: UUID, contents: list[Content]) -> None:
    """The package, whose row is locked, holds these items and no others."""
    product_ids = uuid_array(content.product_id for content in contents)
    await conn.execute(_TAKE_OUT, (organization_id, package_id, product_ids))
    await conn.execute(_PUT_IN, (to_json(contents),))
