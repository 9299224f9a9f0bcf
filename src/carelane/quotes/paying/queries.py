"""Statements about the payments of a quote."""

from typing import LiteralString
from uuid import UUID

from carelane.kit.db import Connection

_PAYMENTS: LiteralString = """
SELECT y.id FROM quotes q
JOIN payments y ON y.organization_id = q.organization_id AND y.charge_id = q.charge_id AND y.policy = 'on_page'
WHERE q.organization_id = %s AND q.id = %s ORDER BY y.created_at, y.id
"""


async def list_payment_ids(conn: Connection, organization_id: UUID, quote_id: UUID) -> list[UUID]:
    """Those that the patient began on the page, oldest first."""
    return [row[0] for row in await (await conn.execute(_PAYMENTS, (organization_id, quote_id))).fetchall()]
