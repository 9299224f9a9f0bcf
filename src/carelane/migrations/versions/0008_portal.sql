-- The patient portal: one-time codes, and families of refresh tokens. Suits the version that knows only the schema before:
-- nothing it uses changes.

-- A code that was asked for. One for an address that nobody has is a row too, so that it counts and takes the same time.
CREATE TABLE portal_codes (
  organization_id uuid NOT NULL REFERENCES organizations (id),
  id uuid NOT NULL,
  patient_id uuid,
  -- HMACs under the organization's data key: of the e-mail address or number, of the caller's address, and of the code.
  identifier_digest bytea NOT NULL,
  address_digest bytea NOT NULL,
  code_digest bytea NOT NULL,
  guesses integer NOT NULL DEFAULT 0 CHECK (guesses BETWEEN 0 AND 5),
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at timestamptz,
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, patient_id) REFERENCES patients (organization_id, id)
);
CREATE INDEX portal_codes_identifier_index ON portal_codes (organization_id, identifier_digest, created_at DESC);
CREATE INDEX portal_codes_address_index ON portal_codes (organization_id, address_digest, created_at DESC);
CREATE INDEX portal_codes_created_index ON portal_codes (organization_id, created_at DESC);

-- A family is a session of the patient; these are its refresh tokens, of which one has not been replaced.
CREATE TABLE refresh_tokens (
  organization_id uuid NOT NULL,
  token_digest bytea NOT NULL,
  session_id uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  replaced_at timestamptz,
  PRIMARY KEY (organization_id, token_digest),
  FOREIGN KEY (organization_id, session_id) REFERENCES sessions (organization_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX refresh_tokens_good_index ON refresh_tokens (organization_id, session_id) WHERE replaced_at IS NULL;
CREATE INDEX refresh_tokens_session_index ON refresh_tokens (organization_id, session_id);

-- ---------------------------------------------------------------- the two locks
GRANT SELECT, INSERT, UPDATE, DELETE ON portal_codes, refresh_tokens TO carelane_app;
ALTER TABLE portal_codes ENABLE ROW LEVEL SECURITY;
ALTER TABLE portal_codes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON portal_codes TO carelane_app USING (organization_id = current_organization_id());
ALTER TABLE refresh_tokens ENABLE ROW LEVEL SECURITY;
ALTER TABLE refresh_tokens FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON refresh_tokens TO carelane_app USING (organization_id = current_organization_id());

-- ---------------------------------------------------------------- what looks across organizations
GRANT CREATE ON SCHEMA public TO carelane_system;
GRANT SELECT, DELETE ON portal_codes TO carelane_system;
CREATE POLICY system ON portal_codes TO carelane_system USING (true);

CREATE FUNCTION delete_old_portal_codes(older_than interval) RETURNS integer
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH gone AS (DELETE FROM portal_codes WHERE created_at < now() - older_than RETURNING 1)
  SELECT count(*)::integer FROM gone
$$;
ALTER FUNCTION delete_old_portal_codes(interval) OWNER TO carelane_system;
REVOKE EXECUTE ON FUNCTION delete_old_portal_codes(interval) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION delete_old_portal_codes(interval) TO carelane_app;
REVOKE CREATE ON SCHEMA public FROM carelane_system;
