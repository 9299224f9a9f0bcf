-- Billing: carts, quotes and charges, and what they need around them: locations, taxes, tags, the billing side of patients
-- and of the catalogue. Suits the version that knows only 0002: columns are added, none changes its meaning.
--
-- Callers may name a record themselves (`id` on create). A name that is a UUID is the record's id; from any other the id is
-- derived (kit/ids.py), and given_id keeps the name as it was sent. So every record is found by its id alone.

-- ---------------------------------------------------------------- who
ALTER TABLE organizations
  -- What its carts are priced in; ISO 4217.
  ADD currency text NOT NULL DEFAULT 'USD',
  -- Of the billing dialect; null: the setting's.
  ADD requests_per_minute integer CHECK (requests_per_minute > 0);

ALTER TABLE staff ADD given_id text;

CREATE TABLE locations (
  organization_id uuid NOT NULL REFERENCES organizations (id),
  id uuid NOT NULL,
  given_id text,
  external_id text,
  name text NOT NULL,
  is_virtual boolean NOT NULL DEFAULT false,
  address_line1 text, address_line2 text, city text, state text, postal_code text, country text,
  timezone text NOT NULL DEFAULT 'UTC',
  description text, phone_number text, photo_url text, review_link text,
  latitude double precision CHECK (latitude BETWEEN -90 AND 90),
  longitude double precision CHECK (longitude BETWEEN -180 AND 180),
  archived_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id)
);

-- The billing dialect knows patients without e-mail, even without a name; the care dialect makes none of those.
ALTER TABLE patients
  ALTER email DROP NOT NULL,
  ALTER email_key DROP NOT NULL,
  ALTER first_name DROP NOT NULL,
  ALTER last_name DROP NOT NULL,
  ADD given_id text,
  ADD external_id text,
  ADD address_valid boolean,
  ADD primary_location_id uuid,
  ADD preferred_provider_id uuid,
  ADD patient_source text,
  ADD lead_source text,
  ADD on_scheduling_blacklist boolean NOT NULL DEFAULT false,
  ADD surcharge_disabled boolean NOT NULL DEFAULT false,
  ADD credit_balance_cents bigint NOT NULL DEFAULT 0 CHECK (credit_balance_cents >= 0),
  -- Medications, allergies, history, pronouns, the words for the gender, free data: one sealed JSON document.
  ADD chart_sealed bytea,
  ADD archived_at timestamptz,
  ADD FOREIGN KEY (organization_id, primary_location_id) REFERENCES locations (organization_id, id),
  ADD FOREIGN KEY (organization_id, preferred_provider_id) REFERENCES staff (organization_id, id);
CREATE INDEX patients_external_index ON patients (organization_id, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX patients_created_index ON patients (organization_id, created_at DESC, id DESC) WHERE archived_at IS NULL;

CREATE TABLE patient_tags (
  organization_id uuid NOT NULL REFERENCES organizations (id),
  id uuid NOT NULL,
  name text NOT NULL,
  emoji text,
  color text,
  is_active boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, name)
);

CREATE TABLE patient_tag_assignments (
  organization_id uuid NOT NULL,
  patient_id uuid NOT NULL,
  tag_id uuid NOT NULL,
  PRIMARY KEY (organization_id, patient_id, tag_id),
  FOREIGN KEY (organization_id, patient_id) REFERENCES patients (organization_id, id),
  FOREIGN KEY (organization_id, tag_id) REFERENCES patient_tags (organization_id, id)
);
CREATE INDEX patient_tag_assignments_tag_index ON patient_tag_assignments (organization_id, tag_id);

-- ---------------------------------------------------------------- taxes and the billing side of the catalogue
CREATE TABLE taxes (
  organization_id uuid NOT NULL REFERENCES organizations (id),
  id uuid NOT NULL,
  name text NOT NULL,
  percentage numeric(9, 6) NOT NULL CHECK (percentage BETWEEN 0 AND 100),
  scope text NOT NULL DEFAULT 'ALL' CHECK
    (scope IN ('ALL', 'PRODUCTS_ONLY', 'SERVICES_ONLY', 'MEMBERSHIPS_ONLY', 'SPECIFIC_CATEGORIES')),
  category_names text[] NOT NULL DEFAULT '{}',
  archived_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id)
);

-- Where a tax is raised. A tax without a row here is raised everywhere.
CREATE TABLE tax_locations (
  organization_id uuid NOT NULL,
  tax_id uuid NOT NULL,
  location_id uuid NOT NULL,
  PRIMARY KEY (organization_id, tax_id, location_id),
  FOREIGN KEY (organization_id, tax_id) REFERENCES taxes (organization_id, id),
  FOREIGN KEY (organization_id, location_id) REFERENCES locations (organization_id, id)
);

-- An item of the billing dialect is a product; archived means not active.
ALTER TABLE products
  ADD given_id text,
  ADD external_id text,
  ADD brand_name text,
  ADD category text,
  ADD unit text,
  ADD is_physical boolean NOT NULL DEFAULT true,
  ADD internal_notes text,
  ADD sort_order integer,
  ADD allows_custom_pricing boolean NOT NULL DEFAULT false,
  ADD type text NOT NULL DEFAULT 'PRODUCT' CHECK
    (type IN ('ITEM', 'PRODUCT', 'MEDICATION', 'SERVICE', 'PACKAGE', 'MEMBERSHIP')),
  ADD cost_cents bigint CHECK (cost_cents >= 0),
  ADD updated_at timestamptz NOT NULL DEFAULT now();

CREATE TABLE product_tax_exemptions (
  organization_id uuid NOT NULL,
  product_id uuid NOT NULL,
  tax_id uuid NOT NULL,
  PRIMARY KEY (organization_id, product_id, tax_id),
  FOREIGN KEY (organization_id, product_id) REFERENCES products (organization_id, id),
  FOREIGN KEY (organization_id, tax_id) REFERENCES taxes (organization_id, id)
);

-- A package of the billing dialect is a bundle.
ALTER TABLE bundles
  ADD given_id text,
  ADD external_id text,
  ADD category text,
  ADD internal_notes text,
  ADD archived_at timestamptz,
  ADD updated_at timestamptz NOT NULL DEFAULT now();
ALTER TABLE bundle_products
  ADD id uuid NOT NULL DEFAULT gen_random_uuid(),
  ADD quantity integer CHECK (quantity > 0),
  -- Null: the product's own price.
  ADD price_cents bigint CHECK (price_cents >= 0);

-- ---------------------------------------------------------------- charges
CREATE TABLE charges (
  organization_id uuid NOT NULL REFERENCES organizations (id),
  id uuid NOT NULL,
  patient_id uuid NOT NULL,
  -- What was converted: a charge is made of a cart once, and of a quote once.
  cart_id uuid NOT NULL,
  quote_id uuid,
  creator_id uuid,
  location_id uuid,
  status text NOT NULL DEFAULT 'OUTSTANDING' CHECK (status IN ('OUTSTANDING', 'PAID', 'EXTERNAL_SETTLEMENT', 'VOID',
    'WRITE_OFF', 'REFUNDED', 'CHARGEBACK', 'COLLECTIONS', 'PAYMENT_PLAN')),
  currency text NOT NULL,
  -- What was asked for; discount_cents is what both came to.
  discount_amount_cents bigint NOT NULL CHECK (discount_amount_cents >= 0),
  discount_percentage numeric(9, 6) NOT NULL CHECK (discount_percentage BETWEEN 0 AND 100),
  subtotal_cents bigint NOT NULL CHECK (subtotal_cents >= 0),
  discount_cents bigint NOT NULL CHECK (discount_cents BETWEEN 0 AND subtotal_cents),
  tax_cents bigint NOT NULL CHECK (tax_cents >= 0),
  total_cents bigint NOT NULL,
  outstanding_cents bigint NOT NULL CHECK (outstanding_cents >= 0),
  description_sealed bytea,
  external_id text,
  appointment_id text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, cart_id),
  UNIQUE (organization_id, quote_id),
  CHECK (total_cents = subtotal_cents - discount_cents + tax_cents),
  FOREIGN KEY (organization_id, patient_id) REFERENCES patients (organization_id, id),
  FOREIGN KEY (organization_id, creator_id) REFERENCES staff (organization_id, id),
  FOREIGN KEY (organization_id, location_id) REFERENCES locations (organization_id, id)
);
CREATE INDEX charges_patient_index ON charges (organization_id, patient_id, created_at DESC);
CREATE INDEX charges_created_index ON charges (organization_id, created_at DESC, id DESC);

-- What was sold, by the name it had then. Whole quantities only: a fraction is one piece at the line's gross.
CREATE TABLE charge_lines (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  charge_id uuid NOT NULL,
  position integer NOT NULL,
  product_id uuid,
  bundle_id uuid,
  name text NOT NULL,
  description_sealed bytea,
  quantity integer NOT NULL CHECK (quantity >= 0),
  unit_price_cents bigint NOT NULL CHECK (unit_price_cents >= 0),
  discount_amount_cents bigint NOT NULL CHECK (discount_amount_cents >= 0),
  discount_percentage numeric(9, 6) NOT NULL CHECK (discount_percentage BETWEEN 0 AND 100),
  tax_cents bigint NOT NULL CHECK (tax_cents >= 0),
  total_cents bigint NOT NULL CHECK (total_cents >= 0),
  PRIMARY KEY (organization_id, id),
  CHECK (num_nonnulls(product_id, bundle_id) = 1),
  FOREIGN KEY (organization_id, charge_id) REFERENCES charges (organization_id, id),
  FOREIGN KEY (organization_id, product_id) REFERENCES products (organization_id, id),
  FOREIGN KEY (organization_id, bundle_id) REFERENCES bundles (organization_id, id)
);
CREATE INDEX charge_lines_charge_index ON charge_lines (organization_id, charge_id);
-- How often an item was sold, and to how many patients a package.
CREATE INDEX charge_lines_product_index ON charge_lines (organization_id, product_id) WHERE product_id IS NOT NULL;
CREATE INDEX charge_lines_bundle_index ON charge_lines (organization_id, bundle_id) WHERE bundle_id IS NOT NULL;

-- ---------------------------------------------------------------- carts
-- The amounts are those of carts/pricing.py, written with every change of what they follow from.
CREATE TABLE carts (
  organization_id uuid NOT NULL REFERENCES organizations (id),
  id uuid NOT NULL,
  given_id text,
  patient_id uuid NOT NULL,
  creator_id uuid,
  -- Whose taxes are raised.
  location_id uuid,
  status text NOT NULL DEFAULT 'DRAFT' CHECK
    (status IN ('DRAFT', 'ABANDONED', 'ACCEPTED', 'REJECTED', 'CONVERTED', 'EXPIRED')),
  currency text NOT NULL,
  -- What was asked for; discount_cents is what both came to.
  discount_amount_cents bigint NOT NULL DEFAULT 0 CHECK (discount_amount_cents >= 0),
  discount_percentage numeric(9, 6) NOT NULL DEFAULT 0 CHECK (discount_percentage BETWEEN 0 AND 100),
  subtotal_cents bigint NOT NULL CHECK (subtotal_cents >= 0),
  discount_cents bigint NOT NULL CHECK (discount_cents BETWEEN 0 AND subtotal_cents),
  tax_cents bigint NOT NULL CHECK (tax_cents >= 0),
  total_cents bigint NOT NULL,
  notes_sealed bytea,
  expires_at timestamptz,
  -- Since a quote of it was sent: what was offered does not change any more.
  locked_at timestamptz,
  charge_id uuid,
  archived_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id),
  CHECK (total_cents = subtotal_cents - discount_cents + tax_cents),
  CHECK ((status = 'CONVERTED') = (charge_id IS NOT NULL)),
  FOREIGN KEY (organization_id, patient_id) REFERENCES patients (organization_id, id),
  FOREIGN KEY (organization_id, creator_id) REFERENCES staff (organization_id, id),
  FOREIGN KEY (organization_id, location_id) REFERENCES locations (organization_id, id),
  FOREIGN KEY (organization_id, charge_id) REFERENCES charges (organization_id, id)
);
CREATE INDEX carts_created_index ON carts (organization_id, created_at DESC, id DESC) WHERE archived_at IS NULL;
CREATE INDEX carts_patient_index ON carts (organization_id, patient_id, created_at DESC);
CREATE INDEX carts_status_index ON carts (organization_id, status, created_at DESC) WHERE archived_at IS NULL;
CREATE INDEX carts_creator_index ON carts (organization_id, creator_id) WHERE creator_id IS NOT NULL;
CREATE INDEX carts_expiry_index ON carts (expires_at)
  WHERE status = 'DRAFT' AND archived_at IS NULL AND locked_at IS NULL AND expires_at IS NOT NULL;
CREATE INDEX carts_idle_index ON carts (updated_at) WHERE status = 'DRAFT' AND archived_at IS NULL AND locked_at IS NULL;
ALTER TABLE charges ADD FOREIGN KEY (organization_id, cart_id) REFERENCES carts (organization_id, id);

CREATE TABLE cart_lines (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  cart_id uuid NOT NULL,
  position integer NOT NULL,
  product_id uuid,
  bundle_id uuid,
  quantity numeric(13, 6) NOT NULL CHECK (quantity >= 0),
  unit_price_cents bigint NOT NULL CHECK (unit_price_cents >= 0),
  discount_amount_cents bigint NOT NULL DEFAULT 0 CHECK (discount_amount_cents >= 0),
  discount_percentage numeric(9, 6) NOT NULL DEFAULT 0 CHECK (discount_percentage BETWEEN 0 AND 100),
  tax_cents bigint NOT NULL CHECK (tax_cents >= 0),
  -- Gross less the line's discount; before the cart's discount and tax.
  total_cents bigint NOT NULL CHECK (total_cents >= 0),
  notes_sealed bytea,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id),
  CHECK (num_nonnulls(product_id, bundle_id) = 1),
  FOREIGN KEY (organization_id, cart_id) REFERENCES carts (organization_id, id),
  FOREIGN KEY (organization_id, product_id) REFERENCES products (organization_id, id),
  FOREIGN KEY (organization_id, bundle_id) REFERENCES bundles (organization_id, id)
);
CREATE INDEX cart_lines_cart_index ON cart_lines (organization_id, cart_id);

-- ---------------------------------------------------------------- quotes
CREATE TABLE quotes (
  organization_id uuid NOT NULL REFERENCES organizations (id),
  id uuid NOT NULL,
  given_id text,
  patient_id uuid NOT NULL,
  cart_id uuid NOT NULL,
  creator_id uuid NOT NULL,
  location_id uuid,
  status text NOT NULL DEFAULT 'DRAFT' CHECK
    (status IN ('DRAFT', 'SENT', 'VIEWED', 'ACCEPTED', 'DECLINED', 'EXPIRED', 'CONVERTED')),
  currency text NOT NULL,
  discount_amount_cents bigint NOT NULL DEFAULT 0 CHECK (discount_amount_cents >= 0),
  discount_percentage numeric(9, 6) NOT NULL DEFAULT 0 CHECK (discount_percentage BETWEEN 0 AND 100),
  subtotal_cents bigint NOT NULL CHECK (subtotal_cents >= 0),
  discount_cents bigint NOT NULL CHECK (discount_cents BETWEEN 0 AND subtotal_cents),
  tax_cents bigint NOT NULL CHECK (tax_cents >= 0),
  total_cents bigint NOT NULL,
  -- Title, description, terms and internal notes: one sealed JSON document.
  words_sealed bytea,
  requires_verification boolean NOT NULL DEFAULT true,
  -- Counts the changes of what is offered: a patient accepts what was on the page, or sees the page again.
  revision integer NOT NULL DEFAULT 1,
  failed_verifications integer NOT NULL DEFAULT 0,
  verification_unlocks_at timestamptz,
  -- What the patient wrote with the answer, and the payment method the patient would like: one sealed JSON document.
  response_sealed bytea,
  charge_id uuid,
  expires_at timestamptz,
  sent_at timestamptz,
  viewed_at timestamptz,
  responded_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id),
  CHECK (total_cents = subtotal_cents - discount_cents + tax_cents),
  CHECK ((status = 'CONVERTED') = (charge_id IS NOT NULL)),
  FOREIGN KEY (organization_id, patient_id) REFERENCES patients (organization_id, id),
  FOREIGN KEY (organization_id, cart_id) REFERENCES carts (organization_id, id),
  FOREIGN KEY (organization_id, creator_id) REFERENCES staff (organization_id, id),
  FOREIGN KEY (organization_id, location_id) REFERENCES locations (organization_id, id),
  FOREIGN KEY (organization_id, charge_id) REFERENCES charges (organization_id, id)
);
CREATE INDEX quotes_cart_index ON quotes (organization_id, cart_id);
CREATE INDEX quotes_patient_index ON quotes (organization_id, patient_id, created_at DESC);
CREATE INDEX quotes_created_index ON quotes (organization_id, created_at DESC, id DESC);
CREATE INDEX quotes_expiry_index ON quotes (expires_at)
  WHERE status IN ('DRAFT', 'SENT', 'VIEWED') AND expires_at IS NOT NULL;
-- What was accepted of a cart is one quote at most.
CREATE UNIQUE INDEX quotes_accepted_key ON quotes (organization_id, cart_id) WHERE status IN ('ACCEPTED', 'CONVERTED');
ALTER TABLE charges ADD FOREIGN KEY (organization_id, quote_id) REFERENCES quotes (organization_id, id);

CREATE TABLE quote_lines (
  organization_id uuid NOT NULL,
  -- Of a line that was copied from the cart: the cart line's id.
  id uuid NOT NULL,
  quote_id uuid NOT NULL,
  position integer NOT NULL,
  product_id uuid,
  bundle_id uuid,
  quantity numeric(13, 6) NOT NULL CHECK (quantity >= 0),
  unit_price_cents bigint NOT NULL CHECK (unit_price_cents >= 0),
  discount_amount_cents bigint NOT NULL DEFAULT 0 CHECK (discount_amount_cents >= 0),
  discount_percentage numeric(9, 6) NOT NULL DEFAULT 0 CHECK (discount_percentage BETWEEN 0 AND 100),
  tax_cents bigint NOT NULL CHECK (tax_cents >= 0),
  total_cents bigint NOT NULL CHECK (total_cents >= 0),
  description_sealed bytea,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, quote_id, id),
  CHECK (num_nonnulls(product_id, bundle_id) = 1),
  FOREIGN KEY (organization_id, quote_id) REFERENCES quotes (organization_id, id),
  FOREIGN KEY (organization_id, product_id) REFERENCES products (organization_id, id),
  FOREIGN KEY (organization_id, bundle_id) REFERENCES bundles (organization_id, id)
);

-- Messages that carry a quote's link. The row is the queue: a claim moves next_attempt_at into the future, so that what a
-- dead worker held is taken up again. A message that waits for its date has that date there.
CREATE TABLE quote_messages (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  quote_id uuid NOT NULL,
  method text NOT NULL CHECK (method IN ('email', 'sms')),
  -- What staff wrote to go with the link.
  message_sealed bytea,
  status text NOT NULL DEFAULT 'PENDING' CHECK (status IN ('PENDING', 'SENT', 'FAILED', 'CANCELED')),
  attempts integer NOT NULL DEFAULT 0,
  failure text,
  next_attempt_at timestamptz DEFAULT now(),
  claim_id uuid,
  sent_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id),
  CHECK ((status = 'PENDING') = (next_attempt_at IS NOT NULL)),
  FOREIGN KEY (organization_id, quote_id) REFERENCES quotes (organization_id, id)
);
CREATE INDEX quote_messages_quote_index ON quote_messages (organization_id, quote_id);
CREATE INDEX quote_messages_due_index ON quote_messages (next_attempt_at) WHERE status = 'PENDING';

-- ---------------------------------------------------------------- lifecycles, held
-- The same tables as carts/states.py and quotes/states.py; tests/carts/test_states.py compares them.
CREATE FUNCTION cart_may_move(before text, after text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN (before, after) IN (('DRAFT', 'ABANDONED'), ('DRAFT', 'ACCEPTED'), ('DRAFT', 'REJECTED'), ('DRAFT', 'CONVERTED'),
    ('DRAFT', 'EXPIRED'), ('ACCEPTED', 'CONVERTED'));
CREATE FUNCTION quote_may_move(before text, after text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN (before, after) IN (('DRAFT', 'SENT'), ('DRAFT', 'EXPIRED'), ('SENT', 'VIEWED'), ('SENT', 'ACCEPTED'),
    ('SENT', 'DECLINED'), ('SENT', 'EXPIRED'), ('VIEWED', 'ACCEPTED'), ('VIEWED', 'DECLINED'), ('VIEWED', 'EXPIRED'),
    ('ACCEPTED', 'CONVERTED'));

CREATE FUNCTION hold_cart() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status <> NEW.status AND NOT cart_may_move(OLD.status, NEW.status) THEN
    RAISE EXCEPTION 'a cart does not go from % to %', OLD.status, NEW.status
      USING ERRCODE = 'check_violation', CONSTRAINT = 'carts_lifecycle';
  END IF;
  IF (OLD.status <> 'DRAFT' OR OLD.locked_at IS NOT NULL)
    AND (OLD.patient_id, OLD.currency, OLD.discount_amount_cents, OLD.discount_percentage, OLD.subtotal_cents,
      OLD.discount_cents, OLD.tax_cents, OLD.total_cents)
    IS DISTINCT FROM (NEW.patient_id, NEW.currency, NEW.discount_amount_cents, NEW.discount_percentage,
      NEW.subtotal_cents, NEW.discount_cents, NEW.tax_cents, NEW.total_cents) THEN
    RAISE EXCEPTION 'only a draft that was not offered changes'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'carts_lifecycle';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER hold_cart BEFORE UPDATE ON carts FOR EACH ROW EXECUTE FUNCTION hold_cart();

CREATE FUNCTION hold_quote() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status <> NEW.status AND NOT quote_may_move(OLD.status, NEW.status) THEN
    RAISE EXCEPTION 'a quote does not go from % to %', OLD.status, NEW.status
      USING ERRCODE = 'check_violation', CONSTRAINT = 'quotes_lifecycle';
  END IF;
  IF OLD.status NOT IN ('DRAFT', 'SENT', 'VIEWED')
    AND (OLD.patient_id, OLD.cart_id, OLD.currency, OLD.discount_amount_cents, OLD.discount_percentage,
      OLD.subtotal_cents, OLD.discount_cents, OLD.tax_cents, OLD.total_cents)
    IS DISTINCT FROM (NEW.patient_id, NEW.cart_id, NEW.currency, NEW.discount_amount_cents, NEW.discount_percentage,
      NEW.subtotal_cents, NEW.discount_cents, NEW.tax_cents, NEW.total_cents) THEN
    RAISE EXCEPTION 'what was answered does not change'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'quotes_lifecycle';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER hold_quote BEFORE UPDATE ON quotes FOR EACH ROW EXECUTE FUNCTION hold_quote();

-- Lines, a statement at a time, so that a cart of a hundred lines is looked at once.
CREATE FUNCTION hold_cart_lines() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM carts c WHERE (c.status <> 'DRAFT' OR c.locked_at IS NOT NULL) AND (c.organization_id, c.id) IN
      (SELECT organization_id, cart_id FROM touched)) THEN
    RAISE EXCEPTION 'only the lines of a draft that was not offered change'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'carts_lifecycle';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER hold_new_lines AFTER INSERT ON cart_lines
  REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION hold_cart_lines();
CREATE TRIGGER hold_changed_lines AFTER UPDATE ON cart_lines
  REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION hold_cart_lines();
CREATE TRIGGER hold_removed_lines AFTER DELETE ON cart_lines
  REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION hold_cart_lines();

CREATE FUNCTION hold_quote_lines() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM quotes q WHERE q.status NOT IN ('DRAFT', 'SENT', 'VIEWED') AND (q.organization_id, q.id) IN
      (SELECT organization_id, quote_id FROM touched)) THEN
    RAISE EXCEPTION 'the lines of an answered quote do not change'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'quotes_lifecycle';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER hold_new_lines AFTER INSERT ON quote_lines
  REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION hold_quote_lines();
CREATE TRIGGER hold_changed_lines AFTER UPDATE ON quote_lines
  REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION hold_quote_lines();
CREATE TRIGGER hold_removed_lines AFTER DELETE ON quote_lines
  REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION hold_quote_lines();

-- ---------------------------------------------------------------- how many requests an organization has had this minute
-- Processes take requests in small portions, so that not every request is a write. Not worth keeping over a crash.
CREATE UNLOGGED TABLE request_windows (
  organization_id uuid PRIMARY KEY REFERENCES organizations (id),
  began_at timestamptz NOT NULL,
  taken integer NOT NULL
);

-- ---------------------------------------------------------------- the two locks
DO $$
DECLARE tenant_table text;
BEGIN
  FOREACH tenant_table IN ARRAY ARRAY['locations', 'patient_tags', 'patient_tag_assignments', 'taxes', 'tax_locations',
    'product_tax_exemptions', 'carts', 'cart_lines', 'quotes', 'quote_lines', 'quote_messages', 'charges', 'charge_lines',
    'request_windows']
  LOOP
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO carelane_app', tenant_table);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('CREATE POLICY tenant ON %I TO carelane_app USING (organization_id = current_organization_id())', tenant_table);
  END LOOP;
END $$;
-- What was charged is history; carts, quotes and charges are archived or ended, never removed.
REVOKE UPDATE, DELETE ON charge_lines FROM carelane_app;
REVOKE DELETE ON carts, quotes, quote_messages, charges FROM carelane_app;

-- ---------------------------------------------------------------- what looks across organizations
GRANT CREATE ON SCHEMA public TO carelane_system;
GRANT SELECT ON carts, quotes, quote_messages TO carelane_system;
GRANT UPDATE (next_attempt_at, claim_id, attempts) ON quote_messages TO carelane_system;
GRANT SELECT, INSERT, UPDATE ON request_windows TO carelane_system;
CREATE POLICY system ON carts FOR SELECT TO carelane_system USING (true);
CREATE POLICY system ON quotes FOR SELECT TO carelane_system USING (true);
CREATE POLICY system ON quote_messages TO carelane_system USING (true);
CREATE POLICY system ON request_windows TO carelane_system USING (true);

-- As authenticate, and by which name the organization goes: whoever presents a key may have to name the tenant too.
CREATE FUNCTION authenticate_tenant(presented_digest bytea)
  RETURNS TABLE (organization_id uuid, id uuid, kind text, scopes text[], tenant text, requests_per_minute integer)
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT a.organization_id, a.id, a.kind, a.scopes, o.tenant, o.requests_per_minute
  FROM authenticate(presented_digest) a JOIN organizations o ON o.id = a.organization_id
$$;

-- Up to `wanted` requests of the window that began at `window_began_at`, as long as it has had fewer than `most`; and how
-- many it has had now. The row's lock makes the count exact, whichever machine asks.
CREATE FUNCTION take_requests(organization uuid, window_began_at timestamptz, wanted integer, most integer)
  RETURNS TABLE (granted integer, taken integer)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE before integer;
BEGIN
  INSERT INTO request_windows (organization_id, began_at, taken) VALUES (organization, window_began_at, 0)
    ON CONFLICT (organization_id) DO NOTHING;
  SELECT CASE WHEN w.began_at >= window_began_at THEN w.taken ELSE 0 END INTO before
    FROM request_windows w WHERE w.organization_id = organization FOR UPDATE;
  granted := greatest(0, least(wanted, most - before));
  taken := before + granted;
  UPDATE request_windows w SET began_at = greatest(w.began_at, window_began_at), taken = take_requests.taken
    WHERE w.organization_id = organization;
  RETURN NEXT;
END $$;

-- Drafts whose time is over: past their own date (EXPIRED), or untouched for so long (ABANDONED). One that was offered
-- stands as long as its quote does, and one whose quote waits for its date is not idle.
CREATE FUNCTION find_ended_carts(idle interval, most integer) RETURNS TABLE (organization_id uuid, id uuid, status text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  (SELECT c.organization_id, c.id, 'EXPIRED' FROM carts c
   WHERE c.status = 'DRAFT' AND c.archived_at IS NULL AND c.locked_at IS NULL AND c.expires_at <= now()
   ORDER BY c.expires_at LIMIT most)
  UNION ALL
  (SELECT c.organization_id, c.id, 'ABANDONED' FROM carts c
   WHERE c.status = 'DRAFT' AND c.archived_at IS NULL AND c.locked_at IS NULL AND c.updated_at < now() - idle
     AND (c.expires_at IS NULL OR c.expires_at > now())
     AND NOT EXISTS (SELECT FROM quotes q JOIN quote_messages m ON m.organization_id = q.organization_id AND m.quote_id = q.id
       WHERE q.organization_id = c.organization_id AND q.cart_id = c.id AND m.status = 'PENDING')
   ORDER BY c.updated_at LIMIT most)
$$;

CREATE FUNCTION find_ended_quotes(most integer) RETURNS TABLE (organization_id uuid, id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT q.organization_id, q.id FROM quotes q
  WHERE q.status IN ('DRAFT', 'SENT', 'VIEWED') AND q.expires_at <= now() ORDER BY q.expires_at LIMIT most
$$;

-- Messages that are due; what a dead worker claimed comes back when its lease ends.
CREATE FUNCTION claim_quote_messages(most integer, lease interval, claim uuid)
  RETURNS TABLE (organization_id uuid, id uuid, quote_id uuid, attempts integer)
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH due AS (
    SELECT m.organization_id, m.id FROM quote_messages m
    WHERE m.status = 'PENDING' AND m.next_attempt_at <= now()
    ORDER BY m.next_attempt_at LIMIT most FOR UPDATE SKIP LOCKED
  )
  UPDATE quote_messages m SET next_attempt_at = now() + lease, claim_id = claim, attempts = m.attempts + 1
  FROM due WHERE m.organization_id = due.organization_id AND m.id = due.id
  RETURNING m.organization_id, m.id, m.quote_id, m.attempts
$$;

DO $$
DECLARE signature text;
BEGIN
  FOREACH signature IN ARRAY ARRAY['authenticate_tenant(bytea)', 'take_requests(uuid, timestamptz, integer, integer)',
    'find_ended_carts(interval, integer)', 'find_ended_quotes(integer)',
    'claim_quote_messages(integer, interval, uuid)']
  LOOP
    EXECUTE format('ALTER FUNCTION %s OWNER TO carelane_system', signature);
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', signature);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO carelane_app', signature);
  END LOOP;
END $$;
REVOKE CREATE ON SCHEMA public FROM carelane_system;
