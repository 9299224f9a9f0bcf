-- Nobody keeps others out: devices that members of staff are known by, and clocks that were ahead for a while. Suits the
-- version now running: nothing it uses changes its shape.

-- A browser that a member signed in with before. Its tries are counted by themselves, so that strangers who lock the account do
-- not lock its owner out. It opens nothing: password and code are asked for as ever.
CREATE TABLE staff_devices (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  staff_id uuid NOT NULL,
  token_digest bytea NOT NULL,
  failed_sign_ins integer NOT NULL DEFAULT 0,
  unlocks_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  last_used_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, token_digest),
  FOREIGN KEY (organization_id, staff_id) REFERENCES staff (organization_id, id)
);
CREATE INDEX staff_devices_staff_index ON staff_devices (organization_id, staff_id, last_used_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON staff_devices TO carelane_app;
ALTER TABLE staff_devices ENABLE ROW LEVEL SECURITY;
ALTER TABLE staff_devices FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON staff_devices TO carelane_app USING (organization_id = current_organization_id());
GRANT SELECT (last_used_at), DELETE ON staff_devices TO carelane_system;
CREATE POLICY system ON staff_devices TO carelane_system USING (true);

-- How long the lock lasts that so many failures in a row led to: twice as long after each `most_failures` of them.
CREATE FUNCTION lock_length(failures integer, most_failures integer, first_lock interval, longest_lock interval) RETURNS interval
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN least(first_lock * power(2, greatest(0, least(failures / most_failures - 1, 20))), longest_lock);

-- Whether a lock holds. One that begins more than a minute from now was made by a clock that was ahead, and holds no more.
CREATE FUNCTION is_locked(unlocks_at timestamptz, lock interval, moment timestamptz) RETURNS boolean
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN coalesce(unlocks_at > moment AND unlocks_at <= moment + lock + interval '1 minute', false);

GRANT CREATE ON SCHEMA public TO carelane_system;

CREATE FUNCTION delete_old_devices(older_than interval) RETURNS integer
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH gone AS (DELETE FROM staff_devices WHERE last_used_at < now() - older_than RETURNING 1)
  SELECT count(*)::integer FROM gone
$$;

-- As before, but a window that begins more than a minute after the one that is asked for is that of a clock that was ahead: it
-- begins anew, and locks nobody out until its time has come.
CREATE OR REPLACE FUNCTION take_requests(organization uuid, window_began_at timestamptz, wanted integer, most integer)
  RETURNS TABLE (granted integer, taken integer)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE before integer;
DECLARE current_began_at timestamptz;
BEGIN
  INSERT INTO request_windows (organization_id, began_at, taken) VALUES (organization, window_began_at, 0)
    ON CONFLICT (organization_id) DO NOTHING;
  SELECT w.began_at, w.taken INTO current_began_at, before
    FROM request_windows w WHERE w.organization_id = organization FOR UPDATE;
  IF current_began_at < window_began_at OR current_began_at > window_began_at + interval '1 minute' THEN
    current_began_at := window_began_at;
    before := 0;
  END IF;
  granted := greatest(0, least(wanted, most - before));
  taken := before + granted;
  UPDATE request_windows w SET began_at = current_began_at, taken = take_requests.taken
    WHERE w.organization_id = organization;
  RETURN NEXT;
END $$;

-- Makes due what a clock that was ahead put off: leases that end later than one taken now would, and waits longer than there
-- are any. How many rows that were.
CREATE FUNCTION recall_what_is_ahead(lease interval) RETURNS integer
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH leased AS (
    UPDATE orders o SET next_step_at = now()
    WHERE o.claim_id IS NOT NULL AND o.next_step_at > now() + lease + interval '1 minute' RETURNING 1
  ), deliveries AS (
    UPDATE webhook_deliveries d SET next_attempt_at = now()
    WHERE d.status = 'PENDING' AND d.next_attempt_at > now() + lease + interval '1 minute'
      AND (d.claim_id IS NOT NULL OR d.next_attempt_at > now() + interval '27 hours') RETURNING 1
  ), messages AS (
    UPDATE messages m SET due_at = now()
    WHERE m.due_at > now() + lease + interval '1 minute'
      AND (m.status = 'SENDING' OR m.status = 'QUEUED' AND m.attempts > 0 AND m.due_at > now() + interval '2 hours') RETURNING 1
  )
  SELECT (SELECT count(*) FROM leased)::integer + (SELECT count(*) FROM deliveries)::integer
    + (SELECT count(*) FROM messages)::integer
$$;

DO $$
DECLARE signature text;
BEGIN
  FOREACH signature IN ARRAY ARRAY['delete_old_devices(interval)', 'recall_what_is_ahead(interval)']
  LOOP
    EXECUTE format('ALTER FUNCTION %s OWNER TO carelane_system', signature);
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', signature);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO carelane_app', signature);
  END LOOP;
END $$;
REVOKE CREATE ON SCHEMA public FROM carelane_system;
