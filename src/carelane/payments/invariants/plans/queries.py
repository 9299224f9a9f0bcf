"""SQL that finds payment plans that do not add up. See `invariants/queries.py` for its parameters."""

from typing import LiteralString

# What is scheduled, with what is being taken, is what is owed, as far as it was agreed on; of a plan that is over nothing is.
PLANS: LiteralString = """
SELECT 'payment plan' AS record, n.id::text AS id, c.problem, c.expected, c.found, n.currency
FROM payment_plans n
CROSS JOIN LATERAL (
  SELECT coalesce(sum(c.outstanding_cents) FILTER (WHERE c.status = 'PAYMENT_PLAN'), 0)::bigint AS cents,
    count(*) FILTER (WHERE c.status = 'PAYMENT_PLAN' AND NOT EXISTS (
      SELECT FROM payment_plan_charges o JOIN payment_plans r ON r.organization_id = o.organization_id AND r.id = o.plan_id
      WHERE o.organization_id = c.organization_id AND o.charge_id = c.id AND r.status = 'RUNNING')) AS left_behind
  FROM payment_plan_charges k JOIN charges c ON c.organization_id = k.organization_id AND c.id = k.charge_id
  WHERE k.organization_id = n.organization_id AND k.plan_id = n.id) o
CROSS JOIN LATERAL (
  SELECT count(*) AS count,
    -- Of what may be scheduled: what came to nothing is taken with the last, where one is left.
    CASE WHEN bool_or(e.payment_id IS NULL) THEN coalesce(sum(e.agreed_cents) FILTER (WHERE e.payment_id IS NULL
      OR y.captured_cents = 0 AND (y.canceled_at IS NOT NULL OR y.deleted_at IS NOT NULL)), 0)::bigint ELSE 0 END AS agreed,
    coalesce(sum(e.amount_cents) FILTER (WHERE e.payment_id IS NULL AND e.canceled_at IS NULL), 0)::bigint AS scheduled,
    coalesce(sum(y.amount_cents) FILTER (WHERE y.captured_cents = 0 AND y.canceled_at IS NULL AND y.deleted_at IS NULL), 0)::bigint
      AS open,
    count(*) FILTER (WHERE y.captured_cents = 0 AND y.canceled_at IS NULL AND y.deleted_at IS NULL) AS open_count,
    count(*) FILTER (WHERE y.currency <> n.currency OR y.is_test <> n.is_test) AS strange,
    coalesce(sum(greatest(y.amount_cents - e.amount_cents, 0)), 0)::bigint AS too_much
  FROM planned_payments e
  LEFT JOIN payments y ON y.organization_id = e.organization_id AND y.id = e.payment_id
  WHERE e.organization_id = n.organization_id AND e.plan_id = n.id) e
CROSS JOIN LATERAL (VALUES
  ('has instalments of another amount than is outstanding',
    CASE WHEN n.status = 'RUNNING' THEN least(greatest(o.cents - e.open, 0), e.agreed) ELSE 0 END, e.scheduled),
  ('has another number of instalments than was agreed on', n.installments + (n.initial_cents > 0)::int, e.count),
  ('takes more than one instalment at once', 0, greatest(e.open_count - 1, 0)),
  ('took more than an instalment', 0, e.too_much),
  ('is over, and a charge waits for it', 0, o.left_behind),
  ('has instalments in other books', 0, e.strange)
) AS c (problem, expected, found)
WHERE n.organization_id = %(organization_id)s AND n.id > %(after)s AND n.id <= %(last)s AND c.expected <> c.found
ORDER BY n.id
"""
