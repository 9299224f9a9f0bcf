"""Every read at one size: how long it takes, how much of the database it looks at, and what its plans read whole."""

import asyncio
import logging
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import msgspec
import psycopg
import structlog

from bench import server
from bench.growth.asking import Ask, asks, page_asks
from bench.growth.inside import Answer, Caller, Inside, inside
from bench.growth.load import load
from bench.growth.plans import blocks, explain, sequential
from bench.growth.values import known_values
from bench.growth.worker import worker_statements
from carelane.app import create_litestar, openapi_document
from carelane.cases.assignment.queries import lock_unassigned
from carelane.ledger.jobs import make_snapshots
from carelane.services import Services, open_services
from carelane.settings import Settings, read_settings
from carelane.staff.queries import list_rota

# Each is asked so often, after twice to warm up; one that takes longer than this only once.
_TIMES = 5
_LONG_MILLISECONDS = 300
# A scan of fewer rows than this is a plan for a small table.
_FEW_ROWS = 500
_GOOD = frozenset({200, 303, 404})


class Timed(msgspec.Struct, frozen=True):
    """`blocks`: pages of 8 kB of the database, which another's load does not change."""

    name: str
    status: int
    milliseconds: float
    blocks: int
    scans: list[str]

    @property
    def is_good(self) -> bool:
        return self.status in _GOOD


def loaded(folder: Path, cases: int) -> Path:
    """A data directory with so many cases; one that is there already is taken as it is."""
    data_dir = folder / f"cases-{cases}"
    mark = folder / f"cases-{cases}.loaded"
    if not mark.exists():
        with server.running(data_dir, "--no-worker") as running:
            load(running.database.owner_url, running.clinic.organization_id, cases)
        mark.write_text("")
    return data_dir


def measure(data_dir: Path, only: str = "") -> list[Timed]:
    with server.running(data_dir, "--no-worker") as running:
        return asyncio.run(_measure(running, only))


async def _measure(running: server.Server, only: str) -> list[Timed]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    organization_id = UUID(running.clinic.organization_id)
    with psycopg.connect(running.database.owner_url, autocommit=True) as owner:
        known = known_values(owner, organization_id)
        measured = [
            Timed(f"worker {name}", 200, milliseconds, looked_at, [])
            for name, milliseconds, looked_at in worker_statements(owner)
            if only in f"worker {name}"
        ]
    caller = Caller(organization_id, running.clinic.api_key, running.clinic.tenant, UUID(known["patient_id"][0]))
    settings = read_settings({}, data_dir=running.data_dir, database_url=running.database.application_url)
    async with open_services(settings) as services:
        # As the worker does every hour; nothing is counted twice.
        await make_snapshots(services)
    with psycopg.connect(running.database.owner_url, autocommit=True) as owner:
        owner.execute("VACUUM ANALYZE ledger_snapshots")
    with psycopg.connect(running.database.application_url, autocommit=True) as conn:
        async with open_services(settings) as services, inside(services, caller) as asked:
            if only in "worker assignment":
                measured.append(await _assignment(services, conn, asked, organization_id))
            for number, ask in enumerate(ask for ask in _everything(known) if only in ask.name):
                measured.append(await _one(conn, organization_id, asked, ask))
                if number % 50 == 0:
                    sys.stderr.write(f"growth: {number} asked, now {ask.name}\n")
    return measured


def _everything(known: dict[str, list[str]]) -> Iterator[Ask]:
    yield from asks(openapi_document(), known)
    pages = [
        route.path_format
        for route in create_litestar(Settings(), None).routes
        if route.path.startswith("/console") and "GET" in getattr(route, "methods", ())
    ]
    yield from page_asks(pages, known)


async def _one(conn: psycopg.Connection, organization_id: UUID, asked: Inside, ask: Ask) -> Timed:
    warm = [await asked.ask(ask) for _ in range(2)][-1]
    times = _TIMES if warm.milliseconds < _LONG_MILLISECONDS else 1
    return _timed(conn, organization_id, ask.name, [await asked.ask(ask) for _ in range(times)])


async def _assignment(services: Services, conn: psycopg.Connection, asked: Inside, organization_id: UUID) -> Timed:
    """Whose turn it is when cases go to whoever has fewest, which is asked under the rota's lock."""
    asked.sent.clear()
    async with services.db.reading(organization_id) as pooled:
        await pooled.execute("SET TRANSACTION READ WRITE")
        await list_rota(pooled, organization_id, "least_loaded")
        await lock_unassigned(pooled, organization_id, 200)
    answers = [Answer(200, 0.0, [sent for sent in asked.sent if sent.text.lstrip().startswith("SELECT")], "")]
    return _timed(conn, organization_id, "worker assignment least_loaded", answers)


def _timed(conn: psycopg.Connection, organization_id: UUID, name: str, answers: list[Answer]) -> Timed:
    scans: list[str] = []
    looked_at = 0
    for statement in answers[-1].statements:
        plan = explain(conn, organization_id, statement, "ANALYZE", "BUFFERS", "TIMING OFF")
        if plan is not None:
            looked_at += blocks(plan)
            scans += [str(scan) for scan in sequential(plan) if scan.rows >= _FEW_ROWS]
    milliseconds = statistics.median(answer.milliseconds for answer in answers)
    return Timed(name, answers[-1].status, milliseconds, looked_at, scans)
