-- Lists cost the same however much there is: for each filter and order of a list an index that has its rows in that order, so that a
-- page is read and nothing else. Suits the version now running: triggers write the new column of what it writes.

-- ---------------------------------------------------------------- cases
-- Where the patient lives now, as the queue is filtered by it: in an index with the case's own columns it can stand only here.
ALTER TABLE cases ADD patient_state text;

CREATE FUNCTION place_case() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.patient_state := (SELECT upper(p.state) FROM patients p
    WHERE p.organization_id = NEW.organization_id AND p.id = NEW.patient_id);
  RETURN NEW;
END $$;
CREATE TRIGGER place_case BEFORE INSERT OR UPDATE OF patient_id, patient_state ON cases FOR EACH ROW EXECUTE FUNCTION place_case();

CREATE FUNCTION move_patient() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- In the order in which others lock several cases.
  PERFORM FROM cases c WHERE c.organization_id = NEW.organization_id AND c.patient_id = NEW.id ORDER BY c.id FOR NO KEY UPDATE;
  UPDATE cases c SET patient_state = NULL WHERE c.organization_id = NEW.organization_id AND c.patient_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER move_patient AFTER UPDATE OF state ON patients FOR EACH ROW WHEN (upper(OLD.state) IS DISTINCT FROM upper(NEW.state))
  EXECUTE FUNCTION move_patient();

CREATE INDEX cases_state_index ON cases (organization_id, is_archived, status, patient_state, due_at, id);
CREATE INDEX cases_nobodys_index ON cases (organization_id, is_archived, status, due_at, id) WHERE assigned_to_id IS NULL;
CREATE INDEX cases_escalated_index ON cases (organization_id, is_archived, status, due_at, id) WHERE is_escalated;
CREATE INDEX cases_asked_index ON cases (organization_id, is_archived, status, due_at, id) WHERE asked_patient_at IS NOT NULL;
-- Also how many cases a member has in hand, which is asked under the rota's lock.
CREATE INDEX cases_assignee_index ON cases (organization_id, assigned_to_id, is_archived, status, due_at, id)
  WHERE assigned_to_id IS NOT NULL;
DROP INDEX cases_assigned_index;
CREATE INDEX case_products_product_index ON case_products (organization_id, product_id, case_id);

-- ---------------------------------------------------------------- deliveries of webhooks
-- What was delivered is most of it, and stands in the index by time close together.
CREATE INDEX webhook_deliveries_status_index ON webhook_deliveries (organization_id, endpoint_id, status, created_at DESC, id DESC)
  WHERE status <> 'DELIVERED';

-- ---------------------------------------------------------------- patients, in each order of their table
CREATE INDEX patients_name_index ON patients (organization_id, last_name, first_name, id) WHERE archived_at IS NULL;
CREATE INDEX patients_first_name_index ON patients (organization_id, first_name, id) WHERE archived_at IS NULL;
CREATE INDEX patients_birth_index ON patients (organization_id, date_of_birth, id) WHERE archived_at IS NULL;
-- As charges are sorted by their patients.
CREATE INDEX patients_any_case_index ON patients (organization_id, lower(last_name), lower(first_name), id);
CREATE INDEX patients_archived_index ON patients (organization_id, created_at DESC, id DESC) WHERE archived_at IS NOT NULL;
CREATE INDEX patients_location_index ON patients (organization_id, primary_location_id, created_at DESC, id DESC)
  WHERE archived_at IS NULL AND primary_location_id IS NOT NULL;
CREATE INDEX patients_lead_index ON patients (organization_id, lead_source, created_at DESC, id DESC)
  WHERE archived_at IS NULL AND lead_source IS NOT NULL;
CREATE INDEX patients_blacklist_index ON patients (organization_id, created_at DESC, id DESC)
  WHERE archived_at IS NULL AND on_scheduling_blacklist;

-- ---------------------------------------------------------------- carts, quotes, charges
CREATE INDEX carts_updated_index ON carts (organization_id, updated_at, id) WHERE archived_at IS NULL;
CREATE INDEX carts_expires_index ON carts (organization_id, expires_at, id) WHERE archived_at IS NULL;
CREATE INDEX carts_total_index ON carts (organization_id, total_cents, id) WHERE archived_at IS NULL;
DROP INDEX carts_creator_index;
CREATE INDEX carts_creator_index ON carts (organization_id, creator_id, created_at DESC, id DESC)
  WHERE archived_at IS NULL AND creator_id IS NOT NULL;
CREATE INDEX quotes_status_index ON quotes (organization_id, status, created_at DESC, id DESC);
CREATE INDEX quotes_creator_index ON quotes (organization_id, creator_id, created_at DESC, id DESC);
CREATE INDEX charges_status_index ON charges (organization_id, status, created_at DESC, id DESC);
CREATE INDEX charges_total_index ON charges (organization_id, total_cents, id);
CREATE INDEX charges_outstanding_index ON charges (organization_id, outstanding_cents, id);
CREATE INDEX charges_external_index ON charges (organization_id, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX charges_location_index ON charges (organization_id, location_id, created_at DESC, id DESC) WHERE location_id IS NOT NULL;
CREATE INDEX payments_stage_index ON payments (organization_id, stage, id);
CREATE INDEX payments_paid_index ON payments (organization_id, paid_at) WHERE charge_id IS NOT NULL AND paid_at IS NOT NULL;

-- ---------------------------------------------------------------- records of before
-- Called when this migration is committed (`migrations/__init__.py`), and dropped then. A batch locks a thousand cases for a moment.
CREATE POLICY backfill_state ON cases TO CURRENT_USER USING (true);
CREATE POLICY backfill_state ON patients FOR SELECT TO CURRENT_USER USING (true);

CREATE PROCEDURE backfill_case_states() LANGUAGE plpgsql AS $$
DECLARE
  at_organization uuid := '00000000-0000-0000-0000-000000000000';
  at_id uuid := at_organization;
BEGIN
  LOOP
    WITH batch AS MATERIALIZED (
      SELECT c.organization_id, c.id FROM cases c WHERE (c.organization_id, c.id) > (at_organization, at_id)
      ORDER BY c.organization_id, c.id LIMIT 1000
    ), placed AS (
      UPDATE cases c SET patient_state = NULL FROM batch b WHERE c.organization_id = b.organization_id AND c.id = b.id
    )
    SELECT b.organization_id, b.id INTO at_organization, at_id FROM batch b ORDER BY 1 DESC, 2 DESC LIMIT 1;
    EXIT WHEN NOT FOUND;
    COMMIT;
  END LOOP;
  COMMIT;
  DROP POLICY IF EXISTS backfill_state ON cases;
  DROP POLICY IF EXISTS backfill_state ON patients;
END $$;

-- In an order, so that a tag that many have is counted off the index up to its limit.
DROP INDEX patient_tag_assignments_tag_index;
CREATE INDEX patient_tag_assignments_tag_index ON patient_tag_assignments (organization_id, tag_id, patient_id);
