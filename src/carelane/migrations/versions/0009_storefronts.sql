-- What storefronts send along with a case, and whose pages may call us from a browser. Suits the version that knows only the
-- schema before: both columns have defaults.

ALTER TABLE cases ADD COLUMN promo_codes jsonb;
ALTER TABLE organizations ADD COLUMN storefront_origins text[] NOT NULL DEFAULT '{}';

-- A browser asks whether a page may call before anybody has said for which organization.
CREATE FUNCTION find_origin_organizations(page_origin text) RETURNS SETOF uuid
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT id FROM organizations WHERE storefront_origins @> ARRAY[page_origin]
$$;
GRANT CREATE ON SCHEMA public TO carelane_system;
ALTER FUNCTION find_origin_organizations(text) OWNER TO carelane_system;
REVOKE EXECUTE ON FUNCTION find_origin_organizations(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_origin_organizations(text) TO carelane_app;
REVOKE CREATE ON SCHEMA public FROM carelane_system;
