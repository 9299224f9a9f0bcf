"""bin/lint refuses a statement with a value in its text, whichever way the text was put together."""

import json
import subprocess
import sys
from pathlib import Path

from tests.style.source import ROOT

SECONDS = 120
# What must be refused says so; everything else must pass.
MODULE = """
from typing import LiteralString

from carelane.kit.db import Connection

_NAMES: LiteralString = "id, name"
_WHOLE: LiteralString = f"SELECT {_NAMES} FROM organizations WHERE id = %s" + " LIMIT 1"


async def run(conn: Connection, name: str) -> None:
    await conn.execute(_WHOLE, (name,))
    await conn.execute("SELECT " + _NAMES)
    await conn.execute("SELECT '" + name + "'")  # refused
    await conn.execute(f"SELECT '{name}'")  # refused
    await conn.execute("SELECT '%s'" % name)  # refused
    await conn.execute("SELECT '{}'".format(name))  # refused
    await conn.execute(" ".join(["SELECT", name]))  # refused
    async with conn.cursor() as cursor:
        await cursor.execute(_WHOLE, (name,))
        await cursor.execute(_WHOLE + name)  # refused
    assigned: LiteralString = name  # refused
    await conn.execute(_returned(assigned, name) + _returned(name, name))  # refused


def _returned(statement: LiteralString, name: str) -> LiteralString:
    return statement + name  # refused


class Kept:
    statement: LiteralString = ""

    def keep(self, name: str) -> None:
        self.statement = name  # refused
"""


def test_a_statement_with_a_value_in_its_text_is_refused(tmp_path: Path):
    file = tmp_path / "module.py"
    file.write_text(MODULE)
    command = [Path(sys.executable).with_name("basedpyright"), "--outputjson", file]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=SECONDS)
    found = {problem["range"]["start"]["line"] for problem in json.loads(done.stdout)["generalDiagnostics"]}
    assert found == {number for number, line in enumerate(MODULE.splitlines()) if line.endswith("# refused")}
