"""Migrations, and which roles the server agrees to act as."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from psycopg import conninfo
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from carelane import migrations
from carelane.kit.embedded_postgres import EmbeddedPostgres, ensure_running
from carelane.kit.money import MINOR_DIGITS
from carelane.migrations import application_role


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """A server whose database has no schema yet: to the program it is a database of somebody's own."""
    server = ensure_running(tmp_path_factory.mktemp("migrations") / "data")
    yield server
    server.stop()


def carelane(empty: EmbeddedPostgres, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {f"CARELANE_{name.upper()}": value for name, value in settings.items()}
    environment["CARELANE_DATA_DIR"] = str(empty.data_dir.parent / "other")
    command = [sys.executable, "-m", "carelane", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_your_own_database_is_migrated_only_when_asked(empty):
    refused = carelane(empty, "serve", "--port", "0", database_url=empty.application_url)
    assert refused.returncode == 2
    assert "run `carelane migrate` with CARELANE_DATABASE_OWNER_URL set" in refused.stderr
    assert not migrations.is_current(empty.owner_url)


def test_two_migrations_at_once_are_one(empty):
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(migrations.migrate, [empty.owner_url, empty.owner_url]))
    assert migrations.is_current(empty.application_url)
    done = carelane(empty, "migrate", database_url=empty.application_url, database_owner_url=empty.owner_url)
    assert (done.returncode, done.stdout.strip()) == (0, f"The database is at {migrations.newest_revision()}.")


def test_the_server_refuses_a_role_that_sees_everything(empty):
    refused = carelane(empty, "serve", "--port", "0", database_url=empty.owner_url)
    assert refused.returncode == 2
    assert "CARELANE_DATABASE_URL: the role postgres is a superuser, has BYPASSRLS, owns the tables" in refused.stderr
    application_role.require_good_sessions(empty.application_url, pooled=False)


def test_the_application_cannot_become_anybody_else(empty):
    with psycopg.connect(empty.application_url, autocommit=True) as conn:
        for statement in (
            "SET ROLE carelane_system",
            "SET ROLE postgres",
            "ALTER TABLE cases DISABLE ROW LEVEL SECURITY",
            "CREATE TABLE mine ()",
            "UPDATE alembic_version SET version_num = 'x'",
            "UPDATE events SET type = 'x'",
            "DELETE FROM phi_reads",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute(statement)


# As the first versions had it; what there was more of it goes the same way.
OLD_QUEUE = """
CREATE TYPE procrastinate_job_status AS ENUM ('todo', 'doing', 'succeeded', 'failed');
CREATE TYPE procrastinate_job_to_defer_v1 AS (task_name text, args jsonb);
CREATE TABLE procrastinate_jobs (
  id bigserial PRIMARY KEY, task_name text, args jsonb, status procrastinate_job_status DEFAULT 'todo');
CREATE TABLE procrastinate_events (id bigserial PRIMARY KEY, job_id bigint REFERENCES procrastinate_jobs (id));
CREATE FUNCTION procrastinate_tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER procrastinate_tell AFTER INSERT ON procrastinate_jobs FOR EACH ROW EXECUTE FUNCTION procrastinate_tell();
CREATE FUNCTION procrastinate_defer(jobs procrastinate_job_to_defer_v1[]) RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint';
"""
OLD_ROWS = """
INSERT INTO organizations (id, tenant, name, case_prefix, notification_emails)
VALUES ('00000000-0000-4000-8000-000000000001', 'old', 'Old', 'OLD', '{a@old.example,b@old.example}');
INSERT INTO events (organization_id, id, type, actor_kind, dispatched_at)
SELECT '00000000-0000-4000-8000-000000000001', ('00000000-0000-4000-8000-00000000001' || n)::uuid, 'WEBHOOK_DISABLED', 'system',
  now() FROM generate_series(1, 3) n;
INSERT INTO procrastinate_jobs (task_name, status, args)
SELECT task, status::procrastinate_job_status, jsonb_build_object('organization_id', '00000000-0000-4000-8000-000000000001',
  'event_id', '00000000-0000-4000-8000-00000000001' || n)
FROM (VALUES ('notify_webhook_disabled', 'todo', 1), ('notify_webhook_disabled', 'failed', 2), ('assign_case', 'todo', 3))
  AS job (task, status, n);
"""
OLD_NAMES = """
SELECT relname FROM pg_class WHERE relname LIKE 'procrastinate%' UNION ALL
SELECT proname FROM pg_proc WHERE proname LIKE 'procrastinate%' UNION ALL
SELECT typname FROM pg_type WHERE typname LIKE '%procrastinate%'
"""


def upgrade(url: str, revision: str) -> None:
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(url), poolclass=NullPool)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(migrations.FOLDER))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


@pytest.fixture
def owned(empty):
    """A database whose owner is no superuser, as your own would be: row-level security hides the rows from it."""
    # So that the roles are there.
    migrations.migrate(empty.owner_url)
    with psycopg.connect(empty.owner_url, autocommit=True) as conn:
        conn.execute("CREATE ROLE keeper LOGIN CREATEROLE")
        conn.execute("GRANT carelane_app, carelane_system TO keeper WITH ADMIN OPTION")
        conn.execute("CREATE DATABASE older OWNER keeper")
    yield conninfo.make_conninfo(empty.owner_url, dbname="older")
    with psycopg.connect(empty.owner_url, autocommit=True) as conn:
        conn.execute("DROP DATABASE older")
        conn.execute("DROP ROLE keeper")


def test_what_is_left_of_the_old_queue_goes_and_its_mail_does_not(owned):
    as_keeper = conninfo.make_conninfo(owned, options="-c role=keeper")
    with psycopg.connect(owned, autocommit=True) as conn:
        conn.execute("ALTER SCHEMA public OWNER TO keeper")
    upgrade(as_keeper, "0003_billing")
    with psycopg.connect(as_keeper, autocommit=True) as conn:
        conn.execute(OLD_QUEUE)
    with psycopg.connect(owned, autocommit=True) as conn:
        conn.execute(OLD_ROWS)
    migrations.migrate(as_keeper)
    with psycopg.connect(owned, autocommit=True) as conn:
        assert conn.execute(OLD_NAMES).fetchall() == []
        kept = "SELECT right(event_id::text, 1), recipient, status FROM notifications ORDER BY recipient"
        assert conn.execute(kept).fetchall() == [("1", "a@old.example", "PENDING"), ("1", "b@old.example", "PENDING")]
        rights = "SELECT has_table_privilege('carelane_system', 'notifications', 'INSERT')"
        assert conn.execute(rights).fetchone() == (False,)


# A clinic for each currency, with amounts in hundredths of its unit as they were kept: ¥1,005 less 7.5 % with 10 % tax came to
# ¥1,022.58. The cart was offered and its quote accepted: neither changes any more, but for this.
OLD_AMOUNTS = """
INSERT INTO organizations (id, tenant, name, case_prefix, currency)
SELECT md5(code)::uuid, code, code, code, code FROM unnest(ARRAY['JPY', 'KWD', 'USD']) code;
INSERT INTO patients (organization_id, id, credit_balance_cents) SELECT id, id, 500 FROM organizations;
INSERT INTO staff (organization_id, id, email, first_name, last_name, role)
SELECT id, id, 'a@old.example', 'A', 'B', 'ADMIN' FROM organizations;
INSERT INTO products (organization_id, id, name, price_cents, currency) SELECT id, id, 'P', 100500, currency FROM organizations;
INSERT INTO carts (organization_id, id, patient_id, currency, subtotal_cents, discount_cents, tax_cents, total_cents, locked_at)
SELECT id, id, id, currency, 92962, 0, 9296, 102258, now() FROM organizations;
INSERT INTO quotes (organization_id, id, patient_id, cart_id, creator_id, currency, subtotal_cents, discount_cents, tax_cents,
  total_cents, status) SELECT id, id, id, id, id, currency, 92962, 0, 9296, 102258, 'ACCEPTED' FROM organizations;
INSERT INTO charges (organization_id, id, patient_id, cart_id, currency, discount_amount_cents, discount_percentage,
  subtotal_cents, discount_cents, tax_cents, total_cents, outstanding_cents)
SELECT id, id, id, id, currency, 0, 0, 92962, 0, 9296, 102258, 102258 FROM organizations;
INSERT INTO charge_lines (organization_id, id, charge_id, position, product_id, name, quantity, unit_price_cents,
  discount_amount_cents, discount_percentage, tax_cents, total_cents)
SELECT id, id, id, 0, id, 'P', 1, 100500, 0, 7.5, 9296, 92962 FROM organizations;
INSERT INTO applied_records (organization_id, kind, record_id, fields, actor_kind)
SELECT id, 'product', id, jsonb_build_object('price', '1005.00', 'currency', currency, 'name', 'P'), 'system' FROM organizations;
"""
AMOUNTS_NOW = """
SELECT o.currency, i.price_cents, p.credit_balance_cents, n.unit_price_cents, k.total_cents, q.total_cents, c.total_cents,
  c.outstanding_cents, a.fields ->> 'price'
FROM organizations o JOIN products i ON i.id = o.id JOIN patients p ON p.id = o.id JOIN carts k ON k.id = o.id
JOIN quotes q ON q.id = o.id JOIN charges c ON c.id = o.id JOIN charge_lines n ON n.id = o.id
JOIN applied_records a ON a.record_id = o.id ORDER BY 1
"""


def test_amounts_become_integers_of_their_currencys_own_unit(owned):
    as_keeper = conninfo.make_conninfo(owned, options="-c role=keeper")
    with psycopg.connect(owned, autocommit=True) as conn:
        conn.execute("ALTER SCHEMA public OWNER TO keeper")
    upgrade(as_keeper, "0014_promo_codes")
    with psycopg.connect(owned, autocommit=True) as conn:
        conn.execute(OLD_AMOUNTS)
    migrations.migrate(as_keeper)
    with psycopg.connect(owned, autocommit=True) as conn:
        assert conn.execute(AMOUNTS_NOW).fetchall() == [
            ("JPY", 1_005, 5, 1_005, 1_023, 1_023, 1_023, 1_023, "1005"),
            ("KWD", 1_005_000, 5_000, 1_005_000, 1_022_580, 1_022_580, 1_022_580, 1_022_580, "1005.000"),
            ("USD", 100_500, 500, 100_500, 102_258, 102_258, 102_258, 102_258, "1005.00"),
        ]
        # What guards them guards them again.
        for guarded in ("carts", "quotes"):
            with pytest.raises(psycopg.errors.CheckViolation):
                conn.execute(f"UPDATE {guarded} SET tax_cents = tax_cents + 1, total_cents = total_cents + 1")
        unforced = "SELECT relname FROM pg_class WHERE relrowsecurity AND NOT relforcerowsecurity"
        assert conn.execute(unforced).fetchall() == []
        codes = conn.execute("SELECT code, minor_digits(code) FROM unnest(%s::text[]) code", (list(MINOR_DIGITS),))
        assert dict(codes.fetchall()) == MINOR_DIGITS
        texts = conn.execute("SELECT decimal_string(1234, c) FROM unnest('{JPY,USD,KWD}'::text[]) c").fetchall()
        assert texts == [("1234",), ("12.34",), ("1.234",)]
