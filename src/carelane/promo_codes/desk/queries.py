"""The SQL statements about promo codes that only administrators' lists and forms ask."""

from typing import LiteralString
from uuid import UUID

from psycopg.rows import class_row

from carelane.kit.db import Connection, uuid_array
from carelane.promo_codes.queries import PromoCode
from carelane.web.paging import asked_for

_COLUMNS: LiteralString = """
c.id, c.code, c.label, c.description, c.discount_percentage, c.discount_amount_cents, c.currency, c.starts_at,
c.ends_at, c.max_uses, c.is_active, c.is_visible, c.used_count,
ARRAY(SELECT b.bundle_id FROM promo_code_bundles b
      WHERE b.organization_id = c.organization_id AND b.promo_code_id = c.id ORDER BY b.bundle_id) AS bundle_ids
"""
_THESE: LiteralString = " FROM promo_codes c WHERE c.organization_id = %(organization_id)s"
_WANTED: dict[str, LiteralString] = {"name": "c.code ILIKE %(name)s", "is_active": "c.is_active = %(is_active)s"}
_PAGE: LiteralString = " ORDER BY c.code_key, c.id LIMIT %(limit)s OFFSET %(offset)s"
_MISSING: LiteralString = """
SELECT w.id FROM unnest(%s::uuid[]) w (id)
WHERE NOT EXISTS (SELECT FROM bundles b WHERE b.organization_id = %s AND b.id = w.id)
"""


class UsedCode(PromoCode, frozen=True, kw_only=True):
    used_count: int = 0


async def find_row(conn: Connection, organization_id: UUID, code_id: UUID) -> UsedCode | None:
    async with conn.cursor(row_factory=class_row(UsedCode)) as cursor:
        values = {"organization_id": organization_id, "id": code_id}
        await cursor.execute(f"SELECT {_COLUMNS}{_THESE} AND c.id = %(id)s", values)
        return await cursor.fetchone()


async def list_rows(conn: Connection, values: dict[str, object]) -> tuple[list[UsedCode], int]:
    """By code, and how many fit."""
    further = _THESE + asked_for(_WANTED, values)
    counted = await conn.execute("SELECT count(*)" + further, values)
    async with conn.cursor(row_factory=class_row(UsedCode)) as cursor:
        await cursor.execute(f"SELECT {_COLUMNS}{further}{_PAGE}", values)
        rows = await cursor.fetchall()
    return rows, (await counted.fetchall())[0][0]


async def list_missing_bundles(conn: Connection, organization_id: UUID, bundle_ids: list[UUID]) -> set[UUID]:
    cursor = await conn.execute(_MISSING, (uuid_array(bundle_ids), organization_id))
    return {row[0] for row in await cursor.fetchall()}
