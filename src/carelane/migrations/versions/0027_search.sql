-- What records are found by. Under forced row-level security LIKE and lower() use no index, comparisons in the collation "C" do:
-- so a record has tokens, and what begins with a text is one range of an index. Suits the version now running: triggers write the
-- tokens of what it writes, in its own transaction.

-- The letter before the colon says what it is: n a name, m an e-mail address, t digits of a telephone number, i an id that people
-- copy (short ids, orders' and tracking numbers, ids of the storefront).
CREATE TABLE search_tokens (
  organization_id uuid NOT NULL REFERENCES organizations (id),
  kind text COLLATE "C" NOT NULL CHECK (kind IN ('patient', 'case', 'order')),
  token text COLLATE "C" NOT NULL CHECK (token ~ '^[nmti]:.' AND char_length(token) <= 322),
  record_id uuid NOT NULL,
  PRIMARY KEY (organization_id, kind, token, record_id)
);
CREATE INDEX search_tokens_record_index ON search_tokens (organization_id, record_id, token);

GRANT SELECT, INSERT, DELETE ON search_tokens TO carelane_app;
ALTER TABLE search_tokens ENABLE ROW LEVEL SECURITY;
ALTER TABLE search_tokens FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON search_tokens TO carelane_app USING (organization_id = current_organization_id());

-- ---------------------------------------------------------------- the tokens of a record; `search/rows.py` does the same to what is typed
-- An id as it is typed or pasted: without its separators, in small letters.
CREATE FUNCTION search_code(id text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT nullif(left(regexp_replace(lower(id), '[^a-z0-9]', '', 'g'), 100), '')
$$;
-- A name from each of its words on, so that it is found by whichever comes first: `ana maria lopez`, `maria lopez ana`, `lopez ana maria`.
CREATE FUNCTION search_names(first_name_key text, last_name_key text) RETURNS SETOF text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT left(array_to_string(w.words[n.first:] || w.words[:n.first - 1], ' '), 100)
  FROM (SELECT (string_to_array(btrim(regexp_replace(concat_ws(' ', first_name_key, last_name_key),
    U&'[ .,;:/_()"\00b7\2010-\2015-]+', ' ', 'g')), ' '))[:8] AS words) w, generate_series(1, cardinality(w.words)) n (first)
  WHERE w.words[n.first] <> ''
$$;
CREATE FUNCTION search_phones(phone_e164 text, phone_number text) RETURNS SETOF text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT DISTINCT left(d.digits, 20) FROM (VALUES
    (regexp_replace(phone_e164, '[^0-9]', '', 'g')), (substring(phone_e164 FROM '^\+1([0-9]+)$')),
    (regexp_replace(phone_number, '[^0-9]', '', 'g'))) d (digits)
  WHERE d.digits <> ''
$$;
CREATE FUNCTION patient_tokens(p patients) RETURNS SETOF text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT 'n:' || n FROM search_names(p.first_name_key, p.last_name_key) n
  UNION SELECT 'm:' || left(p.mailbox, 320) WHERE p.mailbox <> ''
  UNION SELECT 't:' || d FROM search_phones(p.phone_e164, p.phone_number) d
  UNION SELECT 'i:' || i FROM unnest(ARRAY[search_code(p.given_id), search_code(p.external_id)]) i WHERE i <> ''
$$;
-- With the clinic's letters and without them.
CREATE FUNCTION case_tokens(short_id text) RETURNS SETOF text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT 'i:' || i FROM (
    SELECT search_code(short_id) UNION SELECT search_code(substring(short_id FROM '[^-]+$'))) c (i) WHERE i <> ''
$$;
CREATE FUNCTION order_tokens(pharmacy_order_id text, tracking_id text) RETURNS SETOF text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT 'i:' || i FROM (SELECT search_code(pharmacy_order_id) UNION SELECT search_code(tracking_id)) c (i) WHERE i <> ''
$$;

-- ---------------------------------------------------------------- written with the record
-- After a change of name the old one finds nobody. A record that was merged keeps its tokens: they lead to the one that stayed.
CREATE FUNCTION index_patient() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    DELETE FROM search_tokens t WHERE t.organization_id = NEW.organization_id AND t.record_id = NEW.id AND t.kind = 'patient'
      AND NOT EXISTS (SELECT FROM patient_tokens(NEW) n WHERE n = t.token);
  END IF;
  INSERT INTO search_tokens (organization_id, kind, token, record_id)
  SELECT NEW.organization_id, 'patient', n, NEW.id FROM patient_tokens(NEW) n ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER index_patient AFTER INSERT ON patients FOR EACH ROW EXECUTE FUNCTION index_patient();
CREATE TRIGGER index_changed_patient AFTER UPDATE ON patients FOR EACH ROW
  WHEN ((OLD.first_name_key, OLD.last_name_key, OLD.mailbox, OLD.phone_e164, OLD.phone_number, OLD.given_id, OLD.external_id)
    IS DISTINCT FROM
    (NEW.first_name_key, NEW.last_name_key, NEW.mailbox, NEW.phone_e164, NEW.phone_number, NEW.given_id, NEW.external_id))
  EXECUTE FUNCTION index_patient();

CREATE FUNCTION index_case() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO search_tokens (organization_id, kind, token, record_id)
  SELECT NEW.organization_id, 'case', n, NEW.id FROM case_tokens(NEW.short_id) n ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER index_case AFTER INSERT ON cases FOR EACH ROW EXECUTE FUNCTION index_case();

-- A number that a parcel once had still leads to its order.
CREATE FUNCTION index_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO search_tokens (organization_id, kind, token, record_id)
  SELECT NEW.organization_id, 'order', n, NEW.id FROM order_tokens(NEW.pharmacy_order_id, NEW.tracking_id) n
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER index_order AFTER INSERT ON orders FOR EACH ROW
  WHEN (NEW.pharmacy_order_id IS NOT NULL OR NEW.tracking_id IS NOT NULL) EXECUTE FUNCTION index_order();
CREATE TRIGGER index_changed_order AFTER UPDATE ON orders FOR EACH ROW
  WHEN ((OLD.pharmacy_order_id, OLD.tracking_id) IS DISTINCT FROM (NEW.pharmacy_order_id, NEW.tracking_id))
  EXECUTE FUNCTION index_order();

CREATE FUNCTION index_parcel() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO search_tokens (organization_id, kind, token, record_id)
  SELECT NEW.organization_id, 'order', n, NEW.order_id FROM order_tokens(NULL, NEW.tracking_id) n ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER index_parcel AFTER INSERT ON order_shipping_logs FOR EACH ROW WHEN (NEW.tracking_id IS NOT NULL)
  EXECUTE FUNCTION index_parcel();

-- ---------------------------------------------------------------- who saw a record, and what somebody saw last
CREATE INDEX phi_reads_record_index ON phi_reads (organization_id, record_id, id DESC);
CREATE INDEX phi_reads_actor_index ON phi_reads (organization_id, actor_id, id DESC);

-- What a patient's page asks for by the patient alone.
CREATE INDEX payments_patient_index ON payments (organization_id, patient_id);
CREATE INDEX attachments_patient_index ON attachments (organization_id, uploaded_by_patient_id) WHERE case_id IS NULL;

-- ---------------------------------------------------------------- records of before
-- Called when this migration is committed (`migrations/__init__.py`), and dropped then. A batch locks a thousand rows for a moment:
-- whoever changes one of them at that moment waits, and no old token can come after a new one.
CREATE POLICY backfill ON patients TO CURRENT_USER USING (true);
CREATE POLICY backfill ON cases FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY backfill ON orders FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY backfill ON order_shipping_logs FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY backfill ON search_tokens TO CURRENT_USER USING (true);

CREATE PROCEDURE backfill_search() LANGUAGE plpgsql AS $$
DECLARE
  at_organization uuid := '00000000-0000-0000-0000-000000000000';
  at_id uuid := at_organization;
  start CONSTANT uuid := at_organization;
BEGIN
  LOOP
    WITH batch AS MATERIALIZED (
      SELECT p FROM patients p WHERE (p.organization_id, p.id) > (at_organization, at_id)
      ORDER BY p.organization_id, p.id LIMIT 1000 FOR SHARE
    ), made AS (
      INSERT INTO search_tokens (organization_id, kind, token, record_id)
      SELECT (b.p).organization_id, 'patient', n, (b.p).id FROM batch b, patient_tokens(b.p) n ON CONFLICT DO NOTHING
    )
    SELECT (b.p).organization_id, (b.p).id INTO at_organization, at_id FROM batch b ORDER BY 1 DESC, 2 DESC LIMIT 1;
    EXIT WHEN NOT FOUND;
    COMMIT;
  END LOOP;
  at_organization := start;
  at_id := start;
  LOOP
    WITH batch AS MATERIALIZED (
      SELECT c.organization_id, c.id, c.short_id FROM cases c WHERE (c.organization_id, c.id) > (at_organization, at_id)
      ORDER BY c.organization_id, c.id LIMIT 1000
    ), made AS (
      INSERT INTO search_tokens (organization_id, kind, token, record_id)
      SELECT b.organization_id, 'case', n, b.id FROM batch b, case_tokens(b.short_id) n ON CONFLICT DO NOTHING
    )
    SELECT b.organization_id, b.id INTO at_organization, at_id FROM batch b ORDER BY 1 DESC, 2 DESC LIMIT 1;
    EXIT WHEN NOT FOUND;
    COMMIT;
  END LOOP;
  at_organization := start;
  at_id := start;
  LOOP
    WITH batch AS MATERIALIZED (
      SELECT o.organization_id, o.id, o.pharmacy_order_id, o.tracking_id FROM orders o
      WHERE (o.organization_id, o.id) > (at_organization, at_id) ORDER BY o.organization_id, o.id LIMIT 1000
    ), made AS (
      INSERT INTO search_tokens (organization_id, kind, token, record_id)
      SELECT b.organization_id, 'order', n, b.id FROM batch b, order_tokens(b.pharmacy_order_id, b.tracking_id) n
      ON CONFLICT DO NOTHING
    )
    SELECT b.organization_id, b.id INTO at_organization, at_id FROM batch b ORDER BY 1 DESC, 2 DESC LIMIT 1;
    EXIT WHEN NOT FOUND;
    COMMIT;
  END LOOP;
  at_organization := start;
  at_id := start;
  LOOP
    WITH batch AS MATERIALIZED (
      SELECT s.organization_id, s.id, s.order_id, s.tracking_id FROM order_shipping_logs s
      WHERE (s.organization_id, s.id) > (at_organization, at_id) ORDER BY s.organization_id, s.id LIMIT 1000
    ), made AS (
      INSERT INTO search_tokens (organization_id, kind, token, record_id)
      SELECT b.organization_id, 'order', n, b.order_id FROM batch b, order_tokens(NULL, b.tracking_id) n ON CONFLICT DO NOTHING
    )
    SELECT b.organization_id, b.id INTO at_organization, at_id FROM batch b ORDER BY 1 DESC, 2 DESC LIMIT 1;
    EXIT WHEN NOT FOUND;
    COMMIT;
  END LOOP;
  COMMIT;
  DROP POLICY IF EXISTS backfill ON patients;
  DROP POLICY IF EXISTS backfill ON cases;
  DROP POLICY IF EXISTS backfill ON orders;
  DROP POLICY IF EXISTS backfill ON order_shipping_logs;
  DROP POLICY IF EXISTS backfill ON search_tokens;
END $$;
