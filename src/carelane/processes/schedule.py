"""Every timed job and how often it runs: by one worker at a time, once for each time it is due.

The next time is counted from the end of a run, so nothing piles up while no worker runs. A worker that dies in the middle
leaves the job to another, so each is safe to run late, and to begin again.
"""

from collections.abc import Awaitable, Callable, Collection

import msgspec
import structlog

from carelane.carts import jobs as cart_jobs
from carelane.documents import jobs as document_jobs
from carelane.drafts import jobs as draft_jobs
from carelane.figures import jobs as figure_jobs
from carelane.figures.reports import jobs as report_jobs
from carelane.kit.claims import ClaimRequest, Lease, Queue, retry_seconds
from carelane.ledger import jobs as ledger_jobs
from carelane.messages.notices import actions as notices
from carelane.orders.inbox import jobs as inbox_jobs
from carelane.payments.inbox import jobs as gateway_event_jobs
from carelane.payments.reconciling import jobs as reconciling_jobs
from carelane.portal.sign_in import jobs as portal_jobs
from carelane.processes import queries, retention
from carelane.processes.queries import DueJob
from carelane.quotes import jobs as quote_jobs
from carelane.quotes.sending import jobs as quote_sending
from carelane.services import Services
from carelane.sessions import jobs as session_jobs
from carelane.sessions.links import jobs as staff_link_jobs

MAX_IN_FLIGHT = 4
LOOK_SECONDS = 1.0
# After a failure a job is tried again sooner than it would run anyway, but never at once.
FIRST_RETRY_SECONDS = 5.0

log = structlog.get_logger()


class TimedJob(msgspec.Struct, frozen=True):
    every_seconds: float
    run: Callable[[Services], Awaitable[object]]


async def recall_what_is_ahead(services: Services) -> None:
    """After the database's clock was ahead for a while, nothing waits until that time comes."""
    async with services.db.across() as conn:
        count = await queries.update_what_is_ahead(conn, services.settings.claim_lease_seconds)
    if count:
        log.warning("clock_was_ahead", count=count)


# By the name of its row: a job whose name changes runs at once, and its old row stays behind.
TIMED_JOBS: dict[str, TimedJob] = {
    "sweep_open_callbacks": TimedJob(5, inbox_jobs.sweep_open),
    "end_old_carts": TimedJob(60, cart_jobs.end_old),
    "expire_old_quotes": TimedJob(60, quote_jobs.expire_old),
    "move_old_notifications": TimedJob(60, notices.move_old_notifications),
    "move_old_quote_messages": TimedJob(60, quote_sending.move_old_messages),
    "make_figures": TimedJob(60, figure_jobs.make_figures),
    "make_reports": TimedJob(60, report_jobs.make_reports),
    "wake_open_payments": TimedJob(300, reconciling_jobs.wake_open),
    "recall_what_is_ahead": TimedJob(300, recall_what_is_ahead),
    "read_gateway_events": TimedJob(3_600, reconciling_jobs.read_events),
    "compare_balances": TimedJob(86_400, reconciling_jobs.compare_balances),
    "remove_old_gateway_events": TimedJob(86_400, gateway_event_jobs.remove_old),
    retention.JOB: TimedJob(60, retention.delete_old_rows),
    document_jobs.JOB: TimedJob(86_400, retention.when_even(document_jobs.delete_orphans)),
    "delete_old_devices": TimedJob(86_400, session_jobs.delete_old_devices),
    "delete_old_sessions": TimedJob(86_400, session_jobs.delete_old_sessions),
    "delete_old_staff_links": TimedJob(86_400, staff_link_jobs.delete_old_links),
    "delete_old_drafts": TimedJob(86_400, draft_jobs.delete_old_drafts),
    "make_ledger_snapshots": TimedJob(3_600, ledger_jobs.make_snapshots),
    "delete_old_codes": TimedJob(3_600, portal_jobs.delete_old_codes),
}


def timed_queue(services: Services) -> Queue[DueJob]:
    timetable = Timetable(services)
    return Queue(
        name="timed_job",
        claim=timetable.claim,
        work=timetable.work,
        renew=timetable.renew,
        max_in_flight=MAX_IN_FLIGHT,
        lease_seconds=services.settings.claim_lease_seconds,
        look_seconds=LOOK_SECONDS,
    )


class Timetable:
    """The rows of the jobs, one each."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._is_complete = False

    async def claim(self, request: ClaimRequest) -> list[DueJob]:
        async with self._services.db.across() as conn:
            if not self._is_complete:
                await queries.insert_timed_jobs(conn, list(TIMED_JOBS))
            claimed = await queries.claim_timed_jobs(conn, request, list(TIMED_JOBS))
        self._is_complete = True
        return claimed

    async def renew(self, leases: list[Lease[DueJob]]) -> Collection[str]:
        async with self._services.db.across() as conn:
            return await queries.update_leases(conn, leases, self._services.settings.claim_lease_seconds)

    async def work(self, lease: Lease[DueJob]) -> None:
        """Runs the job. What goes wrong stands in its row until it has run well again."""
        job, failure = TIMED_JOBS[lease.item.name], None
        wait_seconds = job.every_seconds
        try:
            await job.run(self._services)
        except Exception as error:
            log.warning("timed_job_failed", job=lease.item.name, error=type(error).__name__)
            failure = type(error).__name__
            wait_seconds = retry_seconds(lease.item.failures + 1, FIRST_RETRY_SECONDS, job.every_seconds)
        async with self._services.db.across() as conn:
            await queries.set_ended(conn, lease, wait_seconds, failure)
