"""The database knows its master key: nothing starts with another one, and none is made beside existing data."""

import base64
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from carelane.kit.embedded_postgres import EmbeddedPostgres, ensure_running
from tests.processes.commands import refusal, run
from tests.server import demo_data, prepared, running_server

COMMANDS = [
    ("serve", "--port", "0"),
    ("worker",),
    ("demo-data",),
    ("apply", "new.yaml"),
    ("apply", "new.yaml", "--dry-run"),
]


def new_key() -> str:
    return base64.b64encode(os.urandom(32)).decode()


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    folder = prepared(tmp_path_factory.mktemp("fingerprint") / "data")
    yield folder
    EmbeddedPostgres(folder).stop()


@contextmanager
def owner(data_dir):
    """A `serve` that was refused has stopped the database again."""
    with psycopg.connect(ensure_running(data_dir).owner_url) as conn:
        yield conn


@pytest.fixture
def folder(data_dir, tmp_path):
    """The data folder without its key; afterwards that is back."""
    (tmp_path / "new.yaml").write_text("organization: {tenant: new, name: New, casePrefix: NEW}")
    kept = shutil.move(data_dir / "master.key", tmp_path / "kept")
    yield data_dir
    shutil.move(kept, data_dir / "master.key")


def recorded(data_dir) -> list:
    with owner(data_dir) as conn:
        return conn.execute("SELECT fingerprint FROM master_key").fetchall()


@pytest.fixture
def as_an_older_version_left_it(data_dir):
    with owner(data_dir) as conn:
        conn.execute("DELETE FROM master_key")
    yield
    with owner(data_dir) as conn:
        conn.execute("DELETE FROM master_key")
    assert run("demo-data", "--data-dir", data_dir).returncode == 0


@pytest.mark.parametrize("command", COMMANDS)
def test_without_the_key_nothing_starts_and_none_is_made(folder, tmp_path, command):
    line = refusal(run(*command, "--data-dir", folder, cwd=tmp_path))
    assert line.startswith("CARELANE_MASTER_KEY: it is not set and there is no ")
    assert "Put that key back from your backup" in line
    assert not (folder / "master.key").exists()


@pytest.mark.parametrize("command", COMMANDS)
def test_with_another_key_nothing_starts(folder, tmp_path, command):
    other = new_key()
    line = refusal(run(*command, "--data-dir", folder, cwd=tmp_path, master_key=other))
    assert line.startswith("CARELANE_MASTER_KEY: what is set is the master key ")
    (folder / "master.key").write_text(other)
    (folder / "master.key").chmod(0o600)
    line = refusal(run(*command, "--data-dir", folder, cwd=tmp_path))
    assert line.startswith(f"CARELANE_MASTER_KEY: what is in {folder / 'master.key'} is the master key ")
    assert other not in line


@pytest.mark.parametrize("text", ["", "none", "A" * 20, "ß", "\x00\x01"])
def test_a_key_that_is_none_is_refused(folder, text):
    (folder / "master.key").write_text(text)
    (folder / "master.key").chmod(0o600)
    line = refusal(run("serve", "--port", "0", "--data-dir", folder))
    assert line == f"{folder / 'master.key'}: expected 32 bytes in base64"


def test_it_is_told_where_the_key_is_after_an_old_backup_was_restored(folder, tmp_path):
    shutil.copy(tmp_path / "kept", folder / "master.key.previous")
    (folder / "master.key").write_text(new_key())
    (folder / "master.key").chmod(0o600)
    line = refusal(run("demo-data", "--data-dir", folder))
    assert line.endswith(f"copy to master.key what {folder / 'master.key.previous'} holds.")
    (folder / "master.key.previous").unlink()


def test_the_first_good_start_on_a_database_of_before_records_it(data_dir, as_an_older_version_left_it):
    other = new_key()
    line = refusal(run("demo-data", "--data-dir", data_dir, master_key=other))
    assert "does not open this database's data keys" in line
    assert recorded(data_dir) == []
    assert run("demo-data", "--data-dir", data_dir).returncode == 0
    (found,) = recorded(data_dir)
    assert len(found[0]) == 32
    assert "is the master key" in refusal(run("demo-data", "--data-dir", data_dir, master_key=other))


def test_without_a_key_a_database_of_before_gets_no_new_one(folder, as_an_older_version_left_it, tmp_path):
    line = refusal(run("serve", "--port", "0", "--data-dir", folder))
    assert line.endswith("Put back the key from your backup.")
    assert not (folder / "master.key").exists()
    shutil.copy(tmp_path / "kept", folder / "master.key")


def test_a_new_folder_gets_a_key_of_its_own_and_remembers_it(tmp_path):
    folder = tmp_path / "data"
    with running_server(folder, "--no-worker", "--workers", "1"):
        assert len(recorded(folder)) == 1
        assert (folder / "master.key").stat().st_mode & 0o777 == 0o600
        assert demo_data(folder)["tenant"] == "harbor-health"


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o666, 0o620])
def test_a_key_file_that_is_open_to_others_is_closed_and_that_is_told(data_dir, mode):
    key = data_dir / "master.key"
    key.chmod(mode)
    done = run("demo-data", "--data-dir", data_dir)
    assert done.returncode == 0
    assert done.stderr == (
        f"carelane: {key} was open to others (mode {mode:04o}) and is closed now; if anybody read it, change the key: "
        "`carelane rotate-master-key`\n"
    )
    assert key.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="takes root, to give the file to somebody else")
def test_one_that_cannot_be_closed_is_refused(data_dir, tmp_path):
    """By somebody who may read it and does not own it."""
    code = (
        "import os, sys; from pathlib import Path; from carelane.kit.keyring import close_to_others; os.setuid(65534)\n"
        "try: close_to_others(Path(sys.argv[1]))\nexcept Exception as error: print(type(error).__name__, error)"
    )
    with TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        key = Path(name) / "master.key"
        key.write_text("x")
        key.chmod(0o644)
        done = subprocess.run([sys.executable, "-c", code, key], capture_output=True, text=True, check=True)
    assert done.stdout.startswith(f"MasterKeyError {key} is open to others (mode 0644): expected one that its owner")
