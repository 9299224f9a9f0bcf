-- Orders: who decides (accounts, licences), where prescriptions go (pharmacies, drugs), the way of an order there and back,
-- and who is told (webhooks). Suits the version that knows only 0001: columns are added, none changes its meaning.

-- ---------------------------------------------------------------- who decides
ALTER TABLE staff
  ADD password_hash text,
  ADD totp_secret_sealed bytea,
  -- The last time step whose code was used: a code that was overheard opens nothing a second time.
  ADD totp_last_step bigint,
  ADD failed_sign_ins integer NOT NULL DEFAULT 0,
  ADD unlocks_at timestamptz,
  ADD email_key text NOT NULL GENERATED ALWAYS AS (lower(email)) STORED;
CREATE UNIQUE INDEX staff_email_key_index ON staff (organization_id, email_key);

CREATE TABLE staff_licenses (
  organization_id uuid NOT NULL,
  staff_id uuid NOT NULL,
  state text NOT NULL,
  number text NOT NULL,
  -- The last day on which the licence is good.
  expires_on date NOT NULL,
  PRIMARY KEY (organization_id, staff_id, state),
  FOREIGN KEY (organization_id, staff_id) REFERENCES staff (organization_id, id)
);

-- Signed-in staff: an API token or a browser's cookie, of which only the SHA-256 digest is kept.
CREATE TABLE staff_sessions (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  staff_id uuid NOT NULL,
  token_digest bytea NOT NULL UNIQUE,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz,
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, staff_id) REFERENCES staff (organization_id, id)
);
CREATE INDEX staff_sessions_staff_index ON staff_sessions (organization_id, staff_id);

-- Text that people write is sealed; archive_note, message and replacement_reason of
-- 0001 never had a writer and stay empty.
ALTER TABLE cases
  ADD archive_note_sealed bytea,
  -- Since then the clinic waits for the patient's answer to a question.
  ADD asked_patient_at timestamptz;
CREATE INDEX cases_status_index ON cases (organization_id, status, created_at) WHERE NOT is_archived;

-- ---------------------------------------------------------------- where prescriptions go
-- `code` is what storefronts send as pharmacyId. `simulator` is the one in the box, wherever the settings say it listens.
CREATE TABLE pharmacies (
  organization_id uuid NOT NULL REFERENCES organizations (id),
  id uuid NOT NULL,
  code text NOT NULL,
  name text NOT NULL,
  adapter text NOT NULL CHECK (adapter IN ('http', 'fhir', 'simulator', 'simulator-fhir')),
  url text,
  -- Signs what we send, and what the pharmacy calls back with.
  secret_sealed bytea NOT NULL,
  is_active boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, code),
  CHECK (adapter IN ('simulator', 'simulator-fhir') OR url IS NOT NULL)
);
-- A callback names the pharmacy by its id alone, before the organization is known.
CREATE UNIQUE INDEX pharmacies_id_key ON pharmacies (id);

CREATE TABLE drugs (
  organization_id uuid NOT NULL REFERENCES organizations (id),
  id uuid NOT NULL,
  code text NOT NULL,
  name text NOT NULL,
  ndc text,
  -- Of the Controlled Substances Act; null for what is not controlled.
  schedule text CHECK (schedule IN ('II', 'III', 'IV', 'V')),
  product_id uuid,
  is_active boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, code),
  FOREIGN KEY (organization_id, product_id) REFERENCES products (organization_id, id)
);

-- ---------------------------------------------------------------- the way of an order
ALTER TABLE orders
  ADD pharmacy_id uuid,
  -- The body key of seed 001: once per organization, for good.
  ADD idempotency_key text,
  -- The whole order as it was sent and completed (addresses, prescriber, diagnosis, health, items), one sealed document.
  ADD sealed bytea,
  ADD message_sealed bytea,
  ADD replacement_reason_sealed bytea,
  ADD warnings text[] NOT NULL DEFAULT '{}',
  ADD replaces_order_id uuid,
  ADD document_id uuid,
  ADD pharmacy_document_id uuid,
  -- The pharmacy said that it has a document of its own, which we then fetch.
  ADD pharmacy_has_document boolean NOT NULL DEFAULT false,
  -- Whose move it is: our next step is due then; null when nothing is ours to do. A claim moves it into the future, so
  -- that what a dead worker held is taken up again.
  ADD next_step_at timestamptz,
  ADD claim_id uuid,
  -- Set before the first byte leaves, so that an order whose worker died is asked about and never sent blindly again.
  ADD sending_began_at timestamptz,
  ADD attempts integer NOT NULL DEFAULT 0,
  ADD failure text,
  ADD cancel_requested_at timestamptz,
  ADD cancel_reason_sealed bytea,
  ADD cancel_failure text,
  ADD sent_at timestamptz, ADD accepted_at timestamptz, ADD shipped_at timestamptz, ADD delivered_at timestamptz,
  ADD ended_at timestamptz,
  ADD updated_at timestamptz NOT NULL DEFAULT now(),
  ADD CONSTRAINT orders_status_check CHECK (status IN ('RECEIVED', 'SENDING', 'SENT', 'ACCEPTED', 'SHIPPED', 'DELIVERED',
    'REJECTED', 'CANCELED', 'NEEDS_ATTENTION')),
  ADD FOREIGN KEY (organization_id, pharmacy_id) REFERENCES pharmacies (organization_id, id),
  ADD FOREIGN KEY (organization_id, replaces_order_id) REFERENCES orders (organization_id, id);
CREATE UNIQUE INDEX orders_idempotency_key ON orders (organization_id, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE UNIQUE INDEX orders_replaces_key ON orders (organization_id, replaces_order_id) WHERE replaces_order_id IS NOT NULL;
CREATE INDEX orders_due_index ON orders (next_step_at) WHERE next_step_at IS NOT NULL;
CREATE INDEX orders_pharmacy_order_index ON orders (organization_id, pharmacy_id, pharmacy_order_id);
CREATE UNIQUE INDEX orders_external_key ON orders (organization_id, external_id);
CREATE INDEX orders_status_index ON orders (organization_id, status, id);

-- What is dispensed is one sealed document; name and quantity in the clear were never written.
ALTER TABLE order_items
  ADD sealed bytea,
  ALTER name DROP NOT NULL,
  ALTER quantity DROP NOT NULL;

-- Where a parcel was and what the carrier said may name people and their homes: sealed; location and message of 0001 never
-- had a writer and stay empty.
ALTER TABLE order_shipping_logs
  ADD tracking_id text,
  ADD callback_id uuid,
  ADD location_sealed bytea,
  ADD message_sealed bytea;

ALTER TABLE case_product_requests
  ADD order_id uuid,
  ADD FOREIGN KEY (organization_id, order_id) REFERENCES orders (organization_id, id);

-- Each time we turned to a pharmacy. `failure` is one of our own words, never the pharmacy's text.
CREATE TABLE order_attempts (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  order_id uuid NOT NULL,
  call text NOT NULL CHECK (call IN ('new_rx', 'status', 'cancel_rx', 'document')),
  outcome text NOT NULL CHECK (outcome IN ('done', 'refused', 'retry', 'unknown')),
  http_status integer,
  failure text,
  duration_milliseconds integer NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, order_id) REFERENCES orders (organization_id, id)
);
CREATE INDEX order_attempts_order_index ON order_attempts (organization_id, order_id);

-- What pharmacies tell us: stored before it is judged. WAITING: no order of that name yet.
CREATE TABLE pharmacy_callbacks (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  pharmacy_id uuid NOT NULL,
  -- The pharmacy's own name for this message: the second of a name is a repetition.
  message_id text NOT NULL,
  -- Which order it names: by our id for it, or only by the pharmacy's own. Null for what cannot be read.
  external_id uuid,
  pharmacy_order_id text,
  order_id uuid,
  status text NOT NULL CHECK (status IN ('STORED', 'APPLIED', 'LATE', 'WAITING', 'UNREADABLE')),
  sealed bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  applied_at timestamptz,
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, pharmacy_id, message_id),
  FOREIGN KEY (organization_id, pharmacy_id) REFERENCES pharmacies (organization_id, id)
);
CREATE INDEX pharmacy_callbacks_open_index ON pharmacy_callbacks (organization_id, pharmacy_id, order_id)
  WHERE status IN ('STORED', 'WAITING');
-- What staff look at: the messages about one order, and those that found none.
CREATE INDEX pharmacy_callbacks_order_index ON pharmacy_callbacks (organization_id, order_id) WHERE order_id IS NOT NULL;
CREATE INDEX pharmacy_callbacks_inbox_index ON pharmacy_callbacks (organization_id, id)
  WHERE status IN ('WAITING', 'UNREADABLE');

-- ---------------------------------------------------------------- answers kept for callers that ask again
CREATE TABLE idempotency_keys (
  organization_id uuid NOT NULL REFERENCES organizations (id),
  key_digest bytea NOT NULL,
  request_digest bytea NOT NULL,
  status integer NOT NULL,
  answer_sealed bytea NOT NULL,
  id uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, key_digest)
);
CREATE INDEX idempotency_keys_created_index ON idempotency_keys (created_at);

-- ---------------------------------------------------------------- events: an order within each case, a place in the feed
ALTER TABLE events
  -- 1, 2, 3 … within its case, by the order in which the case changed.
  ADD case_sequence integer,
  -- Given out by the dispatcher, one batch at a time, so that a reader who has seen position n has seen all below it.
  ADD position bigint;
CREATE SEQUENCE event_positions;
-- It serves whoever asks by case as well, so the index of 0001 is one too many on the busiest table.
DROP INDEX events_case_index;
CREATE UNIQUE INDEX events_case_sequence_key ON events (organization_id, case_id, case_sequence);
CREATE INDEX events_feed_index ON events (organization_id, position) WHERE position IS NOT NULL;

-- ---------------------------------------------------------------- webhooks
CREATE TABLE webhook_endpoints (
  organization_id uuid NOT NULL REFERENCES organizations (id),
  id uuid NOT NULL,
  name text NOT NULL,
  url text NOT NULL,
  -- Empty: all events.
  events text[] NOT NULL DEFAULT '{}',
  document_format text NOT NULL DEFAULT 'URL' CHECK (document_format IN ('BASE64', 'URL')),
  payload text NOT NULL DEFAULT 'FULL_CASE' CHECK (payload IN ('FULL_CASE', 'EVENT_ONLY')),
  secret_sealed bytea NOT NULL,
  previous_secret_sealed bytea,
  previous_secret_ends_at timestamptz,
  disabled_at timestamptz,
  disabled_reason text CHECK (disabled_reason IN ('BY_STAFF', 'GONE', 'FAILING')),
  first_failed_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, name)
);

CREATE TABLE webhook_deliveries (
  organization_id uuid NOT NULL,
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  endpoint_id uuid NOT NULL,
  event_id uuid NOT NULL,
  case_id uuid,
  case_sequence integer,
  status text NOT NULL DEFAULT 'PENDING' CHECK (status IN ('PENDING', 'DELIVERED', 'FAILED', 'CANCELED')),
  -- Null for the first; the delivery that this one repeats because somebody asked for it.
  replay_of_id uuid,
  attempts integer NOT NULL DEFAULT 0,
  -- As orders.next_step_at: when the next attempt is due; null at the end. A claim moves it into the future.
  next_attempt_at timestamptz DEFAULT now(),
  claim_id uuid,
  delivered_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, endpoint_id) REFERENCES webhook_endpoints (organization_id, id),
  FOREIGN KEY (organization_id, event_id) REFERENCES events (organization_id, id)
);
CREATE UNIQUE INDEX webhook_deliveries_event_key ON webhook_deliveries (organization_id, endpoint_id, event_id)
  WHERE replay_of_id IS NULL;
-- By endpoint, so that the backlog of one is never in the way of another.
CREATE INDEX webhook_deliveries_due_index ON webhook_deliveries (organization_id, endpoint_id, next_attempt_at)
  WHERE status = 'PENDING';
-- Questions about a case compare the endpoint with IS NOT DISTINCT FROM, which no index serves: before a big backlog has been
-- analyzed, the planner would else read the whole of an endpoint for each case.
CREATE INDEX webhook_deliveries_case_index ON webhook_deliveries (organization_id, case_id, case_sequence)
  WHERE status = 'PENDING';
CREATE INDEX webhook_deliveries_endpoint_index ON webhook_deliveries (organization_id, endpoint_id, created_at);

CREATE TABLE webhook_attempts (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  delivery_id uuid NOT NULL,
  number integer NOT NULL,
  http_status integer,
  failure text,
  duration_milliseconds integer NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, delivery_id) REFERENCES webhook_deliveries (organization_id, id)
);
CREATE INDEX webhook_attempts_delivery_index ON webhook_attempts (organization_id, delivery_id);

-- ---------------------------------------------------------------- the two locks
DO $$
DECLARE tenant_table text;
BEGIN
  FOREACH tenant_table IN ARRAY ARRAY['staff_licenses', 'staff_sessions', 'pharmacies', 'drugs', 'order_attempts',
    'pharmacy_callbacks', 'idempotency_keys', 'webhook_endpoints', 'webhook_deliveries', 'webhook_attempts']
  LOOP
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO carelane_app', tenant_table);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('CREATE POLICY tenant ON %I TO carelane_app USING (organization_id = current_organization_id())', tenant_table);
  END LOOP;
END $$;
-- What was tried and what was told is history, as events are.
REVOKE UPDATE, DELETE ON order_attempts, webhook_attempts FROM carelane_app;
GRANT USAGE ON SEQUENCE event_positions TO carelane_system;

-- ---------------------------------------------------------------- what looks across organizations
GRANT CREATE ON SCHEMA public TO carelane_system;
GRANT SELECT ON staff, staff_sessions, pharmacies, pharmacy_callbacks, webhook_endpoints, webhook_deliveries, orders, idempotency_keys
  TO carelane_system;
GRANT UPDATE (dispatched_at, position) ON events TO carelane_system;
GRANT UPDATE (next_step_at, claim_id, updated_at) ON orders TO carelane_system;
GRANT INSERT, UPDATE (next_attempt_at, claim_id, attempts) ON webhook_deliveries TO carelane_system;
GRANT DELETE ON idempotency_keys, staff_sessions TO carelane_system;
CREATE POLICY system ON staff FOR SELECT TO carelane_system USING (true);
CREATE POLICY system ON staff_sessions TO carelane_system USING (true);
CREATE POLICY system ON pharmacies FOR SELECT TO carelane_system USING (true);
CREATE POLICY system ON pharmacy_callbacks FOR SELECT TO carelane_system USING (true);
CREATE POLICY system ON webhook_endpoints FOR SELECT TO carelane_system USING (true);
CREATE POLICY system ON webhook_deliveries TO carelane_system USING (true);
CREATE POLICY system ON orders TO carelane_system USING (true);
CREATE POLICY system ON idempotency_keys TO carelane_system USING (true);

CREATE FUNCTION authenticate_staff(presented_digest bytea)
  RETURNS TABLE (organization_id uuid, session_id uuid, staff_id uuid, role text, expires_at timestamptz)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT n.organization_id, n.id, s.id, s.role, n.expires_at FROM staff_sessions n
  JOIN staff s ON s.organization_id = n.organization_id AND s.id = n.staff_id
  WHERE n.token_digest = presented_digest AND n.revoked_at IS NULL AND s.deactivated_at IS NULL
$$;

-- Whoever calls back names the pharmacy; whose it is must be known before its secret can be read. A pharmacy that gets no
-- more orders still tells of those it has.
CREATE FUNCTION find_calling_pharmacy(pharmacy uuid)
  RETURNS TABLE (organization_id uuid, id uuid, code text, name text, adapter text, url text, secret_sealed bytea,
    is_active boolean)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT p.organization_id, p.id, p.code, p.name, p.adapter, p.url, p.secret_sealed, p.is_active
  FROM pharmacies p WHERE p.id = pharmacy
$$;

-- Hands out events as claim_events does, and gives each its place in the feed. One dispatcher at a time: were two to
-- commit out of turn, a reader could pass over the places of the later one.
CREATE FUNCTION claim_feed(most integer)
  RETURNS TABLE (organization_id uuid, id uuid, type text, case_id uuid, case_status text)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
BEGIN
  IF NOT pg_try_advisory_xact_lock(8400002) THEN RETURN; END IF;
  RETURN QUERY
  WITH claimed AS MATERIALIZED (
    SELECT e.organization_id, e.id, e.case_id FROM events e WHERE e.dispatched_at IS NULL
    ORDER BY e.number LIMIT most FOR UPDATE SKIP LOCKED
  ), placed AS MATERIALIZED (
    SELECT c.*, nextval('event_positions') AS position FROM claimed c
  )
  UPDATE events e SET dispatched_at = now(), position = p.position
  FROM placed p LEFT JOIN cases k ON k.organization_id = p.organization_id AND k.id = p.case_id
  WHERE e.organization_id = p.organization_id AND e.id = p.id
  RETURNING e.organization_id, e.id, e.type, e.case_id, k.status;
END $$;

-- One delivery for each endpoint that wants the event. In the dispatcher's transaction: none is lost, none made twice.
CREATE FUNCTION make_deliveries(organization_ids uuid[], event_ids uuid[]) RETURNS integer
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH made AS (
    INSERT INTO webhook_deliveries (organization_id, endpoint_id, event_id, case_id, case_sequence)
    SELECT e.organization_id, w.id, e.id, e.case_id, e.case_sequence
    FROM unnest(organization_ids, event_ids) wanted (organization_id, id)
    JOIN events e ON e.organization_id = wanted.organization_id AND e.id = wanted.id
    JOIN webhook_endpoints w ON w.organization_id = e.organization_id AND w.disabled_at IS NULL
      AND (w.events = '{}' OR e.type = ANY(w.events))
    -- What happens to endpoints is no business of theirs.
    WHERE NOT starts_with(e.type, 'WEBHOOK_')
    ORDER BY e.position
    ON CONFLICT DO NOTHING RETURNING 1)
  SELECT count(*)::integer FROM made
$$;

-- Deliveries that are due, each endpoint by itself, so that no backlog is in the way of another endpoint: at most
-- `most_each` of one are in hand at a time (`busy` names the endpoint of each that is), and a single one of an endpoint
-- that failed last time. Where there is less room than work, endpoints take turns.
--
-- One whose predecessor in the case still waits stays behind it, so that a receiver sees a case in its order; after
-- `patient_attempts` failures the next goes ahead. What stays behind is put off, so that it is not looked at each time;
-- whoever settles the predecessor calls it back.
CREATE FUNCTION claim_deliveries(most integer, most_each integer, busy uuid[], lease interval, patient_attempts integer,
    claim uuid)
  RETURNS TABLE (organization_id uuid, id uuid, endpoint_id uuid, attempts integer)
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH room AS MATERIALIZED (
    SELECT w.organization_id, w.id,
      CASE WHEN w.first_failed_at IS NULL THEN most_each ELSE 1 END - cardinality(array_positions(busy, w.id)) AS places
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
  ), turns AS (
    SELECT j.*, row_number() OVER (PARTITION BY j.organization_id, j.endpoint_id ORDER BY j.next_attempt_at) AS turn
    FROM judged j WHERE j.behind_at IS NULL
  ), due AS (
    SELECT t.organization_id, t.id FROM turns t WHERE t.turn <= t.places ORDER BY t.turn, t.next_attempt_at LIMIT most
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

-- Orders whose next step is ours and due. What a dead worker claimed comes back when its lease ends.
-- Those of the pharmacies in `busy` wait: a pharmacy that does not answer must not stand in the way of the others.
CREATE FUNCTION claim_orders(most integer, lease interval, claim uuid, busy uuid[])
  RETURNS TABLE (organization_id uuid, id uuid)
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH due AS (
    SELECT o.organization_id, o.id FROM orders o
    WHERE o.next_step_at <= now() AND (o.pharmacy_id IS NULL OR o.pharmacy_id <> ALL(busy))
    ORDER BY o.next_step_at LIMIT most FOR UPDATE SKIP LOCKED
  )
  UPDATE orders o SET next_step_at = now() + lease, claim_id = claim, updated_at = now()
  FROM due WHERE o.organization_id = due.organization_id AND o.id = due.id
  RETURNING o.organization_id, o.id
$$;

-- Callbacks that somebody should have judged by now: stored by a server that died, or waiting for an order that is there.
CREATE FUNCTION find_open_callbacks(older_than interval, most integer) RETURNS TABLE (organization_id uuid, id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT b.organization_id, b.id FROM pharmacy_callbacks b
  WHERE b.status IN ('STORED', 'WAITING') AND b.created_at < now() - older_than AND (b.status = 'STORED' OR EXISTS (
    SELECT FROM orders o WHERE o.organization_id = b.organization_id AND o.pharmacy_id = b.pharmacy_id
      AND (o.external_id = b.external_id OR (b.external_id IS NULL AND o.pharmacy_order_id = b.pharmacy_order_id))))
  ORDER BY b.created_at, b.id LIMIT most
$$;

CREATE FUNCTION delete_old_answers(older_than interval) RETURNS integer
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH gone AS (DELETE FROM idempotency_keys WHERE created_at < now() - older_than RETURNING 1)
  SELECT count(*)::integer FROM gone
$$;

CREATE FUNCTION delete_old_sessions(older_than interval) RETURNS integer
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH gone AS (DELETE FROM staff_sessions WHERE expires_at < now() - older_than RETURNING 1)
  SELECT count(*)::integer FROM gone
$$;

DO $$
DECLARE signature text;
BEGIN
  FOREACH signature IN ARRAY ARRAY['authenticate_staff(bytea)', 'find_calling_pharmacy(uuid)', 'claim_feed(integer)',
    'make_deliveries(uuid[], uuid[])', 'claim_deliveries(integer, integer, uuid[], interval, integer, uuid)',
    'claim_orders(integer, interval, uuid, uuid[])', 'find_open_callbacks(interval, integer)', 'delete_old_answers(interval)', 'delete_old_sessions(interval)']
  LOOP
    EXECUTE format('ALTER FUNCTION %s OWNER TO carelane_system', signature);
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', signature);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO carelane_app', signature);
  END LOOP;
END $$;
REVOKE CREATE ON SCHEMA public FROM carelane_system;
