"""SQL that finds what moved too early or was told too often. See `invariants/queries.py` for its parameters."""

from typing import LiteralString

from carelane.payments.gate.queries import OWED, PAID, case_sums
from carelane.payments.invariants.sums.queries import PAGE

# What we tried and did not fail at, and what an intent has taken, whoever captured it. A storefront's own intent may come captured
# with its case: it was never ours to hold, and its payment is none of the policy `hold`.
APPROVAL: LiteralString = (
    """
SELECT 'payment' AS record, y.id::text AS id, 'was taken before the case was approved' AS problem,
  0::bigint AS expected, a.amount_cents AS found, y.currency
FROM payments y
CROSS JOIN LATERAL (
  SELECT t.id, t.created_at AS taken_at, t.amount_cents FROM payment_attempts t
  WHERE t.organization_id = y.organization_id AND t.payment_id = y.id AND t.kind IN ('CHARGE', 'CAPTURE') AND t.status <> 'FAILED'
  UNION ALL
  SELECT i.id, p.happened_at, p.amount_cents FROM payment_intents i
  JOIN ledger_postings p ON p.organization_id = i.organization_id AND p.source_id = i.id AND p.act = 'CAPTURE'
  WHERE i.organization_id = y.organization_id AND i.payment_id = y.id
    AND (y.policy = 'hold' OR i.gateway_id IS DISTINCT FROM y.reference_id)) a
WHERE """
    + PAGE
    + """ AND y.case_id IS NOT NULL AND y.policy IN ('charge_on_approval', 'hold')
  AND NOT EXISTS (SELECT FROM decisions d WHERE d.organization_id = y.organization_id AND d.case_id = y.case_id
    AND d.is_approved AND d.created_at <= a.taken_at)
  AND NOT EXISTS (SELECT FROM events e WHERE e.organization_id = y.organization_id AND e.case_id = y.case_id
    AND e.type = 'CHANGE_CASE_STATUS' AND e.value_after = 'APPROVED' AND e.created_at <= a.taken_at)
ORDER BY a.id
"""
)

# The gate's own rule, as far as payments were there and paid when the order left, and what had gone back by then.
_THEN: LiteralString = case_sums(
    "y.organization_id = o.organization_id AND y.case_id = o.case_id",
    is_there="y.created_at <= o.sending_began_at",
    is_paid="y.paid_at <= o.sending_began_at AND (y.method NOT IN ('GATEWAY', 'REFERENCE') OR b.cents < y.amount_cents)",
    back="b.cents",
    beside="""CROSS JOIN LATERAL (SELECT coalesce(sum(r.amount_cents), 0) AS cents FROM refunds r
      WHERE r.organization_id = y.organization_id AND r.payment_id = y.id AND r.status = 'SUCCEEDED'
        AND r.settled_at <= o.sending_began_at) b""",
)

# Who demanded it then is told by a payment's policy: what the organization says today may be another thing.
SHIPMENT: LiteralString = f"""
SELECT 'order' AS record, o.id::text AS id, 'left for the pharmacy before the payment was made' AS problem,
  {OWED}::bigint AS expected, {PAID}::bigint AS found,
  (SELECT y.currency FROM payments y WHERE y.organization_id = o.organization_id AND y.case_id = o.case_id LIMIT 1) AS currency
FROM orders o
JOIN organizations g ON g.id = o.organization_id AND coalesce(g.order_requires_payment, true)
CROSS JOIN LATERAL ({_THEN}) s
WHERE o.organization_id = %(organization_id)s AND o.id > %(after)s AND o.id <= %(last)s AND {PAID} < {OWED}
  AND EXISTS (SELECT FROM payments y WHERE y.organization_id = o.organization_id AND y.case_id = o.case_id AND y.method = 'GATEWAY'
    AND y.stage <> 'UNVERIFIED' AND y.policy <> 'unverified' AND y.deleted_at IS NULL AND y.created_at <= o.sending_began_at)
ORDER BY o.id
"""

# An order and the one that replaces it, or two under the pharmacy's one number, are not both on their way.
DISPENSES: LiteralString = """
SELECT 'order' AS record, o.id::text AS id, c.problem, NULL::bigint AS expected, NULL::bigint AS found, NULL AS currency
FROM orders o CROSS JOIN LATERAL (VALUES
  ('is on its way, and so is the order that it replaces', EXISTS (
    SELECT FROM orders r WHERE r.organization_id = o.organization_id AND r.id = o.replaces_order_id
      AND r.status IN ('SENT', 'ACCEPTED', 'SHIPPED', 'DELIVERED'))),
  ('has the number of another order at the same pharmacy', EXISTS (
    SELECT FROM orders r WHERE r.organization_id = o.organization_id AND r.pharmacy_id = o.pharmacy_id
      AND r.pharmacy_order_id = o.pharmacy_order_id AND r.id < o.id AND r.status NOT IN ('CANCELED', 'REJECTED')))
) AS c (problem, is_so)
WHERE o.organization_id = %(organization_id)s AND o.id > %(after)s AND o.id <= %(last)s
  AND o.status IN ('SENT', 'ACCEPTED', 'SHIPPED', 'DELIVERED') AND c.is_so
ORDER BY o.id
"""

TOLD: LiteralString = (
    """
SELECT 'payment' AS record, y.id::text AS id, c.problem, c.expected, c.found, NULL AS currency
FROM payments y
CROSS JOIN LATERAL (
  SELECT count(*) FILTER (WHERE d.status <> 'OPEN') AS closed, count(*) AS opened FROM disputes d
  WHERE d.organization_id = y.organization_id AND d.payment_id = y.id) d
CROSS JOIN LATERAL (
  SELECT count(*) FILTER (WHERE e.type = 'PAYMENT_COMPLETED') AS completed, count(*) FILTER (WHERE e.type = 'DISPUTE_OPENED') AS opened,
    count(*) FILTER (WHERE e.type = 'DISPUTE_CLOSED') AS closed
  FROM events e WHERE e.organization_id = y.organization_id AND e.target_id = y.id
    AND e.type IN ('PAYMENT_COMPLETED', 'REFUND_COMPLETED', 'DISPUTE_OPENED', 'DISPUTE_CLOSED')) e
CROSS JOIN LATERAL (VALUES
  ('PAYMENT_COMPLETED was not told once', (y.paid_at IS NOT NULL)::int::bigint, e.completed),
  ('DISPUTE_OPENED was not told once for each dispute', d.opened, e.opened),
  ('DISPUTE_CLOSED was not told once for each dispute', d.closed, e.closed)
) AS c (problem, expected, found)
WHERE """
    + PAGE
    + """ AND y.method = 'GATEWAY' AND y.stage <> 'UNVERIFIED' AND c.expected <> c.found
UNION ALL
SELECT 'refund', r.id::text, 'REFUND_COMPLETED was not told once', (r.status = 'SUCCEEDED')::int::bigint, e.told, NULL
FROM payments y
JOIN refunds r ON r.organization_id = y.organization_id AND r.payment_id = y.id AND r.status IN ('GRANTED', 'SENDING', 'SENT', 'SUCCEEDED')
CROSS JOIN LATERAL (
  SELECT count(*) AS told FROM events e WHERE e.organization_id = y.organization_id AND e.target_id = r.id
    AND e.type = 'REFUND_COMPLETED') e
WHERE """
    + PAGE
    + " AND y.method = 'GATEWAY' AND (r.status = 'SUCCEEDED')::int <> e.told"
)
