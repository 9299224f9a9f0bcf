"""Running what the documents tell people to run: shell lines, and our own command line."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.docs.pages import ROOT

COMMAND_SECONDS = 120
# `carelane` and `python` on the pages are those of the environment that the tests run in.
_PROGRAMS = Path(sys.executable).parent


def run_shell(script: str, folder: Path, **variables: str) -> str:
    """What the lines print, run by bash in `folder` as a person would; the first line that fails ends them."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=environment(variables),
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Ours without any CARELANE_ setting, and with the pages' programs on the path."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CARELANE_", "PG"))}
    return kept | {"PATH": f"{_PROGRAMS}:{kept['PATH']}", "PYTHONPATH": str(ROOT)} | dict(variables)
