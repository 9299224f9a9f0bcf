"""Log lines: one JSON object each, whoever speaks."""

import json
import subprocess
import sys

SPEAKING = """
import warnings
from carelane.kit import logs
logs.configure("server")
warnings.warn("quotes a secret")
"""


def test_a_warning_of_python_is_a_line_like_any_other_and_quotes_nothing():
    ended = subprocess.run([sys.executable, "-c", SPEAKING], capture_output=True, text=True, check=True)
    (line,) = [json.loads(line) for line in ended.stderr.splitlines()]
    assert (line["event"], line["name"], line["process"]) == ("library_message", "py.warnings", "server")
    assert "secret" not in ended.stderr
