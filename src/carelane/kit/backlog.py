"""How much work waits, asked of the database when Prometheus asks us: true even while no worker runs.

Each kind of work has its own function in the database, which looks into the index that a claim looks into.
"""

import asyncio
import time
from collections.abc import Iterator
from datetime import datetime
from typing import LiteralString

import msgspec
import structlog
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from psycopg.rows import class_row

from carelane.kit import clock
from carelane.kit.db import Database
from carelane.kit.errors import UnavailableError

# Nothing is counted further than this in one place.
MAX_COUNTED = 50_000
# However many ask, the database is asked once in this time by each process; and it has this long to answer.
REMEMBERED_SECONDS = 1.0
TIMEOUT_SECONDS = 2.0

_COUNT: LiteralString = """
SELECT 'event' AS kind, * FROM count_due_events(%(most)s)
UNION ALL SELECT 'assignment', * FROM count_due_assignments(%(most)s)
UNION ALL SELECT 'order', * FROM count_due_orders(%(most)s)
UNION ALL SELECT 'payment', * FROM count_due_payments(%(most)s)
UNION ALL SELECT 'plan', * FROM count_due_plans(%(most)s)
UNION ALL SELECT 'gateway_event', * FROM count_due_gateway_events(%(most)s)
UNION ALL SELECT 'balance', * FROM count_balance_findings()
UNION ALL SELECT 'decision', * FROM count_due_decisions(%(most)s)
UNION ALL SELECT 'delivery', * FROM count_due_deliveries(%(most)s)
UNION ALL SELECT 'message', * FROM count_due_messages(%(most)s)
UNION ALL SELECT 'timed_job', * FROM count_due_timed_jobs(%(most)s)
"""
_OLDEST: LiteralString = "SELECT kind, oldest_at FROM find_oldest_rows()"

log = structlog.get_logger()


class Waiting(msgspec.Struct, frozen=True):
    """Of one kind: what is due and nobody works on, since when the oldest of it waits, and what was given up."""

    kind: str
    waiting: int
    oldest_at: datetime | None
    failed: int


class Oldest(msgspec.Struct, frozen=True):
    """Of one kind of rows that are kept for a while only: since when the oldest is."""

    kind: str
    oldest_at: datetime | None


class Known(msgspec.Struct, frozen=True):
    waiting: list[Waiting] = []
    oldest: list[Oldest] = []


class Backlog:
    """What waits in the database. Asked once for all who ask at the same time."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._lock = asyncio.Lock()
        self._known = Known()
        self._asked_at = -REMEMBERED_SECONDS

    async def render(self) -> bytes:
        """The gauges in Prometheus's text format; nothing while the database does not answer."""
        async with self._lock:
            if time.monotonic() - self._asked_at >= REMEMBERED_SECONDS:
                self._known = await self._ask()
                self._asked_at = time.monotonic()
            return _render(self._known)

    async def _ask(self) -> Known:
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS), self._db.across() as conn:
                waiting = await conn.cursor(row_factory=class_row(Waiting)).execute(_COUNT, {"most": MAX_COUNTED})
                oldest = await conn.cursor(row_factory=class_row(Oldest)).execute(_OLDEST)
                return Known(await waiting.fetchall(), await oldest.fetchall())
        except (TimeoutError, UnavailableError) as error:
            log.warning("backlog_not_counted", error=type(error).__name__)
            return Known()


class _Gauges:
    """For a registry that lives as long as one answer."""

    def __init__(self, known: Known) -> None:
        self._known = known

    def collect(self) -> Iterator[GaugeMetricFamily]:
        now = clock.now()
        waiting = GaugeMetricFamily("carelane_work_waiting", "Work that is due and nobody works on", labels=["kind"])
        oldest = GaugeMetricFamily("carelane_work_oldest_seconds", "How long the oldest of it is due", labels=["kind"])
        failed = GaugeMetricFamily("carelane_work_failed", "Work that was given up, and is kept", labels=["kind"])
        kept = GaugeMetricFamily("carelane_rows_oldest_seconds", "Age of the oldest row that is kept", labels=["kind"])
        for each in self._known.waiting:
            waiting.add_metric([each.kind], each.waiting)
            oldest.add_metric([each.kind], _seconds(each.oldest_at, now))
            failed.add_metric([each.kind], each.failed)
        for row in self._known.oldest:
            kept.add_metric([row.kind], _seconds(row.oldest_at, now))
        yield from (waiting, oldest, failed, kept)


def _seconds(since: datetime | None, now: datetime) -> float:
    return max((now - since).total_seconds(), 0.0) if since is not None else 0.0


def _render(known: Known) -> bytes:
    if not known.waiting:
        return b""
    registry = CollectorRegistry()
    registry.register(_Gauges(known))
    return generate_latest(registry)
