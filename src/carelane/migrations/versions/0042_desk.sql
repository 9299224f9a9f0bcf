-- The front desk: quick notes, how two records of a person are found. Suits the version now running: it knows none of it.

-- ---------------------------------------------------------------- quick notes
CREATE TABLE quick_notes (
  organization_id uuid NOT NULL REFERENCES organizations (id),
  id uuid NOT NULL,
  patient_id uuid NOT NULL,
  note_sealed bytea NOT NULL,
  creator_id uuid NOT NULL,
  -- The caller's own ids of an appointment and of the note.
  appointment_id text,
  external_id text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz,
  archived_at timestamptz,
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, patient_id) REFERENCES patients (organization_id, id),
  FOREIGN KEY (organization_id, creator_id) REFERENCES staff (organization_id, id)
);
CREATE INDEX quick_notes_patient_index ON quick_notes (organization_id, patient_id, created_at DESC, id DESC);

-- ---------------------------------------------------------------- two records of one person
CREATE INDEX patients_person_index ON patients (organization_id, last_name_key, first_name_key, date_of_birth)
  WHERE archived_at IS NULL;

-- ---------------------------------------------------------------- how payments come
-- A clinic's own words for payments that were made outside; `payments.medium` has the name itself, and keeps it.
CREATE TABLE payment_mediums (
  organization_id uuid NOT NULL REFERENCES organizations (id),
  id uuid NOT NULL,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
  -- In which names are compared.
  name_key text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz,
  archived_at timestamptz,
  PRIMARY KEY (organization_id, id),
  CONSTRAINT payment_mediums_name_key UNIQUE (organization_id, name_key)
);

-- ---------------------------------------------------------------- cards that are kept
-- Each card that was ever kept for a patient, by whichever way; `gateway_customers` has the one that is charged next.
CREATE TABLE payment_methods (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  gateway_account_id uuid NOT NULL,
  patient_id uuid NOT NULL,
  -- The gateway's names; never a card number.
  customer_id text NOT NULL,
  method_id text NOT NULL,
  brand text,
  last4 text,
  exp_month smallint,
  exp_year smallint,
  -- When the gateway was asked what may be shown.
  looked_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  archived_at timestamptz,
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, patient_id, gateway_account_id, method_id),
  FOREIGN KEY (organization_id, gateway_account_id) REFERENCES gateway_accounts (organization_id, id),
  FOREIGN KEY (organization_id, patient_id) REFERENCES patients (organization_id, id)
);
CREATE INDEX gateway_customers_customer_index ON gateway_customers (organization_id, gateway_account_id, customer_id);
CREATE FUNCTION follow_payment_method() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO payment_methods AS m (organization_id, id, gateway_account_id, patient_id, customer_id, method_id)
  VALUES (NEW.organization_id, uuid7(), NEW.gateway_account_id, NEW.patient_id, NEW.customer_id, NEW.method_id)
  ON CONFLICT (organization_id, patient_id, gateway_account_id, method_id)
  DO UPDATE SET customer_id = excluded.customer_id, archived_at = NULL
  WHERE m.archived_at IS NOT NULL OR m.customer_id <> excluded.customer_id;
  RETURN NULL;
END $$;
CREATE TRIGGER follow_payment_method AFTER INSERT OR UPDATE OF method_id, customer_id ON gateway_customers
  FOR EACH ROW WHEN (NEW.method_id IS NOT NULL) EXECUTE FUNCTION follow_payment_method();
ALTER TABLE gateway_customers NO FORCE ROW LEVEL SECURITY;
INSERT INTO payment_methods (organization_id, id, gateway_account_id, patient_id, customer_id, method_id, created_at)
SELECT organization_id, uuid7(), gateway_account_id, patient_id, customer_id, method_id, updated_at
FROM gateway_customers WHERE method_id IS NOT NULL;
ALTER TABLE gateway_customers FORCE ROW LEVEL SECURITY;

-- ---------------------------------------------------------------- card payments at the desk
-- What is to be paid by card, until a card is charged for it: once. `shares` has charges and amounts.
CREATE TABLE payin_configs (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  medium text NOT NULL,
  saves_method boolean NOT NULL,
  location_id uuid,
  creator_id uuid,
  gateway_account_id uuid NOT NULL,
  shares jsonb NOT NULL CHECK (jsonb_typeof(shares) = 'array'),
  payment_id uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, location_id) REFERENCES locations (organization_id, id),
  FOREIGN KEY (organization_id, creator_id) REFERENCES staff (organization_id, id),
  FOREIGN KEY (organization_id, gateway_account_id) REFERENCES gateway_accounts (organization_id, id),
  FOREIGN KEY (organization_id, payment_id) REFERENCES payments (organization_id, id)
);
-- at_desk: a kept card is charged at once, while somebody waits for the answer; what it refuses is over.
ALTER TABLE payments DROP CONSTRAINT payments_policy_check,
  ADD CONSTRAINT payments_policy_check CHECK (policy IN ('charge_on_approval', 'hold', 'unverified', 'on_page', 'at_desk'));

-- ---------------------------------------------------------------- the table of payments
-- What the billing dialect says of them (charges/money/views.py), so that they are found by it.
ALTER TABLE payments
  ADD shown_medium text GENERATED ALWAYS AS (coalesce(medium, CASE
    WHEN method = 'GATEWAY' AND policy = 'on_page' THEN 'PAYMENT_LINK' WHEN method = 'GATEWAY' THEN 'SAVED_PAYMENT_METHOD'
    WHEN method = 'CASH' THEN 'CASH' WHEN method = 'CREDIT' THEN 'PATIENT_CREDIT' ELSE 'EXTERNAL' END)) STORED,
  ADD shown_status text GENERATED ALWAYS AS (CASE
    WHEN policy = 'at_desk' AND status = 'CANCELED' AND captured_cents = 0 THEN 'FAILED'
    WHEN status IN ('PAID', 'REFUND', 'IN_DISPUTE', 'LOST_DISPUTE') THEN 'SUCCEEDED'
    WHEN status = 'CANCELED' THEN 'CANCELED' WHEN status = 'ERROR' THEN 'FAILED'
    WHEN stage IN ('UNCHECKED', 'NEEDS_STAFF') THEN 'IN_REVIEW' WHEN stage IN ('DUE', 'RELEASING') THEN 'PROCESSING'
    WHEN stage = 'NEEDS_PATIENT' THEN 'PRESENTING' WHEN stage = 'NEEDS_CARD' THEN 'FAILED' ELSE 'CREATED' END) STORED;
CREATE INDEX payments_created_index ON payments (organization_id, created_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX payments_amount_index ON payments (organization_id, amount_cents, id) WHERE deleted_at IS NULL;
CREATE INDEX payments_shown_medium_index ON payments (organization_id, shown_medium, created_at DESC, id DESC)
  WHERE deleted_at IS NULL;
CREATE INDEX payments_shown_status_index ON payments (organization_id, shown_status, created_at DESC, id DESC)
  WHERE deleted_at IS NULL;
CREATE INDEX payments_location_index ON payments (organization_id, location_id, created_at DESC, id DESC)
  WHERE deleted_at IS NULL AND location_id IS NOT NULL;
CREATE INDEX payments_creator_index ON payments (organization_id, created_by_staff_id, created_at DESC, id DESC)
  WHERE deleted_at IS NULL AND created_by_staff_id IS NOT NULL;
CREATE INDEX payments_account_index ON payments (organization_id, gateway_account_id, created_at DESC, id DESC)
  WHERE deleted_at IS NULL AND gateway_account_id IS NOT NULL;
CREATE INDEX payments_last4_index ON payments (organization_id, card_last4, created_at DESC, id DESC)
  WHERE deleted_at IS NULL AND card_last4 IS NOT NULL;
CREATE INDEX payments_described_index ON payments (organization_id, created_at DESC, id DESC)
  WHERE deleted_at IS NULL AND description IS NOT NULL;
CREATE INDEX payments_of_patient_index ON payments (organization_id, patient_id, created_at DESC, id DESC) WHERE deleted_at IS NULL;
-- By the name itself: a medium that is renamed.
CREATE INDEX payments_medium_index ON payments (organization_id, medium) WHERE medium IS NOT NULL;

-- ---------------------------------------------------------------- the two locks
DO $$
DECLARE tenant_table text;
BEGIN
  FOREACH tenant_table IN ARRAY ARRAY['quick_notes', 'payment_mediums', 'payment_methods', 'payin_configs']
  LOOP
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO carelane_app', tenant_table);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('CREATE POLICY tenant ON %I TO carelane_app USING (organization_id = current_organization_id())', tenant_table);
  END LOOP;
END $$;
