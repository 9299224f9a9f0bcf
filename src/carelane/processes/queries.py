"""SQL of what runs for no feature: the outbox of events, and the timed jobs. In `db.across()`."""

from collections.abc import Collection
from typing import LiteralString
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


async def update_what_is_ahead(conn: Connection, lease_seconds: float) -> int:
    """Makes due what a clock that was ahead put off too far; how much that was. Of all organizations."""
    cursor = await conn.execute("SELECT recall_what_is_ahead(make_interval(secs => %s))", (lease_seconds,))
    row = await cursor.fetchone()
    return int(row[0]) if row else 0
