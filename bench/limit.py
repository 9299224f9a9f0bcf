"""pgbench: 8 clients that send the recorded statements and do nothing else. What the database could do at most."""

import re
import subprocess
from pathlib import Path

import msgspec
import psycopg
from psycopg.adapt import PyFormat, Transformer

from bench.recording import Statement, Trip
from carelane.kit.embedded_postgres import EmbeddedPostgres, bin_folder

CLIENTS = 8
THREADS = 2

_NULL = "@null"
_PLACEHOLDER = re.compile(r"%\((\w+)\)s|%s")
# pgbench takes `:true` in a JSON text for a variable of its own; a space keeps it from that, and JSON does not mind.
_COLON_AND_WORD = re.compile(r":(?=[^\W\d])")


class Change(msgspec.Struct, frozen=True):
    """A piece of the recorded values that must be another one in each transaction: `marker` becomes `:variable`."""

    marker: str
    variable: str


class Script(msgspec.Struct, frozen=True, kw_only=True):
    text: str
    values: dict[str, str]


class _Writer:
    """Turns statements into a pgbench script; values stay parameters, as they are for the server."""

    def __init__(self, conn: psycopg.Connection, changes: list[Change]) -> None:
        self._conn = conn
        self._changes = changes
        self._transformer = Transformer(conn)
        self.values: dict[str, str] = {}
        self._count = 0

    def statement(self, statement: Statement) -> str:
        self._count += 1
        names = _names(statement)
        if not names:
            return statement.text.strip().replace("%%", "%") + ";"
        types = dict(zip(names, self._types(statement, names), strict=True))
        numbers = iter(range(1, len(names) + 1))

        def parameter(found: re.Match[str]) -> str:
            name = found[1] or f"p{next(numbers)}"
            return self._parameter(f"s{self._count}_{name}", statement.values[name], types[name])

        return _PLACEHOLDER.sub(parameter, statement.text.strip()).replace("%%", "%") + ";"

    def _parameter(self, variable: str, value: object, type_name: str) -> str:
        if value is None:
            # pgbench sends text only; this is still a parameter, so the plan is the server's.
            self.values[variable] = _NULL
            return f"nullif(:{variable}, '{_NULL}')::{type_name}"
        text = self.values[variable] = self._text(value)
        expression = f":{variable}"
        for change in self._changes:
            if change.marker in text:
                expression = f"replace({expression}, '{change.marker}', :{change.variable})"
        return expression if expression == f":{variable}" and type_name == "json" else f"({expression})::{type_name}"

    def _text(self, value: object) -> str:
        dumped = self._transformer.get_dumper(value, PyFormat.TEXT).dump(value)
        return _COLON_AND_WORD.sub(": ", bytes(dumped or b"").decode())

    def _types(self, statement: Statement, names: list[str]) -> list[str]:
        """What PostgreSQL takes each parameter for; pgbench itself sends text without a type."""
        numbers = {name: number for number, name in enumerate(names, start=1)}
        positions = iter(range(1, len(names) + 1))
        text = _PLACEHOLDER.sub(lambda found: f"${numbers[found[1]] if found[1] else next(positions)}", statement.text)
        self._conn.execute(f"PREPARE recorded AS {text}".encode())
        row = self._conn.execute(
            "SELECT parameter_types::text[] FROM pg_prepared_statements WHERE name = 'recorded'"
        ).fetchone()
        self._conn.execute("DEALLOCATE recorded")
        assert row is not None
        return list(row[0])


def _names(statement: Statement) -> list[str]:
    found = [match[1] for match in _PLACEHOLDER.finditer(statement.text)]
    return (
        [name or f"p{number}" for number, name in enumerate(found, start=1)]
        if None in found
        else [*dict.fromkeys(found)]
    )


def write_script(database: EmbeddedPostgres, trips: list[Trip], changes: list[Change], before: list[str]) -> Script:
    """The script of one request: one pipeline per round trip, as the server does it. `before` sets the variables."""
    with psycopg.connect(database.application_url, autocommit=True) as conn:
        writer = _Writer(conn, changes)
        lines = list(before)
        for trip in trips:
            lines += ["\\startpipeline", *(writer.statement(statement) for statement in trip), "\\endpipeline"]
    return Script(text="\n".join(lines) + "\n", values=writer.values)


def run(database: EmbeddedPostgres, script: Script, folder: Path, seconds: float, first_number: int) -> float:
    """Transactions per second. `first_number` starts `:n`, which scripts count up to make new values."""
    file = folder / "pgbench.sql"
    file.write_text(script.text)
    command = [str(bin_folder() / "pgbench"), "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", str(THREADS)]
    command += ["-T", str(max(1, round(seconds))), "-f", str(file), "-D", f"n={first_number}"]
    for name, text in script.values.items():
        command += ["-D", f"{name}={text}"]
    done = subprocess.run([*command, database.application_url], check=False, capture_output=True, text=True)
    found = re.search(r"^tps = ([0-9.]+)", done.stdout, re.MULTILINE)
    if done.returncode != 0 or found is None:
        raise RuntimeError(f"pgbench failed: {done.stderr[-2000:]}")
    return float(found[1])
