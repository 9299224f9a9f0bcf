-- Messages: one outbox for mail and text messages, a row each. It takes over from `notifications` and `quote_messages`, which
-- stay for the version that runs while this is applied; the new worker moves what still waits in them.

CREATE TABLE messages (
  organization_id uuid NOT NULL REFERENCES organizations (id),
  id uuid NOT NULL,
  -- What it is for, such as CASE_CREATED; messages/schemas.py has the list.
  kind text NOT NULL,
  channel text NOT NULL CHECK (channel IN ('MAIL', 'SMS')),
  -- The record it tells of, such as a case.
  record_kind text NOT NULL,
  record_id uuid NOT NULL,
  -- HMAC of what the message is known by to whoever queued it: an act that is repeated queues nothing twice.
  dedupe_digest bytea,
  -- Recipient, subject and text as JSON. Removed some time after the message was settled.
  content_sealed bytea,
  status text NOT NULL DEFAULT 'QUEUED' CHECK (status IN ('QUEUED', 'SENDING', 'SENT', 'FAILED', 'CANCELED')),
  attempts integer NOT NULL DEFAULT 0,
  -- Of the last attempt, in our own words.
  failure text,
  -- When it is due; while it is being sent, when its lease ends.
  due_at timestamptz DEFAULT now(),
  claim_id uuid,
  -- It is not sent after this: a code must not come an hour late.
  expires_at timestamptz,
  settled_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, dedupe_digest),
  CHECK ((status IN ('QUEUED', 'SENDING')) = (due_at IS NOT NULL)),
  CHECK ((status IN ('QUEUED', 'SENDING')) = (settled_at IS NULL))
);
CREATE INDEX messages_due_index ON messages (organization_id, due_at) WHERE status IN ('QUEUED', 'SENDING');
CREATE INDEX messages_status_index ON messages (organization_id, status, id);
CREATE INDEX messages_record_index ON messages (organization_id, record_id, id);
CREATE INDEX messages_settled_index ON messages (settled_at);
CREATE INDEX messages_content_index ON messages (settled_at) WHERE content_sealed IS NOT NULL;

-- ---------------------------------------------------------------- the two locks
GRANT SELECT, INSERT, UPDATE, DELETE ON messages TO carelane_app;
ALTER TABLE messages ENABLE ROW LEVEL SECURITY;
ALTER TABLE messages FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON messages TO carelane_app USING (organization_id = current_organization_id());

-- ---------------------------------------------------------------- what looks across organizations
GRANT CREATE ON SCHEMA public TO carelane_system;
GRANT SELECT, INSERT, DELETE, UPDATE (status, due_at, claim_id, attempts, content_sealed) ON messages TO carelane_system;
CREATE POLICY system ON messages TO carelane_system USING (true);

-- Messages that are due, to each organization its fair share; what a dead worker had comes back when its lease ends.
CREATE FUNCTION claim_messages(most integer, in_flight uuid[], lease interval, claim uuid)
  RETURNS TABLE (organization_id uuid, id uuid)
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  -- One look into the index for each organization that has messages waiting, however many those are.
  WITH RECURSIVE waiting (organization_id) AS (
    (SELECT m.organization_id FROM messages m WHERE m.status IN ('QUEUED', 'SENDING') ORDER BY m.organization_id LIMIT 1)
    UNION ALL
    SELECT (SELECT m.organization_id FROM messages m
      WHERE m.status IN ('QUEUED', 'SENDING') AND m.organization_id > w.organization_id
      ORDER BY m.organization_id LIMIT 1)
    FROM waiting w WHERE w.organization_id IS NOT NULL
  ), looked AS MATERIALIZED (
    SELECT d.*, row_number() OVER (PARTITION BY d.organization_id ORDER BY d.due_at) AS turn
    FROM waiting w CROSS JOIN LATERAL (
      SELECT m.organization_id, m.id, m.due_at FROM messages m
      WHERE m.organization_id = w.organization_id AND m.status IN ('QUEUED', 'SENDING') AND m.due_at <= now()
      ORDER BY m.due_at LIMIT fair_share(most, in_flight, w.organization_id) FOR UPDATE SKIP LOCKED) d
  ), due AS (
    SELECT l.organization_id, l.id FROM looked l ORDER BY l.turn, l.due_at LIMIT most
  )
  UPDATE messages m SET status = 'SENDING', due_at = now() + lease, claim_id = claim, attempts = m.attempts + 1
  FROM due WHERE m.organization_id = due.organization_id AND m.id = due.id
  RETURNING m.organization_id, m.id
$$;

-- Puts off the end of leases that still hold; returns whose.
CREATE FUNCTION renew_messages(organization_ids uuid[], ids uuid[], claims uuid[], lease interval) RETURNS SETOF uuid
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE messages m SET due_at = now() + lease
  FROM unnest(organization_ids, ids, claims) held (organization_id, id, claim)
  WHERE m.organization_id = held.organization_id AND m.id = held.id AND m.claim_id = held.claim AND m.status = 'SENDING'
  RETURNING m.id
$$;

-- What is due and nobody works on, since when the oldest of it waits, and what was given up; none counted further than `most`
-- for one organization.
CREATE FUNCTION count_due_messages(most integer) RETURNS TABLE (waiting bigint, oldest_at timestamptz, failed bigint)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT count(*), min(n.due_at), (
    SELECT count(*) FROM organizations g JOIN messages f ON f.organization_id = g.id AND f.status = 'FAILED')
  FROM organizations o CROSS JOIN LATERAL (
    SELECT m.due_at FROM messages m
    WHERE m.organization_id = o.id AND m.status IN ('QUEUED', 'SENDING') AND m.due_at <= now()
    ORDER BY m.due_at LIMIT most) n
$$;

-- What the people whom an organization named are told, for those of the events that tell them anything.
CREATE FUNCTION find_occasions(organization_ids uuid[], event_ids uuid[])
  RETURNS TABLE (organization_id uuid, event_id uuid, type text, case_id uuid, short_id text, is_test boolean,
    endpoint_id uuid, endpoint_name text, reason text, organization_name text, recipients text[])
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT e.organization_id, e.id, e.type, e.case_id, c.short_id, coalesce(c.is_test, false), w.id, w.name, e.value_after,
    o.name, o.notification_emails
  FROM unnest(organization_ids, event_ids) wanted (organization_id, id)
  JOIN events e ON e.organization_id = wanted.organization_id AND e.id = wanted.id
  JOIN organizations o ON o.id = e.organization_id
  LEFT JOIN cases c ON c.organization_id = e.organization_id AND c.id = e.case_id
  LEFT JOIN webhook_endpoints w ON w.organization_id = e.organization_id AND w.id = e.target_id
  WHERE e.type IN ('CREATE_CASE', 'WEBHOOK_DISABLED') AND c.status IS DISTINCT FROM 'ABANDONED'
    AND o.notification_emails <> '{}'
$$;

-- In the dispatcher's transaction, which is of no organization. Each row names its event: one of its own organization.
CREATE FUNCTION queue_notices(rows jsonb) RETURNS integer
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH queued AS (
    INSERT INTO messages (organization_id, id, kind, channel, record_kind, record_id, dedupe_digest, content_sealed)
    SELECT e.organization_id, n.id, n.kind, 'MAIL', n.record_kind, n.record_id, n.dedupe_digest, n.content_sealed
    FROM jsonb_to_recordset(rows) AS n (organization_id uuid, event_id uuid, id uuid, kind text, record_kind text,
      record_id uuid, dedupe_digest bytea, content_sealed bytea)
    JOIN events e ON e.organization_id = n.organization_id AND e.id = n.event_id
    ON CONFLICT DO NOTHING RETURNING 1)
  SELECT count(*)::integer FROM queued
$$;

-- A batch of what is kept no longer: what settled messages said, and later the rows themselves.
CREATE FUNCTION remove_message_contents(older_than interval, most integer) RETURNS integer
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH old AS (
    SELECT m.organization_id, m.id FROM messages m
    WHERE m.settled_at < now() - older_than AND m.content_sealed IS NOT NULL ORDER BY m.settled_at LIMIT most
  ), removed AS (
    UPDATE messages m SET content_sealed = NULL
    FROM old WHERE m.organization_id = old.organization_id AND m.id = old.id AND m.settled_at < now() - older_than
    RETURNING 1)
  SELECT count(*)::integer FROM removed
$$;
CREATE FUNCTION delete_old_messages(older_than interval, most integer) RETURNS integer
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH old AS (
    SELECT m.organization_id, m.id FROM messages m WHERE m.settled_at < now() - older_than ORDER BY m.settled_at LIMIT most
  ), deleted AS (
    DELETE FROM messages m USING old
    WHERE m.organization_id = old.organization_id AND m.id = old.id AND m.settled_at < now() - older_than RETURNING 1)
  SELECT count(*)::integer FROM deleted
$$;

-- ---------------------------------------------------------------- what waits in the tables of before
-- Messages with a quote that wait to be sent, most of them for a date.
CREATE FUNCTION count_waiting_messages(organization uuid, quote uuid) RETURNS integer LANGUAGE sql STABLE PARALLEL SAFE
  RETURN (SELECT count(*) FROM messages m
      WHERE m.organization_id = organization AND m.record_id = quote AND m.status IN ('QUEUED', 'SENDING'))::integer
    + (SELECT count(*) FROM quote_messages m
      WHERE m.organization_id = organization AND m.quote_id = quote AND m.status = 'PENDING')::integer;

-- As before; only where it looks for such messages has changed.
CREATE OR REPLACE FUNCTION find_ended_carts(idle interval, most integer)
  RETURNS TABLE (organization_id uuid, id uuid, status text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  (SELECT c.organization_id, c.id, 'EXPIRED' FROM carts c
   WHERE c.status = 'DRAFT' AND c.archived_at IS NULL AND c.locked_at IS NULL AND c.expires_at <= now()
   ORDER BY c.expires_at LIMIT most)
  UNION ALL
  (SELECT c.organization_id, c.id, 'ABANDONED' FROM carts c
   WHERE c.status = 'DRAFT' AND c.archived_at IS NULL AND c.locked_at IS NULL AND c.updated_at < now() - idle
     AND (c.expires_at IS NULL OR c.expires_at > now())
     AND NOT EXISTS (SELECT FROM quotes q WHERE q.organization_id = c.organization_id AND q.cart_id = c.id
       AND count_waiting_messages(q.organization_id, q.id) > 0)
   ORDER BY c.updated_at LIMIT most)
$$;

-- Those that no worker has in hand.
CREATE FUNCTION find_old_quote_messages(most integer) RETURNS TABLE (organization_id uuid, id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT m.organization_id, m.id FROM quote_messages m
  WHERE m.status = 'PENDING' AND (m.claim_id IS NULL OR m.next_attempt_at <= now()) ORDER BY m.next_attempt_at LIMIT most
$$;

DO $$
DECLARE signature text;
BEGIN
  FOREACH signature IN ARRAY ARRAY['claim_messages(integer, uuid[], interval, uuid)',
    'renew_messages(uuid[], uuid[], uuid[], interval)', 'count_due_messages(integer)', 'find_occasions(uuid[], uuid[])', 'queue_notices(jsonb)',
    'remove_message_contents(interval, integer)', 'delete_old_messages(interval, integer)',
    'find_old_quote_messages(integer)']
  LOOP
    EXECUTE format('ALTER FUNCTION %s OWNER TO carelane_system', signature);
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', signature);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO carelane_app', signature);
  END LOOP;
END $$;
REVOKE CREATE ON SCHEMA public FROM carelane_system;
