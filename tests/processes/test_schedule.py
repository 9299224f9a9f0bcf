"""Timed jobs: each once for each time it is due, whatever becomes of the workers."""

import asyncio
from contextlib import asynccontextmanager, suppress
from itertools import pairwise

import pytest
import pytest_asyncio

from carelane.kit import claims
from carelane.processes import schedule
from carelane.processes.database import ready_database
from carelane.processes.schedule import TimedJob, timed_queue
from carelane.services import open_services
from carelane.settings import read_settings
from tests.sending.world import until

STATE = "SELECT failures, failure, claim_id IS NULL, due_at > now(), extract(epoch FROM due_at - ended_at) FROM timed_jobs WHERE name = %s"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def services(tmp_path_factory):
    """A database of this module's own, without a worker."""
    settings = read_settings({}, data_dir=tmp_path_factory.mktemp("schedule") / "data", claim_lease_seconds=0.8)
    with ready_database(settings, creates_key=True) as ready:
        async with open_services(ready) as opened:
            yield opened


@pytest.fixture
def timed(monkeypatch):
    """Makes a job the only one there is."""
    monkeypatch.setattr(schedule, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(schedule, "FIRST_RETRY_SECONDS", 0.3)

    def make(name, every_seconds, run):
        monkeypatch.setattr(schedule, "TIMED_JOBS", {name: TimedJob(every_seconds, run)})

    return make


@asynccontextmanager
async def working(services, count):
    loops = [asyncio.create_task(claims.run(timed_queue(services), 1.0)) for _ in range(count)]
    try:
        yield loops
    finally:
        for loop in loops:
            loop.cancel()
        for loop in loops:
            with suppress(asyncio.CancelledError):
                await loop


async def state(services, name):
    async with services.db.across() as conn:
        return await (await conn.execute(STATE, (name,))).fetchone()


async def ended(services, name, failures=0):
    async def look():
        found = await state(services, name)
        return found if found and found[2] and found[3] and found[0] == failures else None

    return await until(look)


async def test_a_job_runs_once_for_each_time_it_is_due_however_many_workers_there_are(services, timed):
    runs = []

    async def run(_):
        runs.append(asyncio.get_running_loop().time())
        await asyncio.sleep(0.05)

    timed("often", 0.3, run)
    async with working(services, 4):
        await until(_true_when(lambda: len(runs) >= 4))
    assert all(later - earlier >= 0.3 for earlier, later in pairwise(runs))


async def test_a_worker_that_starts_again_does_not_run_what_is_not_due(services, timed):
    runs = []

    async def run(_):
        runs.append(None)

    timed("rarely", 3_600, run)
    for _ in range(3):
        async with working(services, 1):
            failures, failure, _, _, wait_seconds = await ended(services, "rarely")
            await asyncio.sleep(0.2)
    assert len(runs) == 1
    assert (failures, failure) == (0, None)
    assert wait_seconds == 3_600


async def test_what_goes_wrong_stands_in_the_row_until_the_job_has_run_well(services, timed):
    fails = [True]

    async def run(_):
        if fails[0]:
            raise LookupError("a fault of ours")

    timed("failing", 60, run)
    async with working(services, 1):
        found = await ended(services, "failing", 2)
        assert found[1] == "LookupError"
        assert found[4] < 60
        fails[0] = False
        assert (await ended(services, "failing"))[1] is None


async def test_a_job_that_outlasts_its_lease_stays_with_its_worker(services, timed):
    runs = []

    async def run(_):
        runs.append(None)
        await asyncio.sleep(2.5)

    timed("long", 3_600, run)
    async with working(services, 2):
        await until(_true_when(lambda: runs))
        await ended(services, "long")
    assert len(runs) == 1


async def test_a_job_whose_worker_died_is_run_by_another(services, timed):
    runs = []

    async def run(_):
        runs.append(None)
        await asyncio.sleep(60 if len(runs) == 1 else 0)

    timed("taken over", 3_600, run)
    async with working(services, 1) as (loop,):
        await until(_true_when(lambda: runs))
        # As if it were gone: what it has in flight is cut off, and nothing is written down.
        loop.cancel()
        with suppress(asyncio.CancelledError):
            await loop
    async with working(services, 1):
        await ended(services, "taken over")
    assert len(runs) == 2


@pytest.mark.parametrize(
    "state",
    [
        # It ended there, and waits for a day from then on.
        "claim_id = NULL, ended_at = now() + interval '400 days', due_at = now() + interval '401 days'",
        # It began there, and its worker died.
        "claim_id = gen_random_uuid(), began_at = now() + interval '400 days', due_at = now() + interval '401 days'",
    ],
)
async def test_what_a_clock_that_was_ahead_planned_is_nothing_to_wait_for(services, timed, state):
    runs, name = [], f"ahead {len(state)}"

    async def run(_):
        runs.append(None)
        await asyncio.sleep(1)

    timed(name, 86_400, run)
    async with services.db.across() as conn:
        await conn.execute("INSERT INTO timed_jobs (name) VALUES (%s)", (name,))
        await conn.execute(f"UPDATE timed_jobs SET {state} WHERE name = %s", (name,))
    async with working(services, 2):
        await until(_true_when(lambda: runs))
        await ended(services, name)
    assert len(runs) == 1


def _true_when(look):
    async def ask():
        return look()

    return ask
