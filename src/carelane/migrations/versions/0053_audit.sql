-- The audit is searched by person, by act and by record, the newest first. Suits the version now running: nothing that it reads
-- changes.
CREATE INDEX events_actor_index ON events (organization_id, actor_id, id);
CREATE INDEX events_type_index ON events (organization_id, type, id);
CREATE INDEX events_target_index ON events (organization_id, target_id, id) WHERE target_id IS NOT NULL;
-- It answers what this one did.
DROP INDEX events_money_index;

-- What happened in each month by product, person and state, in the clinic's own time zone: counted by the worker of the days that
-- changed, months of their days, so that a report reads a row a month however large the clinic is. Always written anew.
CREATE TABLE report_figures (
  organization_id uuid NOT NULL REFERENCES organizations (id),
  span text NOT NULL CHECK (span IN ('DAY', 'MONTH')),
  -- Of a month, its first.
  day date NOT NULL,
  -- As figures/reports/schemas.py reads it.
  numbers jsonb NOT NULL CHECK (jsonb_typeof(numbers) = 'object'),
  made_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, span, day)
);
-- How far the worker has looked for reports, in which time zone and money. Apart from figure_marks, of which the version now running reads all.
CREATE TABLE report_marks (
  organization_id uuid PRIMARY KEY REFERENCES organizations (id),
  seen_at timestamptz,
  timezone text,
  currency text
);
-- A day's orders.
CREATE INDEX orders_created_index ON orders (organization_id, created_at, id);

-- ---------------------------------------------------------------- the two locks
DO $$
DECLARE tenant_table text;
BEGIN
  FOREACH tenant_table IN ARRAY ARRAY['report_figures', 'report_marks'] LOOP
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO carelane_app', tenant_table);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('CREATE POLICY tenant ON %I TO carelane_app USING (organization_id = current_organization_id())', tenant_table);
  END LOOP;
END $$;
