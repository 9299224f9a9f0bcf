"""Starting the real `carelane pharmacy-simulator` on a free port, and stopping it."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

READY = "The pharmacy simulator is ready on "
STOP_SECONDS = 15


@contextmanager
def running_simulator(**options: float | str) -> Iterator[str]:
    """Its URL. `options` are those of the command, such as ship_after=0.1 or secret="shared"."""
    command = [sys.executable, "-m", "carelane", "pharmacy-simulator", "--port", "0"]
    for name, value in options.items():
        command += [f"--{name.replace('_', '-')}", str(value)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield _wait_until_ready(process)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(STOP_SECONDS)
        assert process.stdout is not None
        process.stdout.close()


def _wait_until_ready(process: subprocess.Popen[Any]) -> str:
    assert process.stdout is not None
    line = str(process.stdout.readline())
    assert line.startswith(READY), f"the simulator ended with exit code {process.wait(STOP_SECONDS)}: {line}"
    return line.removeprefix(READY).strip()
