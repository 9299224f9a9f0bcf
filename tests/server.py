"""Starting the real `carelane serve` in a folder of its own, and stopping it.

Forked from a process that has imported everything already, for that takes longer than all else that a start does. As a program,
with its loader, whoever tests that starts it: `running_program`.
"""

import atexit
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from multiprocessing.process import BaseProcess
from pathlib import Path
from tempfile import mkdtemp

import msgspec

from tests import forked, pooler

START_SECONDS = 60
STOP_SECONDS = 30
LOOK_SECONDS = 0.05
# In a prepared folder: what `carelane demo-data --json` printed.
_PRINTED = "demo.json"


class Process:
    """A forked one, as `subprocess.Popen` has it."""

    def __init__(self, process: BaseProcess) -> None:
        assert process.pid is not None
        self.pid = process.pid
        self._process = process

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        code = self.poll()
        if code is None:
            raise subprocess.TimeoutExpired("carelane serve", timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class RunningServer(msgspec.Struct, frozen=True):
    url: str
    data_dir: Path
    process: subprocess.Popen[bytes] | Process
    settings: dict[str, str]


_Start = Callable[[tuple[str, ...], dict[str, str], Path, Path], subprocess.Popen[bytes] | Process]


def running_server(data_dir: Path, *options: str, **settings: str) -> AbstractContextManager[RunningServer]:
    """The server with its database and worker; `settings` are CARELANE_ variables, in lower case without the prefix."""
    return _running(_fork, data_dir, *options, **settings)


def running_program(data_dir: Path, *options: str, **settings: str) -> AbstractContextManager[RunningServer]:
    """The same as a person starts it, and with the names that `ps` shows."""
    return _running(_start_program, data_dir, *options, **settings)


@contextmanager
def _running(start: _Start, data_dir: Path, *options: str, **settings: str) -> Iterator[RunningServer]:
    if pooler.VARIABLE in os.environ and "database_url" not in settings:
        with (
            pooler.pooled_database(data_dir) as pooled,
            _serving(start, data_dir, *options, **settings, **pooled) as running,
        ):
            yield running
    else:
        with _serving(start, data_dir, *options, **settings) as running:
            yield running


@contextmanager
def _serving(start: _Start, data_dir: Path, *options: str, **settings: str) -> Iterator[RunningServer]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CARELANE_")}
    environment |= {f"CARELANE_{name.upper()}": value for name, value in settings.items()}
    # Where it says that it runs; commands of the person who runs the tests must not find it.
    environment.setdefault("XDG_STATE_HOME", str(shared_folder() / "state"))
    arguments = ("serve", "--port", "0", "--data-dir", str(data_dir), *options)
    out, log = (data_dir.parent / f"{data_dir.name}.{kind}" for kind in ("out", "log"))
    # What a server before it said is not said by this one.
    out.write_text("")
    process = start(arguments, environment, out, log)
    try:
        yield RunningServer(_wait_until_ready(process, out, log), data_dir, process, settings)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(STOP_SECONDS)


def _fork(arguments: tuple[str, ...], environment: dict[str, str], out: Path, log: Path) -> Process:
    return Process(forked.start(arguments, environment, out, log, Path.cwd()))


def _start_program(
    arguments: tuple[str, ...], environment: dict[str, str], out: Path, log: Path
) -> subprocess.Popen[bytes]:
    with out.open("a") as printed, log.open("a") as told:
        return subprocess.Popen(
            [sys.executable, "-m", "carelane", *arguments], env=environment, stdout=printed, stderr=told
        )


def _wait_until_ready(process: subprocess.Popen[bytes] | Process, out: Path, log: Path) -> str:
    deadline = time.monotonic() + START_SECONDS
    while True:
        for line in out.read_text().splitlines():
            if line.startswith("Carelane is ready on "):
                return line.split()[-1]
        if process.poll() is not None:
            said = f"{out.read_text()}{log.read_text()}"[-2_000:]
            raise AssertionError(f"carelane serve ended with exit code {process.poll()} before it was ready: {said}")
        assert time.monotonic() < deadline, "carelane serve was not ready in time"
        time.sleep(LOOK_SECONDS)


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
    command = ["cp", "-a", str(_template(shared_folder())), str(data_dir)]
    subprocess.run(command, check=True, timeout=START_SECONDS)
    # Whose they were is gone, but its number may be somebody's by now: then the database would not start.
    for left in (*data_dir.rglob(".s.PGSQL.*"), *data_dir.rglob("postmaster.pid")):
        left.unlink(missing_ok=True)
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
def shared_folder() -> Path:
    """That of this run of bin/test, or of this process when somebody else runs pytest."""
    if "PYTEST_DEBUG_TEMPROOT" in os.environ:
        return Path(os.environ["PYTEST_DEBUG_TEMPROOT"])
    made = Path(mkdtemp(prefix="carelane-tests-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made
