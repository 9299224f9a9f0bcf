-- Amounts become integers of the smallest unit that their currency has: yen for JPY, fils for KWD. They were hundredths in every
-- currency, so only organizations that sell in a currency with no decimals or with three are touched; these stop the version
-- that runs before this is applied, for it would read what it finds as hundredths. For all others it suits that version.

-- How many decimals a currency has (ISO 4217); kit/money.py holds the same list.
CREATE FUNCTION minor_digits(currency text) RETURNS integer LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN CASE
    WHEN currency IN ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF',
      'XOF', 'XPF') THEN 0
    WHEN currency IN ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') THEN 3
    ELSE 2 END;

-- An amount as the care dialect prints it: 9999 is 99.99 in USD. The one with a single parameter is the version's before.
CREATE FUNCTION decimal_string(cents bigint, currency text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN round(cents / 10::numeric ^ minor_digits(currency), minor_digits(currency))::text;

-- ---------------------------------------------------------------- from hundredths to minor units
CREATE FUNCTION pg_temp.in_minor_units(hundredths bigint, currency text) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT
  RETURN round(hundredths * 10::numeric ^ (minor_digits(currency) - 2))::bigint;

-- The owner sees all organizations' rows meanwhile, and may change what was answered.
CREATE FUNCTION pg_temp.opened(is_open boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['organizations', 'patients', 'products', 'bundles', 'bundle_products', 'payments',
    'payment_sub_fees', 'carts', 'cart_lines', 'quotes', 'quote_lines', 'charges', 'charge_lines', 'promo_codes', 'applied_records'] LOOP
    EXECUTE format('ALTER TABLE %I %s FORCE ROW LEVEL SECURITY', name, CASE WHEN is_open THEN 'NO' ELSE '' END);
    EXECUTE format('ALTER TABLE %I %s TRIGGER USER', name, CASE WHEN is_open THEN 'DISABLE' ELSE 'ENABLE' END);
  END LOOP;
END $$;
SELECT pg_temp.opened(true);

UPDATE patients p SET credit_balance_cents = pg_temp.in_minor_units(credit_balance_cents, o.currency)
FROM organizations o WHERE o.id = p.organization_id AND minor_digits(o.currency) <> 2 AND p.credit_balance_cents <> 0;
UPDATE products SET price_cents = pg_temp.in_minor_units(price_cents, currency),
  cost_cents = pg_temp.in_minor_units(cost_cents, currency) WHERE minor_digits(currency) <> 2;
UPDATE promo_codes SET discount_amount_cents = pg_temp.in_minor_units(discount_amount_cents, currency)
WHERE minor_digits(currency) <> 2;
UPDATE bundle_products k SET price_cents = pg_temp.in_minor_units(k.price_cents, b.currency)
FROM bundles b WHERE b.organization_id = k.organization_id AND b.id = k.bundle_id AND minor_digits(b.currency) <> 2;
UPDATE bundles SET price_cents = pg_temp.in_minor_units(price_cents, currency),
  initial_discount_cents = pg_temp.in_minor_units(initial_discount_cents, currency) WHERE minor_digits(currency) <> 2;
UPDATE payment_sub_fees f SET amount_cents = pg_temp.in_minor_units(f.amount_cents, y.currency)
FROM payments y WHERE y.organization_id = f.organization_id AND y.id = f.payment_id AND minor_digits(y.currency) <> 2;
UPDATE payments SET amount_cents = pg_temp.in_minor_units(amount_cents, currency),
  consult_fee_cents = pg_temp.in_minor_units(consult_fee_cents, currency),
  convenience_fee_cents = pg_temp.in_minor_units(convenience_fee_cents, currency),
  payment_processing_fee_cents = pg_temp.in_minor_units(payment_processing_fee_cents, currency),
  pharmacy_fee_cents = pg_temp.in_minor_units(pharmacy_fee_cents, currency),
  shipping_fee_cents = pg_temp.in_minor_units(shipping_fee_cents, currency),
  syringe_kit_fee_cents = pg_temp.in_minor_units(syringe_kit_fee_cents, currency),
  tech_platform_fee_cents = pg_temp.in_minor_units(tech_platform_fee_cents, currency) WHERE minor_digits(currency) <> 2;

-- Of a cart, a quote, a charge each part is rounded, and the total is what they come to.
UPDATE cart_lines n SET unit_price_cents = pg_temp.in_minor_units(n.unit_price_cents, k.currency),
  discount_amount_cents = pg_temp.in_minor_units(n.discount_amount_cents, k.currency),
  tax_cents = pg_temp.in_minor_units(n.tax_cents, k.currency), total_cents = pg_temp.in_minor_units(n.total_cents, k.currency)
FROM carts k WHERE k.organization_id = n.organization_id AND k.id = n.cart_id AND minor_digits(k.currency) <> 2;
UPDATE quote_lines n SET unit_price_cents = pg_temp.in_minor_units(n.unit_price_cents, q.currency),
  discount_amount_cents = pg_temp.in_minor_units(n.discount_amount_cents, q.currency),
  tax_cents = pg_temp.in_minor_units(n.tax_cents, q.currency), total_cents = pg_temp.in_minor_units(n.total_cents, q.currency)
FROM quotes q WHERE q.organization_id = n.organization_id AND q.id = n.quote_id AND minor_digits(q.currency) <> 2;
UPDATE charge_lines n SET unit_price_cents = pg_temp.in_minor_units(n.unit_price_cents, c.currency),
  discount_amount_cents = pg_temp.in_minor_units(n.discount_amount_cents, c.currency),
  tax_cents = pg_temp.in_minor_units(n.tax_cents, c.currency), total_cents = pg_temp.in_minor_units(n.total_cents, c.currency)
FROM charges c WHERE c.organization_id = n.organization_id AND c.id = n.charge_id AND minor_digits(c.currency) <> 2;
UPDATE carts k SET discount_amount_cents = pg_temp.in_minor_units(k.discount_amount_cents, k.currency),
  subtotal_cents = u.subtotal, discount_cents = u.discount, tax_cents = u.tax, total_cents = u.subtotal - u.discount + u.tax
FROM carts w, LATERAL (SELECT pg_temp.in_minor_units(w.subtotal_cents, w.currency), pg_temp.in_minor_units(w.discount_cents,
  w.currency), pg_temp.in_minor_units(w.tax_cents, w.currency)) u (subtotal, discount, tax)
WHERE w.organization_id = k.organization_id AND w.id = k.id AND minor_digits(k.currency) <> 2;
UPDATE quotes q SET discount_amount_cents = pg_temp.in_minor_units(q.discount_amount_cents, q.currency),
  subtotal_cents = u.subtotal, discount_cents = u.discount, tax_cents = u.tax, total_cents = u.subtotal - u.discount + u.tax
FROM quotes w, LATERAL (SELECT pg_temp.in_minor_units(w.subtotal_cents, w.currency), pg_temp.in_minor_units(w.discount_cents,
  w.currency), pg_temp.in_minor_units(w.tax_cents, w.currency)) u (subtotal, discount, tax)
WHERE w.organization_id = q.organization_id AND w.id = q.id AND minor_digits(q.currency) <> 2;
UPDATE charges c SET discount_amount_cents = pg_temp.in_minor_units(c.discount_amount_cents, c.currency),
  subtotal_cents = u.subtotal, discount_cents = u.discount, tax_cents = u.tax, total_cents = u.subtotal - u.discount + u.tax,
  outstanding_cents = CASE WHEN c.outstanding_cents = c.total_cents THEN u.subtotal - u.discount + u.tax
    ELSE pg_temp.in_minor_units(c.outstanding_cents, c.currency) END
FROM charges w, LATERAL (SELECT pg_temp.in_minor_units(w.subtotal_cents, w.currency), pg_temp.in_minor_units(w.discount_cents,
  w.currency), pg_temp.in_minor_units(w.tax_cents, w.currency)) u (subtotal, discount, tax)
WHERE w.organization_id = c.organization_id AND w.id = c.id AND minor_digits(c.currency) <> 2;

-- What the organization file last said is compared with what stands: 1005.00 yen are 1005.
UPDATE applied_records SET fields = fields || jsonb_strip_nulls(jsonb_build_object(
  'price', round((fields ->> 'price')::numeric, minor_digits(coalesce(fields ->> 'currency', fields ->> 'priceUnit')))::text,
  'initialDiscount', round((fields ->> 'initialDiscount')::numeric, minor_digits(fields ->> 'priceUnit'))::text))
WHERE kind IN ('product', 'bundle') AND minor_digits(coalesce(fields ->> 'currency', fields ->> 'priceUnit')) <> 2;

SELECT pg_temp.opened(false);

-- ---------------------------------------------------------------- what callers of the billing dialect say and ask
-- How much of which stock an item uses up; kept for whoever said it, for there are no stocks here.
ALTER TABLE products ADD stocks jsonb;
ALTER TABLE locations ADD dosespot_clinic_id text, ADD spakinect_location_id text;

-- Shown to patients, so it is not sealed. One for each location.
CREATE TABLE location_photos (
  organization_id uuid NOT NULL,
  location_id uuid NOT NULL,
  media_type text NOT NULL CHECK (media_type IN ('image/jpeg', 'image/png', 'image/webp', 'image/gif')),
  content bytea NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, location_id),
  FOREIGN KEY (organization_id, location_id) REFERENCES locations (organization_id, id)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON location_photos TO carelane_app;
ALTER TABLE location_photos ENABLE ROW LEVEL SECURITY;
ALTER TABLE location_photos FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON location_photos TO carelane_app USING (organization_id = current_organization_id());
