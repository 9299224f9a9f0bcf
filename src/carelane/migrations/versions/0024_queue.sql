-- The queue by what runs out first; leases, by which staff do not work on the same case twice; saved views. Suits the version now
-- running: what it writes is completed by a trigger, and nothing it reads changes.

-- How soon a case is answered, as the clinic promises.
ALTER TABLE organizations ADD answer_within_hours integer NOT NULL DEFAULT 24 CHECK (answer_within_hours BETWEEN 1 AND 720);

ALTER TABLE cases
  -- When it runs out, but for money that is held: as promised, or with the decision. Infinity: nothing does.
  ADD due_at timestamptz NOT NULL DEFAULT 'infinity',
  -- When the patient answered what was asked; the promise counts from then.
  ADD answered_at timestamptz,
  -- Who looks after the case just now, so that others are dealt another one.
  ADD lease_staff_id uuid,
  ADD lease_ends_at timestamptz,
  ADD FOREIGN KEY (organization_id, lease_staff_id) REFERENCES staff (organization_id, id),
  ADD CONSTRAINT cases_lease_check CHECK ((lease_staff_id IS NULL) = (lease_ends_at IS NULL));

CREATE FUNCTION order_case() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.asked_patient_at IS NOT NULL AND NEW.asked_patient_at IS NULL AND NEW.status = OLD.status
    AND NEW.is_archived = OLD.is_archived THEN
    NEW.answered_at := now();
  END IF;
  NEW.due_at := CASE
    WHEN NEW.is_archived OR NEW.asked_patient_at IS NOT NULL THEN 'infinity'
    WHEN NEW.status IN ('OPEN', 'ASSIGNED', 'IN_PROGRESS', 'NO_DECISION') THEN greatest(NEW.created_at, NEW.answered_at) + make_interval(
      hours => coalesce((SELECT o.answer_within_hours FROM organizations o WHERE o.id = NEW.organization_id), 24))
    WHEN NEW.status = 'APPROVED' THEN coalesce((SELECT min(d.end_date) + 1 FROM decisions d
      WHERE d.organization_id = NEW.organization_id AND d.case_id = NEW.id AND d.is_approved)::timestamptz, 'infinity')
    ELSE 'infinity' END;
  RETURN NEW;
END $$;
-- Any write of due_at has it reckoned anew.
CREATE TRIGGER order_case BEFORE INSERT OR UPDATE OF status, is_archived, asked_patient_at, created_at, due_at ON cases
  FOR EACH ROW EXECUTE FUNCTION order_case();

ALTER TABLE cases NO FORCE ROW LEVEL SECURITY;
ALTER TABLE decisions NO FORCE ROW LEVEL SECURITY;
UPDATE cases SET due_at = due_at
WHERE NOT is_archived AND status IN ('OPEN', 'ASSIGNED', 'IN_PROGRESS', 'NO_DECISION', 'APPROVED');
ALTER TABLE decisions FORCE ROW LEVEL SECURITY;
ALTER TABLE cases FORCE ROW LEVEL SECURITY;
CREATE INDEX cases_due_index ON cases (organization_id, is_archived, status, due_at, id);

-- The pages of a list that are looked at again and again: a name for what stands in the address. Without a member: the clinic's.
CREATE TABLE saved_views (
  organization_id uuid NOT NULL REFERENCES organizations (id),
  id uuid NOT NULL,
  staff_id uuid,
  name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 60),
  query text NOT NULL CHECK (char_length(query) <= 500),
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id),
  UNIQUE NULLS NOT DISTINCT (organization_id, staff_id, name),
  FOREIGN KEY (organization_id, staff_id) REFERENCES staff (organization_id, id)
);

-- ---------------------------------------------------------------- the two locks
GRANT SELECT, INSERT, UPDATE, DELETE ON saved_views TO carelane_app;
ALTER TABLE saved_views ENABLE ROW LEVEL SECURITY;
ALTER TABLE saved_views FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON saved_views TO carelane_app USING (organization_id = current_organization_id());
