-- Payment plans. Suits the version now running: it knows none of it.

-- instalment: taken by the worker on its day, and tried again as the table of declines says.
ALTER TABLE payments DROP CONSTRAINT payments_policy_check,
  ADD CONSTRAINT payments_policy_check
    CHECK (policy IN ('charge_on_approval', 'hold', 'unverified', 'on_page', 'at_desk', 'instalment'));

CREATE TABLE payment_plans (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  status text NOT NULL DEFAULT 'RUNNING' CHECK (status IN ('RUNNING', 'ENDED', 'CANCELED')),
  currency text NOT NULL,
  is_test boolean NOT NULL,
  -- The card, by the gateway's names; another one, once the patient paid with it.
  payment_method_id uuid NOT NULL,
  gateway_account_id uuid NOT NULL,
  customer_id text NOT NULL,
  method_id text NOT NULL,
  frequency text NOT NULL CHECK (frequency IN ('WEEKLY', 'BIWEEKLY', 'MONTHLY')),
  installments smallint NOT NULL CHECK (installments > 0),
  installment_cents bigint NOT NULL CHECK (installment_cents > 0),
  initial_cents bigint NOT NULL CHECK (initial_cents >= 0),
  location_id uuid,
  -- In which its days begin.
  timezone text NOT NULL,
  starts_on date NOT NULL,
  -- When the worker looks at it; null while it waits for a payment, and when it is over.
  next_at timestamptz,
  claim_id uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz,
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, payment_method_id) REFERENCES payment_methods (organization_id, id),
  FOREIGN KEY (organization_id, gateway_account_id) REFERENCES gateway_accounts (organization_id, id),
  FOREIGN KEY (organization_id, location_id) REFERENCES locations (organization_id, id)
);
CREATE INDEX payment_plans_due_index ON payment_plans (organization_id, next_at) WHERE next_at IS NOT NULL;
CREATE INDEX payment_plans_card_index ON payment_plans (organization_id, gateway_account_id, method_id) WHERE status = 'RUNNING';

-- What a plan pays, in this order.
CREATE TABLE payment_plan_charges (
  organization_id uuid NOT NULL,
  plan_id uuid NOT NULL,
  charge_id uuid NOT NULL,
  position smallint NOT NULL,
  PRIMARY KEY (organization_id, plan_id, charge_id),
  FOREIGN KEY (organization_id, plan_id) REFERENCES payment_plans (organization_id, id),
  FOREIGN KEY (organization_id, charge_id) REFERENCES charges (organization_id, id)
);
CREATE INDEX payment_plan_charges_charge_index ON payment_plan_charges (organization_id, charge_id);

-- An instalment: scheduled, until there is a payment or it is canceled. Number 0 is what was taken at once.
CREATE TABLE planned_payments (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  plan_id uuid NOT NULL,
  number smallint NOT NULL CHECK (number >= 0),
  due_on date NOT NULL,
  due_at timestamptz NOT NULL,
  amount_cents bigint NOT NULL CHECK (amount_cents > 0),
  -- What it was for when the plan was made.
  agreed_cents bigint NOT NULL CHECK (agreed_cents > 0),
  payment_id uuid,
  canceled_at timestamptz,
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, plan_id, number),
  CONSTRAINT planned_payments_once_key UNIQUE (organization_id, payment_id),
  CONSTRAINT planned_payments_taken_or_canceled_check CHECK (num_nonnulls(payment_id, canceled_at) < 2),
  FOREIGN KEY (organization_id, plan_id) REFERENCES payment_plans (organization_id, id),
  FOREIGN KEY (organization_id, payment_id) REFERENCES payments (organization_id, id)
);

-- ---------------------------------------------------------------- the two locks
DO $$
DECLARE tenant_table text;
BEGIN
  FOREACH tenant_table IN ARRAY ARRAY['payment_plans', 'payment_plan_charges', 'planned_payments']
  LOOP
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO carelane_app', tenant_table);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('CREATE POLICY tenant ON %I TO carelane_app USING (organization_id = current_organization_id())', tenant_table);
  END LOOP;
END $$;

-- ---------------------------------------------------------------- what looks across organizations
GRANT CREATE ON SCHEMA public TO carelane_system;
GRANT SELECT (organization_id, id, next_at, claim_id), UPDATE (next_at, claim_id) ON payment_plans TO carelane_system;
CREATE POLICY system ON payment_plans TO carelane_system USING (true);

-- Plans of which an instalment is due, to each organization its fair share.
CREATE FUNCTION claim_due_plans(most integer, in_flight uuid[], lease interval, claim uuid)
  RETURNS TABLE (organization_id uuid, id uuid)
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH looked AS MATERIALIZED (
    SELECT d.*, row_number() OVER (PARTITION BY d.organization_id ORDER BY d.next_at) AS turn
    FROM organizations o CROSS JOIN LATERAL (
      SELECT y.organization_id, y.id, y.next_at FROM payment_plans y
      WHERE y.organization_id = o.id AND y.next_at <= now()
      ORDER BY y.next_at LIMIT fair_share(most, in_flight, o.id) FOR UPDATE SKIP LOCKED) d
  ), due AS (
    SELECT l.organization_id, l.id FROM looked l ORDER BY l.turn, l.next_at LIMIT most
  )
  UPDATE payment_plans y SET next_at = now() + lease, claim_id = claim
  FROM due WHERE y.organization_id = due.organization_id AND y.id = due.id
  RETURNING y.organization_id, y.id
$$;

CREATE FUNCTION count_due_plans(most integer) RETURNS TABLE (waiting bigint, oldest_at timestamptz, failed bigint)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT count(*), min(n.next_at), 0::bigint
  FROM organizations o CROSS JOIN LATERAL (
    SELECT y.next_at FROM payment_plans y WHERE y.organization_id = o.id AND y.next_at <= now() ORDER BY y.next_at LIMIT most) n
$$;

DO $$
DECLARE signature text;
BEGIN
  FOREACH signature IN ARRAY ARRAY['claim_due_plans(integer, uuid[], interval, uuid)', 'count_due_plans(integer)']
  LOOP
    EXECUTE format('ALTER FUNCTION %s OWNER TO carelane_system', signature);
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', signature);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO carelane_app', signature);
  END LOOP;
END $$;

-- As before, and plans.
CREATE OR REPLACE FUNCTION list_due_work() RETURNS SETOF text
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN QUERY
  SELECT 'event' WHERE EXISTS (SELECT FROM events e WHERE e.dispatched_at IS NULL)
  UNION ALL SELECT 'assignment' WHERE EXISTS (SELECT FROM find_unassigned(1, '{}'))
  UNION ALL SELECT 'decision' WHERE EXISTS (SELECT FROM organizations o CROSS JOIN LATERAL (
    SELECT FROM pending_decisions d
    WHERE d.organization_id = o.id AND d.status = 'PENDING' AND d.next_at <= now() LIMIT 1) n)
  UNION ALL SELECT 'order' WHERE EXISTS (SELECT FROM pharmacies p CROSS JOIN LATERAL (
    SELECT FROM orders r
    WHERE r.organization_id = p.organization_id AND r.pharmacy_id = p.id AND r.next_step_at <= now() LIMIT 1) n)
    OR EXISTS (SELECT FROM organizations o CROSS JOIN LATERAL (
    SELECT FROM orders r WHERE r.organization_id = o.id AND r.pharmacy_id IS NULL AND r.next_step_at <= now() LIMIT 1) n)
  UNION ALL SELECT 'payment' WHERE EXISTS (SELECT FROM organizations o CROSS JOIN LATERAL (
    SELECT FROM payments y WHERE y.organization_id = o.id AND y.next_step_at <= now() LIMIT 1) n)
  UNION ALL SELECT 'plan' WHERE EXISTS (SELECT FROM organizations o CROSS JOIN LATERAL (
    SELECT FROM payment_plans y WHERE y.organization_id = o.id AND y.next_at <= now() LIMIT 1) n)
  UNION ALL SELECT 'gateway_event' WHERE EXISTS (SELECT FROM organizations o CROSS JOIN LATERAL (
    SELECT FROM gateway_events g WHERE g.organization_id = o.id AND g.due_at <= now() LIMIT 1) n)
  UNION ALL SELECT 'delivery' WHERE EXISTS (SELECT FROM webhook_endpoints w CROSS JOIN LATERAL (
    SELECT FROM webhook_deliveries d WHERE d.organization_id = w.organization_id AND d.endpoint_id = w.id
      AND d.status = 'PENDING' AND d.next_attempt_at <= now() LIMIT 1) n WHERE w.disabled_at IS NULL)
  UNION ALL SELECT 'message' WHERE EXISTS (SELECT FROM organizations o CROSS JOIN LATERAL (
    SELECT FROM messages m
    WHERE m.organization_id = o.id AND m.status IN ('QUEUED', 'SENDING') AND m.due_at <= now() LIMIT 1) n)
  UNION ALL SELECT 'timed_job' WHERE EXISTS (SELECT FROM timed_jobs j WHERE j.due_at <= now()
    OR j.began_at > now() + interval '1 minute' OR j.claim_id IS NULL AND j.ended_at > now() + interval '1 minute');
END $$;
REVOKE CREATE ON SCHEMA public FROM carelane_system;
