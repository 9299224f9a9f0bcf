-- One way to claim what is due, whatever it is: fair shares, leases that are renewed. Procrastinate's tables go.
--
-- The version that runs while this is applied goes on: its claims keep their functions. Only its dispatcher stops, because it
-- makes jobs of Procrastinate; what it would have taken up waits in the outbox for the worker that comes next.

-- How many more items one organization may get now: no more than it leaves free for the others. `free` is what the claiming
-- worker has left, `in_flight` has an entry for each item that it works on. Alone, an organization gets half of a worker; two
-- get a third each; however many are busy, as much as each of them has is left for the one that comes next.
CREATE FUNCTION fair_share(free integer, in_flight uuid[], organization uuid) RETURNS integer
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN greatest(0, (free + 1 - cardinality(array_positions(in_flight, organization))) / 2);

-- By pharmacy, so that the orders of one that does not answer are never in the way of another's.
DROP INDEX orders_due_index;
CREATE INDEX orders_due_index ON orders (organization_id, pharmacy_id, next_step_at) WHERE next_step_at IS NOT NULL;
CREATE INDEX webhook_deliveries_failed_index ON webhook_deliveries (organization_id, endpoint_id) WHERE status = 'FAILED';

-- What is done every so often, by one worker at a time. Of no organization; `failure` is the kind of the last error.
CREATE TABLE timed_jobs (
  name text PRIMARY KEY,
  due_at timestamptz NOT NULL DEFAULT now(),
  claim_id uuid,
  began_at timestamptz,
  ended_at timestamptz,
  failures integer NOT NULL DEFAULT 0,
  failure text
);
GRANT SELECT, INSERT, UPDATE ON timed_jobs TO carelane_app;

-- ---------------------------------------------------------------- what looks across organizations
GRANT CREATE ON SCHEMA public TO carelane_system;
GRANT SELECT ON timed_jobs TO carelane_system;

-- Orders whose next step is ours and due, to each organization its fair share, and at most `most_each` of one pharmacy in
-- flight. `was_left`: somebody had claimed it and never wrote down what came of it.
CREATE FUNCTION claim_due_orders(most integer, most_each integer, organizations_in_flight uuid[], pharmacies_in_flight uuid[],
    lease interval, claim uuid)
  RETURNS TABLE (organization_id uuid, id uuid, pharmacy_id uuid, was_left boolean)
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH room AS MATERIALIZED (
    SELECT p.organization_id, p.id, least(fair_share(most, organizations_in_flight, p.organization_id),
      most_each - cardinality(array_positions(pharmacies_in_flight, p.id))) AS places
    FROM pharmacies p
  ), looked AS MATERIALIZED (
    SELECT n.* FROM room r CROSS JOIN LATERAL (
      SELECT o.organization_id, o.id, o.pharmacy_id, o.claim_id, o.next_step_at FROM orders o
      WHERE o.organization_id = r.organization_id AND o.pharmacy_id = r.id AND o.next_step_at <= now()
      ORDER BY o.next_step_at LIMIT r.places FOR UPDATE SKIP LOCKED) n
    WHERE r.places > 0
    UNION ALL
    -- Those that name no pharmacy: nothing can be sent, but somebody must be told.
    SELECT n.* FROM organizations g CROSS JOIN LATERAL (
      SELECT o.organization_id, o.id, o.pharmacy_id, o.claim_id, o.next_step_at FROM orders o
      WHERE o.organization_id = g.id AND o.pharmacy_id IS NULL AND o.next_step_at <= now()
      ORDER BY o.next_step_at LIMIT fair_share(most, organizations_in_flight, g.id) FOR UPDATE SKIP LOCKED) n
  ), by_pharmacy AS (
    SELECT l.*, row_number() OVER (PARTITION BY l.organization_id, l.pharmacy_id ORDER BY l.next_step_at) AS turn FROM looked l
  ), by_organization AS (
    SELECT b.*, row_number() OVER (PARTITION BY b.organization_id ORDER BY b.turn, b.next_step_at) AS place FROM by_pharmacy b
  ), due AS (
    SELECT b.organization_id, b.id, b.claim_id IS NOT NULL AS was_left FROM by_organization b
    WHERE b.place <= fair_share(most, organizations_in_flight, b.organization_id)
    ORDER BY b.place, b.next_step_at LIMIT most
  )
  UPDATE orders o SET next_step_at = now() + lease, claim_id = claim, updated_at = now()
  FROM due WHERE o.organization_id = due.organization_id AND o.id = due.id
  RETURNING o.organization_id, o.id, o.pharmacy_id, due.was_left
$$;

-- Puts off the end of leases; returns the orders that still carry their claim.
CREATE FUNCTION renew_orders(organization_ids uuid[], ids uuid[], claims uuid[], lease interval) RETURNS SETOF uuid
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE orders o SET next_step_at = now() + lease
  FROM unnest(organization_ids, ids, claims) held (organization_id, id, claim)
  WHERE o.organization_id = held.organization_id AND o.id = held.id AND o.claim_id = held.claim
  RETURNING o.id
$$;

-- Deliveries that are due, to each organization its fair share, and each endpoint by itself, so that no backlog is in the way
-- of another endpoint: at most `most_each` of one are in flight, and a single one of an endpoint that failed last time. Where
-- there is less room than work, organizations take turns, and within each its endpoints.
--
-- One whose predecessor in the case still waits stays behind it, so that a receiver sees a case in its order; after
-- `patient_attempts` failures the next goes ahead. What stays behind is put off, so that it is not looked at each time;
-- whoever settles the predecessor calls it back.
CREATE FUNCTION claim_due_deliveries(most integer, most_each integer, organizations_in_flight uuid[], endpoints_in_flight uuid[],
    lease interval, patient_attempts integer, claim uuid)
  RETURNS TABLE (organization_id uuid, id uuid, endpoint_id uuid, attempts integer)
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH room AS MATERIALIZED (
    SELECT w.organization_id, w.id, least(fair_share(most, organizations_in_flight, w.organization_id),
      CASE WHEN w.first_failed_at IS NULL THEN most_each ELSE 1 END - cardinality(array_positions(endpoints_in_flight, w.id)))
      AS places
    FROM webhook_endpoints w WHERE w.disabled_at IS NULL
  ), looked AS MATERIALIZED (
    SELECT r.places, n.* FROM room r CROSS JOIN LATERAL (
      SELECT d.organization_id, d.id, d.endpoint_id, d.next_attempt_at, d.case_sequence,
        CASE WHEN d.replay_of_id IS NULL THEN d.case_id END AS case_id
      FROM webhook_deliveries d
      WHERE d.organization_id = r.organization_id AND d.endpoint_id = r.id AND d.status = 'PENDING'
        AND d.next_attempt_at <= now()
      ORDER BY d.next_attempt_at LIMIT 64 FOR UPDATE SKIP LOCKED) n
    WHERE r.places > 0
  ), judged AS MATERIALIZED (
    SELECT l.*, (
      SELECT max(b.next_attempt_at + interval '0') FROM webhook_deliveries b
      WHERE b.organization_id = l.organization_id AND b.case_id = l.case_id
        AND b.endpoint_id IS NOT DISTINCT FROM l.endpoint_id AND b.case_sequence < l.case_sequence
        AND b.status = 'PENDING' AND b.attempts < patient_attempts
        AND b.replay_of_id IS NULL) AS behind_at
    FROM looked l
  ), by_endpoint AS (
    SELECT j.*, row_number() OVER (PARTITION BY j.organization_id, j.endpoint_id ORDER BY j.next_attempt_at) AS turn
    FROM judged j WHERE j.behind_at IS NULL
  ), by_organization AS (
    SELECT b.*, row_number() OVER (PARTITION BY b.organization_id ORDER BY b.turn, b.next_attempt_at) AS place
    FROM by_endpoint b WHERE b.turn <= b.places
  ), due AS (
    SELECT b.organization_id, b.id FROM by_organization b
    WHERE b.place <= fair_share(most, organizations_in_flight, b.organization_id)
    ORDER BY b.place, b.next_attempt_at LIMIT most
  ), put_off AS (
    -- Looked at again soon even so: it may be settled this very moment, unseen by this statement.
    UPDATE webhook_deliveries d
    SET next_attempt_at = CASE WHEN j.behind_at > now() + lease THEN j.behind_at ELSE now() + interval '2 seconds' END
    FROM judged j WHERE d.organization_id = j.organization_id AND d.id = j.id AND j.behind_at IS NOT NULL
  )
  UPDATE webhook_deliveries d SET next_attempt_at = now() + lease, claim_id = claim, attempts = d.attempts + 1
  FROM due WHERE d.organization_id = due.organization_id AND d.id = due.id
  RETURNING d.organization_id, d.id, d.endpoint_id, d.attempts
$$;

CREATE FUNCTION renew_deliveries(organization_ids uuid[], ids uuid[], claims uuid[], lease interval) RETURNS SETOF uuid
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE webhook_deliveries d SET next_attempt_at = now() + lease
  FROM unnest(organization_ids, ids, claims) held (organization_id, id, claim)
  WHERE d.organization_id = held.organization_id AND d.id = held.id AND d.claim_id = held.claim AND d.status = 'PENDING'
  RETURNING d.id
$$;

-- Organizations that assign by themselves, have a case without anybody, and somebody to take it. The case's own row says
-- that it waits, so nothing has to be made for it, and one that came while the rota was empty is found when it is not.
CREATE FUNCTION find_unassigned(most integer, in_flight uuid[]) RETURNS SETOF uuid
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT o.id FROM organizations o
  WHERE o.assignment_policy <> 'none' AND o.id <> ALL(in_flight)
    AND EXISTS (SELECT FROM cases c
      WHERE c.organization_id = o.id AND c.status = 'OPEN' AND NOT c.is_archived AND c.assigned_to_id IS NULL)
    AND EXISTS (SELECT FROM staff s
      WHERE s.organization_id = o.id AND s.role = 'CASEWORKER' AND s.takes_cases AND s.deactivated_at IS NULL)
  LIMIT most
$$;

-- ---------------------------------------------------------------- how much waits
-- For each kind: what is due and nobody works on, since when the oldest of it waits, and what was given up. None counts
-- further than `most` for one organization, so that a great backlog does not make the question itself expensive.
CREATE FUNCTION count_due_events(most integer) RETURNS TABLE (waiting bigint, oldest_at timestamptz, failed bigint)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT count(*), min(e.created_at), 0::bigint
  FROM (SELECT created_at FROM events WHERE dispatched_at IS NULL ORDER BY number LIMIT most) e
$$;

CREATE FUNCTION count_due_assignments(most integer) RETURNS TABLE (waiting bigint, oldest_at timestamptz, failed bigint)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT count(*), min(n.created_at), 0::bigint FROM organizations o CROSS JOIN LATERAL (
    SELECT c.created_at FROM cases c
    WHERE c.organization_id = o.id AND c.status = 'OPEN' AND NOT c.is_archived AND c.assigned_to_id IS NULL
    ORDER BY c.created_at LIMIT most) n
  WHERE o.assignment_policy <> 'none'
$$;

CREATE FUNCTION count_due_orders(most integer) RETURNS TABLE (waiting bigint, oldest_at timestamptz, failed bigint)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT count(*), min(n.next_step_at), (
    SELECT count(*) FROM organizations g JOIN orders a ON a.organization_id = g.id AND a.status = 'NEEDS_ATTENTION')
  FROM pharmacies p CROSS JOIN LATERAL (
    SELECT o.next_step_at FROM orders o
    WHERE o.organization_id = p.organization_id AND o.pharmacy_id = p.id AND o.next_step_at <= now()
    ORDER BY o.next_step_at LIMIT most) n
$$;

CREATE FUNCTION count_due_deliveries(most integer) RETURNS TABLE (waiting bigint, oldest_at timestamptz, failed bigint)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT count(*), min(n.next_attempt_at), (
    SELECT count(*) FROM webhook_deliveries f WHERE f.status = 'FAILED')
  FROM webhook_endpoints w CROSS JOIN LATERAL (
    SELECT d.next_attempt_at FROM webhook_deliveries d
    WHERE d.organization_id = w.organization_id AND d.endpoint_id = w.id AND d.status = 'PENDING' AND d.next_attempt_at <= now()
    ORDER BY d.next_attempt_at LIMIT most) n
  WHERE w.disabled_at IS NULL
$$;

CREATE FUNCTION count_due_timed_jobs(most integer) RETURNS TABLE (waiting bigint, oldest_at timestamptz, failed bigint)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT count(*) FILTER (WHERE j.due_at <= now()), min(j.due_at) FILTER (WHERE j.due_at <= now()),
    count(*) FILTER (WHERE j.failures > 0)
  FROM (SELECT * FROM timed_jobs LIMIT most) j
$$;

DO $$
DECLARE signature text;
BEGIN
  FOREACH signature IN ARRAY ARRAY['claim_due_orders(integer, integer, uuid[], uuid[], interval, uuid)',
    'renew_orders(uuid[], uuid[], uuid[], interval)',
    'claim_due_deliveries(integer, integer, uuid[], uuid[], interval, integer, uuid)',
    'renew_deliveries(uuid[], uuid[], uuid[], interval)', 'find_unassigned(integer, uuid[])', 'count_due_events(integer)',
    'count_due_assignments(integer)', 'count_due_orders(integer)', 'count_due_deliveries(integer)',
    'count_due_timed_jobs(integer)']
  LOOP
    EXECUTE format('ALTER FUNCTION %s OWNER TO carelane_system', signature);
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', signature);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO carelane_app', signature);
  END LOOP;
END $$;
REVOKE CREATE ON SCHEMA public FROM carelane_system;

-- ---------------------------------------------------------------- what is left of Procrastinate
-- A case that waits to be assigned says so itself. Mail that nobody has begun is written down where mail that was begun stands:
-- as carelane_system, because row-level security hides the rows from the tables' owner.
DO $$
DECLARE found record;
BEGIN
  IF to_regclass('procrastinate_jobs') IS NULL THEN RETURN; END IF;
  GRANT SELECT ON procrastinate_jobs TO carelane_system;
  GRANT INSERT ON notifications TO carelane_system;
  CREATE POLICY system_insert ON notifications FOR INSERT TO carelane_system WITH CHECK (true);
  SET LOCAL ROLE carelane_system;
  INSERT INTO notifications (organization_id, id, event_id, recipient)
    SELECT o.id, gen_random_uuid(), e.id, r.recipient
    FROM procrastinate_jobs j
    JOIN organizations o ON o.id = (j.args ->> 'organization_id')::uuid
    JOIN events e ON e.organization_id = o.id AND e.id = (j.args ->> 'event_id')::uuid
    LEFT JOIN cases c ON c.organization_id = e.organization_id AND c.id = e.case_id
    CROSS JOIN LATERAL unnest(o.notification_emails) AS r (recipient)
    WHERE j.task_name LIKE 'notify\_%' AND j.status IN ('todo', 'doing') AND c.status IS DISTINCT FROM 'ABANDONED'
    ON CONFLICT (organization_id, event_id, recipient) DO NOTHING;
  RESET ROLE;
  DROP POLICY system_insert ON notifications;
  REVOKE INSERT ON notifications FROM carelane_system;
  FOR found IN SELECT c.oid::regclass AS name FROM pg_class c
    WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relname LIKE 'procrastinate\_%'
  LOOP EXECUTE format('DROP TABLE %s CASCADE', found.name); END LOOP;
  FOR found IN SELECT p.oid::regprocedure AS name FROM pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace AND p.proname LIKE 'procrastinate\_%'
  LOOP EXECUTE format('DROP FUNCTION %s CASCADE', found.name); END LOOP;
  FOR found IN SELECT t.oid::regtype AS name FROM pg_type t
    WHERE t.typnamespace = 'public'::regnamespace AND t.typname LIKE 'procrastinate\_%' AND t.typtype IN ('e', 'c', 'd')
  LOOP EXECUTE format('DROP TYPE %s CASCADE', found.name); END LOOP;
END $$;
