"""What was owed before there was a ledger: moved into it, exactly."""

import psycopg
import pytest
from psycopg import conninfo

from carelane import migrations
from carelane.kit.embedded_postgres import ensure_running
from tests.processes.test_migrations import upgrade

# A clinic for each currency, with charges of one cart each: over one product twice and a bundle, with discounts and tax; over
# nothing; with a discount as large as what is sold; over lines that come to less than the whole, rounded since.
OLD_ROWS = """
CREATE FUNCTION old(name text) RETURNS uuid LANGUAGE sql RETURN md5(name)::uuid;
INSERT INTO organizations (id, tenant, name, case_prefix, currency)
SELECT old(code), code, code, code, code FROM unnest(ARRAY['JPY', 'KWD', 'USD']) code;
INSERT INTO patients (organization_id, id) SELECT id, id FROM organizations;
INSERT INTO locations (organization_id, id, name, timezone) SELECT id, id, 'L', 'UTC' FROM organizations;
INSERT INTO products (organization_id, id, name, price_cents, currency) SELECT id, id, 'P', 1005, currency FROM organizations;
INSERT INTO bundles (organization_id, id, name, price_cents, currency) SELECT id, old('b' || currency), 'B', 300, currency
FROM organizations;
CREATE TABLE old_charges (name text, subtotal int, discount int, tax int);
INSERT INTO old_charges VALUES ('usual', 2210, 10, 220), ('nothing', 0, 0, 0), ('all off', 1005, 1005, 0), ('rounded', 1006, 0, 7);
INSERT INTO carts (organization_id, id, patient_id, currency, subtotal_cents, discount_cents, tax_cents, total_cents)
SELECT o.id, old(o.currency || w.name), o.id, o.currency, w.subtotal, w.discount, w.tax, w.subtotal - w.discount + w.tax
FROM organizations o, old_charges w;
INSERT INTO charges (organization_id, id, patient_id, cart_id, location_id, currency, discount_amount_cents, discount_percentage,
  subtotal_cents, discount_cents, tax_cents, total_cents, outstanding_cents, created_at)
SELECT k.organization_id, k.id, k.patient_id, k.id, CASE WHEN w.name = 'usual' THEN o.id END, k.currency, w.discount, 0, w.subtotal,
  w.discount, w.tax, k.total_cents, k.total_cents, '2026-03-31 23:59:59Z'
FROM carts k JOIN organizations o ON o.id = k.organization_id JOIN old_charges w ON k.id = old(o.currency || w.name);
CREATE TABLE old_lines (name text, n int, is_bundle boolean, quantity int, price int, discount int);
INSERT INTO old_lines VALUES ('usual', 1, false, 1, 1005, 50), ('usual', 2, true, 3, 300, 0), ('usual', 3, false, 1, 355, 0),
  ('all off', 1, false, 1, 1005, 0), ('rounded', 1, false, 1, 1005, 0);
INSERT INTO charge_lines (organization_id, id, charge_id, position, product_id, bundle_id, name, quantity, unit_price_cents,
  discount_amount_cents, discount_percentage, tax_cents, total_cents)
SELECT o.id, old(o.currency || l.name || l.n), old(o.currency || l.name), l.n, CASE WHEN NOT l.is_bundle THEN o.id END,
  CASE WHEN l.is_bundle THEN old('b' || o.currency) END, 'P', l.quantity, l.price, l.discount, 0, 0, l.quantity * l.price - l.discount
FROM organizations o, old_lines l;
INSERT INTO cases (organization_id, id, short_id, type, title, patient_id, status) SELECT id, id, 'A', 'T', 'T', id, 'OPEN' FROM organizations;
INSERT INTO payments (organization_id, id, case_id, amount_cents, currency, status, reference_type, reference_id)
SELECT id, id, id, 15900, currency, 'PAID', 'PAYMENT_INTENT', 'pi_1' FROM organizations;
"""
POSTED = """
SELECT w.name, d.code, c.code, p.amount_cents, p.happened_at = t.created_at
FROM ledger_postings p JOIN ledger_accounts d ON d.id = p.debit_id JOIN ledger_accounts c ON c.id = p.credit_id
JOIN charges t ON t.id = p.charge_id JOIN old_charges w ON t.id = old(p.currency || w.name)
WHERE p.currency = %s ORDER BY 1, 2, 3, 4
"""
OUTSTANDING = """
SELECT t.currency, t.id FROM charges t WHERE t.outstanding_cents <> coalesce((
  SELECT sum(CASE WHEN d.code = 'receivable' THEN p.amount_cents ELSE -p.amount_cents END)
  FROM ledger_postings p JOIN ledger_accounts d ON d.id = p.debit_id WHERE p.charge_id = t.id), 0)
"""
LATE = """
INSERT INTO carts (organization_id, id, patient_id, currency, subtotal_cents, discount_cents, tax_cents, total_cents)
SELECT id, old('late'), id, currency, 1005, 0, 0, 1005 FROM organizations WHERE tenant = 'USD';
WITH new_charge AS (
  INSERT INTO charges (organization_id, id, patient_id, cart_id, currency, discount_amount_cents, discount_percentage, subtotal_cents,
    discount_cents, tax_cents, total_cents, outstanding_cents)
  SELECT organization_id, id, patient_id, id, currency, 0, 0, 1005, 0, 0, 1005, 1005 FROM carts WHERE id = old('late')
)
INSERT INTO charge_lines (organization_id, id, charge_id, position, product_id, name, quantity, unit_price_cents, discount_amount_cents,
  discount_percentage, tax_cents, total_cents)
SELECT id, old('late'), old('late'), 0, id, 'P', 1, 1005, 0, 0, 0, 1005 FROM organizations WHERE tenant = 'USD';
WITH new_case AS (
  INSERT INTO cases (organization_id, id, short_id, type, title, patient_id, status)
  SELECT id, old('late'), 'B', 'T', 'T', id, 'OPEN' FROM organizations WHERE tenant = 'USD'
)
INSERT INTO payments (organization_id, id, case_id, amount_cents, currency, status)
SELECT id, old('late'), old('late'), 1, 'USD', 'UNPAID' FROM organizations WHERE tenant = 'USD';
"""


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory):
    """A database with rows of the version before, upgraded by an owner who is no superuser: row-level security hides the rows
    from it."""
    server = ensure_running(tmp_path_factory.mktemp("older") / "data")
    migrations.migrate(server.owner_url)
    with psycopg.connect(server.owner_url, autocommit=True) as conn:
        conn.execute("CREATE ROLE keeper LOGIN CREATEROLE")
        conn.execute("GRANT carelane_app, carelane_system TO keeper WITH ADMIN OPTION")
        conn.execute("CREATE DATABASE older OWNER keeper")
    url = conninfo.make_conninfo(server.owner_url, dbname="older")
    as_keeper = conninfo.make_conninfo(url, options="-c role=keeper")
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("ALTER SCHEMA public OWNER TO keeper")
    upgrade(as_keeper, "0021_quiet_events")
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(OLD_ROWS)
    migrations.migrate(as_keeper)
    with psycopg.connect(url, autocommit=True) as conn:
        yield conn
    server.stop()


@pytest.mark.parametrize("currency", ["JPY", "KWD", "USD"])
def test_every_charge_is_posted_when_it_was_made(upgraded, currency):
    assert upgraded.execute(POSTED, (currency,)).fetchall() == [
        ("all off", "discounts", "receivable", 1005, True),
        ("all off", "receivable", "revenue", 1005, True),
        ("rounded", "receivable", "revenue", 1, True),
        ("rounded", "receivable", "revenue", 1005, True),
        ("rounded", "receivable", "tax", 7, True),
        ("usual", "discounts", "receivable", 60, True),
        ("usual", "receivable", "revenue", 900, True),
        ("usual", "receivable", "revenue", 1360, True),
        ("usual", "receivable", "tax", 220, True),
    ]


def test_what_is_outstanding_is_what_the_ledger_says(upgraded):
    assert upgraded.execute(OUTSTANDING).fetchall() == []
    states = "SELECT w.name, t.status, t.is_test FROM charges t JOIN old_charges w ON t.id = old(t.currency || w.name) GROUP BY 1, 2, 3"
    assert sorted(upgraded.execute(states).fetchall()) == [
        ("all off", "PAID", False),
        ("nothing", "PAID", False),
        ("rounded", "OUTSTANDING", False),
        ("usual", "OUTSTANDING", False),
    ]


def test_accounts_are_what_they_are_about(upgraded):
    owned = """
SELECT DISTINCT a.code, a.kind, a.owner_id IS NULL, a.id = ledger_account_id(a.organization_id, a.code, a.owner_id, a.currency, a.is_test)
FROM ledger_accounts a JOIN organizations o ON o.id = a.organization_id AND o.currency = a.currency
  AND coalesce(a.owner_id, o.id) IN (o.id, old('b' || o.currency))
"""
    assert sorted(upgraded.execute(owned).fetchall()) == [
        ("discounts", "income", True, True),
        ("receivable", "asset", False, True),
        ("revenue", "income", False, True),
        ("revenue", "income", True, True),
        ("tax", "liability", False, True),
        ("tax", "liability", True, True),
    ]


def test_payments_know_whose_they_are_and_stay_references(upgraded):
    kept = (
        "SELECT patient_id = organization_id, method, stage, policy, status FROM payments WHERE reference_id = 'pi_1'"
    )
    assert upgraded.execute(kept).fetchall() == [(True, "REFERENCE", "UNVERIFIED", "unverified", "PAID")] * 3


def test_what_the_version_before_still_writes_is_completed(upgraded):
    upgraded.execute(LATE)
    posted = "SELECT amount_cents FROM ledger_postings WHERE charge_id = old('late')"
    assert upgraded.execute(posted).fetchall() == [(1005,)]
    assert upgraded.execute("SELECT is_test FROM charges WHERE id = old('late')").fetchall() == [(False,)]
    assert upgraded.execute("SELECT patient_id IS NULL FROM payments WHERE id = old('late')").fetchall() == [(False,)]
    assert upgraded.execute(OUTSTANDING).fetchall() == []


def test_the_application_posts_no_old_charges(upgraded):
    may = "SELECT has_function_privilege('carelane_app', 'post_old_charges(uuid, uuid)', 'EXECUTE')"
    assert upgraded.execute(may).fetchall() == [(False,)]
