-- Promo codes as records. Suits the version now running: what a case was sent of codes stays where it is.

-- `used_count` counts the uses that were not given back; the check, and the row's lock, make more of them than `max_uses` impossible.
CREATE TABLE promo_codes (
  organization_id uuid NOT NULL REFERENCES organizations (id),
  id uuid NOT NULL,
  code text NOT NULL,
  code_key text NOT NULL GENERATED ALWAYS AS (lower(code)) STORED,
  label text,
  description text,
  discount_percentage numeric(9, 6) CHECK (discount_percentage > 0 AND discount_percentage <= 100),
  discount_amount_cents bigint CHECK (discount_amount_cents > 0),
  currency text NOT NULL,
  starts_at timestamptz,
  ends_at timestamptz,
  max_uses integer CHECK (max_uses >= 0),
  used_count integer NOT NULL DEFAULT 0 CHECK (used_count >= 0),
  is_active boolean NOT NULL DEFAULT true,
  is_visible boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id),
  CONSTRAINT promo_codes_code_key UNIQUE (organization_id, code_key),
  CHECK (num_nonnulls(discount_percentage, discount_amount_cents) = 1),
  CHECK (starts_at < ends_at)
);

-- A code without a row here is good for everything.
CREATE TABLE promo_code_bundles (
  organization_id uuid NOT NULL,
  promo_code_id uuid NOT NULL,
  bundle_id uuid NOT NULL,
  PRIMARY KEY (organization_id, promo_code_id, bundle_id),
  FOREIGN KEY (organization_id, promo_code_id) REFERENCES promo_codes (organization_id, id),
  FOREIGN KEY (organization_id, bundle_id) REFERENCES bundles (organization_id, id)
);
CREATE INDEX promo_code_bundles_bundle_index ON promo_code_bundles (organization_id, bundle_id);

CREATE TABLE promo_code_uses (
  organization_id uuid NOT NULL,
  promo_code_id uuid NOT NULL,
  case_id uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  released_at timestamptz,
  PRIMARY KEY (organization_id, promo_code_id, case_id),
  FOREIGN KEY (organization_id, promo_code_id) REFERENCES promo_codes (organization_id, id),
  FOREIGN KEY (organization_id, case_id) REFERENCES cases (organization_id, id)
);
CREATE INDEX promo_code_uses_case_index ON promo_code_uses (organization_id, case_id);

DO $$
DECLARE tenant_table text;
BEGIN
  FOREACH tenant_table IN ARRAY ARRAY['promo_codes', 'promo_code_bundles', 'promo_code_uses']
  LOOP
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO carelane_app', tenant_table);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('CREATE POLICY tenant ON %I TO carelane_app USING (organization_id = current_organization_id())', tenant_table);
  END LOOP;
END $$;
REVOKE DELETE ON promo_codes, promo_code_uses FROM carelane_app;
