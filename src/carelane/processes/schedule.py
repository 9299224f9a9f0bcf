"""Every timed job and when it runs. Each is safe to run at any time, twice at once, and late."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
import structlog
from procrastinate import App

from carelane.carts import jobs as cart_jobs
from carelane.documents import jobs as document_jobs
from carelane.messages import jobs as message_jobs
from carelane.messages.notices import actions as notices
from carelane.orders.inbox import jobs as inbox_jobs
from carelane.quotes import jobs as quote_jobs
from carelane.quotes.sending import jobs as quote_sending
from carelane.services import Services
from carelane.sessions import jobs as account_jobs
from carelane.web import idempotency

# A worker says every ten seconds that it lives; after this long its jobs are given to another.
DEAD_WORKER_SECONDS = 30
# Jobs that went well are deleted as they end. The others are kept for people to look at, this long.
FAILED_JOB_HOURS = 14 * 24

log = structlog.get_logger()


async def requeue_jobs_of_dead_workers(queue: App, _services: Services) -> None:
    for job in await queue.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_WORKER_SECONDS):
        await queue.job_manager.retry_job(job)
    await queue.job_manager.prune_stalled_workers(DEAD_WORKER_SECONDS)


async def delete_finished_jobs(queue: App, _services: Services) -> None:
    await queue.job_manager.delete_old_jobs(
        FAILED_JOB_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
    )


async def move_old_messages(_queue: App, services: Services) -> None:
    await quote_sending.move_old_messages(services)
    await notices.move_old_notifications(services)


async def remove_old_messages(_queue: App, services: Services) -> None:
    await message_jobs.remove_old(services)


async def delete_orphaned_documents(_queue: App, services: Services) -> None:
    await document_jobs.delete_orphans(services)


async def delete_old_sessions(_queue: App, services: Services) -> None:
    await account_jobs.delete_old_sessions(services)


async def delete_old_answers(_queue: App, services: Services) -> None:
    await idempotency.delete_old(services.db)


async def sweep_open_callbacks(_queue: App, services: Services) -> None:
    await inbox_jobs.sweep_open(services)


async def end_old_carts(_queue: App, services: Services) -> None:
    await cart_jobs.end_old(services)


async def expire_old_quotes(_queue: App, services: Services) -> None:
    await quote_jobs.expire_old(services)


class TimedJob(msgspec.Struct, frozen=True):
    every_seconds: float
    run: Callable[[App, Services], Awaitable[None]]


TIMED_JOBS = (
    TimedJob(5, sweep_open_callbacks),
    TimedJob(10, requeue_jobs_of_dead_workers),
    TimedJob(60, end_old_carts),
    TimedJob(60, expire_old_quotes),
    TimedJob(60, move_old_messages),
    TimedJob(3600, remove_old_messages),
    TimedJob(3600, delete_finished_jobs),
    TimedJob(3600, delete_old_answers),
    TimedJob(86_400, delete_orphaned_documents),
    TimedJob(86_400, delete_old_sessions),
)


async def run(queue: App, services: Services) -> None:
    """Runs every timed job at once and then in its own rhythm, until cancelled."""
    async with asyncio.TaskGroup() as group:
        for job in TIMED_JOBS:
            group.create_task(_repeat(job, queue, services))


async def _repeat(job: TimedJob, queue: App, services: Services) -> None:
    while True:
        try:
            await job.run(queue, services)
        except Exception as error:
            log.warning("timed_job_failed", job=job.run.__name__, error=type(error).__name__)
        await asyncio.sleep(job.every_seconds)
