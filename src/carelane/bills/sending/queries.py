"""Statements about messages with receipts."""

from typing import LiteralString
from uuid import UUID

from carelane.kit.db import Connection

_WAITING: LiteralString = """
SELECT count(*) FROM messages m WHERE m.organization_id = %s AND m.record_id = %s AND m.kind = %s
  AND m.status IN ('QUEUED', 'SENDING')
"""


async def count_waiting(conn: Connection, organization_id: UUID, record_id: UUID, kind: str) -> int:
    """Messages of a record that were not sent yet."""
    return int((await (await conn.execute(_WAITING, (organization_id, record_id, kind))).fetchall())[0][0])
