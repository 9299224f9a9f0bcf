-- What an organization writes in place of our own words, by kind of mail and language. Suits the version now running: it knows none.
CREATE TABLE mail_templates (
  organization_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind ~ '^[A-Z_]{1,40}$'),
  language text NOT NULL CHECK (language ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$'),
  -- Null: our own words are back. The row stays, so that no version comes twice.
  subject text CHECK (subject <> ''),
  text text CHECK (text <> ''),
  -- Checked and written anew by us; null: the mail is plain text.
  html text,
  version integer NOT NULL DEFAULT 1 CHECK (version > 0),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, kind, language),
  CHECK ((subject IS NULL) = (text IS NULL)),
  FOREIGN KEY (organization_id) REFERENCES organizations (id)
);
GRANT SELECT, INSERT, UPDATE ON mail_templates TO carelane_app;
ALTER TABLE mail_templates ENABLE ROW LEVEL SECURITY;
ALTER TABLE mail_templates FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON mail_templates TO carelane_app USING (organization_id = current_organization_id());
