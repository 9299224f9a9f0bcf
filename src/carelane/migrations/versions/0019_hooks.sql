-- Listeners: webhook endpoints that a storefront manages itself, in the billing dialect's words. Suits the version that knows only
-- the schema before: to it a listener is an endpoint that no event is for.

ALTER TABLE webhook_endpoints
  ADD dialect text NOT NULL DEFAULT 'CARE' CHECK (dialect IN ('CARE', 'BILLING')),
  -- Of a listener, in its own words; `events` is empty then.
  ADD subscriptions text[] NOT NULL DEFAULT '{}',
  -- Of a listener: who is told when an event is given up, and when that was last done.
  ADD notification_email text,
  ADD told_at timestamptz,
  ADD archived_at timestamptz,
  -- The header that carries the secret itself, for receivers that check no signature.
  ADD secret_header text,
  ADD CHECK (archived_at IS NULL OR disabled_at IS NOT NULL),
  DROP CONSTRAINT webhook_endpoints_disabled_reason_check,
  ADD CONSTRAINT webhook_endpoints_disabled_reason_check
    CHECK (disabled_reason IN ('BY_STAFF', 'BY_STOREFRONT', 'GONE', 'FAILING')),
  -- What is switched off takes neither a place nor a name.
  DROP CONSTRAINT webhook_endpoints_organization_id_name_key;
CREATE UNIQUE INDEX webhook_endpoints_name_key ON webhook_endpoints (organization_id, name) WHERE disabled_at IS NULL;

-- Whether anybody is told when it is given up.
ALTER TABLE webhook_deliveries ADD notifies boolean NOT NULL DEFAULT true;
CREATE INDEX webhook_deliveries_replay_index ON webhook_deliveries (organization_id, replay_of_id)
  WHERE replay_of_id IS NOT NULL;

-- What an event is called in the billing dialect; null if it has no word for it.
CREATE FUNCTION alert_type(type text, actor_kind text, value_before text, value_after text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE
    WHEN type = 'PATIENT_CREATED' THEN type
    WHEN type IN ('PATIENT_UPDATED', 'PATIENT_ARCHIVED', 'PATIENT_MERGED', 'PATIENT_UNMERGED') THEN 'PATIENT_UPDATED'
    WHEN type = 'CHARGE_CREATED' THEN type
    WHEN type = 'ADD_FORM_RESPONSE' THEN 'FORM_SUBMITTED'
    WHEN type = 'CALENDAR_EVENT_CREATED' THEN
      CASE actor_kind WHEN 'patient' THEN 'SELF_SCHEDULED_APPOINTMENT' ELSE 'APPOINTMENT_SCHEDULED' END
    WHEN type = 'CALENDAR_EVENT_CANCELED' THEN
      CASE actor_kind WHEN 'patient' THEN 'SELF_SCHEDULED_APPOINTMENT_CANCELLED' ELSE 'APPOINTMENT_CANCELLED' END
    WHEN type = 'CALENDAR_EVENT_RESCHEDULED' AND actor_kind = 'patient' THEN 'SELF_SCHEDULED_APPOINTMENT_UPDATED'
    WHEN type IN ('CALENDAR_EVENT_RESCHEDULED', 'CALENDAR_EVENT_NO_SHOW', 'CALENDAR_EVENT_NO_SHOW_REMOVED')
      THEN 'APPOINTMENT_UPDATED'
    WHEN type = 'CATALOG_CHANGED' AND value_after = 'item' THEN 'ITEM_' || coalesce(value_before, 'UPDATED')
  END;
GRANT EXECUTE ON FUNCTION alert_type(text, text, text, text) TO carelane_app, carelane_system;

-- As before; and for a listener what it asked for by the name that the billing dialect has for the event.
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
    WHERE NOT starts_with(e.type, 'WEBHOOK_')
    ORDER BY e.position
    ON CONFLICT DO NOTHING RETURNING 1)
  SELECT count(*)::integer FROM made
$$;

-- As before; and of a listener its own address.
CREATE OR REPLACE FUNCTION find_occasions(organization_ids uuid[], event_ids uuid[])
  RETURNS TABLE (organization_id uuid, event_id uuid, type text, case_id uuid, short_id text, is_test boolean,
    endpoint_id uuid, endpoint_name text, reason text, organization_name text, recipients text[])
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT e.organization_id, e.id, e.type, e.case_id, c.short_id, coalesce(c.is_test, false), w.id, w.name, e.value_after,
    o.name, told.emails
  FROM unnest(organization_ids, event_ids) wanted (organization_id, id)
  JOIN events e ON e.organization_id = wanted.organization_id AND e.id = wanted.id
  JOIN organizations o ON o.id = e.organization_id
  LEFT JOIN cases c ON c.organization_id = e.organization_id AND c.id = e.case_id
  LEFT JOIN webhook_endpoints w ON w.organization_id = e.organization_id AND w.id = e.target_id
  CROSS JOIN LATERAL (SELECT ARRAY(
    SELECT unnest(o.notification_emails) WHERE e.type <> 'WEBHOOK_DELIVERY_FAILED'
    UNION SELECT w.notification_email WHERE w.notification_email IS NOT NULL)) told (emails)
  WHERE e.type IN ('CREATE_CASE', 'WEBHOOK_DISABLED', 'WEBHOOK_DELIVERY_FAILED') AND c.status IS DISTINCT FROM 'ABANDONED'
    AND told.emails <> '{}'
$$;
