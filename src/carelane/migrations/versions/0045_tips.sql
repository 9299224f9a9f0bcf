-- Tips. Suits the version now running: it knows none.

-- What a member of staff is owed of tips is a liability of the clinic.
ALTER TABLE ledger_accounts
  DROP CONSTRAINT ledger_accounts_code_check,
  ADD CONSTRAINT ledger_accounts_code_check CHECK (code IN ('receivable', 'credit', 'gateway', 'gateway-fees', 'revenue', 'tax',
    'discounts', 'disputes', 'write-offs', 'cash', 'external', 'tips'));

CREATE TABLE charge_tips (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  charge_id uuid NOT NULL,
  staff_id uuid NOT NULL,
  amount_cents bigint NOT NULL CHECK (amount_cents > 0),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  removed_at timestamptz,
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, charge_id) REFERENCES charges (organization_id, id),
  FOREIGN KEY (organization_id, staff_id) REFERENCES staff (organization_id, id)
);
CREATE INDEX charge_tips_charge_index ON charge_tips (organization_id, charge_id) WHERE removed_at IS NULL;
CREATE INDEX charge_tips_created_index ON charge_tips (organization_id, created_at) WHERE removed_at IS NULL;

-- What the ledger was told of a tip: so much more for this member, or less where it is below nothing.
CREATE TABLE tip_changes (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  tip_id uuid NOT NULL,
  staff_id uuid NOT NULL,
  amount_cents bigint NOT NULL CHECK (amount_cents <> 0),
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, tip_id) REFERENCES charge_tips (organization_id, id),
  FOREIGN KEY (organization_id, staff_id) REFERENCES staff (organization_id, id)
);
CREATE INDEX tip_changes_tip_index ON tip_changes (organization_id, tip_id);

DO $$
DECLARE tenant_table text;
BEGIN
  FOREACH tenant_table IN ARRAY ARRAY['charge_tips', 'tip_changes'] LOOP
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO carelane_app', tenant_table);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('CREATE POLICY tenant ON %I TO carelane_app USING (organization_id = current_organization_id())', tenant_table);
  END LOOP;
END $$;
REVOKE UPDATE ON tip_changes FROM carelane_app;
