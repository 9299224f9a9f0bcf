"""The rows of a clinic that has been at it for a year, as SQL: everything one case leaves behind, for cases `n` from `low` to `high`.

Ids are reckoned from the number, so that no statement has to look up what another wrote. They hold the time as ours do.
Texts that would be sealed are left out where a row may lack them; where it may not, they have the length of one that is.
"""

from typing import LiteralString

# Sizes and shares: of twenty cases twelve are the large organization's, the others go round the nineteen small ones.
# `made` is when a case came in: one after the other over 400 days, the first is the newest.
SETTING: LiteralString = """
CREATE SCHEMA IF NOT EXISTS loading;
CREATE OR REPLACE FUNCTION loading.id(at timestamptz, kind integer, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || lpad(to_hex(kind), 3, '0') || '8'
    || lpad(to_hex(n), 15, '0'))::uuid $$;
CREATE OR REPLACE FUNCTION loading.code(n bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT string_agg(chr(65 + ((n * 7919 + 12345) / (26 ^ p)::bigint %% 26)::integer), '' ORDER BY p) FROM generate_series(0, 5) p $$;
CREATE OR REPLACE FUNCTION loading.sealed(length integer) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT '\\x01'::bytea || decode(repeat('5a', length + 28), 'hex') $$;
INSERT INTO organizations (id, tenant, name, case_prefix, case_type, requests_per_minute)
SELECT md5('organization ' || k)::uuid, 'clinic-' || k, 'Clinic ' || k, 'C' || k, 'GLP', 1000000 FROM generate_series(2, 19) k
ON CONFLICT DO NOTHING;
-- Feeds begin with their clinic.
UPDATE organizations SET requests_per_minute = 1000000, created_at = least(created_at, now() - interval '2 years');
CREATE TABLE IF NOT EXISTS loading.places AS
SELECT o.id, row_number() OVER (ORDER BY o.id <> %(large)s, o.tenant) - 1 AS k FROM organizations o;
INSERT INTO staff (organization_id, id, email, first_name, last_name, role, takes_cases, npi, state)
SELECT p.id, md5('staff ' || n)::uuid, 'reader' || n || '@clinic.example', 'Reader', 'Number' || n, 'CASEWORKER', n <= 40, '1234567893', 'NY'
FROM loading.places p, generate_series(0, CASE WHEN p.k = 0 THEN 99 ELSE 9 END) n ON CONFLICT DO NOTHING;
INSERT INTO staff_licenses (organization_id, staff_id, state, number, expires_on)
SELECT s.organization_id, s.id, l, 'L-1', current_date + 400 FROM staff s, unnest(ARRAY['NY', 'CA']) l ON CONFLICT DO NOTHING;
INSERT INTO products (organization_id, id, name, price_cents, currency, category, brand_name)
SELECT p.id, md5('product ' || n)::uuid, 'Product ' || n, 1000 + 10 * n, 'USD', 'Category ' || n %% 7, 'Brand ' || n %% 20
FROM loading.places p, generate_series(0, 199) n ON CONFLICT DO NOTHING;
INSERT INTO pharmacies (organization_id, id, code, name, adapter, secret_sealed)
SELECT p.id, md5('pharmacy ' || p.k || ' ' || n)::uuid, 'shop-' || n, 'Pharmacy ' || n, 'simulator', loading.sealed(32)
FROM loading.places p, generate_series(0, 5) n ON CONFLICT DO NOTHING;
INSERT INTO gateway_accounts (organization_id, id, provider, is_test, secret_key_sealed)
SELECT p.id, md5('gateway')::uuid, 'stripe', false, loading.sealed(32) FROM loading.places p ON CONFLICT DO NOTHING;
INSERT INTO webhook_endpoints (organization_id, id, name, url, secret_sealed, disabled_at, disabled_reason, dialect)
SELECT p.id, md5('endpoint ' || dialect)::uuid, lower(dialect), 'https://store.example/hook', loading.sealed(32), now(), 'BY_STAFF', dialect
FROM loading.places p, unnest(ARRAY['CARE', 'BILLING']) dialect ON CONFLICT DO NOTHING;
INSERT INTO forms (organization_id, id, name) SELECT p.id, md5('form')::uuid, 'Intake' FROM loading.places p ON CONFLICT DO NOTHING;
INSERT INTO form_versions (organization_id, id, form_id, number, questions_digest)
SELECT p.id, md5('version')::uuid, md5('form')::uuid, 1, sha256('form') FROM loading.places p ON CONFLICT DO NOTHING;
INSERT INTO form_questions (organization_id, id, form_version_id, index, text, type, required, is_phi)
SELECT p.id, md5('question ' || n)::uuid, md5('version')::uuid, n, 'Question ' || n, 'TEXT', true, n < 2
FROM loading.places p, generate_series(0, 3) n ON CONFLICT DO NOTHING;
INSERT INTO locations (organization_id, id, name) SELECT p.id, md5('location ' || n)::uuid, 'Location ' || n
FROM loading.places p, generate_series(0, 4) n ON CONFLICT DO NOTHING;
INSERT INTO patient_tags (organization_id, id, name) SELECT p.id, md5('tag ' || n)::uuid, 'Tag ' || n
FROM loading.places p, generate_series(0, 4) n ON CONFLICT DO NOTHING;
INSERT INTO ledger_accounts (organization_id, id, code, kind, currency, is_test)
SELECT p.id, ledger_account_id(p.id, a.code, NULL, 'USD', false), a.code, a.kind, 'USD', false
FROM loading.places p, (VALUES ('cash', 'asset'), ('revenue', 'income'), ('discounts', 'income')) a (code, kind) ON CONFLICT DO NOTHING;
INSERT INTO daily_figures (organization_id, day, kind, numbers)
SELECT p.id, current_date - n, kind, CASE kind WHEN 'WORK' THEN '{"lines": []}' WHEN 'CASES' THEN '{"APPROVED": 100}' ELSE '{}' END::jsonb
FROM loading.places p, generate_series(1, 400) n, unnest(ARRAY['CASES', 'WAITS', 'WORK', 'MONEY']) kind ON CONFLICT DO NOTHING;
"""

# `r` spreads what a case is like evenly over the numbers.
NUMBERS: LiteralString = """
CREATE TEMP VIEW one AS
SELECT n.*, p.id AS organization_id, p.k, loading.id(n.made, 1, n.n) AS case_id, loading.id(n.made, 2, n.n) AS patient_id, loading.id(n.made, 3, n.n) AS product_row,
  loading.id(n.made, 4, n.n) AS response_id, loading.id(n.made, 5, n.n) AS decision_id, loading.id(n.made, 6, n.n) AS payment_id,
  loading.id(n.made, 7, n.n) AS order_id, loading.id(n.made, 8, n.n) AS cart_id, loading.id(n.made, 9, n.n) AS quote_id,
  loading.id(n.made, 10, n.n) AS charge_id, loading.code(n.n) AS code,
  CASE WHEN n.r < 20 THEN 'OPEN' WHEN n.r < 40 THEN 'ASSIGNED' WHEN n.r < 55 THEN 'IN_PROGRESS' WHEN n.r < 60 THEN 'NO_DECISION'
    WHEN n.r < 860 THEN 'APPROVED' WHEN n.r < 960 THEN 'REJECTED' ELSE 'ABANDONED' END AS status,
  CASE WHEN n.r >= 20 THEN md5('staff ' || n.n %% CASE WHEN p.k = 0 THEN 100 ELSE 10 END)::uuid END AS staff_id,
  md5('product ' || n.n %% 200)::uuid AS product_id, md5('pharmacy ' || p.k || ' ' || n.n %% 6)::uuid AS pharmacy_id,
  (ARRAY['Ada', 'Bea', 'Cleo', 'Dora', 'Eva', 'Finn', 'Gus', 'Hugo', 'Ida', 'Jon', 'Kai', 'Lea', 'Mia', 'Noa', 'Otto', 'Pia'])[1 + n.n %% 16] AS first_name,
  initcap((ARRAY['bar', 'cor', 'dal', 'fen', 'gar', 'hol', 'jan', 'kel', 'lor', 'mar'])[1 + n.n / 16 %% 10]
    || (ARRAY['ba', 'ce', 'di', 'fo', 'gu', 'ha', 'le', 'mi', 'no', 'ru'])[1 + n.n / 160 %% 10]
    || (ARRAY['ton', 'man', 'sen', 'ley', 'son', 'ner', 'wick', 'field', 'berg', 'well'])[1 + n.n / 1600 %% 10]) AS last_name
FROM (
  SELECT n, (n::bigint * 7919 %% 1000)::integer AS r, %(base)s::timestamptz - n * interval '400 days' / %(cases)s AS made
  FROM generate_series(%(low)s, %(high)s) n) n
JOIN loading.places p ON p.k = CASE WHEN n.n %% 20 < 12 THEN 0 ELSE 1 + (n.n / 20 * 8 + n.n %% 20 - 12) %% 19 END
"""

ROWS: dict[str, LiteralString] = {
    "patients": """
INSERT INTO patients (organization_id, id, email, mailbox, email_key, first_name, last_name, first_name_key, last_name_key, gender, phone_number,
  phone_e164, date_of_birth, address_line1, city, state, postal_code, country, external_id, primary_location_id, lead_source,
  on_scheduling_blacklist, archived_at, created_at, updated_at)
SELECT organization_id, patient_id, 'p' || n || '@mail.example', 'p' || n || '@mail.example', NULL, first_name, last_name,
  lower(first_name), lower(last_name), CASE WHEN n %% 2 = 0 THEN 'MALE' ELSE 'FEMALE' END, '+1212' || lpad((n %% 10000000)::text, 7, '0'),
  '+1212' || lpad((n %% 10000000)::text, 7, '0'), date '1950-01-01' + (n %% 20000)::integer, '1 Main Street', 'New York',
  (ARRAY['NY', 'CA', 'TX', 'FL', 'WY'])[CASE WHEN n %% 1000 = 0 THEN 5 ELSE 1 + n %% 4 END], '10001', 'US', 'ext-' || n,
  md5('location ' || n %% 5)::uuid, (ARRAY['web', 'friend', 'mail'])[1 + n %% 3], n %% 500 = 0, CASE WHEN n %% 50 = 49 THEN made END, made, made
FROM one""",
    "search_tokens": """
INSERT INTO search_tokens (organization_id, kind, token, record_id)
SELECT o.organization_id, t.kind, t.token, t.id FROM one o, LATERAL (VALUES
  ('patient', 'n:' || lower(first_name || ' ' || last_name), patient_id), ('patient', 'n:' || lower(last_name || ' ' || first_name), patient_id),
  ('patient', 'm:p' || n || '@mail.example', patient_id), ('patient', 't:1212' || lpad((n %% 10000000)::text, 7, '0'), patient_id),
  ('patient', 't:212' || lpad((n %% 10000000)::text, 7, '0'), patient_id), ('patient', 'i:ext' || n, patient_id),
  ('case', 'i:' || lower('GRO' || code), case_id), ('case', 'i:' || lower(code), case_id), ('order', 'i:rx' || n, order_id)) t (kind, token, id)
ON CONFLICT DO NOTHING""",
    "patient_tag_assignments": """
INSERT INTO patient_tag_assignments (organization_id, patient_id, tag_id)
SELECT organization_id, patient_id, md5('tag ' || n %% 5)::uuid FROM one WHERE n %% 10 = 0""",
    "cases": """
INSERT INTO cases (organization_id, id, short_id, patient_id, type, title, status, is_test, is_archived, is_escalated, assigned_to_id, assigned_at,
  in_progress_by_id, in_progress_at, closed_by_id, closed_at, created_at, updated_at, asked_patient_at, patient_first_name, patient_last_name,
  patient_gender, patient_date_of_birth, due_at)
SELECT organization_id, case_id, 'GRO-' || code, patient_id, 'GLP', 'Semaglutide', status, false, r %% 10 = 9 AND r >= 60, n %% 400 = 0, staff_id,
  CASE WHEN r >= 20 THEN made + interval '1 minute' END, CASE WHEN r >= 40 THEN staff_id END,
  CASE WHEN r >= 40 THEN made + interval '1 hour' END, CASE WHEN r >= 55 THEN staff_id END, CASE WHEN r >= 55 THEN made + interval '2 hours' END,
  made, made + interval '2 hours', CASE WHEN r < 60 AND n %% 13 = 0 THEN made + interval '1 hour' END, first_name, last_name,
  CASE WHEN n %% 2 = 0 THEN 'MALE' ELSE 'FEMALE' END, date '1950-01-01' + (n %% 20000)::integer,
  CASE WHEN r %% 10 = 9 AND r >= 60 OR r >= 860 THEN 'infinity' WHEN r >= 60 THEN made + interval '90 days' ELSE made + interval '24 hours' END
FROM one""",
    "case_assignees": """
INSERT INTO case_assignees (organization_id, case_id, staff_id, created_at)
SELECT organization_id, case_id, staff_id, made FROM one WHERE staff_id IS NOT NULL""",
    "case_products": """
INSERT INTO case_products (organization_id, id, case_id, product_id, position, status, subscription_interval, subscription_interval_count, created_at)
SELECT organization_id, product_row, case_id, product_id, 0, 'OPEN', 'month', 1, made FROM one""",
    "form_responses": """
INSERT INTO form_responses (organization_id, id, case_id, form_version_id, patient_id, is_draft, created_at)
SELECT organization_id, response_id, case_id, md5('version')::uuid, patient_id, false, made FROM one""",
    "form_answers": """
INSERT INTO form_answers (organization_id, id, form_response_id, question_id, text, sealed, created_at)
SELECT organization_id, loading.id(made, 20 + q, n), response_id, md5('question ' || q)::uuid, CASE WHEN q >= 2 THEN 'I have been well' END,
  CASE WHEN q < 2 THEN loading.sealed(60) END, made FROM one, generate_series(0, 3) q""",
    "case_product_requests": """
INSERT INTO case_product_requests (organization_id, id, case_product_id, status, form_response_id, visit_type, created_at, updated_at, order_id)
SELECT organization_id, loading.id(made, 11, n), product_row, CASE WHEN status IN ('APPROVED', 'REJECTED') THEN status ELSE 'PENDING' END,
  response_id, 'ASYNC_TEXT_EMAIL', made, made, CASE WHEN status = 'APPROVED' THEN order_id END FROM one""",
    "decisions": """
INSERT INTO decisions (organization_id, id, case_id, product_id, added_by_id, is_approved, is_no_decision, is_paid, start_date, end_date,
  decision_text_sealed, category, visit_type, created_at)
SELECT organization_id, decision_id, case_id, product_id, staff_id, status = 'APPROVED', false, true, made::date, made::date + 90,
  loading.sealed(60), 'GLP', 'ASYNC_TEXT_EMAIL', made + interval '2 hours' FROM one WHERE status IN ('APPROVED', 'REJECTED')""",
    "decision_medications": """
INSERT INTO decision_medications (organization_id, id, decision_id, position, sealed)
SELECT organization_id, loading.id(made, 12, n), decision_id, 0, loading.sealed(120) FROM one WHERE status = 'APPROVED'""",
    "comments": """
INSERT INTO comments (organization_id, id, case_id, text_sealed, is_restricted, author_staff_id, created_at)
SELECT organization_id, loading.id(made, 13 + q, n), case_id, loading.sealed(60), q = 1, staff_id, made
FROM one, generate_series(0, 1) q WHERE staff_id IS NOT NULL""",
    "attachments": """
INSERT INTO attachments (organization_id, id, case_id, file_name_sealed, content_type, size_bytes, storage_key, is_restricted, is_phi,
  uploaded_by_patient_id, created_at)
SELECT organization_id, loading.id(made, 15, n), case_id, loading.sealed(20), 'image/jpeg', 120000, 'growth/' || n, false, true, patient_id, made FROM one""",
    "calendar_events": """
INSERT INTO calendar_events (organization_id, id, case_id, starts_at, ends_at, timezone, provider_name, staff_id, created_at)
SELECT organization_id, loading.id(made, 16, n), case_id, made + interval '1 day', made + interval '1 day 15 minutes', 'America/New_York',
  'Reader', staff_id, made FROM one WHERE n %% 5 = 0 AND staff_id IS NOT NULL""",
    "carts": """
INSERT INTO carts (organization_id, id, patient_id, creator_id, status, currency, subtotal_cents, discount_cents, tax_cents, total_cents, expires_at,
  charge_id, created_at, updated_at)
SELECT organization_id, cart_id, patient_id, md5('staff ' || n %% 10)::uuid,
  CASE WHEN n %% 5 = 0 THEN 'CONVERTED' WHEN r < 20 THEN 'DRAFT' WHEN r = 21 THEN 'REJECTED' WHEN n %% 5 = 1 THEN 'EXPIRED' ELSE 'ABANDONED' END,
  'USD', 1000 + n %% 9000, 0, 0, 1000 + n %% 9000, CASE WHEN n %% 5 = 1 THEN made + interval '7 days' END,
  CASE WHEN n %% 5 = 0 THEN charge_id END, made, made + interval '1 day' FROM one""",
    "cart_lines": """
INSERT INTO cart_lines (organization_id, id, cart_id, position, product_id, quantity, unit_price_cents, tax_cents, total_cents, created_at)
SELECT organization_id, loading.id(made, 17 + q, n), cart_id, q, md5('product ' || (n + q) %% 200)::uuid, 1, 1000 + n %% 9000, 0,
  1000 + n %% 9000, made FROM one, generate_series(0, 1) q""",
    "quotes": """
INSERT INTO quotes (organization_id, id, patient_id, cart_id, creator_id, status, currency, subtotal_cents, discount_cents, tax_cents, total_cents,
  charge_id, created_at, updated_at)
SELECT organization_id, quote_id, patient_id, cart_id, md5('staff ' || n %% 10)::uuid,
  CASE WHEN n %% 500 = 5 THEN 'DECLINED' WHEN n %% 10 = 5 THEN 'SENT' ELSE 'CONVERTED' END, 'USD', 1000 + n %% 9000, 0, 0, 1000 + n %% 9000,
  CASE WHEN n %% 10 = 0 THEN charge_id END, made, made FROM one WHERE n %% 5 = 0""",
    "quote_lines": """
INSERT INTO quote_lines (organization_id, id, quote_id, position, product_id, quantity, unit_price_cents, tax_cents, total_cents)
SELECT organization_id, loading.id(made, 19, n), quote_id, 0, product_id, 1, 1000 + n %% 9000, 0, 1000 + n %% 9000 FROM one WHERE n %% 5 = 0""",
    "charges": """
INSERT INTO charges (organization_id, id, patient_id, cart_id, creator_id, location_id, status, currency, discount_amount_cents, discount_percentage, subtotal_cents,
  discount_cents, tax_cents, total_cents, outstanding_cents, external_id, created_at, updated_at, case_id, is_test)
SELECT organization_id, charge_id, patient_id, cart_id, md5('staff ' || n %% 10)::uuid, md5('location ' || n %% 5)::uuid,
  CASE WHEN n %% 5000 = 0 THEN 'WRITE_OFF' WHEN n %% 20 = 0 THEN 'OUTSTANDING' ELSE 'PAID' END, 'USD', 0, 0, 1000 + n %% 9000, 0, 0,
  1000 + n %% 9000, CASE WHEN n %% 20 = 0 THEN 1000 + n %% 9000 ELSE 0 END, 'charge-' || n, made, made, case_id, false FROM one WHERE n %% 5 = 0""",
    "charge_lines": """
INSERT INTO charge_lines (organization_id, id, charge_id, position, product_id, name, quantity, unit_price_cents, discount_amount_cents,
  discount_percentage, tax_cents, total_cents)
SELECT organization_id, loading.id(made, 30, n), charge_id, 0, product_id, 'Product', 1, 1000 + n %% 9000, 0, 0, 0, 1000 + n %% 9000
FROM one WHERE n %% 5 = 0""",
    "payments": """
INSERT INTO payments (organization_id, id, case_id, charge_id, patient_id, amount_cents, currency, description, status, method, policy, stage,
  gateway_account_id, captured_cents, created_at, updated_at, due_at, paid_at, is_test, failure)
SELECT organization_id, payment_id, case_id, CASE WHEN n %% 5 = 0 THEN charge_id END, patient_id, 15900, 'USD', 'Monthly plan',
  CASE WHEN status = 'APPROVED' AND r > 62 THEN 'PAID' WHEN status = 'REJECTED' THEN 'CANCELED' ELSE 'UNPAID' END, 'GATEWAY', 'charge_on_approval',
  CASE WHEN r IN (60, 61) THEN 'NEEDS_CARD' WHEN r = 62 THEN 'NEEDS_STAFF' WHEN r < 60 THEN 'WAITING' ELSE 'DONE' END, md5('gateway')::uuid,
  CASE WHEN status = 'APPROVED' AND r > 62 THEN 15900 ELSE 0 END, made, made, made, CASE WHEN status = 'APPROVED' AND r > 62 THEN made END, false,
  CASE WHEN r IN (60, 61, 62) THEN 'declined' END FROM one""",
    "payment_intents": """
INSERT INTO payment_intents (organization_id, id, payment_id, gateway_account_id, gateway_id, status, amount_cents, currency, capturable_cents,
  captured_cents, hold_ends_at, created_at)
SELECT organization_id, loading.id(made, 31, n), payment_id, md5('gateway')::uuid, 'pi_' || n,
  CASE WHEN r < 5 THEN 'requires_capture' ELSE 'succeeded' END, 15900, 'USD', CASE WHEN r < 5 THEN 15900 ELSE 0 END,
  CASE WHEN r < 5 THEN 0 ELSE 15900 END, CASE WHEN r < 5 THEN made + interval '7 days' END, made FROM one WHERE r < 5 OR status = 'APPROVED'""",
    "payment_attempts": """
INSERT INTO payment_attempts (organization_id, id, payment_id, kind, gateway_account_id, amount_cents, currency, status, created_at, sent_at, settled_at)
SELECT organization_id, loading.id(made, 32, n), payment_id, 'CHARGE', md5('gateway')::uuid, 15900, 'USD', 'SUCCEEDED', made, made, made
FROM one WHERE status = 'APPROVED'""",
    "refunds": """
INSERT INTO refunds (organization_id, id, payment_id, amount_cents, currency, reason, status, granted_at)
SELECT organization_id, loading.id(made, 33, n), payment_id, 500, 'USD', 'OTHER', CASE WHEN n %% 200 = 0 THEN 'GRANTED' ELSE 'SUCCEEDED' END, made
FROM one WHERE n %% 40 = 0""",
    "ledger_accounts": """
INSERT INTO ledger_accounts (organization_id, id, code, kind, owner_id, currency, is_test, created_at)
SELECT organization_id, ledger_account_id(organization_id, 'receivable', patient_id, 'USD', false), 'receivable', 'asset', patient_id, 'USD', false, made
FROM one WHERE n %% 5 = 0""",
    "ledger_postings": """
INSERT INTO ledger_postings (organization_id, id, happened_at, act, source_id, debit_id, credit_id, amount_cents, currency, is_test)
SELECT organization_id, loading.id(made, 34 + q, n), made, (ARRAY['CHARGE', 'CAPTURE'])[1 + q], payment_id, ledger_account_id(organization_id, 'cash', NULL, 'USD', false),
  ledger_account_id(organization_id, 'revenue', NULL, 'USD', false), 7950, 'USD', false FROM one, generate_series(0, 1) q WHERE status = 'APPROVED'""",
    "orders": """
INSERT INTO orders (organization_id, id, case_id, external_id, pharmacy_order_id, pharmacy_id, pharmacy_name, status, tracking_id, is_test, failure,
  attempts, created_at, updated_at, sending_began_at, sent_at, accepted_at, shipped_at, delivered_at, ended_at, resolved_at)
SELECT organization_id, order_id, case_id, loading.id(made, 36, n), 'RX' || n, pharmacy_id, 'Pharmacy',
  CASE WHEN r = 60 THEN 'RECEIVED' WHEN r = 61 THEN 'NEEDS_ATTENTION' WHEN r = 62 THEN 'REJECTED' WHEN r < 70 THEN 'SENT' WHEN r < 80 THEN 'ACCEPTED'
    WHEN r < 110 THEN 'SHIPPED' ELSE 'DELIVERED' END, 'TRACK' || n, false, CASE WHEN r IN (61, 62) THEN 'the pharmacy gave no answer' END, 1,
  made, made, made, made, made, made, CASE WHEN r >= 110 THEN made + interval '3 days' END,
  CASE WHEN r >= 110 OR r = 62 THEN made + interval '3 days' END, CASE WHEN r = 62 AND n %% 10 > 0 THEN made END
FROM one WHERE status = 'APPROVED'""",
    "order_items": """
INSERT INTO order_items (organization_id, id, order_id, position, sealed)
SELECT organization_id, loading.id(made, 37, n), order_id, 0, loading.sealed(120) FROM one WHERE status = 'APPROVED'""",
    "order_attempts": """
INSERT INTO order_attempts (organization_id, id, order_id, call, outcome, http_status, failure, duration_milliseconds, created_at)
SELECT organization_id, loading.id(made, 38, n), order_id, 'new_rx', CASE WHEN r = 61 THEN 'unknown' ELSE 'done' END, 200,
  CASE WHEN r = 61 THEN 'no answer in time' END, 120, made FROM one WHERE status = 'APPROVED'""",
    "pharmacy_callbacks": """
INSERT INTO pharmacy_callbacks (organization_id, id, pharmacy_id, message_id, order_id, status, sealed, created_at, applied_at)
SELECT organization_id, loading.id(made, 39 + q, n), pharmacy_id, 'm' || n || '-' || q, CASE WHEN r <> 63 THEN order_id END,
  CASE WHEN r = 63 THEN 'WAITING' ELSE 'APPLIED' END, loading.sealed(300), made, CASE WHEN r <> 63 THEN made END
FROM one, generate_series(0, 1) q WHERE status = 'APPROVED'""",
    "order_shipping_logs": """
INSERT INTO order_shipping_logs (organization_id, id, order_id, status, status_updated_at, tracking_id)
SELECT organization_id, loading.id(made, 41, n), order_id, 'IN_TRANSIT', made, 'TRACK' || n FROM one WHERE status = 'APPROVED' AND r >= 80""",
    "events": """
INSERT INTO events (organization_id, id, number, type, case_id, actor_kind, actor_id, target_id, value_before, value_after, created_at, dispatched_at,
  case_sequence, position) OVERRIDING SYSTEM VALUE
SELECT organization_id, loading.id(made + q * interval '1 second', 50 + q::integer, n), (%(cases)s - n) * 8 + q + %(numbered)s,
  (ARRAY['CREATE_CASE', 'ADD_CASE_ASSIGNEE', 'CHANGE_CASE_STATUS', 'ADD_CASE_DECISION', 'ORDER_CREATED', 'ORDER_STATUS_CHANGED', 'PAYMENT_COMPLETED'])[q],
  case_id, CASE WHEN q IN (3, 4) THEN 'staff' ELSE 'system' END, CASE WHEN q IN (3, 4) THEN staff_id END,
  CASE WHEN q IN (5, 6) THEN order_id WHEN q = 7 THEN payment_id WHEN q = 2 THEN staff_id END, NULL,
  CASE WHEN q = 6 THEN 'ACCEPTED' WHEN q = 3 THEN status END, made + q * interval '1 second', made + interval '1 minute', q,
  (%(cases)s - n) * 8 + q + %(behind)s
FROM one, generate_series(1, 7) q WHERE q < CASE WHEN status = 'APPROVED' THEN 8 WHEN r >= 20 THEN 4 ELSE 2 END""",
    "webhook_deliveries": """
INSERT INTO webhook_deliveries (organization_id, id, endpoint_id, event_id, case_id, case_sequence, status, attempts, next_attempt_at, delivered_at, created_at)
SELECT organization_id, md5('delivery ' || n || ' ' || q)::uuid,
  md5('endpoint ' || (ARRAY['CARE', 'BILLING'])[1 + q %% 2])::uuid, loading.id(made + q * interval '1 second', 50 + q::integer, n),
  case_id, q, CASE WHEN n %% 2000 = 0 THEN 'FAILED' WHEN n %% 3000 = 1 THEN 'CANCELED' ELSE 'DELIVERED' END, 1, NULL,
  CASE WHEN n %% 2000 > 0 THEN made END, made + q * interval '1 second'
FROM one, generate_series(1, 7) q WHERE q < CASE WHEN status = 'APPROVED' THEN 8 WHEN r >= 20 THEN 4 ELSE 2 END""",
    "webhook_attempts": """
INSERT INTO webhook_attempts (organization_id, id, delivery_id, number, http_status, failure, duration_milliseconds, created_at)
SELECT organization_id, loading.id(made, 60 + q::integer, n), md5('delivery ' || n || ' ' || q)::uuid, 1, 200, NULL, 40, made
FROM one, generate_series(1, 7) q WHERE q < CASE WHEN status = 'APPROVED' THEN 8 WHEN r >= 20 THEN 4 ELSE 2 END""",
    "notifications": """
INSERT INTO notifications (organization_id, id, event_id, recipient, status, attempts, sent_at, created_at)
SELECT organization_id, loading.id(made, 70, n), loading.id(made + interval '1 second', 51, n), 'desk@clinic.example', 'SENT', 1, made, made FROM one""",
    "messages": """
INSERT INTO messages (organization_id, id, kind, channel, record_kind, record_id, status, attempts, failure, due_at, settled_at, created_at, expires_at)
SELECT organization_id, loading.id(made, 71, n), 'case.created', 'MAIL', 'case', case_id, CASE WHEN n %% 1000 = 7 THEN 'FAILED' ELSE 'SENT' END, 1,
  CASE WHEN n %% 1000 = 7 THEN 'refused' END, NULL, made, made, made + interval '1 day' FROM one""",
    "phi_reads": """
INSERT INTO phi_reads (organization_id, id, actor_kind, actor_id, record_kind, record_id, reason, created_at)
SELECT organization_id, loading.id(made, 72 + q, n), 'staff', md5('staff ' || n %% 100)::uuid, (ARRAY['case', 'patient'])[1 + q],
  (ARRAY[case_id, patient_id])[1 + q], 'case detail', made FROM one, generate_series(0, 1) q""",
}
