"""Counting is safe to do again, in the middle, and twice at once: rows are written anew, never added to."""

import asyncio
from datetime import date
from uuid import UUID

from carelane.figures import queries
from carelane.kit.auth import system_actor
from carelane.processes.schedule import TIMED_JOBS

DAY = date(2026, 11, 2)


async def _cases(figures):
    return (await figures("2026-11-02", "2026-11-02"))["days"][0]["cases"]


async def test_two_workers_at_once_count_nothing_twice(came, count, figures):
    for _ in range(3):
        await came("11-02 08:00")
    await asyncio.gather(*(count() for _ in range(4)))
    assert await _cases(figures) == {"OPEN": 3}


async def test_a_run_that_ended_in_the_middle_is_done_again(services, here, came, count, figures):
    """Killed after a day was written: the mark stands where it stood, and the next run begins there."""
    await came("11-02 08:00")
    organization_id = UUID(here.organization_id)
    async with services.db.transaction(system_actor(organization_id)) as conn:
        await queries.lock_mark(conn, organization_id)
        await queries.save_days(conn, organization_id, [DAY])
    await came("11-02 09:00")
    await count()
    assert await _cases(figures) == {"OPEN": 2}


async def test_a_late_count_does_not_overwrite_a_later_one(services, here, came, count, figures):
    """A worker that waits for another one counts only when it has its turn, so it sees what came meanwhile."""
    await came("11-02 08:00")
    organization_id = UUID(here.organization_id)
    async with services.db.transaction(system_actor(organization_id)) as conn:
        await queries.lock_mark(conn, organization_id)
        # Statements are sent when an answer is wanted.
        await queries.find_mark(conn, organization_id)
        late = asyncio.create_task(count())
        await _until_somebody_waits(services, organization_id, late)
        await came("11-02 09:00")
        await queries.save_days(conn, organization_id, [DAY])
    await late
    assert await _cases(figures) == {"OPEN": 2}


async def test_the_worker_counts_by_itself(services, here, came, figures):
    """The job is in the timetable, and one run of it is all there is to do."""
    await came("11-02 08:00")
    await TIMED_JOBS["make_figures"].run(services)
    assert await _cases(figures) == {"OPEN": 1}


async def _until_somebody_waits(services, organization_id, late):
    for _ in range(500):
        async with services.db.reading(organization_id) as conn:
            cursor = await conn.execute(
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype IN ('transactionid', 'tuple')"
            )
            row = await cursor.fetchone()
        if row and row[0]:
            return
        if late.done():
            await late
        await asyncio.sleep(0.01)
    raise AssertionError("nobody waited")
