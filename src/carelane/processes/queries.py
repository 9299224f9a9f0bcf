"""SQL of what runs for no feature: the outbox of events, and the timed jobs. In `db.across()`."""

from collections.abc import Collection
from datetime import timedelta
from typing import Literal, LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.claims import ClaimRequest, Lease
from carelane.kit.db import Connection, uuid_array

_LIST_DUE: LiteralString = "SELECT list_due_work()"
_CLAIM_FEED: LiteralString = "SELECT organization_id, id, type FROM claim_feed(%s)"
_MAKE_DELIVERIES: LiteralString = "SELECT make_deliveries(%s::uuid[], %s::uuid[])"

_RELEASE_ORDERS: LiteralString = "SELECT release_orders(%s::uuid[], %s::uuid[])"

_INSERT_TIMED: LiteralString = "INSERT INTO timed_jobs (name) SELECT unnest(%s::text[]) ON CONFLICT DO NOTHING"
# A run that began or ended more than a minute from now did so by a clock that was ahead: what it planned is nothing to wait for.
_CLAIM_TIMED: LiteralString = """
UPDATE timed_jobs j SET due_at = now() + make_interval(secs => %s), claim_id = %s, began_at = now()
WHERE j.name IN (
  SELECT d.name FROM timed_jobs d WHERE d.name = ANY(%s::text[]) AND (d.due_at <= now()
    OR d.began_at > now() + interval '1 minute' OR d.claim_id IS NULL AND d.ended_at > now() + interval '1 minute')
  ORDER BY d.due_at LIMIT %s FOR UPDATE SKIP LOCKED)
RETURNING j.name, j.failures
"""
_RENEW_TIMED: LiteralString = """
UPDATE timed_jobs j SET due_at = now() + make_interval(secs => %s)
FROM unnest(%s::text[], %s::uuid[]) AS held (name, claim_id) WHERE j.name = held.name AND j.claim_id = held.claim_id
RETURNING j.name
"""
_SETTLE_TIMED: LiteralString = """
UPDATE timed_jobs SET due_at = now() + make_interval(secs => %s), claim_id = NULL, ended_at = now(), failure = %s,
  failures = CASE WHEN %s::text IS NULL THEN 0 ELSE failures + 1 END
WHERE name = %s AND claim_id = %s
"""

# What the clock did since the job last looked: it may stand still or go on for a while, not go back and not leap.
_UPDATE_CLOCK: LiteralString = """
INSERT INTO timed_jobs AS j (name, due_at, reached_at, even_since_at) VALUES (%(job)s, now(), now(), now())
ON CONFLICT (name) DO UPDATE SET reached_at = now(),
  even_since_at = CASE WHEN now() - j.reached_at BETWEEN interval '-1 minute' AND %(most)s::interval
    THEN coalesce(j.even_since_at, now()) ELSE now() END
RETURNING now() - even_since_at >= %(least)s::interval
"""
_IS_CLOCK_EVEN: LiteralString = """
SELECT now() - reached_at BETWEEN interval '-1 minute' AND %(most)s::interval AND now() - even_since_at >= %(least)s::interval
FROM timed_jobs WHERE name = %(job)s
"""
# One statement after another of the transaction then has so long.
_LOCK_BATCH: LiteralString = """
SELECT set_config('statement_timeout', %s, true), pg_try_advisory_xact_lock(hashtextextended('retention ' || %s, 0))
"""

# The kinds of rows that are kept for a while only.
Kept = Literal[
    "delivery", "given_up_delivery", "webhook_attempt", "order_attempt", "callback", "notification", "quote_message",
    "message_content", "message", "cart", "answer",
]  # fmt: skip
_DELETE: dict[Kept, LiteralString] = {
    "delivery": "SELECT delete_old_deliveries(%s, %s)",
    "given_up_delivery": "SELECT delete_given_up_deliveries(%s, %s)",
    "webhook_attempt": "SELECT delete_old_webhook_attempts(%s, %s)",
    "order_attempt": "SELECT delete_old_order_attempts(%s, %s)",
    "callback": "SELECT delete_old_callbacks(%s, %s)",
    "notification": "SELECT delete_old_notifications(%s, %s)",
    "quote_message": "SELECT delete_old_quote_messages(%s, %s)",
    "message_content": "SELECT remove_message_contents(%s, %s)",
    "message": "SELECT delete_old_messages(%s, %s)",
    "cart": "SELECT delete_ended_carts(%s, %s)",
    "answer": "SELECT delete_old_answers(%s, %s)",
}


class ClaimedEvent(msgspec.Struct, frozen=True):
    organization_id: UUID
    id: UUID
    type: str


class DueJob(msgspec.Struct, frozen=True):
    """`failures` in a row, before this run."""

    name: str
    failures: int

    @property
    def id(self) -> str:
        return self.name

    @property
    def organization_id(self) -> None:
        return None


async def list_due_work(conn: Connection) -> list[str]:
    """The names of the queues that have anything due."""
    return [row[0] for row in await (await conn.execute(_LIST_DUE)).fetchall()]


async def claim_events(conn: Connection, most: int) -> list[ClaimedEvent]:
    """The oldest events that wait; each has its place in the feed now. Nobody else's, until the transaction ends."""
    async with conn.cursor(row_factory=class_row(ClaimedEvent)) as cursor:
        await cursor.execute(_CLAIM_FEED, (most,))
        return await cursor.fetchall()


async def insert_deliveries(conn: Connection, events: list[ClaimedEvent]) -> None:
    """One for each endpoint that wants the event."""
    organizations, ids = uuid_array(event.organization_id for event in events), uuid_array(event.id for event in events)
    await conn.execute(_MAKE_DELIVERIES, (organizations, ids))


async def update_waiting_orders(conn: Connection, events: list[ClaimedEvent]) -> None:
    """Orders that waited for what these events tell of are due at once."""
    organizations, ids = uuid_array(event.organization_id for event in events), uuid_array(event.id for event in events)
    await conn.execute(_RELEASE_ORDERS, (organizations, ids))


async def insert_timed_jobs(conn: Connection, names: list[str]) -> None:
    """Rows for those that have none yet; such a job is due at once."""
    await conn.execute(_INSERT_TIMED, (names,))


async def claim_timed_jobs(conn: Connection, request: ClaimRequest, names: list[str]) -> list[DueJob]:
    async with conn.cursor(row_factory=class_row(DueJob)) as cursor:
        await cursor.execute(_CLAIM_TIMED, (request.lease_seconds, request.claim_id, names, request.limit))
        return await cursor.fetchall()


async def update_leases(conn: Connection, leases: list[Lease[DueJob]], lease_seconds: float) -> Collection[str]:
    """Which of the jobs still carry their claim, for so long again."""
    names, claims = [lease.item.name for lease in leases], uuid_array(lease.claim_id for lease in leases)
    cursor = await conn.execute(_RENEW_TIMED, (lease_seconds, names, claims))
    return [row[0] for row in await cursor.fetchall()]


async def set_ended(conn: Connection, lease: Lease[DueJob], wait_seconds: float, failure: str | None) -> None:
    """When the job is due again, and what went wrong, if anything did."""
    await conn.execute(_SETTLE_TIMED, (wait_seconds, failure, failure, lease.item.name, lease.claim_id))


async def update_clock(conn: Connection, job: str, least: timedelta, most: timedelta) -> bool:
    """Notes that the job looks now. Whether the database's clock has gone evenly for `least`: no two looks `most` apart."""
    row = await (await conn.execute(_UPDATE_CLOCK, {"job": job, "least": least, "most": most})).fetchone()
    return row is not None and bool(row[0])


async def find_clock(conn: Connection, job: str, least: timedelta, most: timedelta) -> bool:
    """What `update_clock` found, if it was asked lately."""
    row = await (await conn.execute(_IS_CLOCK_EVEN, {"job": job, "least": least, "most": most})).fetchone()
    return row is not None and bool(row[0])


async def lock_batch(conn: Connection, kind: str, timeout_seconds: float) -> bool:
    """Whether nobody else deletes rows of that kind until the transaction ends. What follows in it has so long."""
    row = await (await conn.execute(_LOCK_BATCH, (f"{timeout_seconds:.0f}s", kind))).fetchone()
    return row is not None and bool(row[1])


async def delete_rows(conn: Connection, kind: Kept, keep: timedelta, most: int) -> int:
    """Deletes so many of the rows that are older, the oldest first and of whatever organization; how many went."""
    row = await (await conn.execute(_DELETE[kind], (keep, most))).fetchone()
    return int(row[0] or 0) if row else 0


async def update_what_is_ahead(conn: Connection, lease_seconds: float) -> int:
    """Makes due what a clock that was ahead put off too far; how much that was. Of all organizations."""
    cursor = await conn.execute("SELECT recall_what_is_ahead(make_interval(secs => %s))", (lease_seconds,))
    row = await cursor.fetchone()
    return int(row[0]) if row else 0
