-- Links to what a patient owes and to receipts, and invoices that bring them. Suits the version now running, which knows none of it.

-- Wrong tries of whoever holds a link to show that they are the patient; no row: there were none.
CREATE TABLE bill_pages (
  organization_id uuid NOT NULL,
  patient_id uuid NOT NULL,
  link_version integer NOT NULL DEFAULT 1 CHECK (link_version > 0),
  failed_verifications integer NOT NULL DEFAULT 0 CHECK (failed_verifications >= 0),
  wrong_verifications integer NOT NULL DEFAULT 0 CHECK (wrong_verifications >= 0),
  verification_locks integer NOT NULL DEFAULT 0 CHECK (verification_locks >= 0),
  verification_unlocks_at timestamptz,
  verification_closed_at timestamptz,
  PRIMARY KEY (organization_id, patient_id),
  FOREIGN KEY (organization_id, patient_id) REFERENCES patients (organization_id, id)
);

CREATE TABLE invoices (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  patient_id uuid NOT NULL,
  location_id uuid,
  method text NOT NULL CHECK (method IN ('EMAIL', 'SMS')),
  -- Of the message that brings it.
  status text NOT NULL DEFAULT 'PENDING' CHECK (status IN ('PENDING', 'SENT', 'FAILED', 'CANCELLED')),
  -- When nothing was outstanding any more of what it asks for: paid, or given up, all of it. A trigger keeps both.
  paid_at timestamptz,
  canceled_at timestamptz CHECK (canceled_at IS NULL OR paid_at IS NULL),
  set_status text NOT NULL GENERATED ALWAYS AS (
    CASE WHEN paid_at IS NOT NULL THEN 'PAID' WHEN canceled_at IS NOT NULL THEN 'CANCELLED' WHEN status = 'FAILED' THEN 'FAILED' ELSE 'ACTIVE' END) STORED,
  amount_cents bigint NOT NULL CHECK (amount_cents > 0),
  currency text NOT NULL,
  is_test boolean NOT NULL,
  message_sealed bytea,
  failure text,
  -- [{"method", "at", "status"}], oldest first.
  attempted jsonb NOT NULL DEFAULT '[]',
  send_at timestamptz NOT NULL DEFAULT now(),
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, patient_id) REFERENCES patients (organization_id, id),
  FOREIGN KEY (organization_id, location_id) REFERENCES locations (organization_id, id)
);
CREATE INDEX invoices_sent_index ON invoices (organization_id, send_at, id);
CREATE INDEX invoices_created_index ON invoices (organization_id, created_at, id);
CREATE INDEX invoices_amount_index ON invoices (organization_id, amount_cents, id);
CREATE INDEX invoices_status_index ON invoices (organization_id, set_status, send_at, id);
CREATE INDEX invoices_location_index ON invoices (organization_id, location_id, send_at, id);
CREATE INDEX invoices_patient_index ON invoices (organization_id, patient_id, send_at, id);

-- What an invoice asks for; `amount_cents` is what was outstanding when it was made.
CREATE TABLE invoice_charges (
  organization_id uuid NOT NULL,
  invoice_id uuid NOT NULL,
  charge_id uuid NOT NULL,
  amount_cents bigint NOT NULL CHECK (amount_cents > 0),
  PRIMARY KEY (organization_id, invoice_id, charge_id),
  FOREIGN KEY (organization_id, invoice_id) REFERENCES invoices (organization_id, id),
  FOREIGN KEY (organization_id, charge_id) REFERENCES charges (organization_id, id)
);
CREATE INDEX invoice_charges_charge_index ON invoice_charges (organization_id, charge_id);

-- An invoice is over when none of its charges is outstanding: canceled where all of them were voided or written off, else paid. Its
-- row is locked first, then the charges are read in a statement of their own: of two that pay the last two charges at once, the
-- second sees what the first did.
CREATE FUNCTION follow_invoices() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM invoices v
  WHERE v.organization_id = NEW.organization_id AND v.id IN (
    SELECT i.invoice_id FROM invoice_charges i WHERE i.organization_id = NEW.organization_id AND i.charge_id = NEW.id)
  ORDER BY v.id FOR NO KEY UPDATE;
  IF FOUND THEN
    UPDATE invoices v SET paid_at = CASE WHEN s.is_over AND NOT s.is_given_up THEN coalesce(v.paid_at, now()) END,
      canceled_at = CASE WHEN s.is_over AND s.is_given_up THEN coalesce(v.canceled_at, now()) END
    FROM (
      SELECT i.invoice_id, bool_and(c.outstanding_cents <= 0) AS is_over,
        bool_and(c.status IN ('VOID', 'WRITE_OFF')) AS is_given_up
      FROM invoice_charges n
      JOIN invoice_charges i ON i.organization_id = n.organization_id AND i.invoice_id = n.invoice_id
      JOIN charges c ON c.organization_id = i.organization_id AND c.id = i.charge_id
      WHERE n.organization_id = NEW.organization_id AND n.charge_id = NEW.id
      GROUP BY i.invoice_id) s
    WHERE v.organization_id = NEW.organization_id AND v.id = s.invoice_id;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER follow_invoices AFTER UPDATE OF outstanding_cents ON charges
  FOR EACH ROW WHEN (NEW.outstanding_cents IS DISTINCT FROM OLD.outstanding_cents) EXECUTE FUNCTION follow_invoices();

-- ---------------------------------------------------------------- the two locks
DO $$
DECLARE tenant_table text;
BEGIN
  FOREACH tenant_table IN ARRAY ARRAY['bill_pages', 'invoices', 'invoice_charges']
  LOOP
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO carelane_app', tenant_table);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('CREATE POLICY tenant ON %I TO carelane_app USING (organization_id = current_organization_id())', tenant_table);
  END LOOP;
END $$;
