"""`carelane demo` tells its story; told to stop, nothing of what it started is left behind, whatever it was doing."""

import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.processes.waiting import until

STOP_SECONDS = 60
# What it prints before it waits for Ctrl-C.
_LAST_WORDS = "with payment_method=pm_card_visa and send it with a case."


@pytest.fixture
def demo(tmp_path):
    """A way to start it; its folder is in one of our own. What a failing test leaves is killed."""
    started = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("CARELANE_")}
        environment |= {"TMPDIR": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)}
        command = [sys.executable, "-P", "-m", "carelane", "demo", *arguments]
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
def test_nothing_is_left_when_it_was_still_starting(demo, tmp_path, number):
    process = demo()
    until(lambda: any("postgres" in " ".join(each.cmdline()) for each in left_of(tmp_path)), 60)
    process.send_signal(number)
    assert process.wait(STOP_SECONDS) == 128 + number
    assert left_of(tmp_path) == []
    assert not list(tmp_path.glob("carelane-demo-*"))


def test_it_tells_its_story_and_nothing_is_left_when_it_was_kept_running(demo, tmp_path):
    process, number = demo("--keep"), signal.SIGINT
    until(lambda: _LAST_WORDS in (tmp_path / "printed").read_text() or process.poll() is not None, 240)
    require_story(" ".join((tmp_path / "printed").read_text().split()))
    assert len(left_of(tmp_path)) > 5
    process.send_signal(number)
    # A second one, as an impatient person or a supervisor sends it, does not cut short the stopping.
    process.send_signal(number)
    # The story was as it should be.
    assert process.wait(STOP_SECONDS) == 0, (tmp_path / "printed").read_text()
    assert left_of(tmp_path) == []
    assert not list(tmp_path.glob("carelane-demo-*"))


def test_it_is_not_cut_short_when_it_is_stopping_already(demo, tmp_path):
    """Signals arrive from when everything is being stopped, here because its server was stopped while it started, until it has ended."""
    process = demo()
    until(lambda: (found := serving(tmp_path)) and not found.terminate(), 60)
    until(lambda: not any("gateway-simulator" in " ".join(each.cmdline()) for each in left_of(tmp_path)), 60)
    until(lambda: is_over(process), STOP_SECONDS)
    printed = (tmp_path / "printed").read_text()
    assert process.returncode == 2, printed
    assert "carelane: carelane serve did not start:" in printed
    assert left_of(tmp_path) == []
    assert not list(tmp_path.glob("carelane-demo-*"))


def serving(folder: Path) -> psutil.Process | None:
    return next((each for each in left_of(folder) if "serve" in each.cmdline()), None)


def is_over(process: subprocess.Popen[str]) -> bool:
    """And if it is not, it is told to stop."""
    process.send_signal(signal.SIGTERM)
    return process.poll() is not None


def require_story(printed: str) -> None:
    assert "118 of 118 requests were answered as expected" in printed
    assert "RECEIVED → " in printed
    assert "the order is DELIVERED" in printed
    assert "the quote was charged once" in printed
    assert "payments were made and the books balance" in printed
    for payment in (
        "approved live 89.00 89.00 0.00 PAID",
        "page live 199.93 199.93 99.96 PAID",
        "bank test 89.00 89.00",
        "CASH 50.00 0.00 SUCCEEDED",
        "SAVED_PAYMENT_METHOD 128.82 40.00 SUCCEEDED",
        "PATIENT_CREDIT 40.00 0.00 SUCCEEDED",
        "PAYMENT_LINK 51.58 0.00 SUCCEEDED",
    ):
        assert payment in printed
    assert "waited for the payment of the case, which is UNPAID: the patient must confirm it with their bank" in printed
    assert "The invoice for the rest is PAID, 0.00 is owed; the receipt was read." in printed
    assert '"event": "PAYMENT_COMPLETED"' in printed
    assert "nothing found, the money is in order" in printed
    if shutil.which("hledger"):
        assert "hledger, on what carelane ledger export prints: the books are in order" in printed
