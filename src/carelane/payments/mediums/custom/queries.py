"""Every SQL statement about a clinic's own payment mediums."""

from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import Connection

_MEDIUM: LiteralString = """
SELECT m.id, m.name, m.name_key, m.archived_at IS NOT NULL AS is_archived, m.created_at, m.updated_at
FROM payment_mediums m WHERE m.organization_id = %(organization_id)s
"""
# Until the payment is written nobody gives it another name.
_LOCK_CUSTOM: LiteralString = """
SELECT m.name FROM payment_mediums m WHERE m.organization_id = %s AND m.name_key = %s AND m.archived_at IS NULL FOR SHARE
"""
_SINCE: LiteralString = "SELECT o.created_at FROM organizations o WHERE o.id = %s"
_INSERT: LiteralString = """
INSERT INTO payment_mediums (organization_id, id, name, name_key) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING id
"""
_SAVE: LiteralString = """
UPDATE payment_mediums m SET name = %(name)s, name_key = %(name_key)s, updated_at = now(),
  archived_at = CASE WHEN %(is_archived)s THEN coalesce(m.archived_at, now()) END
WHERE m.organization_id = %(organization_id)s AND m.id = %(id)s
"""
# In one order, so that two who rename do not wait for each other in a ring; and one more than may be, to know of it.
_LOCK_PAYMENTS: LiteralString = """
SELECT y.id FROM payments y WHERE y.organization_id = %s AND y.id = ANY (ARRAY(
  SELECT n.id FROM payments n WHERE n.organization_id = %s AND n.medium = %s LIMIT %s)) ORDER BY y.id FOR NO KEY UPDATE
"""
_RENAME_PAYMENTS: LiteralString = """
UPDATE payments SET medium = %s WHERE organization_id = %s AND id = ANY(%s) AND medium = %s
"""


class MediumRow(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    name: str
    name_key: str
    is_archived: bool
    created_at: datetime
    updated_at: datetime | None


async def lock_custom(conn: Connection, organization_id: UUID, key: str) -> str | None:
    """The name, as it is written, of one of the clinic's own that is not archived. It stays until the transaction ends."""
    row = await (await conn.execute(_LOCK_CUSTOM, (organization_id, key))).fetchone()
    return row[0] if row else None


async def list_mediums(conn: Connection, organization_id: UUID) -> list[MediumRow]:
    """Archived ones too, by name."""
    async with conn.cursor(row_factory=class_row(MediumRow)) as cursor:
        await cursor.execute(_MEDIUM + " ORDER BY m.name_key", {"organization_id": organization_id})
        return await cursor.fetchall()


async def lock_mediums(conn: Connection, organization_id: UUID, keys: list[str]) -> dict[str, MediumRow]:
    """Those of these names, archived ones too."""
    async with conn.cursor(row_factory=class_row(MediumRow)) as cursor:
        locked: LiteralString = " AND m.name_key = ANY(%(keys)s::text[]) ORDER BY m.id FOR NO KEY UPDATE"
        await cursor.execute(_MEDIUM + locked, {"organization_id": organization_id, "keys": keys})
        return {row.name_key: row for row in await cursor.fetchall()}


async def get_since(conn: Connection, organization_id: UUID) -> datetime:
    """When the organization was made."""
    row = await (await conn.execute(_SINCE, (organization_id,))).fetchone()
    if row is None:
        raise LookupError("the credential's organization is gone")
    moment: datetime = row[0]
    return moment


async def insert_medium(conn: Connection, organization_id: UUID, medium_id: UUID, name: str, key: str) -> bool:
    """False when the name is taken."""
    return await (await conn.execute(_INSERT, (organization_id, medium_id, name, key))).fetchone() is not None


async def save_medium(
    conn: Connection, organization_id: UUID, medium_id: UUID, *, name: str, key: str, is_archived: bool
) -> None:
    """Raises UniqueViolation when another has the name."""
    values = {"name": name, "name_key": key, "is_archived": is_archived}
    await conn.execute(_SAVE, {"organization_id": organization_id, "id": medium_id} | values)


async def lock_payments_by(conn: Connection, organization_id: UUID, name: str, most: int) -> list[UUID]:
    """Payments that came by this medium."""
    found = await conn.execute(_LOCK_PAYMENTS, (organization_id, organization_id, name, most))
    return [row[0] for row in await found.fetchall()]


async def set_medium(conn: Connection, organization_id: UUID, payment_ids: list[UUID], before: str, after: str) -> None:
    await conn.execute(_RENAME_PAYMENTS, (after, organization_id, payment_ids, before))
