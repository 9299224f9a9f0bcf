"""Servers and worker are forked from a loader. It is replaced as they are, and where forks are not safe they start without."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator

import httpx
import psutil
import pytest

from carelane.processes import loader
from carelane.processes.heartbeat import BEAT_SECONDS, MAX_SILENT_BEATS
from tests.processes.waiting import until
from tests.server import RunningServer, prepared, running_program

ENOUGH_SECONDS = 4 * BEAT_SECONDS * MAX_SILENT_BEATS
_KINDS = ("loader", "starter", "server", "worker")
_WITHOUT_FORKS = """
from carelane.processes import loading
loading.FORKS = False
from carelane.cli import main
main()
"""


def processes(supervisor: int) -> dict[str, psutil.Process]:
    """What it runs, by kind; of the servers there is one."""
    found = psutil.Process(supervisor).children(recursive=True)
    return {kind: child for child in found for kind in _KINDS if kind in command(child)}


def command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def all_of(supervisor: int) -> dict[str, psutil.Process] | None:
    found = processes(supervisor)
    return found if len(found) == 3 else None


def other_than(supervisor: int, before: dict[str, psutil.Process]) -> dict[str, psutil.Process] | None:
    found = all_of(supervisor)
    return found if found and not set(found.values()) & set(before.values()) else None


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health/ready", timeout=20).status_code == 200
    except httpx.HTTPError:
        return False


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """Each test waits until all that it runs is there."""
    with running_program(prepared(tmp_path_factory.mktemp("loader") / "data"), "--workers", "1") as running:
        yield running


@pytest.mark.skipif(sys.platform != "linux", reason="forks are safe on Linux only")
def test_children_are_forked_and_have_their_names_and_sessions(served):
    found = until(lambda: all_of(served.process.pid), ENOUGH_SECONDS)
    loader = found["loader"]
    for kind in ("server", "worker"):
        assert found[kind].ppid() == loader.pid
        # Ctrl-C at the terminal reaches the supervisor alone, which decides who stops when.
        assert os.getsid(found[kind].pid) == found[kind].pid
    assert os.getsid(loader.pid) == loader.pid
    assert loader.num_threads() == 1


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_loader_that_ends_is_replaced_with_its_children(served, number):
    before = until(lambda: all_of(served.process.pid), ENOUGH_SECONDS)
    before["loader"].send_signal(number)
    until(lambda: other_than(served.process.pid, before), ENOUGH_SECONDS)
    psutil.wait_procs(before.values(), timeout=10)
    assert not any(process.is_running() for process in before.values())
    until(lambda: answers(served.url), ENOUGH_SECONDS)


def test_a_loader_that_hangs_is_replaced_once_a_child_is_missed(served):
    before = until(lambda: all_of(served.process.pid), ENOUGH_SECONDS)
    # Whoever asks the database is past its start.
    until(lambda: before["worker"].net_connections("all"))
    before["loader"].suspend()
    before["server"].kill()
    until(lambda: other_than(served.process.pid, before), ENOUGH_SECONDS)
    until(lambda: answers(served.url), ENOUGH_SECONDS)


def test_without_forks_each_child_is_a_program_and_is_replaced(tmp_path):
    folder = prepared(tmp_path / "data")
    options = ["serve", "--port", "0", "--workers", "1", "--data-dir", str(folder)]
    environment = os.environ | {"XDG_STATE_HOME": str(tmp_path)}
    started = [sys.executable, "-c", _WITHOUT_FORKS, *options]
    with subprocess.Popen(
        started, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, text=True
    ) as own:
        try:
            url = until(lambda: own.stdout and own.stdout.readline()).split()[-1]
            before = until(lambda: all_of(own.pid), ENOUGH_SECONDS)
            assert set(before) == {"starter", "server", "worker"}
            for kind in ("server", "worker"):
                before[kind].kill()
            began = set(before.values()) - {before["starter"]}
            until(lambda: (found := all_of(own.pid)) and not began & set(found.values()), ENOUGH_SECONDS)
            until(lambda: answers(url), ENOUGH_SECONDS)
        finally:
            own.send_signal(signal.SIGTERM)
            assert own.wait(30) == 0
    assert not any(process.is_running() for process in before.values())


def test_where_the_system_makes_no_process_the_asker_hears_it_and_the_loader_goes_on(monkeypatch):
    def refuse() -> int:
        raise BlockingIOError("no more processes")

    monkeypatch.setattr(os, "fork", refuse)
    handler = signal.getsignal(signal.SIGCHLD)
    requests, asker = socket.socketpair()
    told, teller = socket.socketpair()
    heartbeat, child_end = socket.socketpair()
    try:
        forks = loader._Loader(requests, [])
        assert forks._fork(teller.detach(), child_end.detach()) is False
        for end in (told, heartbeat):
            end.settimeout(1)
            assert end.recv(1) == b""
    finally:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, handler)
        for end in (requests, asker, told, heartbeat):
            end.close()
