"""A process that may open few files: callers take turns, and the log says why."""

import json
import os
import subprocess
import sys

from tests.processes.waiting import until
from tests.safety.test_connections import HEAD, connected, is_well, read_all
from tests.server import RunningServer


def test_with_few_open_files_callers_take_turns_and_the_log_says_why(tmp_path):
    """64 files for each process: some callers are told to come again, and none is left without an answer."""
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64));"
        "sys.argv[0] = 'carelane'; from carelane.cli import main; main()"
    )
    command = [
        sys.executable,
        "-c",
        code,
        "serve",
        "--port",
        "0",
        "--data-dir",
        str(tmp_path / "data"),
        "--workers",
        "1",
    ]
    environment = os.environ | {"CARELANE_PATIENCE_SECONDS": "1"}
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            [*command, "--no-worker"], stdout=subprocess.PIPE, stderr=log, text=True, env=environment
        )
        try:
            url = next(line for line in process.stdout if "ready" in line).split()[-1]
            server = RunningServer(url, tmp_path / "data", process, {})
            with connected(server, HEAD, count=60) as callers:
                statuses = {read_all(caller)[9:12] for caller in callers[-5:]}
            assert statuses <= {b"503", b"408"}
            assert is_well(server)
            events = [json.loads(line)["event"] for line in (tmp_path / "log").read_text().splitlines()]
            assert "few_open_files" in events
            assert until(lambda: "connections_refused" in (tmp_path / "log").read_text(), 15)
        finally:
            process.terminate()
            process.wait(30)
            process.stdout.close()
