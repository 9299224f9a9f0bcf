"""Every SQL statement about giving back by line."""

from collections.abc import Sequence
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import Connection, to_json
from carelane.kit.phi import Phi

# Of all charges that the payment pays. What came to nothing gave nothing back.
_LIST: LiteralString = """
SELECT n.id, n.charge_id, n.name, n.quantity, n.total_cents, n.tax_cents, c.discount_cents AS charge_discount_cents,
  c.total_cents - coalesce((SELECT sum(a.amount_cents) FROM charge_adjustments a
    WHERE a.organization_id = c.organization_id AND a.charge_id = c.id AND a.kind = 'ADJUSTMENT'), 0)::bigint AS charge_total_cents, coalesce(g.quantity, 0)::integer AS given_quantity, coalesce(g.cents, 0)::bigint AS given_cents
FROM charges c
JOIN charge_lines n ON n.organization_id = c.organization_id AND n.charge_id = c.id
LEFT JOIN LATERAL (
  SELECT sum(f.quantity) AS quantity, sum(f.amount_cents) AS cents FROM refund_lines f
  JOIN refunds r ON r.organization_id = f.organization_id AND r.id = f.refund_id
  WHERE f.organization_id = n.organization_id AND f.line_id = n.id AND r.status NOT IN ('FAILED', 'CANCELED')) g ON true
WHERE c.organization_id = %(organization_id)s AND c.id = ANY(ARRAY(
  SELECT y.charge_id FROM payments y
  WHERE y.organization_id = %(organization_id)s AND y.id = %(payment_id)s AND y.charge_id IS NOT NULL
  UNION
  SELECT s.charge_id FROM payment_charges s WHERE s.organization_id = %(organization_id)s AND s.payment_id = %(payment_id)s))
ORDER BY n.charge_id, n.position, n.id
"""
_INSERT: LiteralString = """
INSERT INTO refund_lines (organization_id, refund_id, line_id, quantity, amount_cents)
SELECT n.organization_id, n.refund_id, n.line_id, n.quantity, n.amount_cents FROM jsonb_populate_recordset(null::refund_lines, %s) n
"""
_BY_CHARGE: LiteralString = """
SELECT n.charge_id, sum(f.amount_cents)::bigint FROM refund_lines f
JOIN charge_lines n ON n.organization_id = f.organization_id AND n.id = f.line_id
WHERE f.organization_id = %s AND f.refund_id = %s GROUP BY n.charge_id
HAVING sum(f.amount_cents) > 0 ORDER BY n.charge_id
"""


class LineRow(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A line with what its charge came to, and what of it went back, or was promised, in whatever refund."""

    id: UUID
    charge_id: UUID
    name: str
    quantity: int
    total_cents: int
    tax_cents: int
    charge_discount_cents: int
    charge_total_cents: int
    given_quantity: int
    given_cents: int


class NewRefundLine(msgspec.Struct, frozen=True, kw_only=True):
    organization_id: UUID
    refund_id: UUID
    line_id: UUID
    quantity: int
    amount_cents: int


async def list_lines(conn: Connection, organization_id: UUID, payment_id: UUID) -> list[LineRow]:
    async with conn.cursor(row_factory=class_row(LineRow)) as cursor:
        await cursor.execute(_LIST, {"organization_id": organization_id, "payment_id": payment_id})
        return await cursor.fetchall()


async def insert_lines(conn: Connection, lines: Sequence[NewRefundLine]) -> None:
    await conn.execute(_INSERT, (to_json(lines),))


async def list_by_charge(conn: Connection, organization_id: UUID, refund_id: UUID) -> dict[UUID, int]:
    """What the lines of a refund come to, by charge; nothing of one that names none."""
    cursor = await conn.execute(_BY_CHARGE, (organization_id, refund_id))
    return {row[0]: row[1] for row in await cursor.fetchall()}
