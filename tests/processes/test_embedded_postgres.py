"""The embedded PostgreSQL: started, attached to, found again after a crash; closed to everybody else."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from carelane.kit.embedded_postgres import EmbeddedPostgres, ensure_running


@pytest.fixture
def data_dir(tmp_path):
    """In a folder whose path is too long for a Unix socket."""
    folder = tmp_path / ("a-rather-long-name-" * 6)
    yield folder
    EmbeddedPostgres(folder).stop()


def test_two_that_start_it_at_once_get_one_server_that_survives_a_kill(data_dir):
    with ThreadPoolExecutor(2) as pool:
        servers = list(pool.map(ensure_running, [data_dir, data_dir]))
    first = servers[0].pid
    assert first is not None
    assert servers[1].pid == first
    assert not servers[1].start()

    os.kill(first, signal.SIGKILL)
    again = ensure_running(data_dir)
    assert again.pid not in (None, first)

    again.stop()
    assert again.pid is None
    assert not again.is_running()
    assert not again.socket_folder.exists()


def test_a_pid_file_that_names_another_program_is_not_believed(data_dir):
    server = ensure_running(data_dir)
    server.stop()
    (server.folder / "postmaster.pid").write_text(f"{os.getpid()}\n")
    assert server.pid is None
    assert server.start()


def test_nobody_else_gets_in(data_dir):
    server = ensure_running(data_dir)
    assert server.folder.stat().st_mode & 0o077 == 0
    assert server.socket_folder.stat().st_mode & 0o077 == 0
    with psycopg.connect(server.owner_url) as conn:
        assert conn.execute("SHOW listen_addresses").fetchone() == ("",)
        rules = conn.execute("SELECT type, database, user_name, auth_method FROM pg_hba_file_rules").fetchall()
    assert rules == [("local", ["all"], ["all"], "peer")]


def test_what_people_wrote_does_not_reach_its_log(data_dir):
    server = ensure_running(data_dir)
    with psycopg.connect(server.application_url, autocommit=True) as conn:
        for statement, values in (("SELECT %s::uuid", ("secret-answer",)), ("SELECT 'secret-answer'::int", None)):
            with pytest.raises(psycopg.Error):
                conn.execute(statement, values)
    server.stop()
    logs = "".join(path.read_text() for path in [*server.folder.glob("log/*.log"), server.folder / "start.log"])
    assert "SELECT" not in logs
