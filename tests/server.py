"""Starting the real `carelane serve` in a folder of its own, and stopping it."""

import atexit
import fcntl
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import msgspec

from tests import pooler

START_SECONDS = 60
STOP_SECONDS = 30
# In a prepared folder: what `carelane demo-data --json` printed.
_PRINTED = "demo.json"


class RunningServer(msgspec.Struct, frozen=True):
    url: str
    data_dir: Path
    process: subprocess.Popen[str]
    settings: dict[str, str]


@contextmanager
def running_server(data_dir: Path, *options: str, **settings: str) -> Iterator[RunningServer]:
    """The server with its database and worker; `settings` are CARELANE_ variables, in lower case without the prefix."""
    if pooler.VARIABLE in os.environ and "database_url" not in settings:
        with pooler.pooled_database(data_dir) as pooled, _serving(data_dir, *options, **settings, **pooled) as running:
            yield running
    else:
        with _serving(data_dir, *options, **settings) as running:
            yield running


@contextmanager
def _serving(data_dir: Path, *options: str, **settings: str) -> Iterator[RunningServer]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CARELANE_")}
    environment |= {f"CARELANE_{name.upper()}": value for name, value in settings.items()}
    # Where it says that it runs; commands of the person who runs the tests must not find it.
    environment.setdefault("XDG_STATE_HOME", str(_shared_folder() / "state"))
    command = [sys.executable, "-m", "carelane", "serve", "--port", "0", "--data-dir", str(data_dir), *options]
    with (data_dir.parent / f"{data_dir.name}.log").open("a") as log:
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        yield RunningServer(_wait_until_ready(process), data_dir, process, settings)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(STOP_SECONDS)
        assert process.stdout is not None
        process.stdout.close()


def _wait_until_ready(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("Carelane is ready on "):
            return line.split()[-1]
    raise AssertionError(f"carelane serve ended with exit code {process.wait(START_SECONDS)} before it was ready")


def demo_data(data_dir: Path) -> dict[str, object]:
    """What `carelane demo-data --json` prints, or printed when the folder was prepared."""
    kept = data_dir / _PRINTED
    return msgspec.json.decode(
        kept.read_bytes() if kept.exists() else _make_demo_data(data_dir), type=dict[str, object]
    )


def _make_demo_data(data_dir: Path) -> bytes:
    command = [sys.executable, "-m", "carelane", "demo-data", "--json", "--data-dir", str(data_dir)]
    return subprocess.run(command, check=True, capture_output=True, timeout=START_SECONDS).stdout


def prepared(data_dir: Path) -> Path:
    """The folder, made with the database and the demo's clinics in it: a copy of one that `carelane demo-data` made.

    For servers whose first start on an empty folder is not what a test is about.
    """
    command = ["cp", "-a", str(_template(_shared_folder())), str(data_dir)]
    subprocess.run(command, check=True, timeout=START_SECONDS)
    return data_dir


@cache
def _template(folder: Path) -> Path:
    """Made by the first that asks; all thirds of a run share it."""
    made = folder / "template"
    with (folder / "template.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if not (made / _PRINTED).exists():
            (made / _PRINTED).write_bytes(_make_demo_data(made))
    return made


@cache
def _shared_folder() -> Path:
    """That of this run of bin/test, or of this process when somebody else runs pytest."""
    if "PYTEST_DEBUG_TEMPROOT" in os.environ:
        return Path(os.environ["PYTEST_DEBUG_TEMPROOT"])
    made = Path(mkdtemp(prefix="carelane-tests-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made
