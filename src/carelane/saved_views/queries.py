"""SQL of saved views."""

from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import Connection

# Whose they are, so that two at once do not make one more than there may be.
_LOCK: LiteralString = "SELECT pg_advisory_xact_lock(hashtextextended('saved views ' || %s, 0))"
_COLUMNS: LiteralString = "id, staff_id, name, query"
_LIST: LiteralString = f"""
SELECT {_COLUMNS} FROM saved_views
WHERE organization_id = %(organization_id)s AND (staff_id = %(staff_id)s OR staff_id IS NULL)
ORDER BY staff_id IS NULL, created_at, id LIMIT %(most)s
"""
_INSERT: LiteralString = """
INSERT INTO saved_views (organization_id, id, staff_id, name, query)
VALUES (%(organization_id)s, %(id)s, %(staff_id)s, %(name)s, %(query)s)
"""
_FIND: LiteralString = f"""
SELECT {_COLUMNS} FROM saved_views
WHERE organization_id = %(organization_id)s AND id = %(id)s AND (staff_id = %(staff_id)s OR staff_id IS NULL) FOR UPDATE
"""
_DELETE: LiteralString = "DELETE FROM saved_views WHERE organization_id = %s AND id = %s"


class SavedView(msgspec.Struct, frozen=True, kw_only=True):
    """`staff_id` is None of the clinic's."""

    id: UUID
    staff_id: UUID | None
    name: str
    query: str


async def lock_views(conn: Connection, organization_id: UUID, staff_id: UUID | None) -> None:
    """Until the transaction ends nobody else makes one for the same member, or for the clinic."""
    await conn.execute(_LOCK, (f"{organization_id} {staff_id}",))


async def list_views(conn: Connection, organization_id: UUID, staff_id: UUID | None, most: int) -> list[SavedView]:
    """One's own, then the clinic's, each in the order they were made."""
    async with conn.cursor(row_factory=class_row(SavedView)) as cursor:
        await cursor.execute(_LIST, {"organization_id": organization_id, "staff_id": staff_id, "most": most})
        return await cursor.fetchall()


async def insert_view(conn: Connection, organization_id: UUID, view: SavedView) -> None:
    await conn.execute(_INSERT, msgspec.structs.asdict(view) | {"organization_id": organization_id})


async def lock_view(conn: Connection, organization_id: UUID, staff_id: UUID | None, view_id: UUID) -> SavedView | None:
    """One's own or the clinic's."""
    async with conn.cursor(row_factory=class_row(SavedView)) as cursor:
        await cursor.execute(_FIND, {"organization_id": organization_id, "staff_id": staff_id, "id": view_id})
        return await cursor.fetchone()


async def delete_view(conn: Connection, organization_id: UUID, view_id: UUID) -> None:
    await conn.execute(_DELETE, (organization_id, view_id))
