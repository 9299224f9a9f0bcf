"""The database itself keeps organizations apart, whatever the application's SQL says."""

import psycopg
import pytest
from psycopg import sql
from psycopg.errors import InsufficientPrivilege

from carelane.kit.embedded_postgres import EmbeddedPostgres
from tests.detail import whole_case, whole_subject
from tests.detail.asking import read_case
from tests.safety import every_table
from tests.safety.money_tables import fill_snapshots

# Everything else in the schema belongs to an organization.
NOT_OF_A_TENANT = {"organizations", "alembic_version", "master_key", "timed_jobs"}
# Whose secret is this, whose storefront? That must be found out before the organization is known.
UNIQUE_ACROSS_ORGANIZATIONS = {
    "credentials_secret_digest_key", "sessions_token_digest_key", "pharmacies_id_key", "branding_link_name_key"}  # fmt: skip
WRITTEN_ONCE = (
    "events", "phi_reads", "order_attempts", "webhook_attempts", "charge_lines", "charge_adjustments", "payment_confirmations",
    "ledger_accounts", "ledger_postings", "case_pauses", "tip_changes", "payment_charges", "payment_changes", "refund_charges", "refund_lines",
    "credit_changes")  # fmt: skip
# Made by a job, with rights of its own.
READ_ONLY = ("ledger_snapshots",)
# These are written and removed, never changed.
NEVER_CHANGED = ("search_tokens",)
# These change, and stay for good.
NEVER_REMOVED = {
    "carts", "quotes", "quote_messages", "charges", "promo_codes", "promo_code_uses", "patient_merges", "patient_merge_moves",
    "gateway_accounts", "payment_intents", "refunds", "payment_attempts", "disputes", "balance_findings", "daily_figures", "figure_marks", "report_figures", "report_marks",
    "patient_credits", "credit_spends", "quick_notes", "payment_mediums", "payment_methods", "payin_configs",
    "charge_tips", "payment_plans", "payment_plan_charges", "planned_payments", "mail_templates"}  # fmt: skip

_TABLES = """
SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity AS is_forced,
       EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polroles = ARRAY['carelane_app'::regrole::oid]),
       EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'organization_id' AND a.attnotnull)
FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
"""
_KEYS_WITHOUT_ORGANIZATION = """
SELECT k.conname FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attname = 'organization_id'
WHERE k.connamespace = 'public'::regnamespace AND k.contype IN ('p', 'u', 'f') AND NOT a.attnum = ANY(k.conkey)
"""
_INDEXES_WITHOUT_ORGANIZATION = """
SELECT i.indexrelid::regclass::text FROM pg_index i
JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attname = 'organization_id'
WHERE i.indisunique AND NOT a.attnum = ANY(i.indkey)
"""
_ROLE = """
SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb,
       EXISTS (SELECT FROM pg_class c WHERE c.relowner = r.oid),
       pg_has_role(r.oid, 'carelane_system', 'MEMBER')
FROM pg_roles r WHERE rolname = current_user
"""


@pytest.fixture(scope="module")
async def _rows_everywhere(client, services, clinic, other_clinic, owner_url):
    """Both organizations have a row of nearly everything."""
    for one in (clinic, other_clinic):
        whole = await whole_case.build(client, services, one)
        await read_case(client, one, whole.id)
        (event_id,) = await whole_subject.ask_one(whole, "SELECT id FROM events WHERE case_id = %s LIMIT 1", whole.id)
        await every_table.fill(services, whole.organization_id, whole.id, event_id)
    with psycopg.connect(owner_url) as conn:
        fill_snapshots(conn)


@pytest.fixture
def application(server, _rows_everywhere):
    """A connection as the server's own role; what a test did is undone."""
    with psycopg.connect(EmbeddedPostgres(server.data_dir).application_url) as conn:
        yield conn
        conn.rollback()


@pytest.fixture
def owner(owner_url):
    with psycopg.connect(owner_url) as conn:
        yield conn
        conn.rollback()


@pytest.fixture
def tables(owner) -> list[str]:
    return [name for name, *_ in owner.execute(_TABLES) if name not in NOT_OF_A_TENANT]


def become(conn, clinic) -> None:
    conn.execute("SELECT set_config('carelane.organization_id', %s, true)", (clinic.organization_id,))


def refused(conn, statement, values=()) -> bool:
    """Whether the database refuses for want of rights, and not for another reason."""
    try:
        with conn.transaction():
            conn.execute(statement, values)
    except InsufficientPrivilege:
        return True
    return False


def test_every_table_is_of_a_tenant_and_forced(owner):
    for name, is_forced, has_policy, has_organization in owner.execute(_TABLES):
        if name not in {"alembic_version", "master_key", "timed_jobs"}:
            assert is_forced, name
            assert has_policy, name
        assert has_organization or name in NOT_OF_A_TENANT, name


def test_organization_id_is_in_every_key(owner):
    keys = {name for (name,) in owner.execute(_KEYS_WITHOUT_ORGANIZATION)}
    indexes = {name for (name,) in owner.execute(_INDEXES_WITHOUT_ORGANIZATION)}
    assert keys | indexes == UNIQUE_ACROSS_ORGANIZATIONS


def test_the_application_role_cannot_step_around_it(application):
    assert application.execute(_ROLE).fetchone() == (False,) * 6


def test_without_an_organization_nothing_is_seen(application, tables):
    for table in [*tables, "organizations"]:
        count = application.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
        assert count == (0,), table


def test_an_organization_sees_its_own_rows_alone(application, owner, tables, clinic, other_clinic):
    for one in (clinic, other_clinic):
        become(application, one)
        for table in tables:
            counted = sql.SQL("SELECT organization_id::text, count(*) FROM {} GROUP BY 1").format(sql.Identifier(table))
            everybodys = dict(owner.execute(counted).fetchall())
            own = {one.organization_id: everybodys[one.organization_id]} if one.organization_id in everybodys else {}
            assert dict(application.execute(counted).fetchall()) == own, table
        assert application.execute("SELECT id::text FROM organizations").fetchall() == [(one.organization_id,)]


def test_nearly_every_table_was_really_looked_at(owner, tables, clinic):
    """Were the tables empty, the tests around this one would say nothing."""
    empty = {
        table
        for table in tables
        if not owner.execute(
            sql.SQL("SELECT 1 FROM {} WHERE organization_id = %s LIMIT 1").format(sql.Identifier(table)),
            (clinic.organization_id,),
        ).fetchone()
    }
    # Messages are written by the worker, in its own time.
    assert empty <= {"notifications"}


def test_no_row_can_be_written_for_another_organization(application, tables, clinic, other_clinic):
    become(application, clinic)
    for table in tables:
        statement = sql.SQL("INSERT INTO {} (organization_id) VALUES (%s)").format(sql.Identifier(table))
        assert refused(application, statement, (other_clinic.organization_id,)), table


def test_no_row_can_be_written_without_an_organization(application, tables, clinic):
    for table in tables:
        statement = sql.SQL("INSERT INTO {} (organization_id) VALUES (%s)").format(sql.Identifier(table))
        assert refused(application, statement, (clinic.organization_id,)), table


def test_no_row_can_be_given_to_another_organization(application, tables, clinic, other_clinic):
    become(application, clinic)
    for table in tables:
        if table == "notifications":
            continue
        statement = sql.SQL("UPDATE {} SET organization_id = %s").format(sql.Identifier(table))
        assert refused(application, statement, (other_clinic.organization_id,)), table


def test_no_row_of_another_organization_can_be_changed_or_removed(application, tables, clinic, other_clinic):
    become(application, clinic)
    for table in set(tables) - {*WRITTEN_ONCE, *READ_ONLY}:
        verbs = () if table in NEVER_CHANGED else ("UPDATE {} SET organization_id = organization_id",)
        for verb in verbs if table in NEVER_REMOVED else (*verbs, "DELETE FROM {}"):
            statement = sql.SQL(verb + " WHERE organization_id = %s").format(sql.Identifier(table))
            assert application.execute(statement, (other_clinic.organization_id,)).rowcount == 0, table


@pytest.mark.parametrize("table", [*WRITTEN_ONCE, *READ_ONLY])
@pytest.mark.parametrize("verb", ["UPDATE {} SET organization_id = organization_id", "DELETE FROM {}", "TRUNCATE {}"])
def test_history_is_written_once(application, clinic, table, verb):
    become(application, clinic)
    assert refused(application, sql.SQL(verb).format(sql.Identifier(table)))


@pytest.mark.parametrize("table", NEVER_CHANGED)
def test_what_records_are_found_by_is_written_and_removed_alone(application, clinic, table):
    become(application, clinic)
    assert refused(
        application, sql.SQL("UPDATE {} SET organization_id = organization_id").format(sql.Identifier(table))
    )


@pytest.mark.parametrize("table", sorted(NEVER_REMOVED))
def test_what_was_sold_offered_or_merged_is_never_removed(application, clinic, table):
    become(application, clinic)
    for verb in ("DELETE FROM {}", "TRUNCATE {}"):
        assert refused(application, sql.SQL(verb).format(sql.Identifier(table)))


@pytest.mark.parametrize("table", WRITTEN_ONCE)
def test_history_can_be_added_to(application, clinic, table):
    """The refusals above are about changing, not about the table."""
    become(application, clinic)
    assert application.execute("SELECT has_any_column_privilege(%s, 'INSERT')", (table,)).fetchone() == (True,)


@pytest.mark.parametrize("table", READ_ONLY)
def test_what_a_job_makes_is_added_to_by_nobody_else(application, clinic, table):
    become(application, clinic)
    assert application.execute("SELECT has_any_column_privilege(%s, 'INSERT')", (table,)).fetchone() == (False,)


def test_the_organization_ends_with_its_transaction(application, clinic):
    become(application, clinic)
    application.commit()
    assert application.execute("SELECT count(*) FROM cases").fetchone() == (0,)
