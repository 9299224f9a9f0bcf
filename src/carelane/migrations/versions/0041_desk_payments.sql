-- The desk takes money: payments that settle several charges, in cash and from a patient's credit, and where refunds go. Suits the
-- version now running: what it writes of payments and refunds is completed by defaults.

-- ---------------------------------------------------------------- payments
ALTER TABLE payments
  -- The billing dialect's word for how it was paid: CASH, CHECK, PATIENT_CREDIT, or the name of an external medium of the clinic's.
  -- Null: it follows from the method.
  ADD medium text CHECK (length(medium) BETWEEN 1 AND 100),
  ADD location_id uuid,
  ADD FOREIGN KEY (organization_id, location_id) REFERENCES locations (organization_id, id),
  DROP CONSTRAINT payments_for_check,
  -- One of several charges names them in payment_charges.
  ADD CONSTRAINT payments_for_check CHECK (num_nonnulls(case_id, charge_id, patient_id) > 0);

-- What of a payment is for which charge.
CREATE TABLE payment_charges (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  payment_id uuid NOT NULL,
  charge_id uuid NOT NULL,
  amount_cents bigint NOT NULL CHECK (amount_cents > 0),
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, payment_id, charge_id),
  FOREIGN KEY (organization_id, payment_id) REFERENCES payments (organization_id, id),
  FOREIGN KEY (organization_id, charge_id) REFERENCES charges (organization_id, id)
);
CREATE INDEX payment_charges_charge_index ON payment_charges (organization_id, charge_id);

-- What staff changed of a payment since: where it stands, whose it is, how it was paid. Before and after are ids or names of mediums.
CREATE TABLE payment_changes (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  payment_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('ARCHIVED', 'PATIENT', 'LOCATION', 'MEDIUM')),
  value_before text,
  value_after text,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, payment_id) REFERENCES payments (organization_id, id)
);
CREATE INDEX payment_changes_payment_index ON payment_changes (organization_id, payment_id);

-- ---------------------------------------------------------------- refunds
ALTER TABLE refunds
  -- Null: the way that the payment came.
  ADD destination text CHECK (destination IN ('CASH', 'CREDIT')),
  ADD location_id uuid,
  ADD FOREIGN KEY (organization_id, location_id) REFERENCES locations (organization_id, id);

-- What of a refund is given back of which charge. Of a gateway's payment for one charge there is none: all is that charge's.
CREATE TABLE refund_charges (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  refund_id uuid NOT NULL,
  charge_id uuid NOT NULL,
  amount_cents bigint NOT NULL CHECK (amount_cents > 0),
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, refund_id, charge_id),
  FOREIGN KEY (organization_id, refund_id) REFERENCES refunds (organization_id, id),
  FOREIGN KEY (organization_id, charge_id) REFERENCES charges (organization_id, id)
);

-- ---------------------------------------------------------------- credit
-- What a patient may pay with: granted by staff, paid over a charge, or given back as credit.
CREATE TABLE patient_credits (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  -- Whose it is, and in whose account of the ledger it stands: another record, once the two were merged.
  patient_id uuid NOT NULL,
  account_patient_id uuid NOT NULL,
  currency text NOT NULL,
  is_test boolean NOT NULL,
  amount_cents bigint NOT NULL CHECK (amount_cents >= 0),
  spent_cents bigint NOT NULL DEFAULT 0,
  expires_at timestamptz,
  comment_sealed bytea,
  external_id text,
  -- The caller's own id of a membership.
  member_id text,
  created_by_staff_id uuid,
  -- What it was paid with, or given back of, where nobody granted it.
  payment_id uuid,
  refund_id uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz,
  deleted_at timestamptz,
  PRIMARY KEY (organization_id, id),
  CONSTRAINT patient_credits_never_below_zero_check CHECK (spent_cents BETWEEN 0 AND amount_cents),
  FOREIGN KEY (organization_id, patient_id) REFERENCES patients (organization_id, id),
  FOREIGN KEY (organization_id, account_patient_id) REFERENCES patients (organization_id, id),
  FOREIGN KEY (organization_id, created_by_staff_id) REFERENCES staff (organization_id, id),
  FOREIGN KEY (organization_id, payment_id) REFERENCES payments (organization_id, id),
  FOREIGN KEY (organization_id, refund_id) REFERENCES refunds (organization_id, id)
);
CREATE INDEX patient_credits_patient_index ON patient_credits (organization_id, patient_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX patient_credits_account_index ON patient_credits (organization_id, account_patient_id);
CREATE INDEX patient_credits_payment_index ON patient_credits (organization_id, payment_id) WHERE payment_id IS NOT NULL;
CREATE INDEX patient_credits_refund_index ON patient_credits (organization_id, refund_id) WHERE refund_id IS NOT NULL;

-- What came to a credit and was taken from it, but for what was spent: what the ledger posts is named after one of these. GRANT, CHANGE
-- and DELETE are staff's; PAYMENT, REFUND and RETURN stand in the ledger as the payment or the refund that they belong to.
CREATE TABLE credit_changes (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  credit_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('GRANT', 'CHANGE', 'DELETE', 'PAYMENT', 'REFUND', 'RETURN')),
  amount_cents bigint NOT NULL CHECK (amount_cents <> 0),
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, credit_id) REFERENCES patient_credits (organization_id, id)
);
CREATE INDEX credit_changes_credit_index ON credit_changes (organization_id, credit_id);

-- What a payment took from a credit, and what of it went back.
CREATE TABLE credit_spends (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  credit_id uuid NOT NULL,
  payment_id uuid NOT NULL,
  amount_cents bigint NOT NULL CHECK (amount_cents > 0),
  returned_cents bigint NOT NULL DEFAULT 0 CHECK (returned_cents BETWEEN 0 AND amount_cents),
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, payment_id, credit_id),
  FOREIGN KEY (organization_id, credit_id) REFERENCES patient_credits (organization_id, id),
  FOREIGN KEY (organization_id, payment_id) REFERENCES payments (organization_id, id)
);
CREATE INDEX credit_spends_credit_index ON credit_spends (organization_id, credit_id);

-- As before, less what has expired: it stands in the ledger, and nothing can be paid with it.
CREATE OR REPLACE FUNCTION ledger_credit(of_organization uuid, of_patient uuid) RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
RETURN (
  SELECT coalesce(sum(coalesce(t.credit_cents - t.debit_cents, 0) + coalesce(c.cents, 0) - coalesce(d.cents, 0) - coalesce(x.cents, 0)),
    0)::bigint
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
  CROSS JOIN LATERAL (SELECT sum(k.amount_cents - k.spent_cents) AS cents FROM patient_credits k
    WHERE k.organization_id = a.organization_id AND k.account_patient_id = a.owner_id AND k.currency = a.currency
      AND k.is_test = a.is_test AND k.expires_at <= now()) x
  WHERE o.id = of_organization);

-- ---------------------------------------------------------------- the two locks
DO $$
DECLARE tenant_table text;
BEGIN
  FOREACH tenant_table IN ARRAY ARRAY['payment_charges', 'payment_changes', 'refund_charges', 'patient_credits', 'credit_changes',
    'credit_spends']
  LOOP
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO carelane_app', tenant_table);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('CREATE POLICY tenant ON %I TO carelane_app USING (organization_id = current_organization_id())', tenant_table);
  END LOOP;
END $$;
-- What was done with money is removed by nobody.
REVOKE DELETE ON payment_charges, payment_changes, refund_charges, patient_credits, credit_changes, credit_spends FROM carelane_app;
REVOKE UPDATE ON payment_charges, payment_changes, refund_charges, credit_changes FROM carelane_app;
