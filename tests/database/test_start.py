"""What the server asks of its sessions before it starts on a database of somebody's own."""

import os
import subprocess
import sys

import psycopg
import pytest

from carelane.kit.db import SESSION_DEFAULTS
from carelane.migrations import application_role
from tests.pooler import running_pgbouncer


@pytest.fixture
def carelane(tmp_path):
    """Runs a command that ends by itself; `settings` are its environment."""

    def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("CARELANE_")}
        environment |= {f"CARELANE_{name.upper()}": value for name, value in settings.items()}
        environment["CARELANE_DATA_DIR"] = str(tmp_path / "data")
        command = [sys.executable, "-m", "carelane", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)

    return run


def shown(url: str) -> dict[str, str]:
    with psycopg.connect(url, autocommit=True) as conn:
        return dict(
            conn.execute(
                "SELECT name, current_setting(name) FROM unnest(%s::text[]) AS name", (list(SESSION_DEFAULTS),)
            )
        )


def test_sessions_begin_with_the_defaults_and_need_no_startup_options(database):
    assert shown(database.application_url) == SESSION_DEFAULTS
    with running_pgbouncer(database, 1) as pooled:
        assert shown(pooled) == SESSION_DEFAULTS
    assert "30s" not in shown(database.owner_url).values()


def test_without_them_it_does_not_start_and_migrate_sets_them(database, carelane):
    urls = {"database_url": database.application_url, "database_owner_url": database.owner_url}
    with psycopg.connect(database.owner_url, autocommit=True) as conn:
        conn.execute("ALTER ROLE carelane IN DATABASE carelane SET timezone = 'America/New_York'")
    refused = carelane("serve", "--port", "0", **urls)
    assert refused.returncode == 2
    assert refused.stderr.startswith(
        "carelane: CARELANE_DATABASE_URL: timezone is America/New_York, expected UTC; run `carelane migrate`"
    )
    assert carelane("migrate", **urls).returncode == 0
    application_role.require_good_sessions(database.application_url, pooled=False)


def test_a_pooler_that_it_was_not_told_of_is_found_out(database, carelane):
    with running_pgbouncer(database, 1) as pooled:
        refused = carelane("serve", "--port", "0", database_url=pooled)
        assert refused.returncode == 2
        assert refused.stderr == (
            "carelane: CARELANE_DATABASE_URL leads to a connection pooler: set CARELANE_DATABASE_POOLED=true.\n"
        )
        application_role.require_good_sessions(pooled, pooled=True)


def test_migrate_may_go_through_the_pooler_too(database, carelane):
    with running_pgbouncer(database, 1) as pooled:
        done = carelane("migrate", database_url=pooled, database_pooled="true", database_owner_url=database.owner_url)
        assert done.returncode == 0, done.stderr


def test_the_application_url_must_be_one(carelane):
    refused = carelane("serve", "--port", "0", database_url="db.internal the-password")
    assert (refused.returncode, refused.stderr) == (
        2,
        "carelane: CARELANE_DATABASE_URL: expected a URL such as postgresql://user:password@host:5432/database\n",
    )
