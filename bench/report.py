"""The table: what was measured, put beside the limit."""

import os
import platform
from io import StringIO
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
    answered: list[Answered] = []
    limits: list[float] = []

    @property
    def per_second(self) -> float:
        return mean(turn.per_second for turn in self.answered)

    @property
    def limit_per_second(self) -> float:
        return mean(self.limits)

    def cells(self) -> list[str]:
        limit = f"{self.limit_per_second:,.0f}"
        if not self.answered:
            return [self.name, *["not measured"] * 7, limit, "not measured", self._wanted()]
        requests = sum(turn.requests for turn in self.answered)
        return [
            self.name,
            f"{self.per_second:,.0f}",
            f"{mean(turn.p50_milliseconds for turn in self.answered):.1f}",
            f"{mean(turn.p95_milliseconds for turn in self.answered):.1f}",
            f"{mean(turn.p99_milliseconds for turn in self.answered):.1f}",
            str(sum(turn.errors for turn in self.answered)),
            f"{sum(turn.server_cpu_seconds for turn in self.answered) / requests * 1e6:,.0f}",
            f"{sum(turn.database_cpu_seconds for turn in self.answered) / requests * 1e6:,.0f}",
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
