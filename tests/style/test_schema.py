"""The migrated database: organization in every key, time columns named alike, two locks on every tenant table."""

from uuid import UUID

import psycopg
import pytest
from psycopg.rows import namedtuple_row

from carelane.kit.auth import system_actor

NOT_OF_A_TENANT = {"organizations", "alembic_version", "master_key", "timed_jobs"}
# Of no organization and of no person, so nothing in them is anybody's.
OPEN = {"alembic_version", "master_key", "timed_jobs"}
# Unique across all organizations, each with the reason.
UNIQUE_ACROSS = {
    "branding_link_name_key": "whoever looks at a storefront names it by this alone, and has no credential",
    "credentials_secret_digest_key": "whoever presents a secret is found by it alone, before the organization is known",
    "sessions_token_digest_key": "as with credentials: a session's token is all that is presented",
    "pharmacies_id_key": "a callback names the pharmacy by its id alone, before the organization is known",
}

# Numbers with a fraction that are no amounts.
NO_MONEY = {"percentage", "discount_percentage", "quantity", "latitude", "longitude"}

TABLES = """
SELECT c.relname AS name, c.relrowsecurity AS is_secured, c.relforcerowsecurity AS is_forced,
       pg_get_userbyid(c.relowner) AS owner,
       EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'organization_id') AS has_organization
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')
"""
UNIQUE_INDEXES = """
SELECT t.relname AS table_name, i.relname AS name, x.indisprimary AS is_primary,
       ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attnum = ANY(x.indkey)) AS columns
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
JOIN pg_namespace n ON n.oid = t.relnamespace WHERE n.nspname = 'public' AND x.indisunique
"""
FOREIGN_KEYS = """
SELECT k.conname AS name, t.relname AS table_name, r.relname AS target,
       ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attnum = ANY(k.conkey)) AS columns,
       ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = r.oid AND a.attnum = ANY(k.confkey)) AS targets
FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid JOIN pg_class r ON r.oid = k.confrelid WHERE k.contype = 'f'
"""
POLICIES = "SELECT tablename, policyname, roles::text[], cmd, permissive, qual, with_check FROM pg_policies"
COLUMNS = """
SELECT table_name, column_name, data_type FROM information_schema.columns
WHERE table_schema = 'public'
"""


@pytest.fixture(scope="module")
def ask(owner_url):
    with psycopg.connect(owner_url, autocommit=True, row_factory=namedtuple_row) as conn:
        yield lambda statement, *values: conn.execute(statement, values or None).fetchall()


@pytest.fixture(scope="module")
def tables(ask):
    return {table.name: table for table in ask(TABLES)}


@pytest.fixture(scope="module")
def tenant_tables(tables):
    found = {name: table for name, table in tables.items() if name not in NOT_OF_A_TENANT}
    assert len(found) > 20
    return found


def test_every_table_belongs_to_a_tenant(tenant_tables):
    assert [name for name, table in tenant_tables.items() if not table.has_organization] == []


def test_organization_id_is_in_every_primary_key(ask, tenant_tables):
    keyed = {
        index.table_name for index in ask(UNIQUE_INDEXES) if index.is_primary and "organization_id" in index.columns
    }
    assert set(tenant_tables) - keyed == set()


def test_organization_id_is_in_every_unique_index(ask, tenant_tables):
    without = {
        index.name
        for index in ask(UNIQUE_INDEXES)
        if index.table_name in tenant_tables and "organization_id" not in index.columns
    }
    assert without == set(UNIQUE_ACROSS)


def test_organization_id_is_in_every_foreign_key(ask, tenant_tables):
    wrong = [
        (key.table_name, key.name)
        for key in ask(FOREIGN_KEYS)
        if key.table_name in tenant_tables
        and (
            "organization_id" not in key.columns
            or (key.target in tenant_tables and "organization_id" not in key.targets)
        )
    ]
    assert wrong == []


def test_every_tenant_table_hangs_from_its_organization(ask, tenant_tables):
    targets = {(key.table_name, key.target) for key in ask(FOREIGN_KEYS)}
    reached = {"organizations"}
    while more := {table for table, target in targets if target in reached} - reached:
        reached |= more
    assert set(tenant_tables) - reached == set()


def test_row_level_security_is_forced_on_every_tenant_table(tables):
    open_tables = {name for name, table in tables.items() if not (table.is_secured and table.is_forced)}
    assert open_tables == OPEN


def test_every_tenant_table_has_the_applications_policy_and_no_wider_one(ask, tables):
    policies = [policy for policy in ask(POLICIES) if "carelane_app" in policy.roles or "public" in policy.roles]
    named = {policy.tablename: policy for policy in policies}
    assert set(tables) - set(named) == OPEN
    assert len(named) == len(policies)
    for table, policy in named.items():
        column = "id" if table == "organizations" else "organization_id"
        assert policy.qual == f"({column} = current_organization_id())", table
        assert (policy.cmd, policy.roles, policy.with_check) == ("ALL", ["carelane_app"], None), table


def test_what_looks_across_organizations_belongs_to_the_system_role_alone(ask):
    wide = [policy for policy in ask(POLICIES) if policy.qual == "true"]
    assert {role for policy in wide for role in policy.roles} == {"carelane_system"}


@pytest.mark.parametrize("role", ["carelane", "carelane_app", "carelane_system"])
def test_our_roles_can_neither_bypass_row_level_security_nor_own_tables(ask, tables, role):
    (rights,) = ask(
        "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication FROM pg_roles WHERE rolname = %s",
        role,
    )
    assert not any(rights)
    assert {table.owner for table in tables.values()} & {role} == set()


def test_the_application_cannot_become_another_role(ask):
    roles = ask("SELECT rolname FROM pg_roles WHERE pg_has_role('carelane', oid, 'MEMBER')")
    assert {role.rolname for role in roles} == {"carelane", "carelane_app"}


def test_the_application_cannot_change_history(ask):
    for table in ("events", "phi_reads"):
        for right in ("UPDATE", "DELETE", "TRUNCATE"):
            assert ask("SELECT has_table_privilege('carelane', %s, %s)", table, right) == [(False,)], (table, right)


def test_functions_of_the_system_role_are_bound_to_one_schema(ask):
    loose = ask(
        "SELECT proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'public' "
        "AND prosecdef AND NOT coalesce(proconfig::text, '') LIKE '%search_path=public, pg_temp%'"
    )
    assert loose == []


def test_times_have_a_zone_and_end_in_at(ask):
    columns = ask(COLUMNS)
    assert [column for column in columns if column.data_type == "timestamp without time zone"] == []
    for column in columns:
        is_time = column.data_type == "timestamp with time zone"
        assert is_time == column.column_name.endswith("_at"), column


def test_money_is_whole_cents(ask):
    for column in ask(COLUMNS):
        if column.column_name not in NO_MONEY:
            assert column.data_type not in {"numeric", "money", "real", "double precision"}, column
        if column.column_name.endswith("_cents"):
            assert column.data_type == "bigint", column


async def test_an_organization_sees_no_row_of_another(tenant_tables, services, other_clinic, clinic):
    for table in tenant_tables:
        async with services.db.reading(UUID(other_clinic.organization_id)) as conn:
            seen = await conn.execute(f"SELECT DISTINCT organization_id::text FROM {table}")
            assert {row[0] for row in await seen.fetchall()} <= {other_clinic.organization_id}, table


async def test_without_an_organization_no_row_is_seen(tenant_tables, services, clinic):
    for table in (*tenant_tables, "organizations"):
        async with services.db.across() as conn:
            seen = await conn.execute(f"SELECT count(*) FROM {table}")
            assert await seen.fetchone() == (0,), table


async def test_a_row_cannot_be_written_for_another_organization(services, other_clinic, clinic):
    insert = "INSERT INTO products (organization_id, id, name, price_cents, currency) VALUES (%s, gen_random_uuid(), 'x', 1, 'USD')"
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with services.db.transaction(system_actor(UUID(other_clinic.organization_id))) as conn:
            await conn.execute(insert, (clinic.organization_id,))
