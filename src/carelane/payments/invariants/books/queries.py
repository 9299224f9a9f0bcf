"""SQL that finds charges and postings that do not fit. See `invariants/queries.py` for its parameters."""

from typing import LiteralString

CHARGES: LiteralString = """
SELECT 'charge' AS record, x.id::text AS id, c.problem, c.expected, c.found, x.currency
FROM charges x
CROSS JOIN LATERAL (
  SELECT coalesce(sum(m.sign * m.amount_cents), 0)::bigint AS outstanding,
    coalesce(sum(m.sign * m.amount_cents) FILTER (WHERE m.act = 'CHARGE'), 0)::bigint AS charged,
    count(*) FILTER (WHERE m.currency <> x.currency OR m.is_test <> x.is_test) AS strange
  FROM (
    SELECT p.act, p.amount_cents, k.currency, k.is_test, CASE WHEN k.id = p.debit_id THEN 1 ELSE -1 END AS sign
    FROM ledger_postings p
    JOIN ledger_accounts k ON k.organization_id = p.organization_id AND k.id IN (p.debit_id, p.credit_id) AND k.code = 'receivable'
    WHERE p.organization_id = x.organization_id AND p.charge_id = x.id) m) l
CROSS JOIN LATERAL (VALUES
  ('says that another amount is outstanding than the ledger', l.outstanding, x.outstanding_cents),
  ('comes to another amount than the ledger was told', x.total_cents, l.charged),
  ('is in other books than its postings', 0, l.strange),
  ('is PAID, and something is outstanding', 0, CASE x.status WHEN 'PAID' THEN x.outstanding_cents ELSE 0 END)
) AS c (problem, expected, found)
WHERE x.organization_id = %(organization_id)s AND x.id > %(after)s AND x.id <= %(last)s AND c.expected <> c.found
ORDER BY x.id
"""

# What has nothing behind it, and what undoes something else than it says.
POSTINGS: LiteralString = """
SELECT 'posting' AS record, p.id::text AS id, c.problem, NULL::bigint AS expected, p.amount_cents AS found, p.currency
FROM ledger_postings p
LEFT JOIN ledger_postings u ON u.organization_id = p.organization_id AND u.id = p.reverses_id
CROSS JOIN LATERAL (VALUES
  ('of an act on a record that is not there', NOT CASE
    WHEN p.act IN ('CHARGE', 'VOID', 'WRITE_OFF') THEN EXISTS (
      SELECT FROM charges x WHERE x.organization_id = p.organization_id AND x.id = p.source_id AND x.currency = p.currency)
    WHEN p.act IN ('ADJUSTMENT', 'ADJUSTMENT_VOIDED') THEN EXISTS (
      SELECT FROM charge_adjustments x WHERE x.organization_id = p.organization_id AND x.id = p.source_id AND x.charge_id = p.charge_id)
    WHEN p.act = 'TIP' THEN EXISTS (SELECT FROM tip_changes x WHERE x.organization_id = p.organization_id AND x.id = p.source_id)
    WHEN p.act IN ('CAPTURE', 'FEE') THEN EXISTS (
      SELECT FROM payment_intents x WHERE x.organization_id = p.organization_id AND x.id = p.source_id)
    WHEN p.act IN ('REFUND', 'REFUND_FAILED') THEN EXISTS (
      SELECT FROM refunds x WHERE x.organization_id = p.organization_id AND x.id = p.source_id) OR EXISTS (
      SELECT FROM refund_charges x WHERE x.organization_id = p.organization_id AND x.id = p.source_id)
    WHEN p.act = 'GRANT' THEN EXISTS (
      SELECT FROM credit_changes x WHERE x.organization_id = p.organization_id AND x.id = p.source_id)
    WHEN p.act = 'MEDIUM' THEN EXISTS (
      SELECT FROM payment_changes x WHERE x.organization_id = p.organization_id AND x.id = p.source_id)
    WHEN p.act IN ('DISPUTE', 'DISPUTE_FEE', 'DISPUTE_WON', 'DISPUTE_LOST') THEN EXISTS (
      SELECT FROM disputes x WHERE x.organization_id = p.organization_id AND x.id = p.source_id) OR EXISTS (
      SELECT FROM payment_confirmations x WHERE x.organization_id = p.organization_id AND x.id = p.source_id)
    WHEN p.act = 'EXTERNAL_RETURNED' THEN EXISTS (
      SELECT FROM payment_confirmations x WHERE x.organization_id = p.organization_id AND x.id = p.source_id)
    WHEN p.act IN ('APPLY_CREDIT', 'EXTERNAL', 'CASH', 'ARCHIVE') THEN EXISTS (
      SELECT FROM payments x WHERE x.organization_id = p.organization_id AND x.id = p.source_id) OR EXISTS (
      SELECT FROM payment_charges x WHERE x.organization_id = p.organization_id AND x.id = p.source_id)
    ELSE false END),
  ('undoes another posting, and is not its reverse', p.reverses_id IS NOT NULL AND
    (u.debit_id, u.credit_id, u.amount_cents) IS DISTINCT FROM (p.credit_id, p.debit_id, p.amount_cents))
) AS c (problem, is_so)
WHERE p.organization_id = %(organization_id)s AND p.id > %(after)s AND p.id <= %(last)s AND c.is_so
ORDER BY p.id
"""

SNAPSHOTS: LiteralString = """
SELECT 'ledger account' AS record, s.account_id::text AS id, c.problem, c.expected, c.found, a.currency
FROM ledger_snapshots s
JOIN ledger_accounts a ON a.organization_id = s.organization_id AND a.id = s.account_id
CROSS JOIN LATERAL (VALUES
  ('was debited another amount by the end of a month than its snapshot says', s.debit_cents, coalesce((
    SELECT sum(p.amount_cents) FROM ledger_postings p WHERE p.organization_id = s.organization_id AND p.debit_id = s.account_id
      AND p.happened_at < s.until), 0)::bigint),
  ('was credited another amount by the end of a month than its snapshot says', s.credit_cents, coalesce((
    SELECT sum(p.amount_cents) FROM ledger_postings p WHERE p.organization_id = s.organization_id AND p.credit_id = s.account_id
      AND p.happened_at < s.until), 0)::bigint)
) AS c (problem, found, expected)
WHERE s.organization_id = %(organization_id)s AND c.expected <> c.found
"""
