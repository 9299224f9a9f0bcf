-- What the organization file last said, record by record, so that `carelane apply` can tell a value that was changed elsewhere
-- from one that the file changed. Suits the version that knows only the schema before: nothing it uses changes.

-- `fields` holds what was applied by the file's own keys. Secrets are in it as digests under the organization's data key.
CREATE TABLE applied_records (
  organization_id uuid NOT NULL REFERENCES organizations (id),
  kind text NOT NULL,
  record_id uuid NOT NULL,
  fields jsonb NOT NULL,
  actor_kind text NOT NULL,
  actor_id uuid,
  applied_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, kind, record_id)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON applied_records TO carelane_app;
ALTER TABLE applied_records ENABLE ROW LEVEL SECURITY;
ALTER TABLE applied_records FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON applied_records TO carelane_app USING (organization_id = current_organization_id());

-- One delivery for each endpoint that wants the event. In the dispatcher's transaction: none is lost, none made twice.
--
-- An endpoint without a list of its own wants all events but the administrative ones (events.ADMINISTRATIVE), and only what
-- happens after it was made: applying a file that brings an endpoint along with a whole catalogue does not flood it.
CREATE OR REPLACE FUNCTION make_deliveries(organization_ids uuid[], event_ids uuid[]) RETURNS integer
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH made AS (
    INSERT INTO webhook_deliveries (organization_id, endpoint_id, event_id, case_id, case_sequence)
    SELECT e.organization_id, w.id, e.id, e.case_id, e.case_sequence
    FROM unnest(organization_ids, event_ids) wanted (organization_id, id)
    JOIN events e ON e.organization_id = wanted.organization_id AND e.id = wanted.id
    JOIN webhook_endpoints w ON w.organization_id = e.organization_id AND w.disabled_at IS NULL
      AND w.created_at < e.created_at
      AND (e.type = ANY(w.events) OR w.events = '{}' AND e.type <> ALL(ARRAY['ORGANIZATION_CHANGED', 'CREDENTIAL_CHANGED',
        'CREDENTIAL_REVOKED', 'STAFF_CHANGED', 'PHARMACY_CHANGED', 'DRUG_CHANGED']))
    -- What happens to endpoints is no business of theirs.
    WHERE NOT starts_with(e.type, 'WEBHOOK_')
    ORDER BY e.position
    ON CONFLICT DO NOTHING RETURNING 1)
  SELECT count(*)::integer FROM made
$$;
