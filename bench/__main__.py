"""Prints the table. See `python -m bench --help`, and docs/design/performance.md for what it means."""

import argparse
import asyncio
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from itertools import count
from pathlib import Path

from bench import carts, flows, limit, load, rows, sales, sample, server
from bench.growth.report import growth
from bench.report import Measured, Report, render
from bench.rows import Row
from bench.server import Server

# Long enough for PostgreSQL to settle on its plans, and for the pools to fill.
WARM_UP_SECONDS = 3
# Load and limit take turns, so that a slow moment of the machine meets both.
TURNS = 2


def main() -> None:
    parser = argparse.ArgumentParser(prog="bin/bench", description="Measures Carelane beside the limit of the machine.")
    parser.add_argument("--seconds", type=float, default=8, help="seconds of load, and of pgbench, for each row")
    parser.add_argument("--save", type=Path, metavar="FILE", help="also writes the table into FILE")
    parser.add_argument("--only", metavar="TEXT", help="only rows whose name contains TEXT")
    parser.add_argument(
        "--growth", action="store_true", help="instead: every read at two sizes, and the plans that read whole tables"
    )
    parser.add_argument("--cases", type=int, nargs=2, default=[10_000, 1_000_000], metavar="N", help="the two sizes")
    parser.add_argument(
        "--folder", type=Path, help="where their databases are, and stay; 2.5 GB for each 100,000 cases"
    )
    options = parser.parse_args()
    if options.growth:
        _grow(options)
        return
    if not load.ensure_wrk():
        sys.stderr.write("wrk is not installed, so there is no load: requests/s, times and CPU cannot be measured.\n")
    with _folder() as folder:
        report = _measure(folder, options.seconds, options.only or "")
    text = render(report)
    print(text)
    if options.save is not None:
        options.save.write_text(text + "\n")


def _grow(options: argparse.Namespace) -> None:
    with nullcontext(options.folder) if options.folder is not None else _folder() as folder:
        folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        text = growth(folder, options.cases, options.only or "")
    print(text)
    if options.save is not None:
        options.save.write_text(text + "\n")


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="carelane-bench-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _measure(folder: Path, seconds: float, only: str) -> Report:
    report = Report()
    if any(only in name for name in rows.NAMES):
        _measure_requests(report, folder, seconds, only)
    if any(only in name for name in (*carts.NAMES, *sales.NAMES)):
        _measure_carts(report, folder, seconds, only)
    if flows.wanted(only):
        _say(", ".join(flows.wanted(only)))
    report.flows = flows.measure(folder, seconds, only)
    return report


def _measure_requests(report: Report, folder: Path, seconds: float, only: str) -> None:
    with server.running(folder / "data", "--no-worker") as running:
        report.first_start_seconds = running.seconds_to_first_200
        _say("inserting the sample cases")
        sample.insert(running)
        for row in asyncio.run(_rows(running, folder)):
            if only in row.name:
                report.rows.append(_measure_row(running, row, folder, seconds))
        report.megabytes = server.megabytes(running.servers())
    with server.running(folder / "data", "--no-worker") as running:
        report.restart_seconds = running.seconds_to_first_200
    # A database of its own: here the worker would first work off what it was not there for.
    with server.running(folder / "with-worker") as running:
        row = asyncio.run(rows.create_case(running, folder, rows.WITH_WORKER))
        if only in row.name:
            report.rows.append(_measure_row(running, row, folder, seconds))


def _measure_carts(report: Report, folder: Path, seconds: float, only: str) -> None:
    """On a server of its own, so that neither sample is in the other's way."""
    with server.running(folder / "carts", "--no-worker") as running:
        _say("inserting the sample carts")
        carts.insert(running)
        report.rows += [_measure_row(running, row, folder, seconds) for row in carts.rows(running, folder, only)]
        report.rows += [_measure_row(running, row, folder, seconds) for row in sales.rows(running, folder, only)]


async def _rows(running: Server, folder: Path) -> list[Row]:
    return [
        await rows.create_case(running, folder),
        await rows.dynamic_case(running, folder),
        await rows.case_detail(running),
        await rows.case_list(running, 20),
        await rows.case_list(running, 100),
        await rows.page(running, "bundle list", rows.BUNDLES),
        await rows.page(running, "bundle, both forms", rows.BUNDLE.format(running.clinic.bundle_id)),
        await rows.public_info(running, folder),
        await rows.public_info(running, folder, rows.PUBLIC_INFO_ANEW),
        await rows.send_code(running, folder),
    ]


def _measure_row(running: Server, row: Row, folder: Path, seconds: float) -> Measured:
    measured = Measured(name=row.name, target=row.target, lines=row.lines)
    has_wrk, runs = shutil.which("wrk") is not None, count()
    _say(f"{row.name}: warming up")
    if has_wrk:
        load.run(running, row.load, WARM_UP_SECONDS, next(runs) * row.numbers_each)
    _limit(running, row, folder, 1, next(runs))
    for turn in range(1, TURNS + 1):
        _say(f"{row.name}: turn {turn} of {TURNS}")
        if has_wrk:
            measured.answered.append(load.run(running, row.load, seconds / TURNS, next(runs) * row.numbers_each))
        measured.limits.append(_limit(running, row, folder, seconds / TURNS, next(runs)))
    return measured


def _limit(running: Server, row: Row, folder: Path, seconds: float, run: int) -> float:
    """Each run counts on from its own 100,000, so that no run meets another's values."""
    return limit.run(running.database, row.script, folder, seconds, row.first + run * 100_000)


def _say(text: str) -> None:
    sys.stderr.write(f"bench: {text}\n")


if __name__ == "__main__":
    main()
