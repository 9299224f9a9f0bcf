"""SQL that finds payments whose parts do not add up. See `invariants/queries.py` for its parameters."""

from typing import LiteralString

# Of the page's payments.
PAGE: LiteralString = " y.organization_id = %(organization_id)s AND y.id > %(after)s AND y.id <= %(last)s "

# What the ledger knows a record `x` by.
ITSELF: LiteralString = "p.source_id = x.id"
# A refund, or its parts, one for each charge that it is given back of.
WITH_PARTS: LiteralString = """p.source_id = ANY(ARRAY(SELECT x.id UNION ALL
    SELECT f.id FROM refund_charges f WHERE f.organization_id = x.organization_id AND f.refund_id = x.id))"""
# What an act moved on the gateway's account, the account of disputes or that of fees, for one record.
MOVED: LiteralString = (
    """
SELECT
  coalesce(sum(m.sign * m.amount_cents) FILTER (WHERE m.code = 'gateway' AND m.act = 'CAPTURE'), 0)::bigint AS captured,
  coalesce(-sum(m.sign * m.amount_cents) FILTER (WHERE m.code = 'gateway' AND m.act = 'FEE'), 0)::bigint AS fee,
  coalesce(-sum(m.sign * m.amount_cents) FILTER (WHERE m.code = 'gateway' AND m.act IN ('REFUND', 'REFUND_FAILED')), 0)::bigint
    AS refunded,
  coalesce(sum(m.sign * m.amount_cents) FILTER (WHERE m.code = 'disputes'), 0)::bigint AS disputed,
  coalesce(sum(m.sign * m.amount_cents) FILTER (WHERE m.code = 'gateway-fees' AND m.act IN ('DISPUTE_FEE', 'DISPUTE_WON', 'DISPUTE_LOST')), 0)::bigint
    AS dispute_fee,
  count(*) FILTER (WHERE m.currency <> x.currency OR m.is_test <> y.is_test OR m.code = 'gateway'
    AND m.owner_id IS DISTINCT FROM y.gateway_account_id) AS strange
FROM (
  SELECT p.act, p.amount_cents, k.code, k.owner_id, k.currency, k.is_test, CASE WHEN k.id = p.debit_id THEN 1 ELSE -1 END AS sign
  FROM ledger_postings p
  JOIN ledger_accounts k ON k.organization_id = p.organization_id AND k.id IN (p.debit_id, p.credit_id)
  WHERE p.organization_id = x.organization_id AND """
    + ITSELF
    + """ AND p.act = ANY(%(acts)s)) m
"""
)

SUMS: LiteralString = (
    """
SELECT 'payment' AS record, y.id::text AS id, c.problem, c.expected, c.found, y.currency
FROM payments y
LEFT JOIN gateway_accounts g ON g.organization_id = y.organization_id AND g.id = y.gateway_account_id
LEFT JOIN cases k ON k.organization_id = y.organization_id AND k.id = y.case_id
CROSS JOIN LATERAL (
  SELECT coalesce(sum(i.captured_cents), 0)::bigint AS captured, coalesce(sum(i.refunded_cents), 0)::bigint AS refunded,
    count(*) FILTER (WHERE i.captured_cents > 0 AND i.currency <> y.currency) AS other_currency,
    count(*) FILTER (WHERE i.gateway_account_id IS DISTINCT FROM y.gateway_account_id) AS other_account
  FROM payment_intents i WHERE i.organization_id = y.organization_id AND i.payment_id = y.id) i
CROSS JOIN LATERAL (
  SELECT coalesce(sum(r.amount_cents) FILTER (WHERE r.status IN ('SENT', 'SUCCEEDED')), 0)::bigint AS refunded,
    coalesce(sum(r.amount_cents) FILTER (WHERE r.status IN ('SENT', 'SUCCEEDED') AND r.destination IS NULL), 0)::bigint AS sent
  FROM refunds r WHERE r.organization_id = y.organization_id AND r.payment_id = y.id) r
CROSS JOIN LATERAL (
  SELECT coalesce(sum(d.amount_cents) FILTER (WHERE d.status <> 'WON'), 0)::bigint AS disputed
  FROM disputes d WHERE d.organization_id = y.organization_id AND d.payment_id = y.id) d
CROSS JOIN LATERAL (VALUES
  ('says another amount than its intents took', i.captured, y.captured_cents),
  -- What went back twice is told of as such.
  ('says another amount than its refunds gave back', least(r.refunded, y.captured_cents), y.refunded_cents),
  ('has refunds of another amount than its intents gave back', i.refunded, r.sent),
  ('says another amount than its disputes took', d.disputed, y.disputed_cents),
  ('keeps more than was asked for, and nobody is told',
    least(y.captured_cents - y.refunded_cents, y.amount_cents), CASE y.stage WHEN 'NEEDS_STAFF'
    THEN least(y.captured_cents - y.refunded_cents, y.amount_cents) ELSE y.captured_cents - y.refunded_cents END),
  ('has intents in another currency', 0, i.other_currency),
  ('has intents of another account', 0, i.other_account),
  ('is test money in an account for live money, or the other way round', 0, (g.is_test <> y.is_test)::int),
  ('is test money of a real case, or the other way round', 0, (k.is_test <> y.is_test)::int),
  ('is PAID, and was not captured in full', 0, (y.status = 'PAID' AND y.captured_cents < y.amount_cents)::int),
  ('is PAID of an approved case, and nothing was charged', 0, (y.status = 'PAID' AND y.wanted = 'TAKE' AND y.case_id IS NOT NULL
    AND y.amount_cents > 0 AND y.charge_id IS NULL)::int),
  ('was captured in full, and says it is UNPAID', 0,
    (y.status = 'UNPAID' AND y.amount_cents > 0 AND y.captured_cents - y.refunded_cents >= y.amount_cents
      AND y.stage <> 'NEEDS_STAFF')::int)
) AS c (problem, expected, found)
WHERE """
    + PAGE
    + """ AND y.method = 'GATEWAY' AND y.stage <> 'UNVERIFIED' AND c.expected IS DISTINCT FROM coalesce(c.found, c.expected)
ORDER BY y.id
"""
)

INTENTS: LiteralString = (
    """
SELECT 'intent' AS record, x.gateway_id AS id, c.problem, c.expected, c.found, x.currency
FROM payments y
JOIN payment_intents x ON x.organization_id = y.organization_id AND x.payment_id = y.id
CROSS JOIN LATERAL ("""
    + MOVED
    + """) m
CROSS JOIN LATERAL (VALUES
  ('the ledger has another amount as captured', x.captured_cents, m.captured),
  ('the ledger has another fee', coalesce(x.fee_cents, 0), m.fee),
  ('the ledger has it in other books', 0, m.strange)
) AS c (problem, expected, found)
WHERE """
    + PAGE
    + " AND c.expected <> c.found ORDER BY x.id"
)

REFUNDS: LiteralString = (
    """
SELECT 'refund' AS record, x.id::text AS id, c.problem, c.expected, c.found, x.currency
FROM payments y
JOIN refunds x ON x.organization_id = y.organization_id AND x.payment_id = y.id
CROSS JOIN LATERAL ("""
    + MOVED.replace(ITSELF, WITH_PARTS)
    + """) m
CROSS JOIN LATERAL (VALUES
  ('the ledger has another amount', CASE WHEN x.status IN ('SENT', 'SUCCEEDED') THEN x.amount_cents ELSE 0 END, m.refunded),
  ('the ledger has it in other books', 0, m.strange)
) AS c (problem, expected, found)
WHERE """
    + PAGE
    + " AND y.method = 'GATEWAY' AND x.destination IS NULL AND c.expected <> c.found ORDER BY x.id"
)

DISPUTES: LiteralString = (
    """
SELECT 'dispute' AS record, x.gateway_id AS id, c.problem, c.expected, c.found, x.currency
FROM payments y
JOIN (
  -- A bank that only asks takes nothing, and the gateway no fee.
  SELECT d.*, d.fee_cents = 0 AND NOT EXISTS (SELECT FROM ledger_postings p WHERE p.organization_id = d.organization_id
    AND p.act = 'DISPUTE' AND p.source_id = d.id) AS is_inquiry FROM disputes d
) x ON x.organization_id = y.organization_id AND x.payment_id = y.id
CROSS JOIN LATERAL ("""
    + MOVED
    + """) m
CROSS JOIN LATERAL (VALUES
  ('the ledger has another amount in dispute', CASE WHEN x.status <> 'OPEN' OR x.is_inquiry THEN 0 ELSE x.amount_cents END, m.disputed),
  ('the ledger has another fee', x.fee_cents, m.dispute_fee),
  ('the ledger has it in other books', 0, m.strange)
) AS c (problem, expected, found)
WHERE """
    + PAGE
    + " AND c.expected <> c.found ORDER BY x.id"
)

# What was paid elsewhere stands in the ledger as storefronts and staff told it.
ELSEWHERE: LiteralString = (
    """
SELECT 'payment' AS record, y.id::text AS id, 'the ledger has another amount as paid elsewhere' AS problem, e.cents AS expected,
  m.kept AS found, y.currency
FROM payments y
-- What was given back as credit is still there; what was archived never was.
CROSS JOIN LATERAL (
  SELECT CASE WHEN y.deleted_at IS NOT NULL THEN 0 ELSE y.captured_cents - y.refunded_cents - y.disputed_cents + coalesce((
    SELECT sum(r.amount_cents) FROM refunds r WHERE r.organization_id = y.organization_id AND r.payment_id = y.id
      AND r.destination = 'CREDIT' AND r.status = 'SUCCEEDED'), 0)::bigint END AS cents) e
CROSS JOIN LATERAL (
  SELECT coalesce(sum(CASE WHEN k.id = p.debit_id THEN p.amount_cents ELSE -p.amount_cents END), 0)::bigint AS kept
  FROM ledger_postings p
  JOIN ledger_accounts k ON k.organization_id = p.organization_id AND k.id IN (p.debit_id, p.credit_id)
    AND k.code IN ('external', 'cash') AND k.currency = y.currency AND k.is_test = y.is_test
  WHERE p.organization_id = y.organization_id AND p.act = ANY(%(acts)s) AND p.source_id = ANY(ARRAY(
    SELECT y.id UNION ALL SELECT r.id FROM refunds r WHERE r.organization_id = y.organization_id AND r.payment_id = y.id
    UNION ALL SELECT f.id FROM refunds r JOIN refund_charges f ON f.organization_id = r.organization_id AND f.refund_id = r.id
      WHERE r.organization_id = y.organization_id AND r.payment_id = y.id
    UNION ALL SELECT s.id FROM payment_charges s WHERE s.organization_id = y.organization_id AND s.payment_id = y.id
    UNION ALL SELECT h.id FROM payment_changes h WHERE h.organization_id = y.organization_id AND h.payment_id = y.id
    UNION ALL SELECT n.id FROM payment_confirmations n WHERE n.organization_id = y.organization_id AND n.payment_id = y.id))) m
WHERE """
    + PAGE
    + """ AND y.method IN ('EXTERNAL', 'CASH') AND e.cents <> m.kept
ORDER BY y.id
"""
)

# A try that went through, and nothing that it moved; or the same money moved by two.
ATTEMPTS: LiteralString = (
    """
SELECT 'attempt' AS record, a.id::text AS id, c.problem, c.expected, c.found, a.currency
FROM payments y
JOIN payment_attempts a ON a.organization_id = y.organization_id AND a.payment_id = y.id AND a.status = 'SUCCEEDED'
LEFT JOIN payment_intents i ON i.organization_id = a.organization_id AND i.id = a.intent_id
LEFT JOIN refunds r ON r.organization_id = a.organization_id AND r.id = a.refund_id
CROSS JOIN LATERAL (VALUES
  ('went through, and its intent has taken another amount', a.kind IN ('CHARGE', 'CAPTURE'), a.amount_cents, coalesce(i.captured_cents, 0)),
  ('went through, and no refund of that amount was made', a.kind = 'REFUND', a.amount_cents, coalesce(r.amount_cents, 0)),
  ('released an intent that has taken money', a.kind = 'RELEASE', 0, coalesce(i.captured_cents, 0))
) AS c (problem, is_asked, expected, found)
WHERE """
    + PAGE
    + " AND c.is_asked AND c.expected <> c.found ORDER BY a.id"
)
