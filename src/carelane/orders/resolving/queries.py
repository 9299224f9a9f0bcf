"""SQL about what was found out of an order."""

from typing import LiteralString
from uuid import UUID

from carelane.kit.db import Connection

# The place that the sealed note is bound to.
RESOLUTION = "orders.resolution_sealed"

_RESOLVE: LiteralString = """
UPDATE orders SET resolved_at = now(), resolution_sealed = %s, updated_at = now() WHERE organization_id = %s AND id = %s
"""
_FIND: LiteralString = "SELECT resolved_at IS NOT NULL FROM orders WHERE organization_id = %s AND id = %s"


async def set_resolved(conn: Connection, organization_id: UUID, order_id: UUID, sealed: bytes) -> None:
    """The order must be locked."""
    await conn.execute(_RESOLVE, (sealed, organization_id, order_id))


async def find_is_resolved(conn: Connection, organization_id: UUID, order_id: UUID) -> bool:
    row = await (await conn.execute(_FIND, (organization_id, order_id))).fetchone()
    return bool(row and row[0])
