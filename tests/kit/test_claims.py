"""Rows as a queue: leases that are renewed, fair shares, work that fails, workers that stop."""

import asyncio
import time
from contextlib import asynccontextmanager, suppress
from uuid import UUID, uuid4

import msgspec
import psycopg
import pytest
from prometheus_client import REGISTRY
from psycopg.rows import class_row

from carelane.kit import claims
from carelane.kit.claims import Queue

TABLE = """
CREATE TABLE claims_test (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(), organization_id uuid NOT NULL, endpoint_id uuid NOT NULL,
  due_at timestamptz DEFAULT now(), claim_id uuid, worked_at timestamptz);
GRANT SELECT, UPDATE ON claims_test TO carelane_app;
"""
CLAIM = """
WITH looked AS (
  SELECT n.*, row_number() OVER (PARTITION BY n.organization_id ORDER BY n.due_at) AS turn
  FROM (SELECT DISTINCT organization_id FROM claims_test) o CROSS JOIN LATERAL (
    SELECT t.id, t.organization_id, t.due_at FROM claims_test t
    WHERE t.organization_id = o.organization_id AND t.due_at <= now()
    ORDER BY t.due_at LIMIT fair_share(%(limit)s, %(organization_ids)s::uuid[], o.organization_id) FOR UPDATE SKIP LOCKED) n
), due AS (SELECT id FROM looked ORDER BY turn, due_at LIMIT %(limit)s)
UPDATE claims_test t SET claim_id = %(claim_id)s, due_at = now() + make_interval(secs => %(lease_seconds)s)
FROM due WHERE t.id = due.id RETURNING t.id, t.organization_id, t.endpoint_id
"""
RENEW = """
UPDATE claims_test t SET due_at = now() + make_interval(secs => %s) FROM unnest(%s::uuid[], %s::uuid[]) AS held (id, claim_id)
WHERE t.id = held.id AND t.claim_id = held.claim_id RETURNING t.id
"""
SETTLE = """
UPDATE claims_test SET due_at = NULL, claim_id = NULL, worked_at = now() WHERE id = %s AND claim_id = %s RETURNING id
"""
LEASE_SECONDS = 0.6


class Row(msgspec.Struct, frozen=True):
    id: UUID
    organization_id: UUID
    endpoint_id: UUID


class Worker:
    """A feature: what it was handed, and how long it works on each row."""

    def __init__(self, services, seconds=0.0, fails=0):
        self.db, self.seconds, self.fails = services.db, seconds, fails
        self.requests, self.leases, self.settled = [], [], []

    def queue(self, *, renewed=True, name="test", most=8):
        return Queue(
            name=name,
            claim=self.claim,
            work=self.work,
            renew=self.renew if renewed else None,
            share_key=lambda row: row.endpoint_id,
            max_in_flight=most,
            lease_seconds=LEASE_SECONDS,
            look_seconds=0.02,
        )

    async def claim(self, request):
        self.requests.append(request)
        async with self.db.across() as conn, conn.cursor(row_factory=class_row(Row)) as cursor:
            await cursor.execute(CLAIM, msgspec.structs.asdict(request))
            return await cursor.fetchall()

    async def work(self, lease):
        self.leases.append(lease)
        if self.fails:
            self.fails -= 1
            raise LookupError("a fault of ours")
        await asyncio.sleep(self.seconds)
        async with self.db.across() as conn:
            settled = await (await conn.execute(SETTLE, (lease.item.id, lease.claim_id))).fetchone()
        if settled is not None:
            self.settled.append(lease.item.id)

    async def renew(self, leases):
        ids, claim_ids = [lease.item.id for lease in leases], [lease.claim_id for lease in leases]
        async with self.db.across() as conn:
            return [row[0] for row in await (await conn.execute(RENEW, (LEASE_SECONDS, ids, claim_ids))).fetchall()]


@pytest.fixture
def table(owner_url):
    with psycopg.connect(owner_url, autocommit=True) as conn:
        conn.execute(TABLE)
        yield conn
        # Tests of the schema look at every table of this database.
        conn.execute("DROP TABLE claims_test")


def add(table, count, organization_id=None):
    organization_id = organization_id or uuid4()
    statement = "INSERT INTO claims_test (organization_id, endpoint_id) SELECT %s, %s FROM generate_series(1, %s)"
    table.execute(statement, (organization_id, organization_id, count))
    return organization_id


def left(table):
    return table.execute("SELECT count(*) FROM claims_test WHERE worked_at IS NULL").fetchone()[0]


@asynccontextmanager
async def running(*queues, stop_seconds=5.0):
    tasks = [asyncio.create_task(claims.run(queue, stop_seconds)) for queue in queues]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task


async def until(holds, seconds=10):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


def metric(name, **labels):
    return REGISTRY.get_sample_value(name, labels) or 0


async def test_two_workers_share_the_rows_and_each_row_is_worked_on_once(services, table):
    add(table, 60)
    first, second = Worker(services, 0.01), Worker(services, 0.01)
    async with running(first.queue(), second.queue()):
        await until(lambda: left(table) == 0)
    assert len(first.settled) + len(second.settled) == 60
    assert len({*first.settled, *second.settled}) == 60


async def test_a_worker_never_has_more_in_flight_than_it_may(services, table):
    add(table, 20)
    add(table, 20)
    worker = Worker(services, 0.02)
    async with running(worker.queue(most=6)):
        await until(lambda: left(table) == 0)
    assert all(len(request.organization_ids) + request.limit == 6 for request in worker.requests)
    assert all(request.organization_ids == request.share_keys for request in worker.requests)


async def test_work_that_outlasts_its_lease_is_renewed_and_stays_with_its_worker(services, table):
    add(table, 3)
    first, second = Worker(services, LEASE_SECONDS * 4), Worker(services)
    async with running(first.queue()):
        await until(lambda: len(first.leases) == 3)
        async with running(second.queue()):
            await until(lambda: left(table) == 0)
    assert second.leases == []
    assert len(first.settled) == 3


async def test_what_a_dead_worker_had_is_taken_up_when_its_lease_ends(services, table):
    add(table, 3)
    dead, alive = Worker(services, LEASE_SECONDS * 4), Worker(services)
    async with running(dead.queue(renewed=False)):
        await until(lambda: len(dead.leases) == 3)
        began = time.monotonic()
        async with running(alive.queue()):
            await until(lambda: len(alive.settled) == 3)
        assert LEASE_SECONDS / 2 < time.monotonic() - began < LEASE_SECONDS * 3
        assert not any(lease.is_held() for lease in dead.leases)
    assert dead.settled == []


async def test_a_row_that_another_has_taken_is_known_to_be_lost_at_the_next_renewal(services, table):
    add(table, 2)
    worker = Worker(services, LEASE_SECONDS * 2)
    async with running(worker.queue()):
        await until(lambda: len(worker.leases) == 2)
        lost, kept = worker.leases
        taken = "UPDATE claims_test SET claim_id = %s, due_at = now() + interval '1 hour' WHERE id = %s"
        table.execute(taken, (uuid4(), lost.item.id))
        await until(lambda: not lost.is_held(), LEASE_SECONDS)
        assert kept.is_held()
        await until(lambda: kept.item.id in worker.settled)
    assert lost.item.id not in worker.settled


async def test_one_organization_leaves_as_much_free_as_it_has(services, table):
    noisy = add(table, 50)
    worker = Worker(services, LEASE_SECONDS * 2)
    async with running(worker.queue(most=12), stop_seconds=0):
        await until(lambda: len(worker.leases) == 6)
        quiet = add(table, 2)
        began = time.monotonic()
        await until(lambda: sum(lease.item.organization_id == quiet for lease in worker.leases) == 2)
        assert time.monotonic() - began < LEASE_SECONDS
        assert sum(lease.item.organization_id == noisy for lease in worker.leases) == 6


async def test_work_that_fails_is_counted_and_comes_back(services, table):
    add(table, 1)
    worker, name = Worker(services, fails=1), "test failing"
    async with running(worker.queue(name=name)):
        await until(lambda: left(table) == 0)
    assert len(worker.leases) == 2
    assert metric("carelane_work_ended_total", kind=name, outcome="error") == 1
    assert metric("carelane_work_ended_total", kind=name, outcome="done") == 1
    assert metric("carelane_work_in_flight", kind=name) == 0


async def test_a_worker_that_is_told_to_stop_finishes_what_it_has(services, table):
    add(table, 4)
    worker = Worker(services, LEASE_SECONDS * 2)
    async with running(worker.queue()):
        await until(lambda: len(worker.leases) == 4)
    assert len(worker.settled) == 4


async def test_what_does_not_end_in_time_is_cut_off_and_left_to_its_lease(services, table):
    add(table, 2)
    stopped, other = Worker(services, 60), Worker(services)
    async with running(stopped.queue(), stop_seconds=0.05):
        await until(lambda: len(stopped.leases) == 2)
    async with running(other.queue()):
        await until(lambda: len(other.settled) == 2)


async def test_a_claim_that_fails_is_tried_again(services, table):
    add(table, 1)
    table.execute("REVOKE UPDATE ON claims_test FROM carelane_app")
    worker = Worker(services)
    async with running(worker.queue()):
        await until(lambda: len(worker.requests) >= 2)
        table.execute("GRANT UPDATE ON claims_test TO carelane_app")
        await until(lambda: left(table) == 0)


async def test_a_batch_step_rests_when_it_did_nothing():
    steps = []

    async def step():
        steps.append(None)
        if len(steps) == 1:
            raise LookupError("the database is away")
        return 3 - min(len(steps), 3)

    task = asyncio.create_task(claims.repeat("test", step, 30))
    await until(lambda: len(steps) == 3)
    await asyncio.sleep(0.1)
    assert len(steps) == 3
    task.cancel()


def test_waits_double_up_to_a_limit_and_are_never_quite_the_same():
    waits = [claims.retry_seconds(failures, 1.0, 60.0) for failures in (1, 2, 3, 7, 1_000)]
    for wait, exact in zip(waits, (1, 2, 4, 60, 60), strict=True):
        assert exact * 0.8 <= wait <= exact * 1.2
    assert len({claims.retry_seconds(1, 1.0, 60.0) for _ in range(20)}) > 1


async def test_a_loop_ends_although_what_it_waits_for_swallows_that_it_is_told_to():
    """As `asyncio.wait_for` does before Python 3.12, when what it waits for comes at that moment."""
    waits = asyncio.Event()

    async def step() -> int:
        waits.set()
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(60)
        return 1

    repeating = asyncio.create_task(claims.repeat("event", step, 0))
    await waits.wait()
    repeating.cancel()
    done, _ = await asyncio.wait([repeating], timeout=5)
    repeating.cancel()
    assert done
