"""Running a command that ends by itself, as a person would."""

import os
import subprocess
import sys
from pathlib import Path

SECONDS = 120


def run(*arguments: str | Path, cwd: Path | None = None, **settings: str | Path) -> subprocess.CompletedProcess[str]:
    """`settings` are CARELANE_ variables, in lower case without the prefix; other variables in upper case."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CARELANE_")}
    environment |= {
        name if name.isupper() else f"CARELANE_{name.upper()}": str(value) for name, value in settings.items()
    }
    command = [sys.executable, "-m", "carelane", *map(str, arguments)]
    return subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=SECONDS, env=environment, cwd=cwd
    )


def refusal(done: subprocess.CompletedProcess[str]) -> str:
    """What the person is told: one line, and exit code 2."""
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    (line,) = done.stderr.splitlines()
    return line.removeprefix("carelane: ")
