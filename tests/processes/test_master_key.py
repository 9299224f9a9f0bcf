"""Changing the master key: every data key opens under the new one, whatever happened in between."""

import base64
import os
import signal
import subprocess
import sys

import psycopg
import pytest

from carelane.apply.actions import apply_file
from carelane.kit.embedded_postgres import EmbeddedPostgres
from carelane.kit.phi import MasterKey
from carelane.organizations.errors import MasterKeyChangedError
from carelane.processes import rotate_key
from carelane.services import open_services
from carelane.settings import Settings
from tests.processes.commands import refusal, run, run_program
from tests.processes.waiting import until
from tests.server import demo_data, prepared, running_server


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys") / "data"
    demo_data(folder)
    server = EmbeddedPostgres(folder)
    server.start()
    yield folder
    server.stop()


@pytest.fixture
def owner(data_dir):
    return EmbeddedPostgres(data_dir).owner_url


def new_key() -> str:
    return base64.b64encode(os.urandom(32)).decode()


def data_keys(data_dir) -> dict:
    key = MasterKey(base64.b64decode((data_dir / "master.key").read_text()))
    with psycopg.connect(EmbeddedPostgres(data_dir).owner_url) as conn:
        rows = conn.execute("SELECT organization_id, wrapped FROM organization_data_keys").fetchall()
    return {row[0]: key.unwrap(row[0], bytes(row[1])) for row in rows}


def test_the_command_changes_the_key_and_keeps_the_old_one(data_dir):
    before, old = data_keys(data_dir), (data_dir / "master.key").read_text()
    done = run_program("rotate-master-key", "--data-dir", data_dir)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("2 data keys are under the new master key.")
    assert (data_dir / "master.key").read_text() != old
    assert (data_dir / "master.key.previous").read_text() == old
    assert (data_dir / "master.key").stat().st_mode & 0o077 == 0
    assert not (data_dir / "master.key.next").exists()
    assert data_keys(data_dir) == before


def test_keys_before_the_previous_one_are_kept_too(data_dir, owner):
    kept = {(data_dir / "master.key").read_text()}
    for _ in range(3):
        rotate_key.rotate_file(Settings(data_dir=data_dir), owner)
        kept.add((data_dir / "master.key").read_text())
    files = list(data_dir.glob("master.key*"))
    assert kept <= {file.read_text() for file in files}
    assert all(file.stat().st_mode & 0o077 == 0 for file in files)


def test_a_crash_after_the_commit_is_finished_by_the_next_run(data_dir, owner):
    before = data_keys(data_dir)
    following = new_key()
    (data_dir / "master.key.next").write_text(following)
    current = (data_dir / "master.key").read_text()
    assert rotate_key.rotate_given(owner, current, following) == 2
    assert rotate_key.rotate_file(Settings(data_dir=data_dir), owner) == 0
    assert (data_dir / "master.key").read_text() == following
    assert (data_dir / "master.key").stat().st_mode & 0o077 == 0
    assert data_keys(data_dir) == before


@pytest.mark.parametrize(
    ("point", "is_under_new"),
    [
        ("rotate.next_written", False),
        ("rotate.wrapped", False),
        ("rotate.committed", True),
        ("rotate.previous_written", True),
    ],
)
def test_whoever_is_killed_in_the_middle_loses_nothing(data_dir, tmp_path, point, is_under_new):
    before, old = data_keys(data_dir), (data_dir / "master.key").read_text()
    armed = tmp_path / "failpoint"
    armed.write_text(point)
    killed = run("rotate-master-key", "--data-dir", data_dir, failpoint=armed)
    assert killed.returncode == -signal.SIGKILL
    started = run("demo-data", "--json", "--data-dir", data_dir)
    if is_under_new:
        assert "run `carelane rotate-master-key` again" in refusal(started)
    else:
        assert started.returncode == 0
    assert run("rotate-master-key", "--data-dir", data_dir).returncode == 0
    assert (data_dir / "master.key").read_text() != old
    assert (data_dir / "master.key.previous").read_text() == old
    assert data_keys(data_dir) == before


def test_a_wrong_old_key_changes_nothing(data_dir, owner):
    before = data_keys(data_dir)
    with pytest.raises(rotate_key.RotationError, match="do not open under the present master key"):
        rotate_key.rotate_given(owner, new_key(), new_key())
    assert data_keys(data_dir) == before


@pytest.mark.parametrize("new", ["", "short", "ß" * 44, "A" * 42 + "=="])
def test_a_bad_or_equal_new_key_is_refused(data_dir, new):
    old = (data_dir / "master.key").read_text().strip()
    line = refusal(run("rotate-master-key", "--data-dir", data_dir, master_key=old, new_master_key=new or old))
    assert line.startswith("CARELANE_NEW_MASTER_KEY: expected ")


def test_it_is_refused_beside_a_worker(data_dir):
    before = (data_dir / "master.key").read_text()
    command = [sys.executable, "-m", "carelane", "worker", "--data-dir", str(data_dir)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as worker:
        try:
            until(lambda: "stop them all" in run("rotate-master-key", "--data-dir", data_dir).stderr, 60)
        finally:
            worker.terminate()
    # What was tried before the worker was connected is as good as any change.
    after = (data_dir / "master.key").read_text()
    assert after == before or (data_dir / "master.key.previous").exists()


def test_it_is_refused_beside_a_server(tmp_path):
    folder = prepared(tmp_path / "data")
    before = (folder / "master.key").read_text()
    with running_server(folder, "--no-worker", "--workers", "1"):
        line = refusal(run("rotate-master-key", "--data-dir", folder))
        assert line == f"a `carelane serve` runs on {folder}; stop it first"
    assert (folder / "master.key").read_text() == before
    assert not (folder / "master.key.next").exists()


async def test_no_organization_is_made_under_a_key_that_was_changed(data_dir, owner, tmp_path):
    """By a process that began before, and of which the change did not know."""
    settings = Settings(data_dir=data_dir, database_url=EmbeddedPostgres(data_dir).application_url)
    file = tmp_path / "new.yaml"
    file.write_text("organization: {tenant: late, name: Late, casePrefix: LAT}")
    async with open_services(settings) as services:
        with psycopg.connect(owner) as conn:
            recorded = conn.execute("UPDATE master_key SET fingerprint = sha256('x') RETURNING fingerprint").fetchone()
        assert recorded
        try:
            with pytest.raises(MasterKeyChangedError):
                await apply_file(services, file, dry_run=False)
        finally:
            with psycopg.connect(owner) as conn:
                conn.execute("UPDATE master_key SET fingerprint = %s", (services.master_key.fingerprint,))
        await apply_file(services, file, dry_run=False)
