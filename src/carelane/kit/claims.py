"""Rows that are their own queue: claimed in batches under a lease, worked on, and never recorded a second time elsewhere.

A row says when it is due. A claim is one statement that moves that time into the future by a lease and writes a claim id
beside it, so a row is with one worker at a time, and what a dead worker had is due again by itself, without anybody having to
notice the death. While the work goes on the lease is renewed, so it can be much shorter than the work.

    due ──claim──> in flight ──work──> done, planned again, or failed: as the feature's own row says
     ^                │  ^ │
     │                │  └─┘ renew, every quarter of a lease
     └──lease ends────┘

A feature makes a `Queue` of three functions and hands it to `run`:

`claim(request)`   One statement, `FOR UPDATE SKIP LOCKED` inside a `SECURITY DEFINER` function. It takes at most
                   `request.limit` rows and gives each organization its fair share: see `fair_share` in the migrations.
`work(lease)`      One row. Outside any transaction of the runner; never called twice at a time for one lease. Whatever it writes
                   compares the row's claim id with `lease.claim_id`, and what cannot be undone is begun only while
                   `lease.is_held()`. An error of the work is counted and logged; the row is due again when the lease ends,
                   so a feature that wants to wait longer, or to give up, writes that into the row itself.
`renew(leases)`    One statement for all rows in flight. Returns the ids of those that still carry their claim. Without it the
                   lease must be longer than the work, or the claim needs no lease, because `work` locks what it works on.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID, uuid4

import msgspec
import structlog
from prometheus_client import Counter, Gauge, Histogram

from carelane.kit.bell import Bell

# When one item has ended, the others that are about to are waited for this long, or until half of what was in flight has ended:
# a claim for several costs as much as for one.
GATHER_SECONDS = 0.015
# A lease is renewed this many times before it would end, so that it survives a renewal that fails or comes late.
RENEWALS_PER_LEASE = 4
# Between two tries while the database cannot be reached.
FIRST_RETRY_SECONDS = 0.2
LONGEST_RETRY_SECONDS = 5.0
# After work that failed, before anything else is begun in its place.
PAUSE_AFTER_ERROR_SECONDS = 0.5
# A computed wait is up to this much longer or shorter, so that what failed together does not come back together.
JITTER = 0.2

# Unlike the monotonic clock this one goes on while the machine sleeps, as the database's does.
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)

IN_FLIGHT = Gauge("carelane_work_in_flight", "Work that is being done now", ["kind"], multiprocess_mode="livesum")
ENDED = Counter("carelane_work_ended", "Work that ended: done, error", ["kind", "outcome"])
SECONDS = Histogram(
    "carelane_work_seconds", "Seconds from claim to end, of work that did not fail", ["kind"], buckets=_BUCKETS
)

log = structlog.get_logger()


class Item(Protocol):
    """What `claim` returns for each row: at least this, and whatever `work` needs."""

    @property
    def organization_id(self) -> UUID | None:
        """Whose share it counts against; None for work of no organization."""

    @property
    def id(self) -> Any:
        """What `renew` names the row by, unique within its queue."""


ItemT = TypeVar("ItemT", bound=Item)


class ClaimRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a claim may take. The lists have an entry for each item in flight, so they say who has how many."""

    limit: int
    claim_id: UUID
    lease_seconds: float
    organization_ids: list[UUID]
    # The second shares, such as an endpoint's or a pharmacy's: what `Queue.share_key` says of each item.
    share_keys: list[UUID]


class Lease(Generic[ItemT]):
    """An item in flight, and how long nobody else takes it."""

    def __init__(self, item: ItemT, claim_id: UUID, ends_at: float) -> None:
        self.item = item
        self.claim_id = claim_id
        self._ends_at = ends_at

    def is_held(self) -> bool:
        """Whether the row is surely still ours. False in a worker that was suspended, or cannot reach the database."""
        return self.seconds_left() > 0

    def seconds_left(self) -> float:
        return self._ends_at - now_seconds()

    def end_at(self, ends_at: float) -> None:
        """Only for the runner. 0: it is lost."""
        self._ends_at = ends_at


class Queue(msgspec.Struct, Generic[ItemT], frozen=True, kw_only=True):
    """One kind of work. `name` is the label of its metrics."""

    name: str
    claim: Callable[[ClaimRequest], Awaitable[list[ItemT]]]
    work: Callable[[Lease[ItemT]], Awaitable[None]]
    renew: Callable[[list[Lease[ItemT]]], Awaitable[Collection[Any]]] | None = None
    share_key: Callable[[ItemT], UUID | None] | None = None
    # In flight at once in this process. One organization gets at most as many as it leaves free for the others.
    max_in_flight: int
    lease_seconds: float
    # Between two looks at what is due.
    look_seconds: float


async def run(queue: Queue[Any], stop_seconds: float, bell: Bell | None = None) -> None:
    """Works until cancelled; then what is in flight gets `stop_seconds` to end, and the rest is left to its lease.

    Never ends by itself: while the database cannot be reached it tries again. Without a bell it looks for itself each time.
    """
    runner = Runner(queue, bell)
    renewing = asyncio.create_task(runner.keep_renewing())
    try:
        await runner.keep_claiming()
    finally:
        await runner.finish(stop_seconds)
        renewing.cancel()
        await asyncio.gather(renewing, return_exceptions=True)


async def repeat(name: str, step: Callable[[], Awaitable[int]], look_seconds: float, bell: Bell | None = None) -> None:
    """For a queue whose work is one transaction for a whole batch: calls `step` until cancelled, and rests when it did nothing."""
    failures, task = 0, asyncio.current_task()
    # Looked at too: before Python 3.12 `asyncio.wait_for`, on which the pool of connections waits, may swallow a cancellation.
    while task is None or not task.cancelling():
        try:
            done = await step()
        except Exception as error:
            failures += 1
            log.warning("work_loop_failed", name=name, error=type(error).__name__)
            await asyncio.sleep(retry_seconds(failures, FIRST_RETRY_SECONDS, LONGEST_RETRY_SECONDS))
            continue
        failures = 0
        if done == 0:
            await _rest(name, look_seconds, bell)


async def _rest(name: str, look_seconds: float, bell: Bell | None) -> None:
    await (asyncio.sleep(look_seconds) if bell is None else bell.rest(name, look_seconds))


def retry_seconds(failures: int, first_seconds: float, longest_seconds: float) -> float:
    """How long to wait after so many failures in a row, counted from 1: doubling, with a limit, give or take a fifth."""
    doubled: float = min(first_seconds * 2 ** min(failures - 1, 60), longest_seconds)
    return doubled * random.uniform(1 - JITTER, 1 + JITTER)


class Runner(Generic[ItemT]):
    """A queue's items in flight."""

    def __init__(self, queue: Queue[ItemT], bell: Bell | None) -> None:
        self._queue = queue
        self._bell = bell
        self._in_flight: dict[asyncio.Task[None], Lease[ItemT]] = {}
        # Since the last claim; and that it is half of what was in flight then.
        self._ended_count = 0
        self._half_ended = asyncio.Event()
        # From the start at 0, so that a rate over the first minutes has something to begin from.
        IN_FLIGHT.labels(queue.name).set(0)
        SECONDS.labels(queue.name)
        for outcome in ("done", "error"):
            ENDED.labels(queue.name, outcome)

    async def keep_claiming(self) -> None:
        await repeat(self._queue.name, self._claim_or_wait, 0)

    async def keep_renewing(self) -> None:
        if self._queue.renew is None:
            return
        while True:
            await asyncio.sleep(self._queue.lease_seconds / RENEWALS_PER_LEASE)
            try:
                await self.renew(self._queue.renew)
            except Exception as error:
                log.warning("lease_renewal_failed", name=self._queue.name, error=type(error).__name__)

    async def claim(self) -> int:
        """One claim; how many items it brought. Their work has begun."""
        queue, leases = self._queue, list(self._in_flight.values())
        keys = [queue.share_key(lease.item) for lease in leases] if queue.share_key else []
        request = ClaimRequest(
            limit=queue.max_in_flight - len(leases),
            claim_id=uuid4(),
            lease_seconds=queue.lease_seconds,
            organization_ids=[lease.item.organization_id for lease in leases if lease.item.organization_id],
            share_keys=[key for key in keys if key is not None],
        )
        # Counted from before the claim, so that ours never ends after the database's.
        ends_at = now_seconds() + queue.lease_seconds
        items = await queue.claim(request)
        self._ended_count = 0
        self._half_ended.clear()
        for item in items:
            lease = Lease(item, request.claim_id, ends_at)
            task = asyncio.create_task(self._work(lease))
            self._in_flight[task] = lease
            task.add_done_callback(self._ended)
        IN_FLIGHT.labels(queue.name).set(len(self._in_flight))
        return len(items)

    async def renew(self, extend: Callable[[list[Lease[ItemT]]], Awaitable[Collection[Any]]]) -> None:
        leases = [lease for lease in self._in_flight.values() if lease.is_held()]
        if not leases:
            return
        ends_at = now_seconds() + self._queue.lease_seconds
        held = set(await extend(leases))
        for lease in leases:
            lease.end_at(ends_at if lease.item.id in held else 0)

    async def finish(self, stop_seconds: float) -> None:
        if self._in_flight:
            await asyncio.wait(self._in_flight, timeout=stop_seconds)
        left = list(self._in_flight)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _claim_or_wait(self) -> int:
        if len(self._in_flight) < self._queue.max_in_flight and await self.claim():
            return 1
        await self._wait()
        return 0

    async def _wait(self) -> None:
        """Until something may be due, or something in flight has ended."""
        queue, in_flight = self._queue, list(self._in_flight)
        resting = asyncio.create_task(_rest(queue.name, queue.look_seconds, self._bell))
        try:
            await asyncio.wait([resting, *in_flight], return_when=asyncio.FIRST_COMPLETED)
        finally:
            resting.cancel()
        if in_flight:
            with suppress(TimeoutError):
                async with asyncio.timeout(min(GATHER_SECONDS, queue.look_seconds)):
                    await self._half_ended.wait()

    async def _work(self, lease: Lease[ItemT]) -> None:
        began, name = time.monotonic(), self._queue.name
        try:
            await self._queue.work(lease)
        except Exception as error:
            log.warning("work_failed", name=name, error=type(error).__name__)
            ENDED.labels(name, "error").inc()
            # It keeps its place meanwhile: where no lease is in the way, what fails at once would be claimed again at once.
            await asyncio.sleep(PAUSE_AFTER_ERROR_SECONDS)
        else:
            ENDED.labels(name, "done").inc()
            SECONDS.labels(name).observe(time.monotonic() - began)

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._in_flight[task]
        self._ended_count += 1
        if self._ended_count >= len(self._in_flight):
            self._half_ended.set()
        IN_FLIGHT.labels(self._queue.name).set(len(self._in_flight))


def now_seconds() -> float:
    return time.clock_gettime(_CLOCK)
