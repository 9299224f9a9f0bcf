"""Migrations, and which roles the server agrees to act as."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from carelane import migrations
from carelane.kit.embedded_postgres import EmbeddedPostgres, ensure_running
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
