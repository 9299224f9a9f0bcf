-- What the page of a case adds: red flags of questions and their options, and drafts of what members of staff type. Suits the
-- version now running: nothing it uses changes its shape.

-- {"any": text, "options": {option: text}}; what a clinician must see first when a question is answered so.
ALTER TABLE form_questions ADD flags jsonb CHECK (jsonb_typeof(flags) = 'object');
CREATE INDEX form_questions_flags_index ON form_questions (organization_id) WHERE flags IS NOT NULL;

-- What a member of staff has typed into a form of the console and not sent: one row for each form of a record.
CREATE TABLE drafts (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  staff_id uuid NOT NULL,
  record_kind text NOT NULL CHECK (record_kind IN ('cases', 'orders', 'patients')),
  record_id uuid NOT NULL,
  form text NOT NULL CHECK (form ~ '^[a-z][a-z0-9-]{0,39}$'),
  -- The fields, as JSON.
  sealed bytea NOT NULL,
  saved_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id),
  CONSTRAINT drafts_form_key UNIQUE (organization_id, staff_id, record_kind, record_id, form),
  FOREIGN KEY (organization_id, staff_id) REFERENCES staff (organization_id, id)
);
CREATE INDEX drafts_saved_index ON drafts (saved_at);

-- ---------------------------------------------------------------- the two locks
GRANT SELECT, INSERT, UPDATE, DELETE ON drafts TO carelane_app;
ALTER TABLE drafts ENABLE ROW LEVEL SECURITY;
ALTER TABLE drafts FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON drafts TO carelane_app USING (organization_id = current_organization_id());

-- ---------------------------------------------------------------- what looks across organizations
GRANT CREATE ON SCHEMA public TO carelane_system;
GRANT SELECT (saved_at), DELETE ON drafts TO carelane_system;
CREATE POLICY system ON drafts TO carelane_system USING (true);

CREATE FUNCTION delete_old_drafts(older_than interval) RETURNS integer
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH gone AS (DELETE FROM drafts WHERE saved_at < now() - older_than RETURNING 1)
  SELECT count(*)::integer FROM gone
$$;
ALTER FUNCTION delete_old_drafts(interval) OWNER TO carelane_system;
REVOKE EXECUTE ON FUNCTION delete_old_drafts(interval) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION delete_old_drafts(interval) TO carelane_app;
REVOKE CREATE ON SCHEMA public FROM carelane_system;
