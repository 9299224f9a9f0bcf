"""The SQL statements about locations that only administrators' lists and forms ask."""

from typing import LiteralString
from uuid import UUID

from psycopg.rows import class_row

from carelane.kit.db import Connection
from carelane.locations.queries import Location
from carelane.web.paging import asked_for

_COLUMNS: LiteralString = """
id, name, is_virtual, address_line1, address_line2, city, state, postal_code, country, timezone,
archived_at IS NULL AS is_active
"""
_THESE: LiteralString = " FROM locations WHERE organization_id = %(organization_id)s"
_WANTED: dict[str, LiteralString] = {
    "name": "name ILIKE %(name)s",
    "is_active": "(archived_at IS NULL) = %(is_active)s",
}
_PAGE: LiteralString = " ORDER BY lower(name), id LIMIT %(limit)s OFFSET %(offset)s"


async def find_row(conn: Connection, organization_id: UUID, location_id: UUID) -> Location | None:
    """Archived ones too."""
    async with conn.cursor(row_factory=class_row(Location)) as cursor:
        values = {"organization_id": organization_id, "id": location_id}
        await cursor.execute(f"SELECT {_COLUMNS}{_THESE} AND id = %(id)s", values)
        return await cursor.fetchone()


async def list_rows(conn: Connection, values: dict[str, object]) -> tuple[list[Location], int]:
    """By name, and how many fit."""
    further = _THESE + asked_for(_WANTED, values)
    counted = await conn.execute("SELECT count(*)" + further, values)
    async with conn.cursor(row_factory=class_row(Location)) as cursor:
        await cursor.execute(f"SELECT {_COLUMNS}{further}{_PAGE}", values)
        rows = await cursor.fetchall()
    return rows, (await counted.fetchall())[0][0]
