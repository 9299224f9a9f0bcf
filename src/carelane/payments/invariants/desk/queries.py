"""SQL that finds payments at desks and credit that do not add up. See `invariants/queries.py` for its parameters."""

from typing import LiteralString

from carelane.payments.invariants.sums.queries import PAGE, WITH_PARTS

# What of a payment is for which charge, and what of it became credit, is all of it.
PARTS: LiteralString = (
    """
SELECT 'payment' AS record, y.id::text AS id, c.problem, c.expected, c.found, y.currency
FROM payments y
CROSS JOIN LATERAL (
  SELECT coalesce(sum(s.amount_cents), 0)::bigint AS cents FROM payment_charges s
  WHERE s.organization_id = y.organization_id AND s.payment_id = y.id) s
CROSS JOIN LATERAL (
  SELECT coalesce(sum(h.amount_cents), 0)::bigint AS cents FROM patient_credits k
  JOIN credit_changes h ON h.organization_id = k.organization_id AND h.credit_id = k.id AND h.kind = 'PAYMENT'
  WHERE k.organization_id = y.organization_id AND k.payment_id = y.id) k
CROSS JOIN LATERAL (
  SELECT coalesce(sum(t.amount_cents), 0)::bigint AS taken, coalesce(sum(t.returned_cents), 0)::bigint AS back FROM credit_spends t
  WHERE t.organization_id = y.organization_id AND t.payment_id = y.id) t
CROSS JOIN LATERAL (
  SELECT coalesce(sum(r.amount_cents), 0)::bigint AS cents FROM refunds r
  WHERE r.organization_id = y.organization_id AND r.payment_id = y.id AND r.status IN ('SENT', 'SUCCEEDED')) r
CROSS JOIN LATERAL (VALUES
  ('has parts that come to another amount', y.amount_cents, s.cents + k.cents),
  ('took another amount of credit', CASE y.method WHEN 'CREDIT' THEN y.amount_cents ELSE 0 END, t.taken),
  ('gave another amount of credit back', CASE WHEN y.method <> 'CREDIT' THEN 0 WHEN y.deleted_at IS NOT NULL THEN y.amount_cents
    ELSE y.refunded_cents END, t.back),
  ('says another amount than its refunds gave back', r.cents, y.refunded_cents)
) AS c (problem, expected, found)
WHERE """
    + PAGE
    + """ AND y.method IN ('CASH', 'EXTERNAL', 'CREDIT') AND y.case_id IS NULL AND s.cents > 0 AND c.expected <> c.found
ORDER BY y.id
"""
)

# A refund that no gateway sent, in the ledger: parts of charges, and what of it never was a charge's.
RETURNED: LiteralString = (
    """
SELECT 'refund' AS record, x.id::text AS id, c.problem, c.expected, c.found, x.currency
FROM payments y
JOIN refunds x ON x.organization_id = y.organization_id AND x.payment_id = y.id AND x.status = 'SUCCEEDED'
CROSS JOIN LATERAL (
  SELECT coalesce(sum(f.amount_cents), 0)::bigint AS cents FROM refund_charges f
  WHERE f.organization_id = x.organization_id AND f.refund_id = x.id) f
CROSS JOIN LATERAL (
  SELECT coalesce(sum(CASE WHEN k.id = p.credit_id THEN p.amount_cents ELSE -p.amount_cents END), 0)::bigint AS cents
  FROM refund_charges f
  JOIN ledger_postings p ON p.organization_id = f.organization_id AND p.act = 'REFUND' AND p.source_id = f.id
  JOIN ledger_accounts k ON k.organization_id = p.organization_id AND k.id IN (p.debit_id, p.credit_id)
    AND k.code IN ('gateway', 'cash', 'external', 'credit')
  WHERE f.organization_id = x.organization_id AND f.refund_id = x.id) m
CROSS JOIN LATERAL (
  SELECT coalesce(sum(p.amount_cents), 0)::bigint AS cents FROM ledger_postings p
  WHERE p.organization_id = x.organization_id AND p.act = 'REFUND' AND p.source_id = x.id) o
CROSS JOIN LATERAL (VALUES
  ('the ledger has another amount as given back of charges', f.cents, m.cents),
  -- Of what a gateway took, and did not give back itself.
  ('its parts come to another amount',
    CASE WHEN y.method = 'GATEWAY' AND x.destination IS NOT NULL THEN x.amount_cents ELSE f.cents + o.cents END, f.cents + o.cents),
  ('gives more back of charges than it is', 0, greatest(f.cents - x.amount_cents, 0))
) AS c (problem, expected, found)
WHERE """
    + PAGE
    + """ AND (y.method IN ('CASH', 'CREDIT') OR y.case_id IS NULL OR x.destination IS NOT NULL) AND c.expected <> c.found
ORDER BY x.id
"""
)

# What the lines of a refund `x` came to, by charge.
_OF_LINES: LiteralString = """
SELECT n.charge_id, sum(f.amount_cents) AS cents FROM refund_lines f
JOIN charge_lines n ON n.organization_id = f.organization_id AND n.id = f.line_id
WHERE f.organization_id = x.organization_id AND f.refund_id = x.id GROUP BY n.charge_id
"""
# What a refund `x` posted to charges beyond what its lines are of them.
_BESIDE_LINES: LiteralString = f"""
SELECT sum(greatest(m.cents - coalesce(n.cents, 0), 0))::bigint AS cents FROM (
  SELECT p.charge_id, sum(CASE WHEN k.id = p.credit_id THEN p.amount_cents ELSE -p.amount_cents END) AS cents
  FROM ledger_postings p
  JOIN ledger_accounts k ON k.organization_id = p.organization_id AND k.id IN (p.debit_id, p.credit_id)
    AND k.code IN ('gateway', 'cash', 'external', 'credit')
  WHERE p.organization_id = x.organization_id AND p.act = 'REFUND' AND {WITH_PARTS} AND p.charge_id IS NOT NULL
  GROUP BY p.charge_id) m
LEFT JOIN ({_OF_LINES}) n ON n.charge_id = m.charge_id
"""
# Of a card's payment for several charges: when it was sent, less may have been left of one of them. Then it is spread over all.
_IS_SPREAD: LiteralString = f"""
y.method = 'GATEWAY' AND x.destination IS NULL AND EXISTS (
  SELECT FROM payment_charges s JOIN ({_OF_LINES}) n ON n.charge_id = s.charge_id
  WHERE s.organization_id = y.organization_id AND s.payment_id = y.id AND n.cents > coalesce((
      SELECT sum(p.amount_cents) FROM ledger_postings p
      WHERE p.organization_id = s.organization_id AND p.act = 'APPLY_CREDIT' AND p.source_id = s.id), 0) - coalesce((
      SELECT sum(g.amount_cents) FROM refunds r
      JOIN refund_charges g ON g.organization_id = r.organization_id AND g.refund_id = r.id AND g.charge_id = s.charge_id
      WHERE r.organization_id = y.organization_id AND r.payment_id = y.id AND r.id <> x.id), 0))
"""
# A refund that names lines is what they came to, of their charges, and no piece of a line goes back twice.
BY_LINE: LiteralString = (
    f"""
SELECT 'refund' AS record, x.id::text AS id, c.problem, c.expected, c.found, x.currency
FROM payments y
JOIN refunds x ON x.organization_id = y.organization_id AND x.payment_id = y.id AND x.status NOT IN ('FAILED', 'CANCELED')
CROSS JOIN LATERAL (
  SELECT sum(f.amount_cents)::bigint AS cents, sum(greatest(g.pieces - n.quantity, 0))::bigint AS over
  FROM refund_lines f
  JOIN charge_lines n ON n.organization_id = f.organization_id AND n.id = f.line_id
  CROSS JOIN LATERAL (
    SELECT sum(o.quantity) AS pieces FROM refund_lines o
    JOIN refunds r ON r.organization_id = o.organization_id AND r.id = o.refund_id AND r.status NOT IN ('FAILED', 'CANCELED')
    WHERE o.organization_id = f.organization_id AND o.line_id = f.line_id) g
  WHERE f.organization_id = x.organization_id AND f.refund_id = x.id) l
CROSS JOIN LATERAL ({_BESIDE_LINES}) b
CROSS JOIN LATERAL (VALUES
  ('its lines come to another amount', x.amount_cents, l.cents),
  ('gives back pieces of a line that were not sold', 0, l.over),
  ('was posted to another charge than its lines are of', 0,
    CASE WHEN l.cents <> x.amount_cents OR {_IS_SPREAD} THEN 0 ELSE coalesce(b.cents, 0) END)
) AS c (problem, expected, found)
WHERE """
    + PAGE
    + """ AND l.cents IS NOT NULL AND c.expected <> c.found
ORDER BY x.id
"""
)

CREDITS: LiteralString = """
SELECT 'credit' AS record, x.id::text AS id, c.problem, c.expected, c.found, x.currency
FROM patient_credits x
CROSS JOIN LATERAL (
  SELECT coalesce(sum(h.amount_cents), 0)::bigint AS cents FROM credit_changes h
  WHERE h.organization_id = x.organization_id AND h.credit_id = x.id) h
CROSS JOIN LATERAL (
  SELECT coalesce(sum(t.amount_cents - t.returned_cents), 0)::bigint AS cents FROM credit_spends t
  WHERE t.organization_id = x.organization_id AND t.credit_id = x.id) t
CROSS JOIN LATERAL (VALUES
  ('has another amount left than came to it and was not spent', h.cents - t.cents, x.amount_cents - x.spent_cents),
  ('is deleted, and something is left of it', 0, CASE WHEN x.deleted_at IS NULL THEN 0 ELSE x.amount_cents - x.spent_cents END)
) AS c (problem, expected, found)
WHERE x.organization_id = %(organization_id)s AND x.id > %(after)s AND x.id <= %(last)s AND c.expected <> c.found
ORDER BY x.id
"""

# A patient's credit in the ledger is what is left of credits, and what payments through gateways and of cases brought beyond charges.
CREDIT_ACCOUNTS: LiteralString = """
SELECT 'ledger account' AS record, x.id::text AS id, 'has another amount of credit than patients were left' AS problem,
  k.cents AS expected, m.cents AS found, x.currency
FROM ledger_accounts x
CROSS JOIN LATERAL (
  SELECT coalesce(sum(k.amount_cents - k.spent_cents), 0)::bigint AS cents FROM patient_credits k
  WHERE k.organization_id = x.organization_id AND k.account_patient_id = x.owner_id AND k.currency = x.currency
    AND k.is_test = x.is_test) k
CROSS JOIN LATERAL (
  SELECT coalesce(sum(p.cents), 0)::bigint AS cents FROM (
    SELECT c.act, c.source_id, c.amount_cents AS cents FROM ledger_postings c
    WHERE c.organization_id = x.organization_id AND c.credit_id = x.id
    UNION ALL
    SELECT d.act, d.source_id, -d.amount_cents FROM ledger_postings d
    WHERE d.organization_id = x.organization_id AND d.debit_id = x.id) p
  WHERE p.act NOT IN ('CAPTURE', 'EXTERNAL_RETURNED', 'DISPUTE_LOST') AND NOT EXISTS (
      SELECT FROM payments y WHERE y.organization_id = x.organization_id AND y.id = p.source_id
        AND (y.method = 'GATEWAY' OR y.case_id IS NOT NULL))
    AND NOT EXISTS (
      SELECT FROM payment_charges s JOIN payments y ON y.organization_id = s.organization_id AND y.id = s.payment_id
      WHERE s.organization_id = x.organization_id AND s.id = p.source_id AND y.method = 'GATEWAY')
    AND NOT EXISTS (
      SELECT FROM refunds r JOIN payments y ON y.organization_id = r.organization_id AND y.id = r.payment_id
      WHERE r.organization_id = x.organization_id AND r.id = p.source_id AND (y.method = 'GATEWAY' OR y.case_id IS NOT NULL))) m
WHERE x.organization_id = %(organization_id)s AND x.id > %(after)s AND x.id <= %(last)s AND x.code = 'credit' AND k.cents <> m.cents
ORDER BY x.id
"""
