"""Records of before the search are found, too: they are filled in after the migration, and a fill that was interrupted is done again."""

import psycopg
import pytest
from psycopg import conninfo

from carelane import migrations
from carelane.kit.embedded_postgres import ensure_running
from tests.processes.test_migrations import upgrade

OLD_ROWS = """
CREATE FUNCTION old(name text) RETURNS uuid LANGUAGE sql IMMUTABLE AS 'SELECT md5(name)::uuid';
INSERT INTO organizations (id, tenant, name, case_prefix, currency) VALUES (old('a'), 'a', 'A', 'A', 'USD'), (old('b'), 'b', 'B', 'B', 'USD');
INSERT INTO patients (organization_id, id, first_name, last_name, first_name_key, last_name_key, email, mailbox, phone_number, phone_e164)
SELECT o.id, old(o.tenant || n), 'Ana', 'Quillon' || n, 'ana', 'quillon' || n, n || '@x.example', n || '@x.example', '(503) 555-0148',
  '+15035550148' FROM organizations o, generate_series(1, 1100) n;
INSERT INTO cases (organization_id, id, short_id, type, title, patient_id, status)
SELECT id, old(tenant), 'A-QWERTY', 'T', 'T', old(tenant || 1), 'OPEN' FROM organizations;
INSERT INTO orders (organization_id, id, case_id, external_id, status, pharmacy_order_id, tracking_id)
SELECT id, id, old(tenant), id, 'SHIPPED', 'RX-1', '1Z 9' FROM organizations;
INSERT INTO order_shipping_logs (organization_id, id, order_id, tracking_id, status_updated_at)
SELECT id, id, id, '94-00', now() FROM organizations;
"""
TOKENS = "SELECT kind, token FROM search_tokens WHERE organization_id = old('b') AND record_id = ANY(%s) ORDER BY 1, 2"
COUNT = "SELECT count(*) FROM search_tokens"
LEFT_OVER = """
SELECT proname FROM pg_proc WHERE proname LIKE 'backfill%' UNION ALL SELECT tablename FROM pg_policies WHERE policyname = 'backfill'
"""
WANTED = [
    ("case", "i:aqwerty"),
    ("case", "i:qwerty"),
    ("order", "i:1z9"),
    ("order", "i:9400"),
    ("order", "i:rx1"),
    ("patient", "m:1@x.example"),
    ("patient", "n:ana quillon1"),
    ("patient", "n:quillon1 ana"),
    ("patient", "t:15035550148"),
    ("patient", "t:5035550148"),
]


@pytest.fixture
def older(tmp_path):
    """A database of the version before, whose owner is no superuser: row-level security hides the rows from it."""
    server = ensure_running(tmp_path / "data")
    migrations.migrate(server.owner_url)
    with psycopg.connect(server.owner_url, autocommit=True) as conn:
        conn.execute("CREATE ROLE keeper LOGIN CREATEROLE")
        conn.execute("GRANT carelane_app, carelane_system TO keeper WITH ADMIN OPTION")
        conn.execute("CREATE DATABASE older OWNER keeper")
    url = conninfo.make_conninfo(server.owner_url, dbname="older")
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("ALTER SCHEMA public OWNER TO keeper")
    upgrade(conninfo.make_conninfo(url, options="-c role=keeper"), "0023_people")
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(OLD_ROWS)
    yield url
    server.stop()


def test_records_of_before_are_filled_in(older):
    as_keeper = conninfo.make_conninfo(older, options="-c role=keeper")
    upgrade(as_keeper, migrations.newest_revision())
    with psycopg.connect(older, autocommit=True) as conn:
        assert conn.execute(COUNT).fetchone() == (0,)
        # As long as they are not, the database is not current, and the next `migrate` does it.
        assert not migrations.is_current(older)
        # One of them changes before it is reached.
        conn.execute("UPDATE patients SET last_name_key = 'changed' WHERE id = old('a2')")
        migrations.migrate(as_keeper)
        assert migrations.is_current(older)
        assert conn.execute(LEFT_OVER).fetchall() == []
        ids = "SELECT ARRAY[old('b'), old('b1'), old('b')]"
        (mine,) = conn.execute(ids).fetchone() or ((),)
        assert conn.execute(TOKENS, (mine,)).fetchall() == WANTED
        assert conn.execute(COUNT).fetchone() == (2 * (1_100 * 5 + 2 + 3),)
        changed = "SELECT token FROM search_tokens WHERE record_id = old('a2') AND token LIKE 'n:%' ORDER BY 1"
        assert conn.execute(changed).fetchall() == [("n:ana changed",), ("n:changed ana",)]
