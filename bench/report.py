"""The table: what was measured, put beside the limit."""

import os
import platform
from collections.abc import Callable
from io import StringIO
from itertools import pairwise
from statistics import mean

import msgspec
from rich.console import Console
from rich.table import Table

from bench import flows
from bench.flows import Flows
from bench.limit import CLIENTS
from bench.load import CONNECTIONS, Answered

MAX_MEGABYTES = 130
MAX_START_SECONDS = 4.0


class Measured(msgspec.Struct, kw_only=True):
    """One row: turns of load and of pgbench. Without wrk there is no load."""

    name: str
    target: float | None
    # Of a cart that is created: how many lines it has.
    lines: int | None = None
    answered: list[Answered] = []
    limits: list[float] = []

    @property
    def per_second(self) -> float:
        return mean(turn.per_second for turn in self.answered)

    @property
    def requests(self) -> int:
        return sum(turn.requests for turn in self.answered)

    @property
    def server_cpu_microseconds(self) -> float:
        return sum(turn.server_cpu_seconds for turn in self.answered) / self.requests * 1e6

    @property
    def database_cpu_microseconds(self) -> float:
        return sum(turn.database_cpu_seconds for turn in self.answered) / self.requests * 1e6

    @property
    def limit_per_second(self) -> float:
        return mean(self.limits)

    def cells(self) -> list[str]:
        limit = f"{self.limit_per_second:,.0f}"
        if not self.answered:
            return [self.name, *["not measured"] * 7, limit, "not measured", self._wanted()]
        return [
            self.name,
            f"{self.per_second:,.0f}",
            f"{mean(turn.p50_milliseconds for turn in self.answered):.1f}",
            f"{mean(turn.p95_milliseconds for turn in self.answered):.1f}",
            f"{mean(turn.p99_milliseconds for turn in self.answered):.1f}",
            str(sum(turn.errors for turn in self.answered)),
            f"{self.server_cpu_microseconds:,.0f}",
            f"{self.database_cpu_microseconds:,.0f}",
            limit,
            f"{self.per_second / self.limit_per_second:.2f}",
            self._wanted(),
        ]

    def _wanted(self) -> str:
        return "" if self.target is None else f"≥ {self.target}"


class Report(msgspec.Struct, kw_only=True):
    rows: list[Measured] = []
    megabytes: list[tuple[float, float]] = []
    first_start_seconds: float = 0
    restart_seconds: float = 0
    flows: Flows = msgspec.field(default_factory=Flows)


_COLUMNS = ("request", "requests/s", "p50 ms", "p95 ms", "p99 ms", "errors", "server CPU µs", "database CPU µs",
            "pgbench tps", "share", "wanted")  # fmt: skip


def render(report: Report) -> str:
    out = Console(file=StringIO(), width=140)
    title = f"{os.cpu_count()} cores, Python {platform.python_version()}; wrk {CONNECTIONS} connections; pgbench {CLIENTS} clients"
    table = Table(title=title, title_justify="left")
    for column in _COLUMNS:
        table.add_column(column, justify="left" if column == "request" else "right")
    for row in report.rows:
        table.add_row(*row.cells())
    if report.rows:
        out.print(table)
    for line in _growths(report.rows):
        out.print(line, markup=False, highlight=False, soft_wrap=True)
    for number, (rss, pss) in enumerate(report.megabytes, start=1):
        out.print(
            f"server process {number}: {rss:.0f} MB resident, {pss:.0f} MB proportional (wanted: < {MAX_MEGABYTES})"
        )
    if report.first_start_seconds:
        out.print(f"first start to first 200: {report.first_start_seconds:.2f} s (wanted: < {MAX_START_SECONDS:.0f} s)")
        out.print(f"restart to first 200: {report.restart_seconds:.2f} s")
    for line in flows.lines(report.flows):
        out.print(line, markup=False, highlight=False, soft_wrap=True)
    assert isinstance(out.file, StringIO)
    return out.file.getvalue().rstrip()


def _growths(rows: list[Measured]) -> list[str]:
    counted = [row for row in rows if row.lines is not None and row.answered]
    made = ("create cart", "create charge")
    return [line for what in made for line in _growth(what, [row for row in counted if row.name.startswith(what)])]


def _growth(made: str, rows: list[Measured]) -> list[str]:
    """How much more carts or charges of more lines cost than those of the first row, by what is counted."""
    costs: dict[str, Callable[[Measured], float]] = {
        "time": lambda row: 1e6 / row.per_second,
        "server CPU": lambda row: row.server_cpu_microseconds,
        "database CPU": lambda row: row.database_cpu_microseconds,
        "time of pgbench": lambda row: 1e6 / row.limit_per_second,
    }
    if len(rows) < 2:
        return []
    return [f"{made}, by lines:", *(f"  {name}: {_grown(rows, cost)}" for name, cost in costs.items())]


def _grown(rows: list[Measured], cost: Callable[[Measured], float]) -> str:
    """`cost` is in µs."""
    first, texts = rows[0], []
    for before, row in pairwise(rows):
        each = (cost(row) - cost(before)) / ((row.lines or 0) - (before.lines or 0))
        texts.append(f"{row.lines} lines {cost(row) / cost(first):.1f} times as much, each further line {each:,.0f} µs")
    return "; ".join(texts)
