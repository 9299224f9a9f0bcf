-- What happened on each day, counted by the worker, so that a page reads a row a day however large the clinic is. Suits the version
-- now running: nothing that it reads changes.

-- Since when and until when a case waited for its patient; what it waits for now stands in the case.
CREATE TABLE case_pauses (
  organization_id uuid NOT NULL,
  case_id uuid NOT NULL,
  asked_at timestamptz NOT NULL,
  ended_at timestamptz NOT NULL CHECK (ended_at >= asked_at),
  PRIMARY KEY (organization_id, case_id, asked_at),
  FOREIGN KEY (organization_id, case_id) REFERENCES cases (organization_id, id)
);

-- Asked again while it waits: one wait ends, the next begins at that moment.
CREATE FUNCTION keep_pause() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO case_pauses (organization_id, case_id, asked_at, ended_at)
  VALUES (OLD.organization_id, OLD.id, OLD.asked_patient_at, greatest(OLD.asked_patient_at, now())) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER keep_pause AFTER UPDATE OF asked_patient_at ON cases FOR EACH ROW
  WHEN (OLD.asked_patient_at IS NOT NULL AND NEW.asked_patient_at IS DISTINCT FROM OLD.asked_patient_at)
  EXECUTE FUNCTION keep_pause();

-- Always written anew from the records themselves, never added to. Days are those of UTC.
CREATE TABLE daily_figures (
  organization_id uuid NOT NULL REFERENCES organizations (id),
  day date NOT NULL,
  kind text NOT NULL CHECK (kind IN ('CASES', 'WAITS', 'WORK', 'MONEY')),
  -- As figures/schemas.py reads it.
  numbers jsonb NOT NULL CHECK (jsonb_typeof(numbers) = 'object'),
  made_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, day, kind)
);

-- How far the worker has looked. Whoever counts holds the row, so that no count overwrites a later one.
CREATE TABLE figure_marks (
  organization_id uuid PRIMARY KEY REFERENCES organizations (id),
  seen_at timestamptz
);

-- A day's decisions and postings, and what stands still because of money.
CREATE INDEX decisions_created_index ON decisions (organization_id, created_at);
CREATE INDEX ledger_postings_day_index ON ledger_postings (organization_id, happened_at);
CREATE INDEX payments_failed_index ON payments (organization_id, id)
  WHERE stage IN ('NEEDS_CARD', 'NEEDS_STAFF') AND deleted_at IS NULL;

-- ---------------------------------------------------------------- the two locks
DO $$
DECLARE tenant_table text;
BEGIN
  FOREACH tenant_table IN ARRAY ARRAY['case_pauses', 'daily_figures', 'figure_marks'] LOOP
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO carelane_app', tenant_table);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('CREATE POLICY tenant ON %I TO carelane_app USING (organization_id = current_organization_id())', tenant_table);
  END LOOP;
END $$;
REVOKE UPDATE ON case_pauses FROM carelane_app;
