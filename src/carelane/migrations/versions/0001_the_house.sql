-- The first schema: who (organizations, staff, patients), what (catalogue, forms), cases and everything a case gathers.
--
-- Three rules hold for every tenant table: organization_id is part of its primary, unique and foreign keys; row-level
-- security is forced; the application role sees a row only while the transaction names that row's organization.

-- ---------------------------------------------------------------- roles
-- carelane_app is what the server and the worker act as. carelane_system owns the few functions that must look across
-- organizations (who presents this key? which events wait?); nobody logs in as it.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'carelane_app') THEN CREATE ROLE carelane_app NOLOGIN; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'carelane_system') THEN CREATE ROLE carelane_system NOLOGIN; END IF;
  EXECUTE format('GRANT carelane_system TO %I', current_user);
END $$;
GRANT USAGE ON SCHEMA public TO carelane_app;
GRANT USAGE, CREATE ON SCHEMA public TO carelane_system;

CREATE FUNCTION current_organization_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  RETURN nullif(current_setting('carelane.organization_id', true), '')::uuid;

-- Cents as the care dialect prints them: 9999 is 99.99.
CREATE FUNCTION decimal_string(cents bigint) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN (cents::numeric / 100)::numeric(20, 2)::text;

-- ---------------------------------------------------------------- who
CREATE TABLE organizations (
  id uuid PRIMARY KEY,
  tenant text NOT NULL UNIQUE,
  name text NOT NULL,
  case_prefix text NOT NULL,
  case_type text NOT NULL DEFAULT 'GLP',
  validation_profile text NOT NULL DEFAULT 'compat' CHECK (validation_profile IN ('compat', 'strict')),
  assignment_policy text NOT NULL DEFAULT 'none' CHECK (assignment_policy IN ('none', 'round_robin', 'least_loaded')),
  notification_emails text[] NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);

-- One wrapped AES-256 key per organization and version; the master key that unwraps it is never in the database.
CREATE TABLE organization_data_keys (
  organization_id uuid NOT NULL REFERENCES organizations (id),
  version smallint NOT NULL,
  wrapped bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, version)
);

-- Organization keys (kind 'key', header cv-api-key) and OAuth clients (kind 'client'). Only SHA-256 digests are kept:
-- the secrets are 256 random bits, so a slow hash would protect nothing more.
CREATE TABLE credentials (
  organization_id uuid NOT NULL REFERENCES organizations (id),
  id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('key', 'client')),
  name text NOT NULL,
  secret_digest bytea NOT NULL UNIQUE,
  scopes text[] NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  last_used_at timestamptz,
  revoked_at timestamptz,
  PRIMARY KEY (organization_id, id)
);
CREATE UNIQUE INDEX credentials_name_key ON credentials (organization_id, kind, name) WHERE revoked_at IS NULL;

CREATE TABLE staff (
  organization_id uuid NOT NULL REFERENCES organizations (id),
  id uuid NOT NULL,
  email text NOT NULL,
  first_name text NOT NULL,
  last_name text NOT NULL,
  role text NOT NULL CHECK (role IN ('ADMIN', 'CASEMANAGER', 'CASEWORKER', 'SUPPORT')),
  title text, title_suffix text, npi text, dea text, phone_number text,
  address_line1 text, address_line2 text, city text, state text, postal_code text, country text,
  takes_cases boolean NOT NULL DEFAULT true,
  last_assigned_at timestamptz,
  deactivated_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id)
);
CREATE UNIQUE INDEX staff_email_key ON staff (organization_id, lower(email));

CREATE TABLE patients (
  organization_id uuid NOT NULL REFERENCES organizations (id),
  id uuid NOT NULL,
  email text NOT NULL,
  -- Looked up by this and never by lower(email): row-level security lets no index on a function of a row's values be used,
  -- unless the function is leakproof, and lower is not. Every patient of the organization would be read.
  email_key text NOT NULL GENERATED ALWAYS AS (lower(email)) STORED,
  first_name text NOT NULL,
  last_name text NOT NULL,
  gender text CHECK (gender IN ('MALE', 'FEMALE', 'OTHER')),
  phone_number text,
  date_of_birth date,
  language_preferences text[] NOT NULL DEFAULT '{}',
  address_line1 text, address_line2 text, city text, state text, postal_code text, country text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, email_key)
);

-- ---------------------------------------------------------------- forms and catalogue
CREATE TABLE products (
  organization_id uuid NOT NULL REFERENCES organizations (id),
  id uuid NOT NULL,
  name text NOT NULL,
  description text,
  image_url text,
  price_cents bigint NOT NULL CHECK (price_cents >= 0),
  currency text NOT NULL,
  is_active boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id)
);

-- An intake form belongs to the product it was answered for; a bundle's form (apply) belongs to no product.
CREATE TABLE forms (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  product_id uuid,
  name text NOT NULL,
  description text,
  is_active boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id),
  UNIQUE NULLS NOT DISTINCT (organization_id, product_id, name),
  FOREIGN KEY (organization_id) REFERENCES organizations (id),
  FOREIGN KEY (organization_id, product_id) REFERENCES products (organization_id, id)
);

-- A version is its list of questions. questions_digest makes the same list the same version, however often it is sent.
CREATE TABLE form_versions (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  form_id uuid NOT NULL,
  number integer NOT NULL CHECK (number > 0),
  questions_digest bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, form_id, number),
  UNIQUE (organization_id, form_id, questions_digest),
  FOREIGN KEY (organization_id, form_id) REFERENCES forms (organization_id, id)
);

CREATE TABLE form_questions (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  form_version_id uuid NOT NULL,
  index integer NOT NULL CHECK (index >= 0),
  text text NOT NULL,
  type text NOT NULL,
  required boolean NOT NULL DEFAULT false,
  is_phi boolean NOT NULL DEFAULT false,
  options text[] NOT NULL DEFAULT '{}',
  hint text,
  placeholder text,
  render_mode text,
  condition jsonb,
  organization_document jsonb,
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, form_version_id, index),
  FOREIGN KEY (organization_id, form_version_id) REFERENCES form_versions (organization_id, id)
);

CREATE TABLE bundles (
  organization_id uuid NOT NULL REFERENCES organizations (id),
  id uuid NOT NULL,
  name text NOT NULL,
  description text,
  image_url text,
  price_cents bigint NOT NULL CHECK (price_cents >= 0),
  initial_discount_cents bigint NOT NULL DEFAULT 0 CHECK (initial_discount_cents >= 0),
  currency text NOT NULL,
  is_sold_out boolean NOT NULL DEFAULT false,
  is_visible boolean NOT NULL DEFAULT true,
  intake_form_id uuid,
  followup_form_id uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, intake_form_id) REFERENCES forms (organization_id, id),
  FOREIGN KEY (organization_id, followup_form_id) REFERENCES forms (organization_id, id)
);

CREATE TABLE bundle_products (
  organization_id uuid NOT NULL,
  bundle_id uuid NOT NULL,
  product_id uuid NOT NULL,
  PRIMARY KEY (organization_id, bundle_id, product_id),
  FOREIGN KEY (organization_id, bundle_id) REFERENCES bundles (organization_id, id),
  FOREIGN KEY (organization_id, product_id) REFERENCES products (organization_id, id)
);

-- ---------------------------------------------------------------- cases
CREATE SEQUENCE case_numbers;

CREATE TABLE cases (
  organization_id uuid NOT NULL REFERENCES organizations (id),
  id uuid NOT NULL,
  short_id text NOT NULL,
  patient_id uuid NOT NULL,
  type text NOT NULL,
  title text NOT NULL,
  status text NOT NULL CHECK
    (status IN ('OPEN', 'ASSIGNED', 'IN_PROGRESS', 'APPROVED', 'REJECTED', 'NO_DECISION', 'ABANDONED')),
  is_test boolean NOT NULL DEFAULT false,
  is_archived boolean NOT NULL DEFAULT false,
  is_escalated boolean NOT NULL DEFAULT false,
  is_imported boolean NOT NULL DEFAULT false,
  warnings text[] NOT NULL DEFAULT '{}',
  referral_code text,
  bundle_id uuid,
  assigned_to_id uuid, assigned_by_id uuid, hr_rep_id uuid, in_progress_by_id uuid, closed_by_id uuid,
  archive_reason text, archive_note text,
  assigned_at timestamptz, in_progress_at timestamptz, closed_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, short_id),
  FOREIGN KEY (organization_id, patient_id) REFERENCES patients (organization_id, id),
  FOREIGN KEY (organization_id, bundle_id) REFERENCES bundles (organization_id, id),
  FOREIGN KEY (organization_id, assigned_to_id) REFERENCES staff (organization_id, id),
  FOREIGN KEY (organization_id, assigned_by_id) REFERENCES staff (organization_id, id),
  FOREIGN KEY (organization_id, hr_rep_id) REFERENCES staff (organization_id, id),
  FOREIGN KEY (organization_id, in_progress_by_id) REFERENCES staff (organization_id, id),
  FOREIGN KEY (organization_id, closed_by_id) REFERENCES staff (organization_id, id)
);
CREATE INDEX cases_patient_index ON cases (organization_id, patient_id, created_at DESC);
CREATE INDEX cases_assigned_index ON cases (organization_id, assigned_to_id) WHERE assigned_to_id IS NOT NULL;

CREATE TABLE case_assignees (
  organization_id uuid NOT NULL,
  case_id uuid NOT NULL,
  staff_id uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, case_id, staff_id),
  FOREIGN KEY (organization_id, case_id) REFERENCES cases (organization_id, id),
  FOREIGN KEY (organization_id, staff_id) REFERENCES staff (organization_id, id)
);

CREATE TABLE form_responses (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  case_id uuid NOT NULL,
  form_version_id uuid NOT NULL,
  patient_id uuid NOT NULL,
  is_draft boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, case_id) REFERENCES cases (organization_id, id),
  FOREIGN KEY (organization_id, form_version_id) REFERENCES form_versions (organization_id, id),
  FOREIGN KEY (organization_id, patient_id) REFERENCES patients (organization_id, id)
);
CREATE INDEX form_responses_case_index ON form_responses (organization_id, case_id);

-- An answer is in the clear (text) or sealed (PHI), never both.
CREATE TABLE form_answers (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  form_response_id uuid NOT NULL,
  question_id uuid NOT NULL,
  text text,
  sealed bytea,
  is_archived boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id),
  CHECK (num_nonnulls(text, sealed) = 1),
  FOREIGN KEY (organization_id, form_response_id) REFERENCES form_responses (organization_id, id),
  FOREIGN KEY (organization_id, question_id) REFERENCES form_questions (organization_id, id)
);
CREATE INDEX form_answers_response_index ON form_answers (organization_id, form_response_id);

CREATE TABLE case_products (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  case_id uuid NOT NULL,
  product_id uuid NOT NULL,
  position integer NOT NULL,
  status text NOT NULL DEFAULT 'OPEN' CHECK (status IN ('OPEN', 'CLOSE')),
  subscription_interval text CHECK (subscription_interval IN ('day', 'week', 'month', 'year')),
  subscription_interval_count integer CHECK (subscription_interval_count > 0),
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, case_id) REFERENCES cases (organization_id, id),
  FOREIGN KEY (organization_id, product_id) REFERENCES products (organization_id, id)
);
CREATE INDEX case_products_case_index ON case_products (organization_id, case_id);

CREATE TABLE case_product_requests (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  case_product_id uuid NOT NULL,
  status text NOT NULL DEFAULT 'PENDING'
    CHECK (status IN ('PENDING', 'APPROVED', 'REJECTED', 'ORDERED', 'SHIPPED', 'DELIVERED')),
  form_response_id uuid,
  visit_type text CHECK (visit_type IN ('ASYNC_TEXT_EMAIL', 'SYNC_IN_PERSON', 'SYNC_PHONE', 'SYNC_VIDEO')),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, case_product_id) REFERENCES case_products (organization_id, id),
  FOREIGN KEY (organization_id, form_response_id) REFERENCES form_responses (organization_id, id)
);
CREATE INDEX case_product_requests_product_index ON case_product_requests (organization_id, case_product_id);

CREATE TABLE decisions (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  case_id uuid NOT NULL,
  product_id uuid,
  added_by_id uuid NOT NULL,
  is_approved boolean NOT NULL DEFAULT false,
  is_no_decision boolean NOT NULL DEFAULT false,
  is_paid boolean NOT NULL DEFAULT false,
  start_date date, end_date date,
  decision_text_sealed bytea,
  category text,
  visit_type text CHECK (visit_type IN
    ('NO_SHOW', 'ASYNC_TEXT_EMAIL', 'SYNC_IN_PERSON', 'SYNC_VIDEO', 'SYNC_PHONE', 'ORDER_FORM')),
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, case_id) REFERENCES cases (organization_id, id),
  FOREIGN KEY (organization_id, product_id) REFERENCES products (organization_id, id),
  FOREIGN KEY (organization_id, added_by_id) REFERENCES staff (organization_id, id)
);
CREATE INDEX decisions_case_index ON decisions (organization_id, case_id);

-- What a decision prescribes (medInfo). The whole entry is health information, so it is one sealed JSON document.
CREATE TABLE decision_medications (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  decision_id uuid NOT NULL,
  position integer NOT NULL,
  sealed bytea NOT NULL,
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, decision_id) REFERENCES decisions (organization_id, id)
);
CREATE INDEX decision_medications_decision_index ON decision_medications (organization_id, decision_id);

-- ---------------------------------------------------------------- what a case gathers
-- Comments are seen by the patient; notes are comments that are restricted to staff.
CREATE TABLE comments (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  case_id uuid NOT NULL,
  text_sealed bytea NOT NULL,
  is_restricted boolean NOT NULL DEFAULT false,
  author_staff_id uuid,
  author_patient_id uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  deleted_at timestamptz,
  PRIMARY KEY (organization_id, id),
  CHECK (num_nonnulls(author_staff_id, author_patient_id) <= 1),
  FOREIGN KEY (organization_id, case_id) REFERENCES cases (organization_id, id),
  FOREIGN KEY (organization_id, author_staff_id) REFERENCES staff (organization_id, id),
  FOREIGN KEY (organization_id, author_patient_id) REFERENCES patients (organization_id, id)
);
CREATE INDEX comments_case_index ON comments (organization_id, case_id);

-- The bytes lie sealed in file storage under storage_key; the row is the truth about them. People put names and diagnoses
-- into file names, so the name is sealed too.
CREATE TABLE attachments (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  case_id uuid NOT NULL,
  comment_id uuid,
  answer_id uuid,
  file_name_sealed bytea NOT NULL,
  content_type text NOT NULL,
  size_bytes bigint NOT NULL CHECK (size_bytes >= 0),
  storage_key text NOT NULL,
  is_restricted boolean NOT NULL DEFAULT false,
  is_phi boolean NOT NULL DEFAULT false,
  uploaded_by_staff_id uuid,
  uploaded_by_patient_id uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  deleted_at timestamptz,
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, storage_key),
  CHECK (num_nonnulls(uploaded_by_staff_id, uploaded_by_patient_id) <= 1),
  FOREIGN KEY (organization_id, case_id) REFERENCES cases (organization_id, id),
  FOREIGN KEY (organization_id, comment_id) REFERENCES comments (organization_id, id),
  FOREIGN KEY (organization_id, answer_id) REFERENCES form_answers (organization_id, id),
  FOREIGN KEY (organization_id, uploaded_by_staff_id) REFERENCES staff (organization_id, id),
  FOREIGN KEY (organization_id, uploaded_by_patient_id) REFERENCES patients (organization_id, id)
);
CREATE INDEX attachments_case_index ON attachments (organization_id, case_id);

CREATE TABLE payments (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  case_id uuid NOT NULL,
  amount_cents bigint NOT NULL CHECK (amount_cents >= 0),
  currency text NOT NULL,
  description text,
  status text NOT NULL CHECK
    (status IN ('PAID', 'UNPAID', 'CANCELED', 'IN_DISPUTE', 'LOST_DISPUTE', 'REFUND', 'ERROR')),
  reference_type text CHECK (reference_type IN ('SETUP_INTENT', 'PAYMENT_INTENT', 'PAYMENT_TOKEN')),
  reference_id text,
  is_test boolean NOT NULL DEFAULT false,
  is_scheduled boolean NOT NULL DEFAULT false,
  is_auto_created boolean NOT NULL DEFAULT false,
  schedule_position integer,
  consult_fee_cents bigint NOT NULL DEFAULT 0,
  convenience_fee_cents bigint NOT NULL DEFAULT 0,
  payment_processing_fee_cents bigint NOT NULL DEFAULT 0,
  pharmacy_fee_cents bigint NOT NULL DEFAULT 0,
  shipping_fee_cents bigint NOT NULL DEFAULT 0,
  syringe_kit_fee_cents bigint NOT NULL DEFAULT 0,
  tech_platform_fee_cents bigint NOT NULL DEFAULT 0,
  created_by_staff_id uuid,
  created_by_patient_id uuid,
  due_at timestamptz, paid_at timestamptz, canceled_at timestamptz, deleted_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id),
  CHECK (num_nonnulls(created_by_staff_id, created_by_patient_id) <= 1),
  FOREIGN KEY (organization_id, case_id) REFERENCES cases (organization_id, id),
  FOREIGN KEY (organization_id, created_by_staff_id) REFERENCES staff (organization_id, id),
  FOREIGN KEY (organization_id, created_by_patient_id) REFERENCES patients (organization_id, id)
);
CREATE INDEX payments_case_index ON payments (organization_id, case_id);

CREATE TABLE payment_sub_fees (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  payment_id uuid NOT NULL,
  position integer NOT NULL,
  label text NOT NULL,
  amount_cents bigint NOT NULL,
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, payment_id) REFERENCES payments (organization_id, id)
);
CREATE INDEX payment_sub_fees_payment_index ON payment_sub_fees (organization_id, payment_id);

CREATE TABLE calendar_events (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  case_id uuid NOT NULL,
  starts_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  timezone text NOT NULL,
  meeting_link text, meeting_provider text, cancel_url text, reschedule_url text,
  provider_name text, provider_email text,
  deleted_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id),
  CHECK (ends_at >= starts_at),
  FOREIGN KEY (organization_id, case_id) REFERENCES cases (organization_id, id)
);
CREATE INDEX calendar_events_case_index ON calendar_events (organization_id, case_id);

CREATE TABLE orders (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  case_id uuid NOT NULL,
  external_id uuid NOT NULL,
  pharmacy_order_id text,
  pharmacy_name text,
  status text NOT NULL,
  message text,
  tracking_id text, tracking_url text, carrier_name text,
  replacement_reason text,
  is_test boolean NOT NULL DEFAULT false,
  estimated_delivery_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, case_id) REFERENCES cases (organization_id, id)
);
CREATE INDEX orders_case_index ON orders (organization_id, case_id);

CREATE TABLE order_items (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  order_id uuid NOT NULL,
  position integer NOT NULL,
  name text NOT NULL,
  quantity text NOT NULL,
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, order_id) REFERENCES orders (organization_id, id)
);
CREATE INDEX order_items_order_index ON order_items (organization_id, order_id);

CREATE TABLE order_shipping_logs (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  order_id uuid NOT NULL,
  status text, location text, message text,
  status_updated_at timestamptz NOT NULL,
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, order_id) REFERENCES orders (organization_id, id)
);
CREATE INDEX order_shipping_logs_order_index ON order_shipping_logs (organization_id, order_id);

-- ---------------------------------------------------------------- what happened
-- One row per act: the case's activity, the audit trail, the outbox. The worker's dispatcher turns undispatched rows
-- into jobs; until then the partial index is the queue.
CREATE TABLE events (
  organization_id uuid NOT NULL REFERENCES organizations (id),
  id uuid NOT NULL,
  number bigint GENERATED ALWAYS AS IDENTITY,
  type text NOT NULL,
  case_id uuid,
  actor_kind text NOT NULL CHECK (actor_kind IN ('key', 'client', 'staff', 'patient', 'system')),
  actor_id uuid,
  target_id uuid,
  is_phi boolean NOT NULL DEFAULT false,
  is_restricted boolean NOT NULL DEFAULT false,
  is_test boolean NOT NULL DEFAULT false,
  value_before text,
  value_after text,
  request_id text,
  created_at timestamptz NOT NULL DEFAULT now(),
  dispatched_at timestamptz,
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, case_id) REFERENCES cases (organization_id, id)
);
CREATE INDEX events_case_index ON events (organization_id, case_id);
CREATE INDEX events_undispatched_index ON events (number) WHERE dispatched_at IS NULL;

-- Who saw which record, and why: written in the same transaction as the read it tells of.
CREATE TABLE phi_reads (
  organization_id uuid NOT NULL REFERENCES organizations (id),
  id uuid NOT NULL,
  actor_kind text NOT NULL,
  actor_id uuid,
  record_kind text NOT NULL,
  record_id uuid NOT NULL,
  reason text NOT NULL,
  request_id text,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id)
);

-- One row per message to one recipient about one event, so that a repeated job cannot send it twice knowingly.
CREATE TABLE notifications (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  event_id uuid NOT NULL,
  recipient text NOT NULL,
  status text NOT NULL DEFAULT 'PENDING' CHECK (status IN ('PENDING', 'SENDING', 'SENT', 'FAILED')),
  attempts integer NOT NULL DEFAULT 0,
  failure text,
  claimed_at timestamptz,
  sent_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, event_id, recipient),
  FOREIGN KEY (organization_id, event_id) REFERENCES events (organization_id, id)
);
CREATE INDEX notifications_unsent_index ON notifications (organization_id, created_at) WHERE status <> 'SENT';

-- ---------------------------------------------------------------- the two locks
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO carelane_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO carelane_app;
-- History is written once: the application can add to it, never change or remove it.
REVOKE UPDATE, DELETE ON events, phi_reads FROM carelane_app;

DO $$
DECLARE tenant_table text;
BEGIN
  FOR tenant_table IN
    SELECT table_name FROM information_schema.columns
    WHERE table_schema = 'public' AND column_name = 'organization_id'
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('CREATE POLICY tenant ON %I TO carelane_app USING (organization_id = current_organization_id())', tenant_table);
  END LOOP;
END $$;
ALTER TABLE organizations ENABLE ROW LEVEL SECURITY;
ALTER TABLE organizations FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON organizations TO carelane_app USING (id = current_organization_id());

-- ---------------------------------------------------------------- what looks across organizations
GRANT SELECT ON organizations, organization_data_keys, credentials TO carelane_system;
GRANT UPDATE (last_used_at) ON credentials TO carelane_system;
GRANT UPDATE (wrapped) ON organization_data_keys TO carelane_system;
GRANT SELECT, UPDATE (dispatched_at) ON events TO carelane_system;
GRANT SELECT ON notifications, cases TO carelane_system;
CREATE POLICY system ON organizations FOR SELECT TO carelane_system USING (true);
CREATE POLICY system ON organization_data_keys TO carelane_system USING (true);
CREATE POLICY system ON credentials TO carelane_system USING (true);
CREATE POLICY system ON events TO carelane_system USING (true);
CREATE POLICY system ON notifications FOR SELECT TO carelane_system USING (true);
CREATE POLICY system ON cases FOR SELECT TO carelane_system USING (true);

-- Whoever presents a secret may learn whose it is. last_used_at moves at most once a minute, to spare the row.
CREATE FUNCTION authenticate(presented_digest bytea)
  RETURNS TABLE (organization_id uuid, id uuid, kind text, scopes text[])
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
BEGIN
  UPDATE credentials SET last_used_at = now()
    WHERE secret_digest = presented_digest AND revoked_at IS NULL
      AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute');
  RETURN QUERY SELECT c.organization_id, c.id, c.kind, c.scopes FROM credentials c
    WHERE c.secret_digest = presented_digest AND c.revoked_at IS NULL;
END $$;

CREATE FUNCTION find_organization(tenant_name text) RETURNS uuid
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
  RETURN (SELECT id FROM organizations WHERE tenant = tenant_name);

-- Hands out the oldest undispatched events and marks them, in the caller's transaction: a worker that dies before it
-- commits its jobs gives them back. Rows another dispatcher holds are skipped.
CREATE FUNCTION claim_events(most integer)
  RETURNS TABLE (organization_id uuid, id uuid, type text, case_id uuid, case_status text)
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH claimed AS (
    SELECT e.organization_id, e.id, e.case_id FROM events e WHERE e.dispatched_at IS NULL
    ORDER BY e.number LIMIT most FOR UPDATE SKIP LOCKED
  )
  UPDATE events e SET dispatched_at = now()
  FROM claimed c LEFT JOIN cases k ON k.organization_id = c.organization_id AND k.id = c.case_id
  WHERE e.organization_id = c.organization_id AND e.id = c.id
  RETURNING e.organization_id, e.id, e.type, e.case_id, k.status
$$;

-- What stands still: messages that were neither sent nor given up, OPEN cases that assignment has not looked at.
CREATE FUNCTION find_stalled_notifications(older_than interval, most integer)
  RETURNS TABLE (organization_id uuid, event_id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT DISTINCT n.organization_id, n.event_id FROM notifications n
  WHERE n.status IN ('PENDING', 'SENDING') AND coalesce(n.claimed_at, n.created_at) < now() - older_than LIMIT most
$$;

-- Re-wrapping data keys under a new master key touches every organization at once.
CREATE FUNCTION list_data_keys() RETURNS TABLE (organization_id uuid, version smallint, wrapped bytea)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT k.organization_id, k.version, k.wrapped FROM organization_data_keys k
$$;

ALTER FUNCTION authenticate(bytea) OWNER TO carelane_system;
ALTER FUNCTION find_organization(text) OWNER TO carelane_system;
ALTER FUNCTION claim_events(integer) OWNER TO carelane_system;
ALTER FUNCTION find_stalled_notifications(interval, integer) OWNER TO carelane_system;
ALTER FUNCTION list_data_keys() OWNER TO carelane_system;
REVOKE CREATE ON SCHEMA public FROM carelane_system;
REVOKE EXECUTE ON FUNCTION authenticate(bytea), find_organization(text), claim_events(integer),
  find_stalled_notifications(interval, integer), list_data_keys() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION authenticate(bytea), find_organization(text), claim_events(integer),
  find_stalled_notifications(interval, integer), list_data_keys() TO carelane_app;
