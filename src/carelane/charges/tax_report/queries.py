"""The SQL of the sales tax report."""

from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.charges.tax_report.schemas import DaySales, ReportedPeriod
from carelane.kit.db import Connection, uuid_array

# Each account is looked at by its own index for the days asked for. Of a charge, what is taxable is what its taxed lines came to
# after all discounts; what is taken off later is taken off that in proportion to the tax.
_MOVED: LiteralString = """
SELECT p.charge_id, p.happened_at, {sign} p.amount_cents AS cents, a.code = 'tax' AS is_tax
FROM ledger_accounts a
CROSS JOIN LATERAL (
  SELECT l.charge_id, l.happened_at, l.amount_cents FROM ledger_postings l
  WHERE l.organization_id = a.organization_id AND l.{side} = a.id
    AND l.happened_at >= %(begins_at)s AND l.happened_at < %(ends_at)s AND l.charge_id IS NOT NULL) p
WHERE a.organization_id = %(organization_id)s AND a.code IN ('revenue', 'discounts', 'tax') AND NOT a.is_test
  AND a.currency = (SELECT o.currency FROM organizations o WHERE o.id = %(organization_id)s)
"""
_SALES: LiteralString = """
WITH moved AS MATERIALIZED (
  {credited} UNION ALL {debited}
), of_charge AS MATERIALIZED (
  SELECT m.charge_id, (m.happened_at AT TIME ZONE %(timezone)s)::date AS day,
    coalesce(sum(m.cents) FILTER (WHERE NOT m.is_tax), 0) AS sales, coalesce(sum(m.cents) FILTER (WHERE m.is_tax), 0) AS tax
  FROM moved m GROUP BY 1, 2
), taxed AS (
  SELECT s.day, c.location_id, s.sales, s.tax, CASE WHEN s.tax = 0 THEN 0 ELSE round(s.tax * (
      SELECT coalesce(sum(n.total_cents), 0)::numeric FROM charge_lines n
      WHERE n.organization_id = c.organization_id AND n.charge_id = c.id AND n.tax_cents > 0)
    * (c.subtotal_cents - c.discount_cents) / nullif(c.subtotal_cents * c.tax_cents::numeric, 0)) END AS taxable
  FROM of_charge s JOIN charges c ON c.organization_id = %(organization_id)s AND c.id = s.charge_id {places}
)
SELECT t.day, coalesce(l.name, 'No location') AS location_name, sum(t.sales)::bigint AS sales_cents,
  coalesce(sum(t.taxable), 0)::bigint AS taxable_cents, sum(t.tax)::bigint AS tax_cents
FROM taxed t LEFT JOIN locations l ON l.organization_id = %(organization_id)s AND l.id = t.location_id
GROUP BY t.day, t.location_id, l.name HAVING sum(abs(t.sales)) + sum(abs(t.tax)) > 0
ORDER BY t.day, location_name, t.location_id
"""
_AT_PLACES: LiteralString = "WHERE c.location_id = ANY(%(location_ids)s::uuid[])"


async def list_sales(conn: Connection, organization_id: UUID, period: ReportedPeriod) -> list[DaySales]:
    """Of days on which anything was sold or taken back, by day and place."""
    statement = _SALES.format(
        credited=_MOVED.format(sign="", side="credit_id"),
        debited=_MOVED.format(sign="-", side="debit_id"),
        places="" if period.location_ids is None else _AT_PLACES,
    )
    values = msgspec.structs.asdict(period) | {
        "organization_id": organization_id,
        "location_ids": uuid_array(period.location_ids or ()),
    }
    async with conn.cursor(row_factory=class_row(DaySales)) as cursor:
        await cursor.execute(statement, values)
        return await cursor.fetchall()
