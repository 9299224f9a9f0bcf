-- Charges that are sold without a cart, adjusted and archived. Suits the version now running: what it does not know is null.

ALTER TABLE charges
  -- The id its caller gave it; null: its own.
  ADD given_id text,
  ADD comment_sealed bytea,
  ADD meta_sealed bytea,
  -- When it was made by its caller's books.
  ADD external_created_at timestamptz,
  -- Archived charges are found by nobody; what they had posted is reversed.
  ADD archived_at timestamptz;

ALTER TABLE charge_lines
  ADD sold_by_id uuid,
  ADD discount_reason_sealed bytea,
  ADD FOREIGN KEY (organization_id, sold_by_id) REFERENCES staff (organization_id, id),
  -- Something that is not in the catalog is sold by its name alone.
  DROP CONSTRAINT charge_lines_check,
  ADD CONSTRAINT charge_lines_check CHECK (num_nonnulls(product_id, bundle_id) <= 1);

-- A key has no member of staff: whom it names stands here, or nobody. Of an ADJUSTMENT the amount is what is owed less from then on:
-- below nothing where it was raised. There may be several of these.
ALTER TABLE charge_adjustments
  ALTER created_by_staff_id DROP NOT NULL,
  ADD location_id uuid,
  ADD FOREIGN KEY (organization_id, location_id) REFERENCES locations (organization_id, id),
  DROP CONSTRAINT charge_adjustments_kind_check,
  DROP CONSTRAINT charge_adjustments_amount_cents_check,
  DROP CONSTRAINT charge_adjustments_organization_id_charge_id_kind_key,
  ADD CONSTRAINT charge_adjustments_kind_check CHECK (kind IN ('VOID', 'WRITE_OFF', 'ADJUSTMENT')),
  ADD CONSTRAINT charge_adjustments_amount_cents_check CHECK (amount_cents >= 0 OR kind = 'ADJUSTMENT');
CREATE INDEX charge_adjustments_charge_index ON charge_adjustments (organization_id, charge_id, created_at, id);
CREATE UNIQUE INDEX charge_adjustments_once_key ON charge_adjustments (organization_id, charge_id, kind) WHERE kind <> 'ADJUSTMENT';
-- Who sold a line is changed; what was sold is not.
GRANT UPDATE (sold_by_id) ON charge_lines TO carelane_app;
