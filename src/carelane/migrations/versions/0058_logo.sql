-- A clinic's logo, and another one for receipts, if it has one. In the database and not in the storage of documents: it is small and
-- published, so nothing needs sealing; it changes in one transaction with its event, and is in every backup of the database. Suits
-- the version now running: it knows none.
CREATE TABLE logos (
  organization_id uuid NOT NULL,
  used_on text NOT NULL CHECK (used_on IN ('pages', 'receipts')),
  -- Of the content: its address, which is another one for every other picture.
  digest text NOT NULL,
  media_type text NOT NULL CHECK (media_type IN ('image/png', 'image/jpeg', 'image/webp')),
  width integer NOT NULL CHECK (width BETWEEN 1 AND 2000),
  height integer NOT NULL CHECK (height BETWEEN 1 AND 2000),
  content bytea NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, used_on),
  CHECK (octet_length(content) BETWEEN 1 AND 200000),
  CHECK (digest = encode(sha256(content), 'hex')),
  FOREIGN KEY (organization_id) REFERENCES organizations (id)
);
CREATE INDEX logos_digest_index ON logos (digest);
GRANT SELECT, INSERT, UPDATE, DELETE ON logos TO carelane_app;
GRANT SELECT ON logos TO carelane_system;
ALTER TABLE logos ENABLE ROW LEVEL SECURITY;
ALTER TABLE logos FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON logos TO carelane_app USING (organization_id = current_organization_id());
CREATE POLICY system ON logos FOR SELECT TO carelane_system USING (true);

-- Browsers and mail programs bring no credential: whoever knows a picture's digest has seen it, or its page.
GRANT CREATE ON SCHEMA public TO carelane_system;
CREATE FUNCTION find_logo(wanted text) RETURNS TABLE (media_type text, content bytea)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT g.media_type, g.content FROM logos g WHERE g.digest = wanted LIMIT 1
$$;
ALTER FUNCTION find_logo(text) OWNER TO carelane_system;
REVOKE CREATE ON SCHEMA public FROM carelane_system;
REVOKE EXECUTE ON FUNCTION find_logo(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_logo(text) TO carelane_app;
