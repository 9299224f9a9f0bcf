-- Sessions: one table and one way in for all people, staff now and patients next. Suits the version now running: that one goes
-- on reading and writing staff_sessions, which is a view of the staff's rows from here on, so nobody is signed out, whichever
-- version let them in.

ALTER TABLE staff_sessions RENAME TO sessions;
ALTER TABLE sessions RENAME CONSTRAINT staff_sessions_pkey TO sessions_pkey;
ALTER TABLE sessions RENAME CONSTRAINT staff_sessions_token_digest_key TO sessions_token_digest_key;
ALTER TABLE sessions RENAME CONSTRAINT staff_sessions_organization_id_staff_id_fkey TO sessions_organization_id_staff_id_fkey;
ALTER INDEX staff_sessions_staff_index RENAME TO sessions_staff_index;
ALTER TABLE sessions
  ALTER staff_id DROP NOT NULL,
  ADD patient_id uuid,
  -- Where it is set, the session also ends so long after it was last used. Uses are written down at most once a minute.
  ADD idle_seconds integer CHECK (idle_seconds >= 120),
  ADD idle_ends_at timestamptz,
  ADD FOREIGN KEY (organization_id, patient_id) REFERENCES patients (organization_id, id),
  ADD CHECK (num_nonnulls(staff_id, patient_id) = 1),
  ADD CHECK ((idle_seconds IS NULL) = (idle_ends_at IS NULL));
CREATE INDEX sessions_patient_index ON sessions (organization_id, patient_id) WHERE patient_id IS NOT NULL;

-- For the version before this one; the first migration after it is gone can drop the view and authenticate_staff.
CREATE VIEW staff_sessions WITH (security_invoker = true) AS
  SELECT organization_id, id, staff_id, token_digest, created_at, expires_at, revoked_at
  FROM sessions WHERE staff_id IS NOT NULL;
GRANT SELECT, INSERT, UPDATE, DELETE ON staff_sessions TO carelane_app;
GRANT SELECT ON staff_sessions TO carelane_system;

GRANT CREATE ON SCHEMA public TO carelane_system;
GRANT UPDATE (idle_ends_at) ON sessions TO carelane_system;

-- Whose session is this, and until when is it good? Nothing for one that was ended, or whose member was deactivated.
CREATE FUNCTION authenticate_session(presented_digest bytea)
  RETURNS TABLE (organization_id uuid, session_id uuid, staff_id uuid, patient_id uuid, role text, ends_at timestamptz)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
BEGIN
  UPDATE sessions SET idle_ends_at = now() + make_interval(secs => idle_seconds)
    WHERE token_digest = presented_digest AND revoked_at IS NULL AND idle_ends_at > now()
      AND idle_ends_at < now() + make_interval(secs => idle_seconds) - interval '1 minute';
  RETURN QUERY SELECT n.organization_id, n.id, n.staff_id, n.patient_id, s.role, least(n.expires_at, n.idle_ends_at)
    FROM sessions n LEFT JOIN staff s ON s.organization_id = n.organization_id AND s.id = n.staff_id
    WHERE n.token_digest = presented_digest AND n.revoked_at IS NULL AND s.deactivated_at IS NULL;
END $$;

CREATE OR REPLACE FUNCTION delete_old_sessions(older_than interval) RETURNS integer
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH gone AS (DELETE FROM sessions WHERE expires_at < now() - older_than RETURNING 1)
  SELECT count(*)::integer FROM gone
$$;

ALTER FUNCTION authenticate_session(bytea) OWNER TO carelane_system;
REVOKE EXECUTE ON FUNCTION authenticate_session(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION authenticate_session(bytea) TO carelane_app;
REVOKE CREATE ON SCHEMA public FROM carelane_system;
