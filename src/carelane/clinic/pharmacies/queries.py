"""Pharmacies as they are listed."""

from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import Connection
from carelane.pharmacies.queries import AdapterName

MAX_SHOWN = 1_000
_COLUMNS: LiteralString = """
SELECT id, code, name, adapter, url, is_active, created_at FROM pharmacies WHERE organization_id = %(organization_id)s
"""
_LIST: LiteralString = f"{_COLUMNS} ORDER BY is_active DESC, name, id LIMIT %(most)s"
_FIND: LiteralString = f"{_COLUMNS} AND id = %(id)s"


class ListedPharmacy(msgspec.Struct, frozen=True, kw_only=True):
    """Without its secret."""

    id: UUID
    code: str
    name: str
    adapter: AdapterName
    url: str | None
    is_active: bool
    created_at: datetime


async def list_pharmacies(conn: Connection, organization_id: UUID) -> list[ListedPharmacy]:
    """Those that are switched on first, by name."""
    async with conn.cursor(row_factory=class_row(ListedPharmacy)) as cursor:
        await cursor.execute(_LIST, {"organization_id": organization_id, "most": MAX_SHOWN})
        return await cursor.fetchall()


async def find_pharmacy(conn: Connection, organization_id: UUID, pharmacy_id: UUID) -> ListedPharmacy | None:
    async with conn.cursor(row_factory=class_row(ListedPharmacy)) as cursor:
        await cursor.execute(_FIND, {"organization_id": organization_id, "id": pharmacy_id})
        return await cursor.fetchone()
