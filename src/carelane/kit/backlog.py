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
UNION ALL SELECT 'gateway_event', * FROM count_due_gateway_events(%(most)s)
UNION ALL SELECT 'balance', * FROM count_balance_findings()
UNION ALL SELECT 'decision', * FROM count_due_decisions(%(most)s)
UNION ALL SELECT 'delivery', * FROM count_due_deliveries(%(most)s)
UNION ALL SELECT 'message', * FROM count_due_messages(%(most)s)
UNION ALL SELECT 'timed_job', * FROM count_due_timed_jobs(%(most)s)
"""

log = structlog.get_logger()


class Waiting(msgspec.Struct, frozen=True):
    """Of one kind: what is due and nobody works on, since when the oldest of it waits, and what was given up."""

    kind: str
    waiting: int
    oldest_at: datetime | None
    failed: int


class Backlog:
    """What waits in the database. Asked once for all who ask at the same time."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._lock = asyncio.Lock()
        self._known: list[Waiting] = []
        self._asked_at = -REMEMBERED_SECONDS

    async def render(self) -> bytes:
        """The gauges in Prometheus's text format; nothing while the database does not answer."""
        async with self._lock:
            if time.monotonic() - self._asked_at >= REMEMBERED_SECONDS:
                self._known = await self._ask()
                self._asked_at = time.monotonic()
            return _render(self._known)

    async def _ask(self) -> list[Waiting]:
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS), self._db.across() as conn:
                cursor = conn.cursor(row_factory=class_row(Waiting))
                await cursor.execute(_COUNT, {"most": MAX_COUNTED})
                return await cursor.fetchall()
        except (TimeoutError, UnavailableError) as error:
            log.warning("backlog_not_counted", error=type(error).__name__)
            return []


class _Gauges:
    """For a registry that lives as long as one answer."""

    def __init__(self, known: list[Waiting]) -> None:
        self._known = known

    def collect(self) -> Iterator[GaugeMetricFamily]:
        now = clock.now()
        waiting = GaugeMetricFamily("carelane_work_waiting", "Work that is due and nobody works on", labels=["kind"])
        oldest = GaugeMetricFamily("carelane_work_oldest_seconds", "How long the oldest of it is due", labels=["kind"])
        failed = GaugeMetricFamily("carelane_work_failed", "Work that was given up, and is kept", labels=["kind"])
        for each in self._known:
            age_seconds = (now - each.oldest_at).total_seconds() if each.oldest_at is not None else 0.0
            waiting.add_metric([each.kind], each.waiting)
            oldest.add_metric([each.kind], max(age_seconds, 0.0))
            failed.add_metric([each.kind], each.failed)
        yield from (waiting, oldest, failed)


def _render(known: list[Waiting]) -> bytes:
    if not known:
        return b""
    registry = CollectorRegistry()
    registry.register(_Gauges(known))
    return generate_latest(registry)
