"""A process that is there and does nothing is replaced."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import psutil

from carelane.processes.heartbeat import BEAT_SECONDS, MAX_SILENT_BEATS
from tests.processes.waiting import until
from tests.server import RunningServer, prepared, running_program

ENOUGH_SECONDS = 4 * BEAT_SECONDS * MAX_SILENT_BEATS


def children(server: RunningServer) -> dict[str, psutil.Process]:
    """The server process and the worker."""
    found = psutil.Process(server.process.pid).children(recursive=True)
    return {kind: child for child in found for kind in ("server", "worker") if kind in child.cmdline()}


def hung(server: RunningServer) -> set[object]:
    lines = Path(f"{server.data_dir}.log").read_text().splitlines()
    return {line["name"] for line in map(json.loads, lines) if line["event"] == "child_hung"}


def test_processes_that_hang_are_replaced_and_others_are_left_alone(tmp_path):
    with running_program(prepared(tmp_path / "data"), "--workers", "1") as server:
        before = until(lambda: len(children(server)) == 2 and children(server))
        # Whoever asks the database is past its start.
        until(lambda: all(child.net_connections("all") for child in before.values()))
        for child in before.values():
            child.send_signal(signal.SIGSTOP)
        until(lambda: hung(server) == {"server 1", "worker"}, ENOUGH_SECONDS)
        after = until(lambda: len(children(server)) == 2 and children(server))
        assert not {child.pid for child in after.values()} & {child.pid for child in before.values()}
        # Whoever connected meanwhile was not refused: the socket is the supervisor's.
        assert httpx.get(f"{server.url}/health/ready", timeout=30).status_code == 200
        until(lambda: httpx.get(f"{server.url}/health/live", timeout=5).status_code == 200)
        assert {child.pid for child in children(server).values()} == {child.pid for child in after.values()}


def test_a_parent_that_slept_takes_nobody_for_dead():
    """Everything stood still for longer than a child may be silent, as when a machine was suspended."""
    code = (
        "import asyncio, time\n"
        "from carelane.processes import heartbeat\n"
        "heartbeat.BEAT_SECONDS, heartbeat.MAX_SILENT_BEATS = 0.05, 3\n"
        "async def main():\n"
        "    mine = heartbeat.Heartbeat()\n"
        "    beating = asyncio.create_task(heartbeat.keep_beating(mine.child_end))\n"
        "    listening = asyncio.create_task(mine.until_silent())\n"
        "    await asyncio.sleep(0.2); time.sleep(1); await asyncio.sleep(0.2)\n"
        "    print(listening.done()); beating.cancel()\n"
        "    await asyncio.wait_for(listening, 2); print(listening.done())\n"
        "asyncio.run(main())"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True
    ).stdout
    assert printed.split() == ["False", "True"]
