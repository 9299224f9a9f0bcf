-- What dynamic-case, the list of cases and the actions of a case need. The version that runs before this is applied sees none of it.

-- A caller's own key for a case, used once for good.
ALTER TABLE cases ADD idempotency_key text;
CREATE UNIQUE INDEX cases_idempotency_key ON cases (organization_id, idempotency_key) WHERE idempotency_key IS NOT NULL;
-- Storefronts list cases by when they were created.
CREATE INDEX cases_created_index ON cases (organization_id, created_at, id);

-- A version that came with a case, of a form that bundles may show: they never show such a version.
ALTER TABLE form_versions ADD is_dynamic boolean NOT NULL DEFAULT false;

-- Whoever a storefront said wrote a comment, when that is neither staff nor the patient; and why a product was closed.
ALTER TABLE comments ADD author_sealed bytea,
  ADD CHECK (num_nonnulls(author_staff_id, author_patient_id, author_sealed) <= 1);
ALTER TABLE case_products ADD closed_at timestamptz, ADD close_reason_sealed bytea;
-- `customer-latest-case-id` finds patients by telephone too.
CREATE INDEX patients_phone_index ON patients (organization_id, phone_e164) WHERE phone_e164 IS NOT NULL;
