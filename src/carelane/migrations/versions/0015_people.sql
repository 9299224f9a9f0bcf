-- A person is not an e-mail address. Suits the version now running: that one finds and makes patients by `email_key`, one for
-- each address, as ever; what it writes is completed by triggers that cost this version nothing.

-- ---------------------------------------------------------------- texts that identify, in one form
-- As `kit/names.py`, as far as the database can: for rows of before, and for those that the version before still writes.
CREATE FUNCTION fold_name(name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT btrim(regexp_replace(normalize(regexp_replace(lower(normalize(translate(name, U&'\00b4', ''), NFKD)),
    U&'[\0300-\036f''`\00b4\02b9\02bb-\02bf\02c8\02ca\02cb\2018\2019\201b\2032\2035\055a\a78b\a78c\00ad\200b-\200f\2060-\2064\feff\115f\1160\2800]',
    '', 'g'), NFC), '\s+', ' ', 'g'))
$$;
CREATE FUNCTION fold_phone(typed text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE
    WHEN typed ~ '^\+[1-9][0-9]{1,14}$' THEN typed
    WHEN typed ~ '^[ ().+-]*1?[ ().-]*([0-9][ ().-]*){10}$'
      THEN '+1' || right(regexp_replace(typed, '[^0-9]', '', 'g'), 10)
  END
$$;

ALTER TABLE patients
  ALTER email_key DROP EXPRESSION,
  -- The e-mail address in the form that addresses are compared in. Several patients may have the same.
  ADD mailbox text,
  -- The names in the form that names are compared and searched in.
  ADD first_name_key text,
  ADD last_name_key text,
  -- The number that is called and written to; `phone_number` is what was typed.
  ADD phone_e164 text,
  -- Another record of the same person, which has taken over what was this one's.
  ADD merged_into_id uuid,
  ADD FOREIGN KEY (organization_id, merged_into_id) REFERENCES patients (organization_id, id),
  ADD CONSTRAINT patients_merged_check CHECK (merged_into_id IS NULL OR archived_at IS NOT NULL AND merged_into_id <> id);
UPDATE patients SET mailbox = lower(normalize(email, NFC)), first_name_key = fold_name(first_name),
  last_name_key = fold_name(last_name), phone_e164 = fold_phone(phone_number);
CREATE INDEX patients_mailbox_index ON patients (organization_id, mailbox) WHERE mailbox IS NOT NULL;
CREATE INDEX patients_merged_index ON patients (organization_id, merged_into_id) WHERE merged_into_id IS NOT NULL;

CREATE FUNCTION complete_patient() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.mailbox := lower(normalize(NEW.email, NFC));
  NEW.email_key := lower(NEW.email);
  NEW.first_name_key := fold_name(NEW.first_name);
  NEW.last_name_key := fold_name(NEW.last_name);
  NEW.phone_e164 := fold_phone(NEW.phone_number);
  RETURN NEW;
END $$;
CREATE TRIGGER complete_patient BEFORE INSERT ON patients FOR EACH ROW
  WHEN (num_nonnulls(NEW.mailbox, NEW.first_name_key, NEW.last_name_key, NEW.phone_e164) = 0
    AND num_nonnulls(NEW.email, NEW.first_name, NEW.last_name, NEW.phone_number) > 0)
  EXECUTE FUNCTION complete_patient();
-- Only where the database's form is certainly the right one: this version may change the spelling of a text, and not its form.
CREATE FUNCTION complete_changed_patient() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.email IS DISTINCT FROM OLD.email AND NEW.mailbox IS NOT DISTINCT FROM OLD.mailbox AND NEW.email ~ '^[ -~]*$'
    AND strpos(lower(NEW.email), 'xn--') = 0 THEN
    NEW.mailbox := lower(NEW.email);
  END IF;
  IF NEW.first_name_key IS NOT DISTINCT FROM OLD.first_name_key AND NEW.first_name ~ '^[ -~]*$' THEN
    NEW.first_name_key := fold_name(NEW.first_name);
  END IF;
  IF NEW.last_name_key IS NOT DISTINCT FROM OLD.last_name_key AND NEW.last_name ~ '^[ -~]*$' THEN
    NEW.last_name_key := fold_name(NEW.last_name);
  END IF;
  IF NEW.phone_number IS DISTINCT FROM OLD.phone_number AND NEW.phone_e164 IS NOT DISTINCT FROM OLD.phone_e164 THEN
    NEW.phone_e164 := coalesce(fold_phone(NEW.phone_number), NEW.phone_e164);
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER complete_changed_patient BEFORE UPDATE ON patients FOR EACH ROW
  WHEN ((NEW.email, NEW.first_name, NEW.last_name, NEW.phone_number)
      IS DISTINCT FROM (OLD.email, OLD.first_name, OLD.last_name, OLD.phone_number)
    AND (NEW.mailbox, NEW.first_name_key, NEW.last_name_key, NEW.phone_e164)
      IS NOT DISTINCT FROM (OLD.mailbox, OLD.first_name_key, OLD.last_name_key, OLD.phone_e164))
  EXECUTE FUNCTION complete_changed_patient();

-- ---------------------------------------------------------------- whom a case is about
-- As it was said with the case: what is changed at the patient later, or said by another case, changes no case.
ALTER TABLE cases
  ADD patient_first_name text,
  ADD patient_last_name text,
  ADD patient_gender text,
  ADD patient_date_of_birth date;
UPDATE cases c SET patient_first_name = p.first_name, patient_last_name = p.last_name, patient_gender = p.gender,
  patient_date_of_birth = p.date_of_birth
FROM patients p WHERE p.organization_id = c.organization_id AND p.id = c.patient_id;

CREATE FUNCTION complete_case() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  SELECT p.first_name, p.last_name, p.gender, p.date_of_birth
  INTO NEW.patient_first_name, NEW.patient_last_name, NEW.patient_gender, NEW.patient_date_of_birth
  FROM patients p WHERE p.organization_id = NEW.organization_id AND p.id = NEW.patient_id;
  RETURN NEW;
END $$;
CREATE TRIGGER complete_case BEFORE INSERT ON cases FOR EACH ROW WHEN (NEW.patient_first_name IS NULL)
  EXECUTE FUNCTION complete_case();

CREATE FUNCTION hold_person() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'whom a case is about does not change' USING ERRCODE = 'check_violation', CONSTRAINT = 'cases_person';
END $$;
CREATE TRIGGER hold_person BEFORE UPDATE ON cases FOR EACH ROW
  WHEN ((OLD.patient_first_name, OLD.patient_last_name, OLD.patient_gender, OLD.patient_date_of_birth)
    IS DISTINCT FROM (NEW.patient_first_name, NEW.patient_last_name, NEW.patient_gender, NEW.patient_date_of_birth))
  EXECUTE FUNCTION hold_person();

-- ---------------------------------------------------------------- two records of one person
CREATE TABLE patient_merges (
  organization_id uuid NOT NULL REFERENCES organizations (id),
  id uuid NOT NULL,
  kept_id uuid NOT NULL,
  merged_id uuid NOT NULL,
  -- Whether the record that was merged had been archived before.
  was_archived boolean NOT NULL,
  merged_by_id uuid,
  merged_at timestamptz NOT NULL DEFAULT now(),
  undone_by_id uuid,
  undone_at timestamptz,
  PRIMARY KEY (organization_id, id),
  CHECK (kept_id <> merged_id),
  FOREIGN KEY (organization_id, kept_id) REFERENCES patients (organization_id, id),
  FOREIGN KEY (organization_id, merged_id) REFERENCES patients (organization_id, id)
);
-- A record is merged once at a time.
CREATE UNIQUE INDEX patient_merges_merged_key ON patient_merges (organization_id, merged_id) WHERE undone_at IS NULL;
CREATE INDEX patient_merges_kept_index ON patient_merges (organization_id, kept_id);

-- What a merge moved, so that undoing it moves back that and nothing else.
CREATE TABLE patient_merge_moves (
  organization_id uuid NOT NULL,
  merge_id uuid NOT NULL,
  kind text NOT NULL,
  record_id uuid NOT NULL,
  PRIMARY KEY (organization_id, merge_id, kind, record_id),
  FOREIGN KEY (organization_id, merge_id) REFERENCES patient_merges (organization_id, id)
);

DO $$
DECLARE tenant_table text;
BEGIN
  FOREACH tenant_table IN ARRAY ARRAY['patient_merges', 'patient_merge_moves']
  LOOP
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO carelane_app', tenant_table);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('CREATE POLICY tenant ON %I TO carelane_app USING (organization_id = current_organization_id())', tenant_table);
  END LOOP;
END $$;

-- Whether what is one record's may become the other's: the two are merged at this moment, either way round.
CREATE FUNCTION may_change_patient(organization uuid, before uuid, after uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT before = after OR EXISTS (
    SELECT FROM patient_merges m WHERE m.organization_id = organization AND m.undone_at IS NULL
      AND ((m.merged_id, m.kept_id) = (before, after) OR (m.merged_id, m.kept_id) = (after, before)))
$$;

-- As before, but that the patient may become the one into whom this one was merged.
CREATE OR REPLACE FUNCTION hold_cart() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status <> NEW.status AND NOT cart_may_move(OLD.status, NEW.status) THEN
    RAISE EXCEPTION 'a cart does not go from % to %', OLD.status, NEW.status
      USING ERRCODE = 'check_violation', CONSTRAINT = 'carts_lifecycle';
  END IF;
  IF (OLD.status <> 'DRAFT' OR OLD.locked_at IS NOT NULL)
    AND ((OLD.currency, OLD.discount_amount_cents, OLD.discount_percentage, OLD.subtotal_cents,
      OLD.discount_cents, OLD.tax_cents, OLD.total_cents)
    IS DISTINCT FROM (NEW.currency, NEW.discount_amount_cents, NEW.discount_percentage,
      NEW.subtotal_cents, NEW.discount_cents, NEW.tax_cents, NEW.total_cents)
    OR NOT may_change_patient(OLD.organization_id, OLD.patient_id, NEW.patient_id)) THEN
    RAISE EXCEPTION 'only a draft that was not offered changes'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'carts_lifecycle';
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION hold_quote() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status <> NEW.status AND NOT quote_may_move(OLD.status, NEW.status) THEN
    RAISE EXCEPTION 'a quote does not go from % to %', OLD.status, NEW.status
      USING ERRCODE = 'check_violation', CONSTRAINT = 'quotes_lifecycle';
  END IF;
  IF OLD.status NOT IN ('DRAFT', 'SENT', 'VIEWED')
    AND ((OLD.cart_id, OLD.currency, OLD.discount_amount_cents, OLD.discount_percentage,
      OLD.subtotal_cents, OLD.discount_cents, OLD.tax_cents, OLD.total_cents)
    IS DISTINCT FROM (NEW.cart_id, NEW.currency, NEW.discount_amount_cents, NEW.discount_percentage,
      NEW.subtotal_cents, NEW.discount_cents, NEW.tax_cents, NEW.total_cents)
    OR NOT may_change_patient(OLD.organization_id, OLD.patient_id, NEW.patient_id)) THEN
    RAISE EXCEPTION 'what was answered does not change'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'quotes_lifecycle';
  END IF;
  RETURN NEW;
END $$;

-- A cart that is made while its patient is merged waits for that, and is the other record's then. Quotes and charges are made
-- of carts whose rows are locked, and cases under the lock of the mailbox. No lock of the patient's row would do: whoever makes
-- a charge holds the cart, for which the merge waits, and needs the patient's row too.
CREATE FUNCTION follow_merge() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE into_id uuid;
BEGIN
  PERFORM pg_advisory_xact_lock_shared(hashtextextended('merged ' || NEW.organization_id || ' ' || NEW.patient_id, 0));
  SELECT p.merged_into_id INTO into_id FROM patients p
  WHERE p.organization_id = NEW.organization_id AND p.id = NEW.patient_id;
  NEW.patient_id := coalesce(into_id, NEW.patient_id);
  RETURN NEW;
END $$;
CREATE TRIGGER follow_merge BEFORE INSERT ON carts FOR EACH ROW EXECUTE FUNCTION follow_merge();

-- ---------------------------------------------------------------- guesses on a quote's page
ALTER TABLE quotes
  -- Of the link that is good now: a later one makes the earlier ones worthless.
  ADD link_version integer NOT NULL DEFAULT 1 CHECK (link_version BETWEEN 1 AND 16777215),
  -- Since that link was made.
  ADD wrong_verifications integer NOT NULL DEFAULT 0,
  ADD verification_locks integer NOT NULL DEFAULT 0,
  ADD verification_closed_at timestamptz;
