"""When a file was applied."""

from datetime import datetime
from typing import LiteralString
from uuid import UUID

from carelane.kit.db import Connection

_LAST: LiteralString = "SELECT max(applied_at) FROM applied_records WHERE organization_id = %s"


async def find_last_applied_at(conn: Connection, organization_id: UUID) -> datetime | None:
    """When an apply last changed what is remembered."""
    row = await (await conn.execute(_LAST, (organization_id,))).fetchone()
    return row[0] if row else None
