"""Running a command that ends by itself, as a person would."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.forked import start

SECONDS = 120


def run(*arguments: str | Path, cwd: Path | None = None, **settings: str | Path) -> subprocess.CompletedProcess[str]:
    """The command line in a forked process. `settings` are CARELANE_ variables, in lower case without the prefix; other variables
    in upper case."""
    given = tuple(map(str, arguments))
    with TemporaryDirectory() as name:
        out, err = Path(name, "out"), Path(name, "err")
        process = start(given, environment_with(settings), out, err, cwd or Path.cwd())
        process.join(SECONDS)
        code = process.exitcode
        if code is None:
            process.kill()
            raise subprocess.TimeoutExpired(given, SECONDS)
        return subprocess.CompletedProcess(given, code, out.read_text(), err.read_text())


def run_program(
    *arguments: str | Path, cwd: Path | None = None, **settings: str | Path
) -> subprocess.CompletedProcess[str]:
    """The same as a person starts it."""
    command = [sys.executable, "-m", "carelane", *map(str, arguments)]
    return subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=SECONDS, env=environment_with(settings), cwd=cwd
    )


def environment_with(settings: Mapping[str, str | Path]) -> dict[str, str]:
    """Ours without any CARELANE_ setting, and with these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CARELANE_")}
    return kept | {
        name if name.isupper() else f"CARELANE_{name.upper()}": str(value) for name, value in settings.items()
    }


def refusal(done: subprocess.CompletedProcess[str]) -> str:
    """What the person is told: one line, and exit code 2."""
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    (line,) = done.stderr.splitlines()
    return line.removeprefix("carelane: ")
