"""A real PgBouncer in transaction mode: Debian's, on a Unix socket, before an embedded PostgreSQL.

With CARELANE_TEST_POOLED set, every server that the tests start reaches its database through one:
`CARELANE_TEST_POOLED=1 bin/test carts`.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pytest

from carelane import migrations
from carelane.kit.embedded_postgres import EmbeddedPostgres, ensure_running
from carelane.migrations import application_role

VARIABLE = "CARELANE_TEST_POOLED"
# Few, so that clients take turns on them all the time.
SERVER_CONNECTIONS = 4
START_SECONDS = 30
_PORT = 6432
_SYSTEM_USER = "pgserver"
_MISSING = "there is no pgbouncer on this machine; install Debian's package, or run bin/test as root on Debian"
# Nothing is ignored or reset: what PgBouncer refuses or carries over by itself must not matter.
_CONFIGURATION = """\
[databases]
carelane = host={database_folder} port=5432 user=carelane
[pgbouncer]
unix_socket_dir = {folder}
listen_port = {port}
auth_type = any
pool_mode = transaction
default_pool_size = {server_connections}
max_client_conn = 500
"""


def pgbouncer_path() -> str:
    """Skips the test where there is no PgBouncer, and fails it where CI is set: there nothing may be left out."""
    found = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(_MISSING)
    return found


@contextmanager
def running_pgbouncer(database: EmbeddedPostgres, server_connections: int) -> Iterator[str]:
    """Yields the URL of the database through a PgBouncer that holds at most so many connections to it."""
    _let_in(database)
    with folder_of_its_own() as folder:
        configuration = _CONFIGURATION.format(
            database_folder=database.socket_folder, folder=folder, port=_PORT, server_connections=server_connections
        )
        url = f"postgresql://carelane@/carelane?host={folder}&port={_PORT}"
        with serving(folder, configuration, url):
            yield url


@contextmanager
def folder_of_its_own() -> Iterator[Path]:
    """PgBouncer's user's, and nobody else's."""
    with TemporaryDirectory(prefix="carelane-pooler-") as name:
        if os.geteuid() == 0:
            shutil.chown(name, _SYSTEM_USER, _SYSTEM_USER)
        yield Path(name)


@contextmanager
def serving(folder: Path, configuration: str, url: str) -> Iterator[None]:
    """A PgBouncer with this configuration that answers at `url`."""
    file, log = folder / "pgbouncer.ini", folder / "log"
    file.write_text(configuration)
    with log.open("w") as output:
        process = subprocess.Popen([pgbouncer_path(), file], cwd="/", stdout=output, stderr=output, **_who())
    try:
        _wait_until_it_answers(url, process, log)
        yield
    finally:
        process.terminate()
        process.wait(START_SECONDS)


@contextmanager
def pooled_database(data_dir: Path, server_connections: int = SERVER_CONNECTIONS) -> Iterator[dict[str, str]]:
    """Settings for a server in `data_dir` that reaches the embedded database of the same folder through a PgBouncer."""
    database = ensure_running(data_dir)
    try:
        if not migrations.is_current(database.owner_url):
            migrations.migrate(database.owner_url)
        application_role.set_session_defaults(database.application_url)
        with running_pgbouncer(database, server_connections) as url:
            yield {"database_url": url, "database_pooled": "true"}
    finally:
        database.stop()


def _who() -> dict[str, Any]:
    """PgBouncer does not run as root."""
    return {"user": _SYSTEM_USER, "group": _SYSTEM_USER, "extra_groups": []} if os.geteuid() == 0 else {}


def _let_in(database: EmbeddedPostgres) -> None:
    """The embedded database knows people by their system user, and PgBouncer's may be another than ours."""
    if os.geteuid() == 0:
        with (database.folder / "carelane_ident.conf").open("a") as file:
            file.write(f'carelane "{_SYSTEM_USER}" carelane\n')
        with psycopg.connect(database.owner_url) as conn:
            conn.execute("SELECT pg_reload_conf()")


def _wait_until_it_answers(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with psycopg.connect(url, connect_timeout=2, prepare_threshold=None) as conn:
                conn.execute("SELECT 1")
        except psycopg.OperationalError:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        else:
            return
