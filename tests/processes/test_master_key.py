"""Changing the master key: every data key opens under the new one, whatever happened in between."""

import base64
import os
import subprocess
import sys

import psycopg
import pytest

from carelane.kit.embedded_postgres import EmbeddedPostgres
from carelane.kit.phi import MasterKey
from carelane.processes import rotate_key
from carelane.settings import Settings
from tests.server import demo_data


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys") / "data"
    demo_data(folder)
    server = EmbeddedPostgres(folder)
    server.start()
    yield folder
    server.stop()


def data_keys(data_dir) -> dict:
    key = MasterKey(base64.b64decode((data_dir / "master.key").read_text()))
    with psycopg.connect(EmbeddedPostgres(data_dir).owner_url) as conn:
        rows = conn.execute("SELECT organization_id, wrapped FROM organization_data_keys").fetchall()
    return {row[0]: key.unwrap(row[0], bytes(row[1])) for row in rows}


def test_the_command_changes_the_key_and_keeps_the_old_one(data_dir):
    before, old = data_keys(data_dir), (data_dir / "master.key").read_text()
    command = [sys.executable, "-m", "carelane", "rotate-master-key", "--data-dir", str(data_dir)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("2 data keys are under the new master key.")
    assert (data_dir / "master.key").read_text() != old
    assert (data_dir / "master.key.previous").read_text() == old
    assert (data_dir / "master.key").stat().st_mode & 0o077 == 0
    assert not (data_dir / "master.key.next").exists()
    assert data_keys(data_dir) == before


def test_a_crash_after_the_commit_is_finished_by_the_next_run(data_dir):
    before, owner_url = data_keys(data_dir), EmbeddedPostgres(data_dir).owner_url
    following = base64.b64encode(os.urandom(32)).decode()
    (data_dir / "master.key.next").write_text(following)
    current = (data_dir / "master.key").read_text()
    assert rotate_key.rotate_given(owner_url, current, following) == 2
    assert rotate_key.rotate_file(Settings(data_dir=data_dir), owner_url) == 0
    assert (data_dir / "master.key").read_text() == following
    assert data_keys(data_dir) == before


def test_a_wrong_old_key_changes_nothing(data_dir):
    before, owner_url = data_keys(data_dir), EmbeddedPostgres(data_dir).owner_url
    wrong, new = (base64.b64encode(os.urandom(32)).decode() for _ in range(2))
    with pytest.raises(rotate_key.RotationError, match="does not open under the present master key"):
        rotate_key.rotate_given(owner_url, wrong, new)
    assert data_keys(data_dir) == before
