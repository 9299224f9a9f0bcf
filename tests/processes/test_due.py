"""One question for all that is due: it names whatever a claim would find, each kind by itself."""

from uuid import UUID

import psycopg
import pytest

from carelane.kit.embedded_postgres import EmbeddedPostgres

ID = UUID(int=7)
# A row of each kind that is due, as its claim looks for it; what else such a row must have is no matter here.
ROWS = {
    "event": "INSERT INTO events (organization_id, id, type, actor_kind) VALUES (%(o)s, %(i)s, 'WEBHOOK_TEST', 'system')",
    "assignment": (
        "UPDATE organizations SET assignment_policy = 'round_robin' WHERE id = %(o)s;"
        "INSERT INTO staff (organization_id, id, email, first_name, last_name, role, takes_cases)"
        " VALUES (%(o)s, %(i)s, 'a@example.com', 'Ada', 'Berg', 'CASEWORKER', true);"
        "INSERT INTO cases (organization_id, id, short_id, patient_id, patient_first_name, patient_last_name, type, title, status)"
        " VALUES (%(o)s, %(i)s, 'A-B', %(i)s, 'Bo', 'Yu', 'T', 'T', 'OPEN')"
    ),
    "decision": (
        "INSERT INTO pending_decisions (organization_id, id, case_id, staff_id, body_sealed, created_at, due_at, next_at)"
        " VALUES (%(o)s, %(i)s, %(i)s, %(i)s, '', now() - interval '1 hour', now(), now())"
    ),
    "order": (
        "INSERT INTO orders (organization_id, id, case_id, external_id, status, next_step_at)"
        " VALUES (%(o)s, %(i)s, %(i)s, %(i)s, 'RECEIVED', now())"
    ),
    "order at a pharmacy": (
        "INSERT INTO pharmacies (organization_id, id, code, name, adapter, secret_sealed) VALUES (%(o)s, %(i)s, 'p', 'P', 'simulator', '');"
        "INSERT INTO orders (organization_id, id, case_id, external_id, status, next_step_at, pharmacy_id)"
        " VALUES (%(o)s, %(i)s, %(i)s, %(i)s, 'RECEIVED', now(), %(i)s)"
    ),
    "payment": (
        "INSERT INTO payments (organization_id, id, case_id, patient_id, amount_cents, currency, status, next_step_at)"
        " VALUES (%(o)s, %(i)s, %(i)s, %(i)s, 1, 'USD', 'UNPAID', now())"
    ),
    "gateway_event": (
        "INSERT INTO gateway_events (organization_id, id, gateway_account_id, event_id, type, object_kind, object_id, happened_at,"
        " came_by) VALUES (%(o)s, %(i)s, %(i)s, 'e', 't', 'k', 'o', now(), 'POLL')"
    ),
    "delivery": (
        "INSERT INTO webhook_endpoints (organization_id, id, name, url, secret_sealed) VALUES (%(o)s, %(i)s, 'n', 'https://a.example', '');"
        "INSERT INTO webhook_deliveries (organization_id, endpoint_id, event_id) VALUES (%(o)s, %(i)s, %(i)s)"
    ),
    "timed_job": "INSERT INTO timed_jobs (name) VALUES ('due')",
    "message": (
        "INSERT INTO messages (organization_id, id, kind, channel, record_kind, record_id)"
        " VALUES (%(o)s, %(i)s, 'CASE_CREATED', 'MAIL', 'case', %(i)s)"
    ),
}


@pytest.fixture
def conn(data_dir):
    """Nothing is due, and nothing of a test is left behind; rows may name others that are not there."""
    with psycopg.connect(EmbeddedPostgres(data_dir).owner_url) as made:
        made.execute("SET LOCAL session_replication_role = replica")
        made.execute("UPDATE events SET dispatched_at = now()")
        made.execute("DELETE FROM timed_jobs")
        made.execute(
            "INSERT INTO organizations (id, tenant, name, case_prefix) VALUES (%s, 'due', 'Due', 'DUE')", (ID,)
        )
        assert due_kinds(made) == set()
        yield made
        made.rollback()


def due_kinds(conn):
    return {row[0] for row in conn.execute("SELECT list_due_work()").fetchall()}


@pytest.mark.parametrize("row", ROWS)
def test_what_is_due_is_named_and_nothing_else(conn, row):
    for statement in ROWS[row].split(";"):
        conn.execute(statement, {"o": ID, "i": ID})
    assert due_kinds(conn) == {row.split()[0]}
