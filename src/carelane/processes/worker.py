"""The worker process: runs the jobs, makes new ones from events, and does what is timed."""

import asyncio
import signal
from collections.abc import Awaitable, Callable

import structlog
import uvloop
from procrastinate import App

from carelane.kit import claims, jobs, logs
from carelane.messages.jobs import Hooks, message_queue
from carelane.messages.schemas import Kind
from carelane.orders.sending import transmission
from carelane.processes import dispatcher, schedule
from carelane.quotes.sending import jobs as quote_sending
from carelane.services import Services, open_services
from carelane.settings import Settings
from carelane.webhooks import sending as webhook_sending

CONCURRENT_JOBS = 4
# What features do about their messages, by kind.
MESSAGE_HOOKS: dict[Kind, Hooks] = {"QUOTE_LINK": quote_sending.HOOKS}
# New jobs announce themselves; one that waits for its next attempt is found by looking.
RETRY_LOOK_SECONDS = 1.0
_FIRST_WAIT_SECONDS = 0.2
_LONGEST_WAIT_SECONDS = 5.0

log = structlog.get_logger()


def main(settings: Settings) -> None:
    """The whole process."""
    logs.configure("worker")
    uvloop.run(run(settings))


async def run(settings: Settings) -> None:
    """Works until SIGTERM or SIGINT; then the jobs in hand get `settings.stop_seconds` to finish."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with open_services(settings) as services:
        loops = [
            asyncio.create_task(_keep_going("dispatcher", lambda: dispatcher.run(services))),
            asyncio.create_task(_keep_going("transmission", lambda: transmission.run(services))),
            asyncio.create_task(_keep_going("webhooks", lambda: webhook_sending.run(services))),
            asyncio.create_task(claims.run(message_queue(services, MESSAGE_HOOKS), settings.stop_seconds)),
            asyncio.create_task(_keep_going("jobs", lambda: _work(services, settings.database_url or ""))),
        ]
        await stop.wait()
        for loop in loops:
            loop.cancel()
        await asyncio.gather(*loops, return_exceptions=True)
    log.info("worker_stopped")


async def _work(services: Services, url: str) -> None:
    """Runs jobs until cancelled. Raises when the database goes away."""
    async with jobs.bound_to(url).open_async() as queue, asyncio.TaskGroup() as group:
        timed = group.create_task(schedule.run(queue, services))
        try:
            await _run_jobs(queue, services)
        finally:
            timed.cancel()


async def _run_jobs(queue: App, services: Services) -> None:
    await queue.run_worker_async(
        concurrency=CONCURRENT_JOBS,
        fetch_job_polling_interval=RETRY_LOOK_SECONDS,
        additional_context=jobs.context_of(services),
        delete_jobs="successful",
        install_signal_handlers=False,
        shutdown_graceful_timeout=services.settings.stop_seconds,
        stalled_worker_timeout=schedule.DEAD_WORKER_SECONDS,
    )


async def _keep_going(name: str, loop: Callable[[], Awaitable[None]]) -> None:
    """Begins `loop` again whenever it fails, after a wait that doubles: a database that restarts is met again."""
    wait_seconds = _FIRST_WAIT_SECONDS
    while True:
        started = asyncio.get_running_loop().time()
        try:
            await loop()
        except Exception as error:
            log.warning("worker_loop_failed", name=name, error=type(error).__name__)
        if asyncio.get_running_loop().time() - started > _LONGEST_WAIT_SECONDS:
            wait_seconds = _FIRST_WAIT_SECONDS
        await asyncio.sleep(wait_seconds)
        wait_seconds = min(wait_seconds * 2, _LONGEST_WAIT_SECONDS)
