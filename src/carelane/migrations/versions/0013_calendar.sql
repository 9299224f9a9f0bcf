-- Appointments that are booked here: when clinicians are free, the slots that are taken, and how many requests an organization
-- sent of which kind. Suits the version now running: it reads of calendar_events what it knows, and counts where it counted.

-- When a clinician sees patients. `hours` and `exceptions` are the clinician's own clock times, as the organization file has them.
CREATE TABLE staff_availability (
  organization_id uuid NOT NULL,
  staff_id uuid NOT NULL,
  timezone text NOT NULL,
  appointment_minutes integer NOT NULL CHECK (appointment_minutes BETWEEN 5 AND 480 AND appointment_minutes % 5 = 0),
  meeting_link text,
  hours jsonb NOT NULL,
  exceptions jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, staff_id),
  FOREIGN KEY (organization_id, staff_id) REFERENCES staff (organization_id, id)
);

-- `staff_id` is set for appointments that were booked here; their links are signed when they are shown, and kept nowhere.
-- `deleted_at` is when an appointment was canceled, `revision` how often it was moved or canceled.
ALTER TABLE calendar_events
  ADD staff_id uuid,
  ADD status text CHECK
    (status IN ('EVENT_ACCEPTED_BY_PROVIDER', 'MISSED_EVENT_BY_PROVIDER', 'MISSED_EVENT_BY_USER', 'NEED_RESCHEDULE')),
  ADD tracking jsonb,
  ADD revision integer NOT NULL DEFAULT 0,
  ADD cancel_reason_sealed bytea,
  ADD updated_at timestamptz NOT NULL DEFAULT now(),
  ADD FOREIGN KEY (organization_id, staff_id) REFERENCES staff (organization_id, id);
CREATE INDEX calendar_events_end_index ON calendar_events (organization_id, ends_at) WHERE deleted_at IS NULL;

-- Five minutes of a clinician that are taken. The primary key makes a second appointment in them impossible, however long either
-- is: the embedded PostgreSQL has no btree_gist for an exclusion constraint.
CREATE TABLE calendar_slots (
  organization_id uuid NOT NULL,
  staff_id uuid NOT NULL,
  starts_at timestamptz NOT NULL,
  event_id uuid NOT NULL,
  PRIMARY KEY (organization_id, staff_id, starts_at),
  FOREIGN KEY (organization_id, staff_id) REFERENCES staff (organization_id, id),
  FOREIGN KEY (organization_id, event_id) REFERENCES calendar_events (organization_id, id)
);
CREATE INDEX calendar_slots_event_index ON calendar_slots (organization_id, event_id);

-- How many requests of a kind an organization sent in the minute that began at `began_at`; losing them harms nobody. The first
-- migration after the version before this one is gone can drop request_windows and take_requests.
CREATE UNLOGGED TABLE request_counts (
  organization_id uuid NOT NULL REFERENCES organizations (id),
  kind text NOT NULL,
  began_at timestamptz NOT NULL,
  taken integer NOT NULL,
  PRIMARY KEY (organization_id, kind)
);

DO $$
DECLARE tenant_table text;
BEGIN
  FOREACH tenant_table IN ARRAY ARRAY['staff_availability', 'calendar_slots', 'request_counts']
  LOOP
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO carelane_app', tenant_table);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('CREATE POLICY tenant ON %I TO carelane_app USING (organization_id = current_organization_id())', tenant_table);
  END LOOP;
END $$;

GRANT CREATE ON SCHEMA public TO carelane_system;
GRANT SELECT, INSERT, UPDATE ON request_counts TO carelane_system;
CREATE POLICY system ON request_counts TO carelane_system USING (true);

-- Up to `wanted` requests of the kind in the window that began at `window_began_at`, as long as it has had fewer than `most`; and
-- how many it has had now. The row's lock makes the count exact, whichever machine asks.
CREATE FUNCTION take_requests_of_kind(organization uuid, request_kind text, window_began_at timestamptz, wanted integer, most integer)
  RETURNS TABLE (granted integer, taken integer)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE before integer;
BEGIN
  INSERT INTO request_counts (organization_id, kind, began_at, taken) VALUES (organization, request_kind, window_began_at, 0)
    ON CONFLICT (organization_id, kind) DO NOTHING;
  SELECT CASE WHEN w.began_at >= window_began_at THEN w.taken ELSE 0 END INTO before
    FROM request_counts w WHERE w.organization_id = organization AND w.kind = request_kind FOR UPDATE;
  granted := greatest(0, least(wanted, most - before));
  taken := before + granted;
  UPDATE request_counts w SET began_at = greatest(w.began_at, window_began_at), taken = take_requests_of_kind.taken
    WHERE w.organization_id = organization AND w.kind = request_kind;
  RETURN NEXT;
END $$;

ALTER FUNCTION take_requests_of_kind(uuid, text, timestamptz, integer, integer) OWNER TO carelane_system;
REVOKE EXECUTE ON FUNCTION take_requests_of_kind(uuid, text, timestamptz, integer, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION take_requests_of_kind(uuid, text, timestamptz, integer, integer) TO carelane_app;
REVOKE CREATE ON SCHEMA public FROM carelane_system;
