-- What a storefront asks not to be told of by webhook (`webhookNotify: false`). Suits the version before: its events are told.
ALTER TABLE events ADD is_quiet boolean NOT NULL DEFAULT false;

-- As before, without those.
CREATE OR REPLACE FUNCTION make_deliveries(organization_ids uuid[], event_ids uuid[]) RETURNS integer
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH made AS (
    INSERT INTO webhook_deliveries (organization_id, endpoint_id, event_id, case_id, case_sequence)
    SELECT e.organization_id, w.id, e.id, e.case_id, e.case_sequence
    FROM unnest(organization_ids, event_ids) wanted (organization_id, id)
    JOIN events e ON e.organization_id = wanted.organization_id AND e.id = wanted.id
    JOIN webhook_endpoints w ON w.organization_id = e.organization_id AND w.disabled_at IS NULL
      AND w.created_at < e.created_at
      AND CASE w.dialect
        WHEN 'BILLING' THEN alert_type(e.type, e.actor_kind, e.value_before, e.value_after) = ANY(w.subscriptions)
        ELSE e.type = ANY(w.events) OR w.events = '{}' AND e.type <> ALL(ARRAY['ORGANIZATION_CHANGED', 'CREDENTIAL_CHANGED',
          'CREDENTIAL_REVOKED', 'STAFF_CHANGED', 'PHARMACY_CHANGED', 'DRUG_CHANGED']) END
    -- What happens to endpoints is no business of theirs.
    WHERE NOT starts_with(e.type, 'WEBHOOK_') AND NOT e.is_quiet
    ORDER BY e.position
    ON CONFLICT DO NOTHING RETURNING 1)
  SELECT count(*)::integer FROM made
$$;
