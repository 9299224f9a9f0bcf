"""The SQL statements about drugs that only administrators' lists and forms ask."""

from typing import LiteralString
from uuid import UUID

from psycopg.rows import class_row

from carelane.kit.db import Connection
from carelane.pharmacies.queries import Drug
from carelane.web.paging import asked_for

_COLUMNS: LiteralString = "organization_id, id, code, name, ndc, schedule, product_id, is_active"
_THESE: LiteralString = " FROM drugs WHERE organization_id = %(organization_id)s"
_WANTED: dict[str, LiteralString] = {
    "name": "(name ILIKE %(name)s OR code ILIKE %(name)s)",
    "is_active": "is_active = %(is_active)s",
}
_PAGE: LiteralString = " ORDER BY lower(name), id LIMIT %(limit)s OFFSET %(offset)s"
_IS_PRODUCT: LiteralString = "SELECT FROM products WHERE organization_id = %s AND id = %s"


async def find_row(conn: Connection, organization_id: UUID, drug_id: UUID) -> Drug | None:
    """Whether it can be ordered or not."""
    async with conn.cursor(row_factory=class_row(Drug)) as cursor:
        values = {"organization_id": organization_id, "id": drug_id}
        await cursor.execute(f"SELECT {_COLUMNS}{_THESE} AND id = %(id)s", values)
        return await cursor.fetchone()


async def list_rows(conn: Connection, values: dict[str, object]) -> tuple[list[Drug], int]:
    """By name, and how many fit."""
    further = _THESE + asked_for(_WANTED, values)
    counted = await conn.execute("SELECT count(*)" + further, values)
    async with conn.cursor(row_factory=class_row(Drug)) as cursor:
        await cursor.execute(f"SELECT {_COLUMNS}{further}{_PAGE}", values)
        rows = await cursor.fetchall()
    return rows, (await counted.fetchall())[0][0]


async def find_is_product(conn: Connection, organization_id: UUID, product_id: UUID) -> bool:
    return await (await conn.execute(_IS_PRODUCT, (organization_id, product_id))).fetchone() is not None
