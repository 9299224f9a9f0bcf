-- Money that moves: the ledger, the gateways' accounts, intents, attempts, refunds, disputes, and the gateways' inbox. Suits the
-- version now running: what it writes of cases, payments and charges is completed by defaults and triggers.

-- ---------------------------------------------------------------- the ledger
-- Money of test cases stands in books of its own. What an account is about: a patient of receivable and credit, a product of
-- revenue, a location of tax, a gateway account of gateway; null where there is none.
CREATE TABLE ledger_accounts (
  organization_id uuid NOT NULL REFERENCES organizations (id),
  id uuid NOT NULL,
  code text NOT NULL CHECK (code IN ('receivable', 'credit', 'gateway', 'gateway-fees', 'revenue', 'tax', 'discounts',
    'disputes', 'write-offs', 'cash', 'external')),
  kind text NOT NULL CHECK (kind IN ('asset', 'liability', 'income', 'expense')),
  owner_id uuid,
  currency text NOT NULL,
  is_test boolean NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id),
  UNIQUE NULLS NOT DISTINCT (organization_id, code, owner_id, currency, is_test),
  -- What postings refer to, so that both sides are of one currency and of one set of books.
  UNIQUE (organization_id, id, currency, is_test)
);

-- The ledger's only row: an entry that does not balance cannot be written.
CREATE TABLE ledger_postings (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  happened_at timestamptz NOT NULL DEFAULT now(),
  -- What was done (ledger/schemas.py has the list), and the record that it was done to.
  act text NOT NULL,
  source_id uuid NOT NULL,
  debit_id uuid NOT NULL,
  credit_id uuid NOT NULL,
  amount_cents bigint NOT NULL CHECK (amount_cents > 0),
  currency text NOT NULL,
  is_test boolean NOT NULL,
  -- The charge it is about: what is outstanding of it is the sum of its postings to receivable.
  charge_id uuid,
  reverses_id uuid,
  PRIMARY KEY (organization_id, id),
  CONSTRAINT ledger_postings_once_key UNIQUE (organization_id, act, source_id, debit_id, credit_id),
  CHECK (debit_id <> credit_id),
  FOREIGN KEY (organization_id, debit_id, currency, is_test) REFERENCES ledger_accounts (organization_id, id, currency, is_test),
  FOREIGN KEY (organization_id, credit_id, currency, is_test) REFERENCES ledger_accounts (organization_id, id, currency, is_test),
  FOREIGN KEY (organization_id, charge_id) REFERENCES charges (organization_id, id),
  FOREIGN KEY (organization_id, reverses_id) REFERENCES ledger_postings (organization_id, id)
);
CREATE INDEX ledger_postings_charge_index ON ledger_postings (organization_id, charge_id) WHERE charge_id IS NOT NULL;
CREATE INDEX ledger_postings_debit_index ON ledger_postings (organization_id, debit_id, happened_at) INCLUDE (amount_cents);
CREATE INDEX ledger_postings_credit_index ON ledger_postings (organization_id, credit_id, happened_at) INCLUDE (amount_cents);
CREATE INDEX ledger_postings_reverses_index ON ledger_postings (organization_id, reverses_id) WHERE reverses_id IS NOT NULL;

-- An account's id follows from what it is.
CREATE FUNCTION ledger_account_id(organization_id uuid, code text, owner_id uuid, currency text, is_test boolean) RETURNS uuid
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN substr(encode(sha256(convert_to(concat_ws(' ', organization_id, code, coalesce(owner_id::text, '-'), currency, is_test), 'UTF8')),
    'hex'), 1, 32)::uuid;

-- What an account had been debited and credited by the end of a month that is over.
CREATE TABLE ledger_snapshots (
  organization_id uuid NOT NULL,
  account_id uuid NOT NULL,
  -- The first day after the month.
  until date NOT NULL,
  debit_cents bigint NOT NULL,
  credit_cents bigint NOT NULL,
  PRIMARY KEY (organization_id, account_id, until),
  FOREIGN KEY (organization_id, account_id) REFERENCES ledger_accounts (organization_id, id)
);

-- What a patient has paid ahead, with the records merged into theirs: live money in the organization's currency.
CREATE FUNCTION ledger_credit(of_organization uuid, of_patient uuid) RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
RETURN (
  SELECT coalesce(sum(coalesce(t.credit_cents - t.debit_cents, 0) + coalesce(c.cents, 0) - coalesce(d.cents, 0)), 0)::bigint
  FROM organizations o
  JOIN ledger_accounts a ON a.organization_id = o.id AND a.code = 'credit' AND a.currency = o.currency AND NOT a.is_test
    AND a.owner_id = ANY (ARRAY(SELECT of_patient UNION ALL
      SELECT m.id FROM patients m WHERE m.organization_id = of_organization AND m.merged_into_id = of_patient))
  LEFT JOIN LATERAL (SELECT s.until::timestamp AT TIME ZONE 'UTC' AS until, s.debit_cents, s.credit_cents FROM ledger_snapshots s
    WHERE s.organization_id = a.organization_id AND s.account_id = a.id ORDER BY s.until DESC LIMIT 1) l ON true
  -- Behind OFFSET 0, so that the index is looked in: see ledger/queries.py.
  CROSS JOIN LATERAL (SELECT coalesce(l.until, '-infinity') AS since, l.debit_cents, l.credit_cents OFFSET 0) t
  CROSS JOIN LATERAL (SELECT sum(p.amount_cents) AS cents FROM ledger_postings p WHERE p.organization_id = a.organization_id
    AND p.credit_id = a.id AND p.happened_at >= t.since) c
  CROSS JOIN LATERAL (SELECT sum(p.amount_cents) AS cents FROM ledger_postings p WHERE p.organization_id = a.organization_id
    AND p.debit_id = a.id AND p.happened_at >= t.since) d
  WHERE o.id = of_organization);

-- ---------------------------------------------------------------- gateways
-- An organization's account with a gateway: one for test money, one for live money.
CREATE TABLE gateway_accounts (
  organization_id uuid NOT NULL REFERENCES organizations (id),
  id uuid NOT NULL,
  provider text NOT NULL CHECK (provider IN ('stripe')),
  is_test boolean NOT NULL,
  secret_key_sealed bytea NOT NULL,
  -- Both are good while the secret is changed; none yet: no webhook is taken.
  webhook_secret_sealed bytea,
  previous_webhook_secret_sealed bytea,
  is_active boolean NOT NULL DEFAULT true,
  -- How far its events and its balance were read.
  events_cursor text,
  events_read_at timestamptz,
  balance_read_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, provider, is_test)
);

ALTER TABLE organizations
  ADD payment_policy text NOT NULL DEFAULT 'unverified' CHECK (payment_policy IN ('charge_on_approval', 'hold', 'unverified')),
  -- Null: as soon as there is a gateway.
  ADD order_requires_payment boolean,
  -- Of a case's payment, what is which fee: [{"kind", "label", "amount_cents", "currency"}]; the rest is the consultation's.
  ADD payment_fees jsonb NOT NULL DEFAULT '[]';

-- The customer that a gateway knows a patient as, and the card that is charged when nobody is there.
CREATE TABLE gateway_customers (
  organization_id uuid NOT NULL,
  gateway_account_id uuid NOT NULL,
  patient_id uuid NOT NULL,
  customer_id text NOT NULL,
  method_id text,
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, gateway_account_id, patient_id),
  FOREIGN KEY (organization_id, gateway_account_id) REFERENCES gateway_accounts (organization_id, id),
  FOREIGN KEY (organization_id, patient_id) REFERENCES patients (organization_id, id)
);

-- ---------------------------------------------------------------- charges
ALTER TABLE charges
  ALTER cart_id DROP NOT NULL,
  -- Of a case's payment.
  ADD case_id uuid,
  -- Null: written by the version before, and completed at once.
  ADD is_test boolean,
  ADD voided_at timestamptz,
  ADD FOREIGN KEY (organization_id, case_id) REFERENCES cases (organization_id, id);
CREATE INDEX charges_case_index ON charges (organization_id, case_id) WHERE case_id IS NOT NULL;

-- What staff did about what is owed.
CREATE TABLE charge_adjustments (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  charge_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('VOID', 'WRITE_OFF')),
  amount_cents bigint NOT NULL CHECK (amount_cents >= 0),
  reason_sealed bytea NOT NULL,
  created_by_staff_id uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, charge_id, kind),
  FOREIGN KEY (organization_id, charge_id) REFERENCES charges (organization_id, id),
  FOREIGN KEY (organization_id, created_by_staff_id) REFERENCES staff (organization_id, id)
);

-- ---------------------------------------------------------------- payments
-- `status` is the dialect's word for it; `stage` is where it stands here (payments/states.py).
ALTER TABLE payments
  ALTER case_id DROP NOT NULL,
  ADD charge_id uuid,
  ADD patient_id uuid,
  ADD method text NOT NULL DEFAULT 'REFERENCE' CHECK (method IN ('GATEWAY', 'CASH', 'EXTERNAL', 'CREDIT', 'REFERENCE')),
  ADD policy text NOT NULL DEFAULT 'unverified' CHECK (policy IN ('charge_on_approval', 'hold', 'unverified', 'on_page')),
  ADD stage text NOT NULL DEFAULT 'UNVERIFIED' CHECK (stage IN ('UNVERIFIED', 'UNCHECKED', 'WAITING', 'DUE', 'RELEASING',
    'NEEDS_PATIENT', 'NEEDS_CARD', 'NEEDS_STAFF', 'DONE')),
  ADD gateway_account_id uuid,
  ADD customer_id text,
  ADD method_id text,
  ADD captured_cents bigint NOT NULL DEFAULT 0 CHECK (captured_cents >= 0),
  ADD refunded_cents bigint NOT NULL DEFAULT 0 CHECK (refunded_cents >= 0),
  ADD disputed_cents bigint NOT NULL DEFAULT 0 CHECK (disputed_cents >= 0),
  -- Why it stands there, in our words and in the gateway's.
  ADD failure text,
  ADD decline_code text,
  -- Soft declines so far.
  ADD tries integer NOT NULL DEFAULT 0,
  -- What the decision asks for: that the money is taken, or that it goes back. Null: there is none yet.
  ADD wanted text CHECK (wanted IN ('TAKE', 'RETURN')),
  ADD decided_at timestamptz,
  -- When staff last had it tried again from its beginning.
  ADD restarted_at timestamptz,
  -- When something is to be done about it; while it is being done, when the lease ends.
  ADD next_step_at timestamptz,
  ADD claim_id uuid,
  ADD valid_until date,
  ADD decision_id uuid,
  -- What a person said about how it ended.
  ADD resolution_sealed bytea,
  -- What may be shown of the card that the patient entered last.
  ADD card_brand text,
  ADD card_last4 text,
  ADD resolved_by_staff_id uuid,
  ADD link_version integer NOT NULL DEFAULT 1,
  ADD FOREIGN KEY (organization_id, charge_id) REFERENCES charges (organization_id, id),
  ADD FOREIGN KEY (organization_id, patient_id) REFERENCES patients (organization_id, id),
  ADD FOREIGN KEY (organization_id, gateway_account_id) REFERENCES gateway_accounts (organization_id, id),
  ADD FOREIGN KEY (organization_id, decision_id) REFERENCES decisions (organization_id, id),
  ADD FOREIGN KEY (organization_id, resolved_by_staff_id) REFERENCES staff (organization_id, id),
  ADD CONSTRAINT payments_for_check CHECK (num_nonnulls(case_id, charge_id) > 0),
  ADD CONSTRAINT payments_returned_check CHECK (refunded_cents <= captured_cents),
  ADD CONSTRAINT payments_gateway_check CHECK (method <> 'GATEWAY' OR gateway_account_id IS NOT NULL);
-- The owner sees all organizations' rows meanwhile.
ALTER TABLE payments NO FORCE ROW LEVEL SECURITY;
ALTER TABLE cases NO FORCE ROW LEVEL SECURITY;
ALTER TABLE patient_merge_moves NO FORCE ROW LEVEL SECURITY;
UPDATE payments y SET patient_id = c.patient_id
FROM cases c WHERE c.organization_id = y.organization_id AND c.id = y.case_id;
-- Of merges before this: what is called `payments` now is whose they are, and who made them goes back beside it.
INSERT INTO patient_merge_moves (organization_id, merge_id, kind, record_id)
SELECT organization_id, merge_id, 'paymentsMade', record_id FROM patient_merge_moves WHERE kind = 'payments';
ALTER TABLE patient_merge_moves FORCE ROW LEVEL SECURITY;
ALTER TABLE payments FORCE ROW LEVEL SECURITY;
ALTER TABLE cases FORCE ROW LEVEL SECURITY;
-- Of what the version before writes, after its statement, which writes the case too.
CREATE FUNCTION complete_payment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE payments y SET patient_id = c.patient_id FROM cases c
  WHERE y.organization_id = NEW.organization_id AND y.id = NEW.id AND c.organization_id = y.organization_id AND c.id = y.case_id;
  RETURN NULL;
END $$;
CREATE TRIGGER complete_payment AFTER INSERT ON payments FOR EACH ROW WHEN (NEW.patient_id IS NULL)
  EXECUTE FUNCTION complete_payment();
CREATE INDEX payments_charge_index ON payments (organization_id, charge_id) WHERE charge_id IS NOT NULL;
CREATE INDEX payments_next_step_index ON payments (organization_id, next_step_at) WHERE next_step_at IS NOT NULL;
-- One reference pays one case.
CREATE UNIQUE INDEX payments_reference_key ON payments (organization_id, reference_id)
  WHERE method = 'GATEWAY' AND reference_id IS NOT NULL AND canceled_at IS NULL;

-- A gateway's own object that holds or has taken money for a payment, as we saw it last. Its amounts only grow.
CREATE TABLE payment_intents (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  payment_id uuid NOT NULL,
  gateway_account_id uuid NOT NULL,
  gateway_id text NOT NULL,
  status text NOT NULL,
  amount_cents bigint NOT NULL CHECK (amount_cents > 0),
  currency text NOT NULL,
  capturable_cents bigint NOT NULL DEFAULT 0 CHECK (capturable_cents >= 0),
  captured_cents bigint NOT NULL DEFAULT 0 CHECK (captured_cents >= 0),
  refunded_cents bigint NOT NULL DEFAULT 0 CHECK (refunded_cents BETWEEN 0 AND captured_cents),
  fee_cents bigint,
  hold_ends_at timestamptz,
  method_id text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, gateway_account_id, gateway_id),
  FOREIGN KEY (organization_id, payment_id) REFERENCES payments (organization_id, id),
  FOREIGN KEY (organization_id, gateway_account_id) REFERENCES gateway_accounts (organization_id, id)
);
CREATE INDEX payment_intents_holds_index ON payment_intents (organization_id, hold_ends_at) WHERE status = 'requires_capture';
CREATE INDEX payment_intents_payment_index ON payment_intents (organization_id, payment_id);

-- What storefronts told of payments that were made elsewhere.
CREATE TABLE payment_confirmations (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  payment_id uuid NOT NULL,
  status text NOT NULL CHECK (status IN ('PAID', 'UNPAID', 'CANCELED', 'IN_DISPUTE', 'LOST_DISPUTE', 'REFUND', 'ERROR')),
  amount_cents bigint NOT NULL CHECK (amount_cents > 0),
  payment_date date NOT NULL,
  idempotency_key text,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, payment_id) REFERENCES payments (organization_id, id)
);
CREATE INDEX payment_confirmations_payment_index ON payment_confirmations (organization_id, payment_id);
CREATE UNIQUE INDEX payment_confirmations_idempotency_key ON payment_confirmations (organization_id, idempotency_key)
  WHERE idempotency_key IS NOT NULL;

-- Granted (right A), then sent (right B). One that was made in the gateway's own dashboard was granted by nobody here.
CREATE TABLE refunds (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  payment_id uuid NOT NULL,
  -- What it is taken from; known when it is sent.
  intent_id uuid,
  amount_cents bigint NOT NULL CHECK (amount_cents > 0),
  currency text NOT NULL,
  reason text,
  comment_sealed bytea,
  status text NOT NULL DEFAULT 'GRANTED' CHECK (status IN ('GRANTED', 'SENDING', 'SENT', 'SUCCEEDED', 'FAILED', 'CANCELED')),
  gateway_id text,
  failure text,
  granted_by_staff_id uuid,
  sent_by_staff_id uuid,
  granted_at timestamptz NOT NULL DEFAULT now(),
  sent_at timestamptz,
  settled_at timestamptz,
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, payment_id) REFERENCES payments (organization_id, id),
  FOREIGN KEY (organization_id, intent_id) REFERENCES payment_intents (organization_id, id),
  FOREIGN KEY (organization_id, granted_by_staff_id) REFERENCES staff (organization_id, id),
  FOREIGN KEY (organization_id, sent_by_staff_id) REFERENCES staff (organization_id, id)
);
CREATE INDEX refunds_payment_index ON refunds (organization_id, payment_id);
CREATE UNIQUE INDEX refunds_gateway_key ON refunds (organization_id, gateway_id) WHERE gateway_id IS NOT NULL;

-- One try to move money; committed before the call, its id is the call's idempotency key.
CREATE TABLE payment_attempts (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  payment_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('HOLD', 'CHARGE', 'CAPTURE', 'RELEASE', 'REFUND', 'CHECKOUT')),
  refund_id uuid,
  -- What it acts on; of a CHARGE what it made.
  intent_id uuid,
  gateway_account_id uuid NOT NULL,
  amount_cents bigint NOT NULL CHECK (amount_cents > 0),
  currency text NOT NULL,
  status text NOT NULL CHECK (status IN ('SENT', 'SUCCEEDED', 'FAILED', 'UNKNOWN', 'NEEDS_PATIENT')),
  -- Whose card a CHARGE is made with. The payment may have another by the time that its outcome is looked up.
  customer_id text,
  method_id text,
  gateway_id text,
  decline_code text,
  failure text,
  sends integer NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  sent_at timestamptz,
  settled_at timestamptz,
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, payment_id) REFERENCES payments (organization_id, id),
  FOREIGN KEY (organization_id, refund_id) REFERENCES refunds (organization_id, id),
  FOREIGN KEY (organization_id, intent_id) REFERENCES payment_intents (organization_id, id),
  FOREIGN KEY (organization_id, gateway_account_id) REFERENCES gateway_accounts (organization_id, id)
);
CREATE INDEX payment_attempts_payment_index ON payment_attempts (organization_id, payment_id);
-- Two tries at a time to move the same money cannot be.
CREATE UNIQUE INDEX payment_attempts_open_key ON payment_attempts (organization_id, payment_id)
  WHERE status IN ('SENT', 'UNKNOWN') AND kind <> 'CHECKOUT';

CREATE TABLE disputes (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  payment_id uuid NOT NULL,
  gateway_account_id uuid NOT NULL,
  gateway_id text NOT NULL,
  amount_cents bigint NOT NULL CHECK (amount_cents > 0),
  fee_cents bigint NOT NULL DEFAULT 0 CHECK (fee_cents >= 0),
  currency text NOT NULL,
  reason text,
  status text NOT NULL CHECK (status IN ('OPEN', 'WON', 'LOST')),
  opened_at timestamptz NOT NULL DEFAULT now(),
  closed_at timestamptz,
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, gateway_account_id, gateway_id),
  FOREIGN KEY (organization_id, payment_id) REFERENCES payments (organization_id, id),
  FOREIGN KEY (organization_id, gateway_account_id) REFERENCES gateway_accounts (organization_id, id)
);
CREATE INDEX disputes_payment_index ON disputes (organization_id, payment_id);

-- What gateways told. A hint: the object is fetched. One that fits nothing stays until it does.
CREATE TABLE gateway_events (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  gateway_account_id uuid NOT NULL,
  event_id text NOT NULL,
  type text NOT NULL,
  object_kind text NOT NULL,
  object_id text NOT NULL,
  intent_id text,
  attempt_id uuid,
  happened_at timestamptz NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now(),
  came_by text NOT NULL CHECK (came_by IN ('WEBHOOK', 'POLL')),
  status text NOT NULL DEFAULT 'RECEIVED' CHECK (status IN ('RECEIVED', 'APPLIED', 'UNMATCHED', 'IGNORED')),
  tries integer NOT NULL DEFAULT 0,
  failure text,
  due_at timestamptz DEFAULT now(),
  claim_id uuid,
  settled_at timestamptz,
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, gateway_account_id, event_id),
  FOREIGN KEY (organization_id, gateway_account_id) REFERENCES gateway_accounts (organization_id, id)
);
CREATE INDEX gateway_events_due_index ON gateway_events (organization_id, due_at) WHERE due_at IS NOT NULL;
-- What waits for a payment to appear, and what one look at an intent answers at once.
CREATE INDEX gateway_events_intent_index ON gateway_events (organization_id, intent_id) WHERE status IN ('RECEIVED', 'UNMATCHED');

-- What the daily comparison with a gateway's balance did not find in the ledger, or found otherwise.
CREATE TABLE balance_findings (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  gateway_account_id uuid NOT NULL,
  balance_id text NOT NULL,
  kind text NOT NULL,
  problem text NOT NULL,
  found_at timestamptz NOT NULL DEFAULT now(),
  resolved_at timestamptz,
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, gateway_account_id, balance_id),
  FOREIGN KEY (organization_id, gateway_account_id) REFERENCES gateway_accounts (organization_id, id)
);
CREATE INDEX balance_findings_open_index ON balance_findings (organization_id, found_at) WHERE resolved_at IS NULL;

-- For whoever checks that each was told once.
CREATE INDEX events_money_index ON events (organization_id, target_id)
  WHERE type IN ('PAYMENT_COMPLETED', 'REFUND_COMPLETED', 'DISPUTE_OPENED', 'DISPUTE_CLOSED');

-- ---------------------------------------------------------------- the two locks
DO $$
DECLARE tenant_table text;
BEGIN
  FOREACH tenant_table IN ARRAY ARRAY['ledger_accounts', 'ledger_postings', 'ledger_snapshots', 'gateway_accounts',
    'gateway_customers', 'charge_adjustments', 'payment_intents', 'payment_confirmations', 'refunds', 'payment_attempts', 'disputes',
    'gateway_events', 'balance_findings']
  LOOP
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO carelane_app', tenant_table);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('CREATE POLICY tenant ON %I TO carelane_app USING (organization_id = current_organization_id())', tenant_table);
  END LOOP;
END $$;
-- What was tried or done with money is removed by nobody.
REVOKE DELETE ON gateway_accounts, payment_intents, refunds, payment_attempts, disputes, balance_findings FROM carelane_app;
-- Corrections reverse: what stands in the ledger is changed by nobody. Nor does anybody say when it happened: it is when the
-- transaction began, so that nothing falls into a month that has its snapshot.
REVOKE UPDATE, DELETE ON ledger_accounts, charge_adjustments, payment_confirmations FROM carelane_app;
REVOKE INSERT, UPDATE, DELETE ON ledger_postings, ledger_snapshots FROM carelane_app;
GRANT INSERT (organization_id, id, act, source_id, debit_id, credit_id, amount_cents, currency, is_test, charge_id, reverses_id)
  ON ledger_postings TO carelane_app;

-- ---------------------------------------------------------------- what looks across organizations
GRANT CREATE ON SCHEMA public TO carelane_system;
GRANT SELECT, UPDATE (next_step_at, claim_id) ON payments TO carelane_system;
GRANT SELECT, UPDATE (due_at, claim_id, tries) ON gateway_events TO carelane_system;
GRANT SELECT ON gateway_accounts, balance_findings TO carelane_system;
CREATE POLICY system ON payments TO carelane_system USING (true);
CREATE POLICY system ON gateway_events TO carelane_system USING (true);
CREATE POLICY system ON gateway_accounts TO carelane_system USING (true);
CREATE POLICY system ON balance_findings TO carelane_system USING (true);

-- Payments that something is to be done about, to each organization its fair share. `was_left`: somebody had claimed it and
-- never wrote down what came of it.
CREATE FUNCTION claim_due_payments(most integer, in_flight uuid[], lease interval, claim uuid)
  RETURNS TABLE (organization_id uuid, id uuid, was_left boolean)
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH looked AS MATERIALIZED (
    SELECT d.*, row_number() OVER (PARTITION BY d.organization_id ORDER BY d.next_step_at) AS turn
    FROM organizations o CROSS JOIN LATERAL (
      SELECT y.organization_id, y.id, y.claim_id, y.next_step_at FROM payments y
      WHERE y.organization_id = o.id AND y.next_step_at <= now()
      ORDER BY y.next_step_at LIMIT fair_share(most, in_flight, o.id) FOR UPDATE SKIP LOCKED) d
  ), due AS (
    SELECT l.organization_id, l.id, l.claim_id IS NOT NULL AS was_left FROM looked l ORDER BY l.turn, l.next_step_at LIMIT most
  )
  UPDATE payments y SET next_step_at = now() + lease, claim_id = claim
  FROM due WHERE y.organization_id = due.organization_id AND y.id = due.id
  RETURNING y.organization_id, y.id, due.was_left
$$;

CREATE FUNCTION renew_payments(organization_ids uuid[], ids uuid[], claims uuid[], lease interval) RETURNS SETOF uuid
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE payments y SET next_step_at = now() + lease
  FROM unnest(organization_ids, ids, claims) held (organization_id, id, claim)
  WHERE y.organization_id = held.organization_id AND y.id = held.id AND y.claim_id = held.claim
  RETURNING y.id
$$;

CREATE FUNCTION count_due_payments(most integer) RETURNS TABLE (waiting bigint, oldest_at timestamptz, failed bigint)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT count(*), min(n.next_step_at), (
    SELECT count(*) FROM organizations g JOIN payments f ON f.organization_id = g.id AND f.stage = 'NEEDS_STAFF')
  FROM organizations o CROSS JOIN LATERAL (
    SELECT y.next_step_at FROM payments y WHERE y.organization_id = o.id AND y.next_step_at <= now()
    ORDER BY y.next_step_at LIMIT most) n
$$;

CREATE FUNCTION claim_gateway_events(most integer, in_flight uuid[], lease interval, claim uuid)
  RETURNS TABLE (organization_id uuid, id uuid)
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH looked AS MATERIALIZED (
    SELECT d.*, row_number() OVER (PARTITION BY d.organization_id ORDER BY d.due_at) AS turn
    FROM organizations o CROSS JOIN LATERAL (
      SELECT g.organization_id, g.id, g.due_at FROM gateway_events g
      WHERE g.organization_id = o.id AND g.due_at <= now()
      ORDER BY g.due_at LIMIT fair_share(most, in_flight, o.id) FOR UPDATE SKIP LOCKED) d
  ), due AS (
    SELECT l.organization_id, l.id FROM looked l ORDER BY l.turn, l.due_at LIMIT most
  )
  UPDATE gateway_events g SET due_at = now() + lease, claim_id = claim, tries = g.tries + 1
  FROM due WHERE g.organization_id = due.organization_id AND g.id = due.id
  RETURNING g.organization_id, g.id
$$;

CREATE FUNCTION renew_gateway_events(organization_ids uuid[], ids uuid[], claims uuid[], lease interval) RETURNS SETOF uuid
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE gateway_events g SET due_at = now() + lease
  FROM unnest(organization_ids, ids, claims) held (organization_id, id, claim)
  WHERE g.organization_id = held.organization_id AND g.id = held.id AND g.claim_id = held.claim
  RETURNING g.id
$$;

CREATE FUNCTION count_due_gateway_events(most integer) RETURNS TABLE (waiting bigint, oldest_at timestamptz, failed bigint)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT count(*), min(n.due_at), (
    SELECT count(*) FROM organizations o JOIN gateway_events u ON u.organization_id = o.id AND u.status = 'UNMATCHED')
  FROM organizations o CROSS JOIN LATERAL (
    SELECT g.due_at FROM gateway_events g WHERE g.organization_id = o.id AND g.due_at <= now() ORDER BY g.due_at LIMIT most) n
$$;

-- The accounts of all organizations, those that are switched off too: refunds and disputes of what they took go on.
CREATE FUNCTION list_gateway_accounts() RETURNS TABLE (organization_id uuid, id uuid, is_active boolean)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT a.organization_id, a.id, a.is_active FROM gateway_accounts a ORDER BY a.organization_id, a.is_test
$$;

-- For commands that look at everybody's money.
CREATE FUNCTION list_organizations() RETURNS TABLE (organization_id uuid, tenant text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT o.id, o.tenant FROM organizations o ORDER BY o.tenant
$$;

-- Differences with gateways' balances that nobody has explained yet.
CREATE FUNCTION count_balance_findings() RETURNS TABLE (waiting bigint, oldest_at timestamptz, failed bigint)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT 0::bigint, NULL::timestamptz, count(*) FROM balance_findings f WHERE f.resolved_at IS NULL
$$;

-- Orders that wait for money look again once it moved, or once the organization's rules did. Only those that never left and never
-- failed: what failed has a time of its own.
CREATE FUNCTION release_orders(organization_ids uuid[], event_ids uuid[]) RETURNS integer
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH moved AS (
    SELECT e.organization_id, coalesce(e.case_id, y.case_id) AS case_id, e.type
    FROM unnest(organization_ids, event_ids) wanted (organization_id, id)
    JOIN events e ON e.organization_id = wanted.organization_id AND e.id = wanted.id
    LEFT JOIN payments y ON y.organization_id = e.organization_id AND y.id = e.target_id
    WHERE starts_with(e.type, 'PAYMENT_') OR e.type IN ('DISPUTE_CLOSED', 'ORGANIZATION_CHANGED', 'GATEWAY_ACCOUNT_CHANGED')
  ), of_them AS (
    SELECT o.organization_id, o.id FROM moved m
    JOIN orders o ON o.organization_id = m.organization_id AND o.case_id = m.case_id
    UNION
    SELECT o.organization_id, o.id FROM moved m
    JOIN orders o ON o.organization_id = m.organization_id AND o.status IN ('RECEIVED', 'SENDING')
    WHERE m.type IN ('ORGANIZATION_CHANGED', 'GATEWAY_ACCOUNT_CHANGED')
  ), free AS (
    SELECT o.organization_id, o.id FROM of_them t JOIN orders o ON o.organization_id = t.organization_id AND o.id = t.id
    WHERE o.status IN ('RECEIVED', 'SENDING') AND o.sending_began_at IS NULL AND o.attempts = 0 AND o.next_step_at > now()
    ORDER BY o.organization_id, o.id FOR NO KEY UPDATE OF o
  ), released AS (
    UPDATE orders o SET next_step_at = now(), claim_id = NULL
    FROM free WHERE o.organization_id = free.organization_id AND o.id = free.id RETURNING 1)
  SELECT count(*)::integer FROM released
$$;

-- Of events, those which tell that a payment came to need its patient.
CREATE FUNCTION find_payment_needs(organization_ids uuid[], event_ids uuid[])
  RETURNS TABLE (organization_id uuid, event_id uuid, payment_id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT e.organization_id, e.id, e.target_id
  FROM unnest(organization_ids, event_ids) wanted (organization_id, id)
  JOIN events e ON e.organization_id = wanted.organization_id AND e.id = wanted.id
  WHERE e.type = 'PAYMENT_UPDATED' AND e.value_after IN ('NEEDS_PATIENT', 'NEEDS_CARD')
$$;

-- In the dispatcher's transaction, as queue_notices is.
CREATE FUNCTION queue_payment_links(rows jsonb) RETURNS integer
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH queued AS (
    INSERT INTO messages (organization_id, id, kind, channel, record_kind, record_id, dedupe_digest, content_sealed)
    SELECT e.organization_id, n.id, n.kind, n.channel, n.record_kind, e.target_id, n.dedupe_digest, n.content_sealed
    FROM jsonb_to_recordset(rows) AS n (organization_id uuid, event_id uuid, id uuid, kind text, channel text, record_kind text,
      dedupe_digest bytea, content_sealed bytea)
    JOIN events e ON e.organization_id = n.organization_id AND e.id = n.event_id
    ON CONFLICT DO NOTHING RETURNING 1)
  SELECT count(*)::integer FROM queued
$$;

-- Of months that are over, and have been for a day, longer than any transaction lasts: what the accounts after the given one had
-- come to. Of those that nothing came to since their last snapshot, that one still holds.
GRANT SELECT ON ledger_accounts, ledger_postings, charges, charge_lines TO carelane_system;
GRANT INSERT ON ledger_accounts, ledger_postings TO carelane_system;
GRANT SELECT, INSERT ON ledger_snapshots TO carelane_system;
GRANT UPDATE (status, is_test) ON charges TO carelane_system;
CREATE POLICY system ON ledger_accounts TO carelane_system USING (true);
CREATE POLICY system ON ledger_postings TO carelane_system USING (true);
CREATE POLICY system ON ledger_snapshots TO carelane_system USING (true);
CREATE POLICY system ON charges TO carelane_system USING (true);
CREATE POLICY system ON charge_lines FOR SELECT TO carelane_system USING (true);

CREATE FUNCTION make_ledger_snapshots(after_organization uuid, after_account uuid, most integer)
  RETURNS TABLE (last_organization uuid, last_account uuid)
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH month AS MATERIALIZED (
    SELECT date_trunc('month', now() - interval '1 day', 'UTC') AS until
  ), looked AS MATERIALIZED (
    SELECT a.organization_id, a.id, t.until, coalesce(t.debit_cents, 0) AS debit_cents, coalesce(t.credit_cents, 0) AS credit_cents
    FROM (SELECT k.organization_id, k.id FROM ledger_accounts k
      WHERE (k.organization_id, k.id) > (after_organization, after_account) ORDER BY k.organization_id, k.id LIMIT most) a
    LEFT JOIN LATERAL (SELECT s.until::timestamp AT TIME ZONE 'UTC' AS until, s.debit_cents, s.credit_cents FROM ledger_snapshots s
      WHERE s.organization_id = a.organization_id AND s.account_id = a.id ORDER BY s.until DESC LIMIT 1) t ON true
  ), counted AS (
    SELECT l.*, month.until AS now_until, d.cents AS debited, c.cents AS credited FROM month, looked l
    CROSS JOIN LATERAL (SELECT sum(p.amount_cents) AS cents FROM ledger_postings p WHERE p.organization_id = l.organization_id
      AND p.debit_id = l.id AND p.happened_at >= coalesce(l.until, '-infinity') AND p.happened_at < month.until) d
    CROSS JOIN LATERAL (SELECT sum(p.amount_cents) AS cents FROM ledger_postings p WHERE p.organization_id = l.organization_id
      AND p.credit_id = l.id AND p.happened_at >= coalesce(l.until, '-infinity') AND p.happened_at < month.until) c
  ), made AS (
    INSERT INTO ledger_snapshots (organization_id, account_id, until, debit_cents, credit_cents)
    SELECT n.organization_id, n.id, (n.now_until AT TIME ZONE 'UTC')::date, n.debit_cents + coalesce(n.debited, 0),
      n.credit_cents + coalesce(n.credited, 0)
    FROM counted n WHERE n.debited IS NOT NULL OR n.credited IS NOT NULL
    ON CONFLICT DO NOTHING
  )
  SELECT l.organization_id, l.id FROM looked l ORDER BY l.organization_id DESC, l.id DESC LIMIT 1
$$;

-- Charges that have no postings yet: those of before this, and what the version before writes while this is applied. What is sold
-- by what it is, less all discounts, with the tax of the place: together the total.
CREATE FUNCTION post_old_charges(of_organization uuid, of_charge uuid) RETURNS void
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH charged AS MATERIALIZED (
    SELECT c.organization_id, c.id AS charge_id, c.patient_id, c.location_id, c.currency, c.created_at, c.tax_cents, c.total_cents
    FROM charges c WHERE c.is_test IS NULL AND (of_charge IS NULL OR (c.organization_id = of_organization AND c.id = of_charge))
  ), sold AS MATERIALIZED (
    SELECT c.organization_id, c.charge_id, coalesce(n.product_id, n.bundle_id) AS sold_id,
      sum(n.quantity * n.unit_price_cents) AS cents
    FROM charged c JOIN charge_lines n ON n.organization_id = c.organization_id AND n.charge_id = c.charge_id
    GROUP BY c.organization_id, c.charge_id, coalesce(n.product_id, n.bundle_id)
  ), whole AS MATERIALIZED (
    SELECT c.*, c.total_cents - c.tax_cents - coalesce((SELECT sum(s.cents) FROM sold s
      WHERE s.organization_id = c.organization_id AND s.charge_id = c.charge_id), 0) AS more_cents
    FROM charged c
  ), moves AS MATERIALIZED (
    SELECT w.organization_id, w.charge_id, w.created_at, w.currency, m.*,
      ledger_account_id(w.organization_id, m.debit_code, m.debit_owner, w.currency, false) AS debit_id,
      ledger_account_id(w.organization_id, m.credit_code, m.credit_owner, w.currency, false) AS credit_id
    FROM whole w CROSS JOIN LATERAL (
      SELECT 'receivable', 'asset', w.patient_id, 'revenue', 'income', s.sold_id, s.cents FROM sold s
      WHERE s.organization_id = w.organization_id AND s.charge_id = w.charge_id
      UNION ALL SELECT 'discounts', 'income', NULL, 'receivable', 'asset', w.patient_id, -w.more_cents
      UNION ALL SELECT 'receivable', 'asset', w.patient_id, 'tax', 'liability', w.location_id, w.tax_cents
      -- Of nothing that is on a line: there should be none.
      UNION ALL SELECT 'receivable', 'asset', w.patient_id, 'revenue', 'income', NULL, w.more_cents
    ) AS m (debit_code, debit_kind, debit_owner, credit_code, credit_kind, credit_owner, cents)
    WHERE m.cents > 0
  ), made AS (
    INSERT INTO ledger_accounts (organization_id, id, code, kind, owner_id, currency, is_test)
    SELECT DISTINCT m.organization_id, a.id, a.code, a.kind, a.owner_id, m.currency, false
    FROM moves m CROSS JOIN LATERAL (VALUES (m.debit_id, m.debit_code, m.debit_kind, m.debit_owner),
      (m.credit_id, m.credit_code, m.credit_kind, m.credit_owner)) AS a (id, code, kind, owner_id)
    ORDER BY 1, 2 ON CONFLICT DO NOTHING
  ), posted AS (
    INSERT INTO ledger_postings (organization_id, id, happened_at, act, source_id, debit_id, credit_id, amount_cents, currency, is_test,
      charge_id)
    SELECT m.organization_id, gen_random_uuid(), m.created_at, 'CHARGE', m.charge_id, m.debit_id, m.credit_id, m.cents, m.currency,
      false, m.charge_id
    FROM moves m ON CONFLICT ON CONSTRAINT ledger_postings_once_key DO NOTHING
  )
  UPDATE charges c SET is_test = false, status = CASE WHEN c.total_cents = 0 THEN 'PAID' ELSE c.status END
  FROM charged d WHERE c.organization_id = d.organization_id AND c.id = d.charge_id
$$;
CREATE FUNCTION complete_charge() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM post_old_charges(NEW.organization_id, NEW.id);
  RETURN NULL;
END $$;
CREATE TRIGGER complete_charge AFTER INSERT ON charges FOR EACH ROW WHEN (NEW.is_test IS NULL) EXECUTE FUNCTION complete_charge();

-- ---------------------------------------------------------------- what webhooks tell
-- As before, with what payments and refunds are called in the billing dialect.
CREATE OR REPLACE FUNCTION alert_type(type text, actor_kind text, value_before text, value_after text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE
    WHEN type = 'PATIENT_CREATED' THEN type
    WHEN type IN ('PATIENT_UPDATED', 'PATIENT_ARCHIVED', 'PATIENT_MERGED', 'PATIENT_UNMERGED') THEN 'PATIENT_UPDATED'
    WHEN type IN ('CHARGE_CREATED', 'PAYMENT_FAILED', 'REFUND_CREATED', 'REFUND_FAILED') THEN type
    WHEN type = 'PAYMENT_ADDED' THEN 'PAYMENT_CREATED'
    WHEN type = 'PAYMENT_COMPLETED' THEN 'PAYMENT_SUCCEEDED'
    WHEN type = 'REFUND_COMPLETED' THEN 'REFUND_SUCCEEDED'
    WHEN type = 'ADD_FORM_RESPONSE' THEN 'FORM_SUBMITTED'
    WHEN type = 'CALENDAR_EVENT_CREATED' THEN
      CASE actor_kind WHEN 'patient' THEN 'SELF_SCHEDULED_APPOINTMENT' ELSE 'APPOINTMENT_SCHEDULED' END
    WHEN type = 'CALENDAR_EVENT_CANCELED' THEN
      CASE actor_kind WHEN 'patient' THEN 'SELF_SCHEDULED_APPOINTMENT_CANCELLED' ELSE 'APPOINTMENT_CANCELLED' END
    WHEN type = 'CALENDAR_EVENT_RESCHEDULED' AND actor_kind = 'patient' THEN 'SELF_SCHEDULED_APPOINTMENT_UPDATED'
    WHEN type IN ('CALENDAR_EVENT_RESCHEDULED', 'CALENDAR_EVENT_NO_SHOW', 'CALENDAR_EVENT_NO_SHOW_REMOVED')
      THEN 'APPOINTMENT_UPDATED'
    WHEN type = 'CATALOG_CHANGED' AND value_after = 'item' THEN 'ITEM_' || coalesce(value_before, 'UPDATED')
  END;

-- The name by which a listener asked for an alert: the dialect has two for a payment that was made.
CREATE FUNCTION alert_name(alert text, subscriptions text[]) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE WHEN alert = 'PAYMENT_SUCCEEDED' AND NOT 'PAYMENT_SUCCEEDED' = ANY(subscriptions) AND 'PAYMENT_COMPLETED' = ANY(subscriptions)
    THEN 'PAYMENT_COMPLETED' ELSE alert END;
GRANT EXECUTE ON FUNCTION alert_name(text, text[]) TO carelane_app, carelane_system;

-- As before; and what happens to gateway accounts is administrative.
CREATE OR REPLACE FUNCTION make_deliveries(organization_ids uuid[], event_ids uuid[]) RETURNS integer
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH made AS (
    INSERT INTO webhook_deliveries (organization_id, endpoint_id, event_id, case_id, case_sequence)
    SELECT e.organization_id, w.id, e.id, e.case_id, e.case_sequence
    FROM unnest(organization_ids, event_ids) wanted (organization_id, id)
    JOIN events e ON e.organization_id = wanted.organization_id AND e.id = wanted.id
    JOIN webhook_endpoints w ON w.organization_id = e.organization_id AND w.disabled_at IS NULL
      AND w.created_at < e.created_at
      AND CASE w.dialect
        WHEN 'BILLING' THEN alert_name(alert_type(e.type, e.actor_kind, e.value_before, e.value_after), w.subscriptions)
          = ANY(w.subscriptions)
        ELSE e.type = ANY(w.events) OR w.events = '{}' AND e.type <> ALL(ARRAY['ORGANIZATION_CHANGED', 'CREDENTIAL_CHANGED',
          'CREDENTIAL_REVOKED', 'STAFF_CHANGED', 'PHARMACY_CHANGED', 'DRUG_CHANGED', 'GATEWAY_ACCOUNT_CHANGED']) END
    -- What happens to endpoints is no business of theirs.
    WHERE NOT starts_with(e.type, 'WEBHOOK_') AND NOT e.is_quiet
    ORDER BY e.position
    ON CONFLICT DO NOTHING RETURNING 1)
  SELECT count(*)::integer FROM made
$$;

DO $$
DECLARE signature text;
BEGIN
  FOREACH signature IN ARRAY ARRAY[
    'find_payment_needs(uuid[], uuid[])', 'queue_payment_links(jsonb)',
    'claim_due_payments(integer, uuid[], interval, uuid)', 'renew_payments(uuid[], uuid[], uuid[], interval)',
    'count_due_payments(integer)', 'claim_gateway_events(integer, uuid[], interval, uuid)', 'count_due_gateway_events(integer)',
    'renew_gateway_events(uuid[], uuid[], uuid[], interval)', 'list_gateway_accounts()', 'list_organizations()',
    'count_balance_findings()', 'release_orders(uuid[], uuid[])', 'make_ledger_snapshots(uuid, uuid, integer)',
    'post_old_charges(uuid, uuid)', 'complete_charge()']
  LOOP
    EXECUTE format('ALTER FUNCTION %s OWNER TO carelane_system', signature);
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', signature);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO carelane_app', signature);
  END LOOP;
END $$;
SELECT post_old_charges(NULL, NULL);
REVOKE EXECUTE ON FUNCTION post_old_charges(uuid, uuid), complete_charge() FROM carelane_app;
REVOKE CREATE ON SCHEMA public FROM carelane_system;
