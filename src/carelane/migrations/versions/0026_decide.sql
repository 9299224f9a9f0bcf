-- Decisions that can be undone for a while, and templates of what is written again and again. Suits the version now running:
-- it knows neither table, and what waits here is taken by the worker that knows it.

CREATE TABLE pending_decisions (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  case_id uuid NOT NULL,
  staff_id uuid NOT NULL,
  status text NOT NULL DEFAULT 'PENDING' CHECK (status IN ('PENDING', 'TAKEN', 'UNDONE', 'FAILED')),
  -- What was decided. Gone once it is taken: the decisions hold it then. Kept otherwise, so that nobody types it twice.
  body_sealed bytea,
  created_at timestamptz NOT NULL DEFAULT now(),
  due_at timestamptz NOT NULL CHECK (due_at > created_at),
  -- When a worker may claim it; later while one has it.
  next_at timestamptz NOT NULL,
  claim_id uuid,
  tries integer NOT NULL DEFAULT 0,
  ended_at timestamptz,
  -- Why it was not taken: the code of the error, and its text, which says nothing of the patient.
  failure_code text,
  failure text,
  PRIMARY KEY (organization_id, id),
  CHECK ((status = 'PENDING') = (ended_at IS NULL)),
  CHECK ((status = 'TAKEN') = (body_sealed IS NULL)),
  CHECK ((status = 'FAILED') = (failure_code IS NOT NULL)),
  FOREIGN KEY (organization_id, case_id) REFERENCES cases (organization_id, id),
  FOREIGN KEY (organization_id, staff_id) REFERENCES staff (organization_id, id)
);
CREATE UNIQUE INDEX pending_decisions_case_key ON pending_decisions (organization_id, case_id) WHERE status = 'PENDING';
CREATE INDEX pending_decisions_due_index ON pending_decisions (organization_id, next_at) WHERE status = 'PENDING';
CREATE INDEX pending_decisions_case_index ON pending_decisions (organization_id, case_id, created_at DESC);

-- The clinic's own words, of nobody in particular.
CREATE TABLE templates (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('REPLY', 'DECISION')),
  -- Whose it is; null: the clinic's.
  staff_id uuid,
  name text NOT NULL CHECK (name <> ''),
  -- For cases of this product only.
  product_id uuid,
  content jsonb NOT NULL CHECK (jsonb_typeof(content) = 'object'),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  archived_at timestamptz,
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, staff_id) REFERENCES staff (organization_id, id),
  FOREIGN KEY (organization_id, product_id) REFERENCES products (organization_id, id)
);
-- Of two with one name nobody knows which is which.
CREATE UNIQUE INDEX templates_name_key ON templates (organization_id, kind, staff_id, lower(name)) NULLS NOT DISTINCT
  WHERE archived_at IS NULL;

-- ---------------------------------------------------------------- the two locks
GRANT SELECT, INSERT, UPDATE, DELETE ON pending_decisions, templates TO carelane_app;
ALTER TABLE pending_decisions ENABLE ROW LEVEL SECURITY;
ALTER TABLE pending_decisions FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON pending_decisions TO carelane_app USING (organization_id = current_organization_id());
ALTER TABLE templates ENABLE ROW LEVEL SECURITY;
ALTER TABLE templates FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON templates TO carelane_app USING (organization_id = current_organization_id());

-- ---------------------------------------------------------------- what looks across organizations
GRANT CREATE ON SCHEMA public TO carelane_system;
GRANT SELECT (organization_id, id, case_id, staff_id, status, next_at, claim_id, tries), UPDATE (next_at, claim_id, tries)
  ON pending_decisions TO carelane_system;
CREATE POLICY system ON pending_decisions TO carelane_system USING (true);

-- Decisions whose grace is over, to each organization its fair share.
CREATE FUNCTION claim_due_decisions(most integer, in_flight uuid[], lease interval, claim uuid)
  RETURNS TABLE (organization_id uuid, id uuid, case_id uuid, staff_id uuid, tries integer)
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH looked AS MATERIALIZED (
    SELECT d.*, row_number() OVER (PARTITION BY d.organization_id ORDER BY d.next_at) AS turn
    FROM organizations o CROSS JOIN LATERAL (
      SELECT y.organization_id, y.id, y.next_at FROM pending_decisions y
      WHERE y.organization_id = o.id AND y.status = 'PENDING' AND y.next_at <= now()
      ORDER BY y.next_at LIMIT fair_share(most, in_flight, o.id) FOR UPDATE SKIP LOCKED) d
  ), due AS (
    SELECT l.organization_id, l.id FROM looked l ORDER BY l.turn, l.next_at LIMIT most
  )
  UPDATE pending_decisions y SET next_at = now() + lease, claim_id = claim, tries = y.tries + 1
  FROM due WHERE y.organization_id = due.organization_id AND y.id = due.id
  RETURNING y.organization_id, y.id, y.case_id, y.staff_id, y.tries
$$;

CREATE FUNCTION count_due_decisions(most integer) RETURNS TABLE (waiting bigint, oldest_at timestamptz, failed bigint)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT count(*), min(n.next_at), 0::bigint
  FROM organizations o CROSS JOIN LATERAL (
    SELECT y.next_at FROM pending_decisions y
    WHERE y.organization_id = o.id AND y.status = 'PENDING' AND y.next_at <= now() ORDER BY y.next_at LIMIT most) n
$$;

DO $$
DECLARE signature text;
BEGIN
  FOREACH signature IN ARRAY ARRAY['claim_due_decisions(integer, uuid[], interval, uuid)', 'count_due_decisions(integer)']
  LOOP
    EXECUTE format('ALTER FUNCTION %s OWNER TO carelane_system', signature);
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', signature);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO carelane_app', signature);
  END LOOP;
END $$;
REVOKE CREATE ON SCHEMA public FROM carelane_system;
