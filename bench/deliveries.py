"""Webhooks: how many deliveries a second, beside a client that only posts the same bytes; and what a backlog does to new ones."""

import asyncio
import time
from statistics import mean, median, quantiles
from typing import Any, LiteralString
from uuid import UUID

import aiohttp
import msgspec
import psycopg

from bench import outside
from bench.outside import UNUSED_EVENT, Outside
from carelane.kit.auth import system_actor
from carelane.services import open_services
from carelane.settings import read_settings
from carelane.webhooks import actions
from carelane.webhooks.sending.jobs import MAX_EACH
from carelane.webhooks.sending.queries import DueDelivery

DELIVERIES = 2_000
TURNS = 2
BACKLOG = 100_000
EVENTS_PER_CASE = 5
NEW_EVENTS = 100
# Of the new events: far enough apart that none waits for another.
PAUSE_SECONDS = 0.1
# A drain that would take longer than this is not waited for.
MOST_DRAIN_SECONDS = 60.0
SETTLE_SECONDS = 4.0
MOST_SECONDS = 120.0
# Wanted: new deliveries take at most a third longer while the backlog is worked off.
WANTED_RATIO = 1.34
_POST_SECONDS = 3.0
_LOOK_SECONDS = 0.2
_NEW_EVENT = "ESCALATE_CASE"

# Of events that are there and of cases that are there, oldest first, as the dispatcher makes them.
_DELIVER: LiteralString = """
INSERT INTO webhook_deliveries (organization_id, endpoint_id, event_id, case_id, case_sequence)
SELECT e.organization_id, %(endpoint)s, e.id, e.case_id, e.case_sequence FROM events e
WHERE e.type = ANY(%(types)s) AND NOT EXISTS (
  SELECT FROM webhook_deliveries d WHERE d.endpoint_id = %(endpoint)s AND d.event_id = e.id)
ORDER BY e.number LIMIT %(most)s RETURNING id
"""
_SAMPLE_EVENTS = ["CREATE_CASE", "ADD_CASE_ASSIGNEE", "CHANGE_CASE_STATUS"]
_LEFT: LiteralString = """
SELECT count(*) FILTER (WHERE status <> 'DELIVERED'), extract(epoch FROM max(delivered_at)), count(*)
FROM webhook_deliveries WHERE endpoint_id = %s
"""
_CASES: LiteralString = """
INSERT INTO cases (organization_id, id, short_id, patient_id, type, title, status, is_test)
SELECT s.organization_id, gen_random_uuid(), 'BACKLOG-' || n, s.patient_id, s.type, s.title, 'OPEN', true
FROM generate_series(1, %s) n, (SELECT * FROM cases WHERE short_id LIKE 'BENCH-%%' LIMIT 1) s
"""
_EVENTS: LiteralString = """
INSERT INTO events (organization_id, id, type, case_id, actor_kind, is_test, dispatched_at, case_sequence)
SELECT c.organization_id, gen_random_uuid(), %s, c.id, 'system', true, now(), n
FROM generate_series(1, %s) n, (SELECT * FROM cases WHERE short_id LIKE 'BACKLOG-%%') c
"""
_NEW: LiteralString = """
INSERT INTO events (organization_id, id, type, case_id, actor_kind, is_test, case_sequence)
SELECT c.organization_id, gen_random_uuid(), %(type)s, c.id, 'system', true, 1 + coalesce((
  SELECT max(e.case_sequence) FROM events e WHERE e.organization_id = c.organization_id AND e.case_id = c.id), 0)
FROM cases c WHERE c.short_id LIKE 'BENCH-%%' ORDER BY c.id OFFSET %(number)s LIMIT 1
"""
_DELAYS: LiteralString = """
SELECT extract(epoch FROM d.delivered_at - e.created_at) FROM webhook_deliveries d JOIN events e ON e.id = d.event_id
WHERE d.endpoint_id = %s AND d.delivered_at IS NOT NULL ORDER BY e.number
"""


class Rate(msgspec.Struct, kw_only=True):
    """Turns of deliveries, and of a client that posts the same bytes."""

    payload: str
    body_bytes: int = 0
    per_second: list[float] = []
    posts_per_second: list[float] = []
    cpu_milliseconds: dict[str, float] = {}


class Backlog(msgspec.Struct, kw_only=True):
    """Delays are from the event to its delivery, in milliseconds."""

    count: int
    delays_alone: list[float]
    delays_beside: list[float]
    drained: int
    drain_seconds: float
    # Those that were pending when the drain was no longer waited for.
    left: int

    @property
    def ratio(self) -> float:
        return mean(self.delays_beside) / mean(self.delays_alone)

    @property
    def per_second(self) -> float:
        return self.drained / self.drain_seconds

    @property
    def whole_seconds(self) -> float:
        return self.count / self.per_second


def describe(delays: list[float]) -> str:
    return f"mean {mean(delays):.0f}, median {median(delays):.0f}, p95 {quantiles(delays, n=20)[-1]:.0f} ms"


def measure_rate(here: Outside, payload: str) -> Rate:
    measured = Rate(payload=payload)
    endpoint_id = outside.add_endpoint(here, f"rate of {payload}", payload, [UNUSED_EVENT])
    with psycopg.connect(here.server.database.owner_url, autocommit=True) as conn:
        _deliver(conn, endpoint_id, DELIVERIES // 10)
        for _ in range(TURNS):
            clocks = here.clocks()
            measured.per_second.append(_deliver(conn, endpoint_id, DELIVERIES))
            measured.cpu_milliseconds = {n: clock.seconds() / DELIVERIES * 1_000 for n, clock in clocks.items()}
            message = asyncio.run(_message(conn, here, endpoint_id))
            measured.body_bytes = len(message.body)
            measured.posts_per_second.append(asyncio.run(_post(message)))
    outside.switch_off(here, endpoint_id)
    return measured


def _deliver(conn: psycopg.Connection, endpoint_id: UUID, count: int) -> float:
    """Makes so many deliveries at once; how many a second until the last was delivered."""
    made = conn.execute(_DELIVER, {"endpoint": endpoint_id, "types": _SAMPLE_EVENTS, "most": count}).rowcount
    began, deadline = time.time(), time.monotonic() + MOST_SECONDS
    while True:
        left, last, _ = conn.execute(_LEFT, (endpoint_id,)).fetchone() or (0, 0, 0)
        if left == 0:
            return made / (float(last) - began)
        if time.monotonic() > deadline:
            raise RuntimeError(f"after {MOST_SECONDS:.0f} s {left} deliveries are still on their way")
        time.sleep(_LOOK_SECONDS)


async def _message(conn: psycopg.Connection, here: Outside, endpoint_id: UUID) -> actions.Message:
    """One of them as it was sent."""
    settings = read_settings({}, data_dir=here.server.data_dir, database_url=here.server.database.application_url)
    row = conn.execute("SELECT id FROM webhook_deliveries WHERE endpoint_id = %s LIMIT 1", (endpoint_id,)).fetchone()
    assert row is not None
    async with open_services(settings) as services:
        claimed = DueDelivery(UUID(here.server.clinic.organization_id), row[0], endpoint_id, 1)
        (read,) = await actions.read_all(services, system_actor(claimed.organization_id), [claimed])
        assert isinstance(read, actions.Read)
        return await actions.write_message(services, read)


async def _post(message: actions.Message) -> float:
    """Posts a second of a client that does nothing else, as many at once as the worker sends to one endpoint."""
    count, ends_at = 0, time.perf_counter() + _POST_SECONDS
    async with aiohttp.ClientSession() as client:

        async def post() -> None:
            nonlocal count
            while time.perf_counter() < ends_at:
                async with client.post(message.url, headers=message.headers, data=message.body) as answer:
                    await answer.read()
                count += 1

        await asyncio.gather(*(post() for _ in range(MAX_EACH)))
    return count / _POST_SECONDS


def measure_backlog(here: Outside) -> Backlog:
    old = outside.add_endpoint(here, "backlog", "EVENT_ONLY", [UNUSED_EVENT])
    new = outside.add_endpoint(here, "new events", "EVENT_ONLY", [_NEW_EVENT])
    with psycopg.connect(here.server.database.owner_url, autocommit=True) as conn:
        _make_backlog(conn)
        _tell_new(conn, new, 0, NEW_EVENTS // 10)
        alone = _tell_new(conn, new, NEW_EVENTS // 10, NEW_EVENTS)
        conn.execute(_DELIVER, {"endpoint": old, "types": [UNUSED_EVENT], "most": BACKLOG})
        # A backlog grows over hours, in which autovacuum counts it many times; these rows came all at once, and the worker
        # had made its plans for a table without them.
        conn.execute("ANALYZE webhook_deliveries")
        time.sleep(SETTLE_SECONDS)
        began, (before, _) = time.monotonic(), _left(conn, old)
        beside = _tell_new(conn, new, NEW_EVENTS // 10 + NEW_EVENTS, NEW_EVENTS)
        left, count = _wait_for_drain(conn, old, began)
        seconds = time.monotonic() - began
    outside.switch_off(here, old)
    outside.switch_off(here, new)
    return Backlog(
        count=count, delays_alone=alone, delays_beside=beside, drained=before - left, drain_seconds=seconds, left=left
    )


def _make_backlog(conn: psycopg.Connection) -> None:
    """Cases, and the events that an endpoint missed, a few of each case."""
    conn.execute(_CASES, (BACKLOG // EVENTS_PER_CASE,))
    conn.execute(_EVENTS, (UNUSED_EVENT, EVENTS_PER_CASE))
    conn.execute("VACUUM ANALYZE")


def _tell_new(conn: psycopg.Connection, endpoint_id: UUID, first: int, count: int) -> list[float]:
    """The delays of so many new events, one every moment, each of another case."""
    for number in range(first, first + count):
        conn.execute(_NEW, {"type": _NEW_EVENT, "number": number})
        time.sleep(PAUSE_SECONDS)
    deadline = time.monotonic() + MOST_SECONDS
    while time.monotonic() < deadline:
        rows: list[Any] = conn.execute(_DELAYS, (endpoint_id,)).fetchall()
        if len(rows) == first + count:
            return [float(row[0]) * 1_000 for row in rows[first:]]
        time.sleep(_LOOK_SECONDS)
    raise RuntimeError(f"after {MOST_SECONDS:.0f} s only {len(rows)} of {first + count} new events are delivered")


def _wait_for_drain(conn: psycopg.Connection, endpoint_id: UUID, began: float) -> tuple[int, int]:
    """How many are left when none is, or when it has taken too long; and how many there were."""
    while True:
        left, count = _left(conn, endpoint_id)
        if left == 0 or time.monotonic() - began > MOST_DRAIN_SECONDS:
            return left, count
        time.sleep(1)


def _left(conn: psycopg.Connection, endpoint_id: UUID) -> tuple[int, int]:
    """How many are not delivered yet, and how many there are."""
    left, _, count = conn.execute(_LEFT, (endpoint_id,)).fetchone() or (0, 0, 0)
    return left, count
