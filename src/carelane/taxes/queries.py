"""Every SQL statement about taxes."""

from collections.abc import Iterable
from decimal import Decimal
from functools import partial
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import LOCK, Connection, to_json, uuid_array
from carelane.kit.decimals import rounded_decimal
from carelane.taxes.schemas import TaxIn, TaxOut, TaxPatch, TaxScope


def taxes_at(location: LiteralString) -> LiteralString:
    """The taxes raised at the location that the SQL `location` yields (null: those raised everywhere), as a JSON list that
    reads as `list[schemas.Tax]`. Needs %(organization_id)s."""
    return f"""
coalesce((
  SELECT json_agg(json_build_object('id', t.id, 'percentage', t.percentage::text, 'scope', t.scope,
    'category_names', t.category_names) ORDER BY t.id)
  FROM taxes t WHERE t.organization_id = %(organization_id)s AND t.archived_at IS NULL AND (
    NOT EXISTS (SELECT FROM tax_locations a WHERE a.organization_id = t.organization_id AND a.tax_id = t.id)
    OR EXISTS (SELECT FROM tax_locations a WHERE a.organization_id = t.organization_id AND a.tax_id = t.id
      AND a.location_id = {location}))), '[]')
"""


# A tax `t` as JSON that reads as a TaxOut.
_TAX: LiteralString = """
json_build_object('id', t.id, 'name', t.name, 'percentage', t.percentage, 'scope', t.scope,
  'categoryNames', t.category_names, 'locationIds', coalesce((
    SELECT json_agg(coalesce(l.given_id, l.id::text) ORDER BY l.name, l.id)
    FROM tax_locations a JOIN locations l ON l.organization_id = a.organization_id AND l.id = a.location_id
    WHERE a.organization_id = t.organization_id AND a.tax_id = t.id), '[]'))
"""
_LIST: LiteralString = f"""
SELECT coalesce(json_agg({_TAX} ORDER BY t.name, t.id), '[]')::text
FROM (SELECT * FROM taxes WHERE organization_id = %s AND archived_at IS NULL ORDER BY name, id LIMIT %s) t
"""
_FIND: LiteralString = f"""
SELECT {_TAX}::text FROM taxes t WHERE t.organization_id = %s AND t.id = %s AND t.archived_at IS NULL
"""
_INSERT: LiteralString = """
INSERT INTO taxes (organization_id, id, name, percentage, scope, category_names)
VALUES (%(organization_id)s, %(id)s, %(name)s, %(percentage)s, %(scope)s, coalesce(%(category_names)s::text[], '{}'))
"""
_UPDATE: LiteralString = """
UPDATE taxes SET name = coalesce(%(name)s, name), percentage = coalesce(%(percentage)s::numeric, percentage),
  scope = coalesce(%(scope)s, scope), category_names = coalesce(%(category_names)s::text[], category_names),
  updated_at = now()
WHERE organization_id = %(organization_id)s AND id = %(id)s AND archived_at IS NULL RETURNING id
"""
_SET_ARCHIVED: LiteralString = """
UPDATE taxes SET archived_at = now(), updated_at = now()
WHERE organization_id = %s AND id = %s AND archived_at IS NULL RETURNING id
"""
_INSERT_LOCATIONS: LiteralString = """
INSERT INTO tax_locations (organization_id, tax_id, location_id) SELECT %s, %s, unnest(%s::uuid[])
"""

# Archived ones too.
_FIND_THESE: LiteralString = """
SELECT t.id, t.name, t.percentage, t.scope, t.category_names, t.archived_at IS NULL AS is_active,
  ARRAY(SELECT a.location_id FROM tax_locations a
        WHERE a.organization_id = t.organization_id AND a.tax_id = t.id ORDER BY 1) AS location_ids
FROM taxes t
WHERE t.organization_id = %(organization_id)s AND (t.id = ANY(%(ids)s::uuid[]) OR t.name = ANY(%(names)s::text[]))
ORDER BY t.created_at, t.id
"""
_SAVE: LiteralString = """
INSERT INTO taxes (organization_id, id, name, percentage, scope, category_names, archived_at)
SELECT %s, n.id, n.name, n.percentage, n.scope, n.category_names,
  CASE WHEN NOT (sent ->> 'is_active')::boolean THEN now() END
FROM json_array_elements(%s::json) sent, json_populate_record(null::taxes, sent) n
ON CONFLICT (organization_id, id) DO UPDATE SET
  name = excluded.name, percentage = excluded.percentage, scope = excluded.scope,
  category_names = excluded.category_names,
  archived_at = CASE WHEN excluded.archived_at IS NOT NULL THEN coalesce(taxes.archived_at, excluded.archived_at) END,
  updated_at = now()
"""


class TaxRow(msgspec.Struct, frozen=True, kw_only=True):
    """A tax with all that can be written of it; one that is not active is archived. No location: raised everywhere."""

    id: UUID
    name: str
    percentage: Decimal
    scope: TaxScope
    category_names: list[str]
    location_ids: list[UUID]
    is_active: bool


async def lock_tax_count(conn: Connection, organization_id: UUID) -> int:
    """How many taxes are not archived; none is added until the transaction ends."""
    await conn.execute("SELECT FROM organizations WHERE id = %s FOR NO KEY UPDATE", (organization_id,))
    cursor = await conn.execute(
        "SELECT count(*) FROM taxes WHERE organization_id = %s AND archived_at IS NULL", (organization_id,)
    )
    row = await cursor.fetchone()
    return int(row[0]) if row else 0


async def list_taxes(conn: Connection, organization_id: UUID, most: int) -> list[TaxOut]:
    """By name, without archived ones."""
    row = await (await conn.execute(_LIST, (organization_id, most))).fetchone()
    return msgspec.json.decode(row[0], type=list[TaxOut]) if row else []


async def find_tax(conn: Connection, organization_id: UUID, tax_id: UUID) -> TaxOut | None:
    row = await (await conn.execute(_FIND, (organization_id, tax_id))).fetchone()
    return msgspec.json.decode(row[0], type=TaxOut) if row else None


async def insert_tax(conn: Connection, organization_id: UUID, tax_id: UUID, body: TaxIn) -> None:
    await conn.execute(_INSERT, _values(organization_id, tax_id, body))


async def update_tax(conn: Connection, organization_id: UUID, tax_id: UUID, body: TaxPatch) -> bool:
    """Sets what the body names and locks the row. False: there is no such tax."""
    return await (await conn.execute(_UPDATE, _values(organization_id, tax_id, body))).fetchone() is not None


async def list_locations_of(conn: Connection, organization_id: UUID, tax_id: UUID) -> set[UUID]:
    """Where the tax is raised, archived locations too."""
    cursor = await conn.execute(
        "SELECT location_id FROM tax_locations WHERE organization_id = %s AND tax_id = %s", (organization_id, tax_id)
    )
    return {row[0] for row in await cursor.fetchall()}


async def set_locations(conn: Connection, organization_id: UUID, tax_id: UUID, location_ids: list[UUID]) -> None:
    """Where the tax is raised, from now on; the tax's row is locked or new."""
    values = (organization_id, tax_id)
    await conn.execute("DELETE FROM tax_locations WHERE organization_id = %s AND tax_id = %s", values)
    await conn.execute(_INSERT_LOCATIONS, (*values, uuid_array(location_ids)))


async def set_archived(conn: Connection, organization_id: UUID, tax_id: UUID) -> bool:
    """False: there is no such tax."""
    return await (await conn.execute(_SET_ARCHIVED, (organization_id, tax_id))).fetchone() is not None


def _values(organization_id: UUID, tax_id: UUID, body: TaxIn | TaxPatch) -> dict[str, Any]:
    percentage = None if body.percentage is None else rounded_decimal(body.percentage)
    return msgspec.structs.asdict(body) | {"organization_id": organization_id, "id": tax_id, "percentage": percentage}


async def find_taxes(
    conn: Connection, organization_id: UUID, ids: Iterable[UUID], names: Iterable[str] = (), *, lock: LiteralString = ""
) -> dict[UUID, TaxRow]:
    """Those of `ids` or with one of `names`; by id."""
    values = {"organization_id": organization_id, "ids": uuid_array(ids), "names": list(names)}
    async with conn.cursor(row_factory=class_row(TaxRow)) as cursor:
        await cursor.execute(_FIND_THESE + lock, values)
        return {tax.id: tax for tax in await cursor.fetchall()}


lock_taxes = partial(find_taxes, lock=LOCK)


async def save_taxes(conn: Connection, organization_id: UUID, taxes: list[TaxRow]) -> None:
    """Makes their locations exactly those in `location_ids`."""
    await conn.execute(_SAVE, (organization_id, to_json(taxes)))
    for tax in taxes:
        await set_locations(conn, organization_id, tax.id, tax.location_ids)
