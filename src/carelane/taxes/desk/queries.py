"""The SQL statements about taxes that only administrators' lists and forms ask."""

from typing import LiteralString
from uuid import UUID

from psycopg.rows import class_row

from carelane.kit.db import Connection, uuid_array
from carelane.taxes.queries import TaxRow
from carelane.web.paging import asked_for

_COLUMNS: LiteralString = """
t.id, t.name, t.percentage, t.scope, t.category_names, t.archived_at IS NULL AS is_active,
ARRAY(SELECT a.location_id FROM tax_locations a
      WHERE a.organization_id = t.organization_id AND a.tax_id = t.id ORDER BY 1) AS location_ids
"""
_THESE: LiteralString = " FROM taxes t WHERE t.organization_id = %(organization_id)s"
_WANTED: dict[str, LiteralString] = {
    "name": "t.name ILIKE %(name)s",
    "is_active": "(t.archived_at IS NULL) = %(is_active)s",
}
_PAGE: LiteralString = " ORDER BY lower(t.name), t.id LIMIT %(limit)s OFFSET %(offset)s"
_MISSING: LiteralString = """
SELECT w.id FROM unnest(%s::uuid[]) w (id)
WHERE NOT EXISTS (SELECT FROM locations l WHERE l.organization_id = %s AND l.id = w.id)
"""


async def find_row(conn: Connection, organization_id: UUID, tax_id: UUID) -> TaxRow | None:
    """Whether it is raised or not."""
    async with conn.cursor(row_factory=class_row(TaxRow)) as cursor:
        values = {"organization_id": organization_id, "id": tax_id}
        await cursor.execute(f"SELECT {_COLUMNS}{_THESE} AND t.id = %(id)s", values)
        return await cursor.fetchone()


async def list_rows(conn: Connection, values: dict[str, object]) -> tuple[list[TaxRow], int]:
    """By name, and how many fit."""
    further = _THESE + asked_for(_WANTED, values)
    counted = await conn.execute("SELECT count(*)" + further, values)
    async with conn.cursor(row_factory=class_row(TaxRow)) as cursor:
        await cursor.execute(f"SELECT {_COLUMNS}{further}{_PAGE}", values)
        rows = await cursor.fetchall()
    return rows, (await counted.fetchall())[0][0]


async def list_missing_locations(conn: Connection, organization_id: UUID, location_ids: list[UUID]) -> set[UUID]:
    cursor = await conn.execute(_MISSING, (uuid_array(location_ids), organization_id))
    return {row[0] for row in await cursor.fetchall()}
