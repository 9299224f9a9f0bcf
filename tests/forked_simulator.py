"""The real simulators, each in a forked process on a free port."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.forked import start

START_SECONDS = 60
STOP_SECONDS = 15
LOOK_SECONDS = 0.05


@contextmanager
def running(command: str, ready: str, options: dict[str, float | str]) -> Iterator[str]:
    """Its URL, which follows `ready` in what it prints. `options` are those of the command, such as slow=2."""
    arguments = [command, "--port", "0"]
    for name, value in options.items():
        arguments += [f"--{name.replace('_', '-')}", str(value)]
    with TemporaryDirectory() as name:
        out, err = Path(name, "out"), Path(name, "err")
        out.touch()
        process = start(tuple(arguments), os.environ, out, err, Path.cwd())
        deadline = time.monotonic() + START_SECONDS
        try:
            while not (printed := out.read_text()).endswith("\n"):
                assert process.is_alive(), f"the simulator ended with exit code {process.exitcode}: {err.read_text()}"
                assert time.monotonic() < deadline, "the simulator was not ready in time"
                time.sleep(LOOK_SECONDS)
            assert printed.startswith(ready), printed
            yield printed.splitlines()[0].removeprefix(ready)
        finally:
            if process.is_alive() and process.pid is not None:
                os.kill(process.pid, signal.SIGTERM)
            process.join(STOP_SECONDS)
            assert process.exitcode is not None, "the simulator did not stop"
