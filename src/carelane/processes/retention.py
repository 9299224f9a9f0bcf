"""What is kept for a while only, how long each kind is, and the job that deletes what is older: oldest first, batch by batch.

A batch is one transaction, small in rows and in time; after it the job rests for as long as the batch took, so that deleting takes
no more than half of what one connection can do, and a run ends after RUN_SECONDS whatever is left. One batch of a kind is under
way at a time, in all workers: the others find its lock taken and leave the kind to it.

All ages are the database's. A clock that jumped ahead would make everything old at once, so nothing is deleted until the clock
has gone evenly for EVEN_FOR; a jump then deletes nothing that was not to go within MOST_BETWEEN_RUNS.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

import msgspec
import structlog
from prometheus_client import Counter

from carelane.kit import failpoints
from carelane.processes import queries
from carelane.processes.queries import Kept
from carelane.services import Services
from carelane.settings import Settings
from carelane.web import idempotency

# The name of the job's row.
JOB = "delete_old_rows"
# Rows of one batch, and how long one may take before PostgreSQL ends it; both are held low so that no lock is held for long.
MOST_ROWS = 500
BATCH_SECONDS = 5.0
LEAST_REST_SECONDS = 0.02
RUN_SECONDS = 20.0
# A machine that is off at night is not a clock that jumps.
MOST_BETWEEN_RUNS = timedelta(days=1)
EVEN_FOR = timedelta(days=1)

DELETED = Counter("carelane_rows_deleted", "Rows that were kept for their time and deleted", ["kind"])

log = structlog.get_logger()


class Kind(msgspec.Struct, frozen=True):
    """`keep_days` 0: for good."""

    name: Kept
    keep_days: int


def kinds(settings: Settings) -> list[Kind]:
    attempts, notifications = settings.keep_attempts_days, settings.keep_notifications_days
    return [
        Kind("delivery", settings.keep_deliveries_days),
        Kind("given_up_delivery", settings.keep_failed_deliveries_days),
        Kind("webhook_attempt", attempts),
        Kind("order_attempt", attempts),
        Kind("callback", settings.keep_callbacks_days),
        Kind("notification", notifications),
        Kind("quote_message", notifications),
        Kind("message_content", notifications),
        Kind("message", settings.keep_messages_days),
        Kind("cart", settings.keep_ended_carts_days),
        # What callers were promised is no setting.
        Kind("answer", idempotency.KEPT_DAYS),
    ]


async def delete_old_rows(services: Services) -> None:
    """Every kind has its turn, whatever goes wrong with another; raises the last error then."""
    failed: Exception | None = None
    if not await _look_at_the_clock(services):
        return
    for kind in kinds(services.settings):
        # From the start at 0, so that a rate has something to begin from.
        DELETED.labels(kind.name)
        try:
            await delete_kind(services, kind)
        except Exception as error:
            failed = error
            log.warning("rows_not_deleted", name=kind.name, error=type(error).__name__)
    if failed is not None:
        raise failed


async def delete_kind(services: Services, kind: Kind) -> int:
    """How many rows went: all that are old, or those of RUN_SECONDS."""
    if kind.keep_days == 0:
        return 0
    ends_at, count = time.monotonic() + RUN_SECONDS, 0
    while True:
        began = time.monotonic()
        gone = await _delete_batch(services, kind)
        count += gone
        DELETED.labels(kind.name).inc(gone)
        if gone < MOST_ROWS or time.monotonic() >= ends_at:
            return count
        await asyncio.sleep(max(time.monotonic() - began, LEAST_REST_SECONDS))


def when_even(run: Callable[[Services], Awaitable[object]]) -> Callable[[Services], Awaitable[None]]:
    """A job that deletes by age, run only while the database's clock goes evenly."""
    return partial(_run_when_even, run)


async def _run_when_even(run: Callable[[Services], Awaitable[object]], services: Services) -> None:
    async with services.db.across() as conn:
        is_even = await queries.find_clock(conn, JOB, EVEN_FOR, MOST_BETWEEN_RUNS)
    if is_even:
        await run(services)


async def _look_at_the_clock(services: Services) -> bool:
    """Whether it has gone evenly for long enough."""
    async with services.db.across() as conn:
        return await queries.update_clock(conn, JOB, EVEN_FOR, MOST_BETWEEN_RUNS)


async def _delete_batch(services: Services, kind: Kind) -> int:
    async with services.db.across() as conn:
        if not await queries.lock_batch(conn, kind.name, BATCH_SECONDS):
            return 0
        gone = await queries.delete_rows(conn, kind.name, timedelta(days=kind.keep_days), MOST_ROWS)
        if gone:
            failpoints.reach("retention.batch")
    return gone
