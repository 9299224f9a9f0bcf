"""`carelane demo --keep` told to stop: nothing of what it started is left behind, whatever it was doing."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.processes.waiting import until

STOP_SECONDS = 60


@pytest.fixture
def demo(tmp_path):
    """A way to start it; its folder is in one of our own. What a failing test leaves is killed."""
    started = []

    def start() -> subprocess.Popen[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("CARELANE_")}
        environment |= {"TMPDIR": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)}
        command = [sys.executable, "-P", "-m", "carelane", "demo", "--keep"]
        with (tmp_path / "printed").open("w") as printed:
            process = subprocess.Popen(command, env=environment, stdout=printed, stderr=printed, text=True)
        started.append(process)
        return process

    tmp_path.chmod(0o711)
    yield start
    for process in started:
        process.kill()
        process.wait()
    for left in left_of(tmp_path):
        left.kill()


def left_of(folder: Path) -> list[psutil.Process]:
    """Processes that were started with the folder's name, or in its environment."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.pid != os.getpid() and (
                str(folder) in " ".join(process.cmdline()) or str(folder) == process.environ().get("TMPDIR")
            ):
                found.append(process)
    return found


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_nothing_is_left_when_it_was_kept_running(demo, tmp_path, number):
    process = demo()
    until(lambda: "until you press Ctrl-C" in (tmp_path / "printed").read_text(), 120)
    assert len(left_of(tmp_path)) > 5
    process.send_signal(number)
    # A second one, as an impatient person or a supervisor sends it, does not cut short the stopping.
    process.send_signal(number)
    code = process.wait(STOP_SECONDS)
    assert code in {0, 128 + number}
    assert left_of(tmp_path) == []
    assert not list(tmp_path.glob("carelane-demo-*"))


def test_nothing_is_left_when_it_was_still_starting(demo, tmp_path):
    process = demo()
    until(lambda: any("postgres" in " ".join(each.cmdline()) for each in left_of(tmp_path)), 60)
    process.send_signal(signal.SIGTERM)
    assert process.wait(STOP_SECONDS) == 128 + signal.SIGTERM
    assert left_of(tmp_path) == []
    assert not list(tmp_path.glob("carelane-demo-*"))
