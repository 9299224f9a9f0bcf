"""What follows a case: its assignment, and the webhooks about it. How much of the storefront's speed the worker costs, how soon
everything is done at a steady pace, and how fast a backlog goes.

The worker is suspended in the turns without it, so that both kinds of turn meet the same server, database and machine.
"""

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import mean
from typing import LiteralString
from uuid import UUID, uuid4

import aiohttp
import msgspec
import psutil  # type: ignore[import-untyped]
import psycopg

from bench import load, outside, rows
from bench.outside import Outside
from bench.rows import Row
from bench.server import Server

TURNS = 3
PACE_PER_SECOND = 300
PACE_SECONDS = 60
BACKLOG = 20_000
# Wanted: cases a second over load and drain with the worker, of those without; the last thing about a case; a backlog.
WANTED_SHARE = 0.8
WANTED_SECONDS = 2.0
WANTED_PER_SECOND = 1_000.0
# A fault must not let the bench run for ever.
MOST_SECONDS = 180.0
_LOOK_SECONDS = 0.05

_HIRE: LiteralString = """
INSERT INTO staff (organization_id, id, email, first_name, last_name, role, takes_cases)
SELECT %s, gen_random_uuid(), 'bench-' || n || '@example.com', 'Ada', 'Berg', 'CASEWORKER', true FROM generate_series(1, 5) n
"""
# Of events, cases without anybody, and deliveries.
_WAITING: LiteralString = """
SELECT (SELECT count(*) FROM (SELECT FROM events WHERE dispatched_at IS NULL LIMIT 1) e)
  + (SELECT count(*) FROM (SELECT FROM cases WHERE organization_id = %(id)s AND status = 'OPEN' AND NOT is_archived LIMIT 1) c)
  + (SELECT count(*) FROM (SELECT FROM webhook_deliveries WHERE organization_id = %(id)s AND status = 'PENDING' LIMIT 1) d)
"""
_USED: LiteralString = """
SELECT pg_stat_clear_snapshot(), (SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()),
  (SELECT coalesce(sum(fsyncs), 0) FROM pg_stat_io WHERE object = 'wal')
"""
_DELAYS: LiteralString = """
SELECT extract(epoch FROM max(c.assigned_at - c.created_at)), extract(epoch FROM max(d.created_at - e.created_at)),
  extract(epoch FROM max(d.delivered_at - e.created_at)), count(*), count(c.assigned_at), count(d.delivered_at)
FROM cases c JOIN events e ON e.organization_id = c.organization_id AND e.case_id = c.id AND e.type = 'CREATE_CASE'
LEFT JOIN webhook_deliveries d ON d.organization_id = e.organization_id AND d.event_id = e.id
WHERE c.organization_id = %s AND c.created_at > to_timestamp(%s)
"""


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """`drain_seconds` after the load until nothing waited; 0 without the worker. CPU, commits and syncs are for each case."""

    cases: int
    seconds: float
    drain_seconds: float
    cpu_milliseconds: dict[str, float]
    commits: float
    wal_syncs: float

    @property
    def per_second(self) -> float:
        return self.cases / (self.seconds + self.drain_seconds)


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds from the slowest case's creation."""

    created: int
    seconds: float
    assigned_seconds: float
    made_seconds: float
    delivered_seconds: float


class Following(msgspec.Struct, kw_only=True):
    without: list[Turn] = []
    beside: list[Turn] = []
    pace: Pace | None = None
    # Cases a second, of what the turns without the worker left behind.
    drained_per_second: list[float] = []
    backlog: int = 0
    backlog_per_second: float = 0.0


def measure(here: Outside, folder: Path, seconds: float) -> Following:
    measured = Following()
    organization_id = UUID(here.server.clinic.organization_id)
    row = asyncio.run(rows.create_case(here.server, folder))
    with psycopg.connect(here.server.database.owner_url, autocommit=True) as conn:
        conn.execute(_HIRE, (organization_id,))
        _wait_for_drain(conn, organization_id)
        _turn(conn, here, row, organization_id, 3, 0)
        for number in range(1, TURNS + 1):
            with suspended(here.server):
                turn = _turn(conn, here, row, organization_id, seconds, 2 * number, is_drained=False)
                measured.without.append(turn)
            measured.drained_per_second.append(turn.cases / _wait_for_drain(conn, organization_id))
            measured.beside.append(_turn(conn, here, row, organization_id, seconds, 2 * number + 1))
        with suspended(here.server):
            measured.backlog = _make_backlog(here, row)
        measured.backlog_per_second = measured.backlog / _wait_for_drain(conn, organization_id)
        endpoint_id = outside.add_endpoint(here, "new cases", "EVENT_ONLY", ["CREATE_CASE"])
        measured.pace = _pace(conn, here, folder, organization_id)
    outside.switch_off(here, endpoint_id)
    return measured


@contextmanager
def suspended(server: Server) -> Iterator[None]:
    """The worker, only while nothing waits: then it holds no locks. With it the supervisor, which would replace it: it counts its
    own looks, and wakes up last."""
    (worker,) = server.workers()
    asleep = [psutil.Process(server.process.pid), worker]
    for process in asleep:
        process.suspend()
    try:
        yield
    finally:
        for process in reversed(asleep):
            process.resume()


def _turn(
    conn: psycopg.Connection,
    here: Outside,
    row: Row,
    organization_id: UUID,
    seconds: float,
    run: int,
    *,
    is_drained: bool = True,
) -> Turn:
    clocks, before = here.clocks(), _used(conn)
    answered = load.run(here.server, row.load, seconds, run)
    drain_seconds = _wait_for_drain(conn, organization_id) if is_drained else 0.0
    cpu = {name: clock.seconds() / answered.requests * 1_000 for name, clock in clocks.items()}
    # PostgreSQL's processes tell what they did up to a second later.
    time.sleep(1.5)
    commits, syncs = (after - earlier for after, earlier in zip(_used(conn), before, strict=True))
    return Turn(
        cases=answered.requests,
        seconds=answered.seconds,
        drain_seconds=drain_seconds,
        cpu_milliseconds=cpu,
        commits=commits / answered.requests,
        wal_syncs=syncs / answered.requests,
    )


def _used(conn: psycopg.Connection) -> tuple[int, int]:
    _, commits, syncs = conn.execute(_USED).fetchone() or (None, 0, 0)
    return int(commits), int(syncs)


def _wait_for_drain(conn: psycopg.Connection, organization_id: UUID) -> float:
    began = time.monotonic()
    while (conn.execute(_WAITING, {"id": organization_id}).fetchone() or (0,))[0] > 0:
        if time.monotonic() - began > MOST_SECONDS:
            raise RuntimeError(f"after {MOST_SECONDS:.0f} s something still waits for the worker")
        time.sleep(_LOOK_SECONDS)
    return time.monotonic() - began


def _make_backlog(here: Outside, row: Row) -> int:
    count, run = 0, 1_000
    while count < BACKLOG:
        count += load.run(here.server, row.load, 10, run).requests
        run += 1
    return count


def _pace(conn: psycopg.Connection, here: Outside, folder: Path, organization_id: UUID) -> Pace:
    began = time.time()
    created, seconds = asyncio.run(_create_steadily(here, json.loads((folder / "create-case.json").read_text())))
    _wait_for_drain(conn, organization_id)
    found = conn.execute(_DELAYS, (organization_id, began)).fetchone()
    assert found is not None
    assigned, made, delivered, *counts = found
    if set(counts) != {created}:
        raise RuntimeError(f"of {created} cases, {counts} are there, assigned and delivered")
    return Pace(
        created=created,
        seconds=seconds,
        assigned_seconds=float(assigned),
        made_seconds=float(made),
        delivered_seconds=float(delivered),
    )


async def _create_steadily(here: Outside, case: dict[str, object]) -> tuple[int, float]:
    """One request each 1/PACE_PER_SECOND s, answered or not. Every one must be answered with 200."""
    run, count = uuid4().hex, PACE_PER_SECOND * PACE_SECONDS
    text = json.dumps(case)
    headers = {**here.server.clinic.headers, "content-type": "application/json"}
    async with aiohttp.ClientSession(here.server.url, headers=headers) as client, asyncio.TaskGroup() as group:

        async def create(number: int) -> None:
            body = text.replace("@@EMAIL@@", f"steady-{run}-{number}@example.com")
            async with client.post("/api/v1/cases", data=body) as answer:
                answer.raise_for_status()

        began = time.perf_counter()
        for number in range(count):
            await asyncio.sleep(max(0.0, began + number / PACE_PER_SECOND - time.perf_counter()))
            group.create_task(create(number))
    return count, time.perf_counter() - began


def lines(measured: Following) -> list[str]:
    shares = [
        beside.per_second / alone.per_second for alone, beside in zip(measured.without, measured.beside, strict=True)
    ]
    printed = [
        f"cases a second over load and drain, worker on: {_each(measured.beside)}; without: {_each(measured.without)}; "
        f"a share of {mean(shares):.2f} ({', '.join(f'{share:.2f}' for share in shares)}; wanted: ≥ {WANTED_SHARE})",
        *(
            f"  {name}: {_described(turn)}"
            for name, turn in (("without", measured.without[-1]), ("beside", measured.beside[-1]))
        ),
        f"what the turns without it left behind: {', '.join(f'{each:,.0f}' for each in measured.drained_per_second)} cases/s",
        f"a backlog of {measured.backlog:,} cases: {measured.backlog_per_second:,.0f}/s (wanted: ≥ {WANTED_PER_SECOND:,.0f})",
    ]
    return printed + (_paced(measured.pace) if measured.pace else [])


def _paced(pace: Pace) -> list[str]:
    return [
        f"{PACE_PER_SECOND} creates/s for {PACE_SECONDS} s ({pace.created:,} in {pace.seconds:.1f} s), each with a webhook: the "
        f"slowest was assigned after {pace.assigned_seconds:.2f} s, its delivery made after {pace.made_seconds:.2f} s, "
        f"delivered after {pace.delivered_seconds:.2f} s (wanted: ≤ {WANTED_SECONDS:.0f} s)"
    ]


def _each(turns: list[Turn]) -> str:
    return ", ".join(f"{turn.per_second:,.0f}" for turn in turns)


def _described(turn: Turn) -> str:
    cpu = ", ".join(f"{name} {value:.2f}" for name, value in turn.cpu_milliseconds.items() if value >= 0.005)
    return (
        f"{turn.cases:,} cases in {turn.seconds:.1f} s and {turn.drain_seconds:.1f} s more; for each {turn.commits:.2f} commits, "
        f"{turn.wal_syncs:.2f} WAL syncs, CPU ms: {cpu}"
    )
