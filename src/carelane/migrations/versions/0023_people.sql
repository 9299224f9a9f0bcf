-- How members of staff come in by themselves: links to accept an invitation or to set a new password, the second factor's set-up
-- and its recovery codes. Suits the version now running: nothing it uses changes its shape.

ALTER TABLE staff
  -- A second factor that is being set up; it counts once its owner has shown a code of it.
  ADD totp_pending_sealed bytea,
  -- Made by `carelane demo-data`: on loopback, a link of the demo signs in as this member.
  ADD is_demo boolean NOT NULL DEFAULT false;
-- The browser and the system that a session was opened with, by which its owner tells it from others.
ALTER TABLE sessions ADD agent text CHECK (char_length(agent) <= 100);

-- A link that was sent, or is to be: the token is signed and not kept; this row says whether it is good.
CREATE TABLE staff_links (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  staff_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('INVITATION', 'RESET')),
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL CHECK (expires_at > created_at),
  used_at timestamptz,
  revoked_at timestamptz,
  PRIMARY KEY (organization_id, id),
  CHECK (num_nonnulls(used_at, revoked_at) <= 1),
  FOREIGN KEY (organization_id, staff_id) REFERENCES staff (organization_id, id)
);
CREATE INDEX staff_links_staff_index ON staff_links (organization_id, staff_id, created_at DESC);
CREATE INDEX staff_links_kind_index ON staff_links (organization_id, kind, created_at DESC);
-- Of several invitations of one member only the newest is good.
CREATE UNIQUE INDEX staff_links_invitation_key ON staff_links (organization_id, staff_id)
  WHERE kind = 'INVITATION' AND used_at IS NULL AND revoked_at IS NULL;

CREATE TABLE recovery_codes (
  organization_id uuid NOT NULL,
  staff_id uuid NOT NULL,
  -- HMAC under the organization's data key.
  code_digest bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  used_at timestamptz,
  PRIMARY KEY (organization_id, staff_id, code_digest),
  FOREIGN KEY (organization_id, staff_id) REFERENCES staff (organization_id, id)
);

-- ---------------------------------------------------------------- the two locks
GRANT SELECT, INSERT, UPDATE, DELETE ON staff_links, recovery_codes TO carelane_app;
ALTER TABLE staff_links ENABLE ROW LEVEL SECURITY;
ALTER TABLE staff_links FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON staff_links TO carelane_app USING (organization_id = current_organization_id());
ALTER TABLE recovery_codes ENABLE ROW LEVEL SECURITY;
ALTER TABLE recovery_codes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON recovery_codes TO carelane_app USING (organization_id = current_organization_id());

-- ---------------------------------------------------------------- what looks across organizations
GRANT CREATE ON SCHEMA public TO carelane_system;
GRANT SELECT (expires_at), DELETE ON staff_links TO carelane_system;
CREATE POLICY system ON staff_links TO carelane_system USING (true);

-- As authenticate_session, for what a page asks for by itself: that is no use of the session.
CREATE FUNCTION look_at_session(presented_digest bytea)
  RETURNS TABLE (organization_id uuid, session_id uuid, staff_id uuid, patient_id uuid, role text, ends_at timestamptz)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT n.organization_id, n.id, n.staff_id, n.patient_id, s.role, least(n.expires_at, n.idle_ends_at)
  FROM sessions n LEFT JOIN staff s ON s.organization_id = n.organization_id AND s.id = n.staff_id
  WHERE n.token_digest = presented_digest AND n.revoked_at IS NULL AND s.deactivated_at IS NULL
$$;

CREATE FUNCTION delete_old_staff_links(older_than interval) RETURNS integer
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH gone AS (DELETE FROM staff_links WHERE expires_at < now() - older_than RETURNING 1)
  SELECT count(*)::integer FROM gone
$$;

DO $$
DECLARE signature text;
BEGIN
  FOREACH signature IN ARRAY ARRAY['look_at_session(bytea)', 'delete_old_staff_links(interval)']
  LOOP
    EXECUTE format('ALTER FUNCTION %s OWNER TO carelane_system', signature);
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', signature);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO carelane_app', signature);
  END LOOP;
END $$;
REVOKE CREATE ON SCHEMA public FROM carelane_system;
