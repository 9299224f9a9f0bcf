"""What the tests' own hooks promise."""

import os
import subprocess
import sys

import pytest

from tests.order import LONGEST_FIRST
from tests.style.source import ROOT, none_of

SKIPPED = """
import pytest

@pytest.mark.skip(reason="there is no such thing here")
def test_nothing():
    pass
"""


@pytest.mark.parametrize(("ci", "code"), [("1", 1), ("", 0)])
def test_in_ci_nothing_may_be_skipped(tmp_path, ci, code):
    (tmp_path / "test_skipped.py").write_text(SKIPPED)
    # A folder of its own: pytest would shut everybody else, PostgreSQL too, out of the one that all have.
    own = ["--basetemp", str(tmp_path / "own")]
    command = [sys.executable, "-m", "pytest", "-c", "pyproject.toml", "-p", "tests.order", *own, str(tmp_path)]
    environment = os.environ | {"CI": ci}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout
    assert ("nothing may be skipped" in done.stdout) == bool(code)
    assert "there is no such thing here" in done.stdout


def test_the_longest_files_are_there():
    none_of(name for name in LONGEST_FIRST if not (ROOT / "tests" / name).is_file())
