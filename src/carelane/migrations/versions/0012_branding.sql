-- How an organization shows itself to people who have not signed in, and the name by which they find it. Suits the version
-- that knows only the schema before: what is new has a default.

-- `content` holds texts, colors, links, questions and answers, and what customers said. All of it is published.
CREATE TABLE branding (
  organization_id uuid NOT NULL REFERENCES organizations (id),
  id uuid NOT NULL,
  link_name text NOT NULL CHECK (link_name = lower(link_name)),
  form_id uuid,
  default_bundle_id uuid,
  content jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id),
  CONSTRAINT branding_link_name_key UNIQUE (link_name),
  FOREIGN KEY (organization_id, form_id) REFERENCES forms (organization_id, id),
  FOREIGN KEY (organization_id, default_bundle_id) REFERENCES bundles (organization_id, id)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON branding TO carelane_app;
GRANT SELECT ON branding TO carelane_system;
ALTER TABLE branding ENABLE ROW LEVEL SECURITY;
ALTER TABLE branding FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON branding TO carelane_app USING (organization_id = current_organization_id());
CREATE POLICY system ON branding FOR SELECT TO carelane_system USING (true);

ALTER TABLE bundles ADD COLUMN link_name text, ADD COLUMN tag text, ADD COLUMN sold_out_list_text text,
  ADD COLUMN sold_out_list_color text, ADD COLUMN sold_out_modal_text text, ADD COLUMN sold_out_modal_color text;
ALTER TABLE forms ADD COLUMN show_steps_individually boolean NOT NULL DEFAULT false;

-- The acts after which a storefront shows something else.
CREATE INDEX events_storefront_index ON events (organization_id, number)
  WHERE type IN ('CATALOG_CHANGED', 'ORGANIZATION_CHANGED');

-- Whoever knows a storefront's name or its organization may learn whose it is, and whether it changed since.
GRANT CREATE ON SCHEMA public TO carelane_system;
CREATE FUNCTION find_storefront(name text, organization uuid) RETURNS TABLE (organization_id uuid, revision bigint)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT s.organization_id, coalesce((
    SELECT e.number FROM events e
    WHERE e.organization_id = s.organization_id AND e.type IN ('CATALOG_CHANGED', 'ORGANIZATION_CHANGED')
    ORDER BY e.number DESC LIMIT 1), 0)
  FROM (SELECT b.organization_id FROM branding b WHERE b.link_name = name
        UNION SELECT b.organization_id FROM branding b WHERE b.organization_id = organization) s LIMIT 1
$$;
ALTER FUNCTION find_storefront(text, uuid) OWNER TO carelane_system;
REVOKE CREATE ON SCHEMA public FROM carelane_system;
REVOKE EXECUTE ON FUNCTION find_storefront(text, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_storefront(text, uuid) TO carelane_app;
