"""SQL about deliveries that are due, and what came of the attempts at them."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.claims import ClaimRequest, Lease
from carelane.kit.db import Connection, Sealed, to_json, uuid_array
from carelane.kit.phi import Phi

# An endpoint whose last success is older than this is switched off at its next failure.
PATIENCE = timedelta(days=5)
# Between two mails about what one listener missed.
TELLING_EVERY = timedelta(days=1)


class DueDelivery(msgspec.Struct, frozen=True):
    """A delivery in flight; `attempts` counts the one that is due now."""

    organization_id: UUID
    id: UUID
    endpoint_id: UUID
    attempts: int


_CLAIM: LiteralString = """
SELECT organization_id, id, endpoint_id, attempts
FROM claim_due_deliveries(%s, %s, %s::uuid[], %s::uuid[], make_interval(secs => %s), %s, %s)
"""
_RENEW: LiteralString = "SELECT renew_deliveries(%s::uuid[], %s::uuid[], %s::uuid[], make_interval(secs => %s))"


async def claim_due(
    conn: Connection, request: ClaimRequest, most_each: int, patient_attempts: int
) -> list[DueDelivery]:
    """Deliveries for this worker to send now, at most `most_each` of one endpoint at a time. In `db.across()`."""
    organizations, endpoints = uuid_array(request.organization_ids), uuid_array(request.share_keys)
    values = (
        request.limit,
        most_each,
        organizations,
        endpoints,
        request.lease_seconds,
        patient_attempts,
        request.claim_id,
    )
    async with conn.cursor(row_factory=class_row(DueDelivery)) as cursor:
        await cursor.execute(_CLAIM, values)
        return await cursor.fetchall()


async def update_leases(conn: Connection, leases: list[Lease[DueDelivery]], lease_seconds: float) -> Collection[UUID]:
    """Which of the deliveries still carry their claim, for so long again. In `db.across()`."""
    organizations = uuid_array(lease.item.organization_id for lease in leases)
    ids, claims = uuid_array(lease.item.id for lease in leases), uuid_array(lease.claim_id for lease in leases)
    cursor = await conn.execute(_RENEW, (organizations, ids, claims, lease_seconds))
    return [row[0] for row in await cursor.fetchall()]


class AttemptResult(msgspec.Struct, frozen=True, kw_only=True):
    """How one attempt ended, as the statements below take it. `is_over`: whoever waits behind this one may go."""

    organization_id: UUID
    attempt_id: UUID
    delivery_id: UUID
    endpoint_id: UUID
    claim_id: UUID
    number: int
    http_status: int | None
    failure: str | None
    duration_milliseconds: int
    status: str
    wait_seconds: float
    is_over: bool
    answer_sealed: Sealed | None = None


_RESULTS: LiteralString = """
WITH results AS (
  SELECT r.* FROM jsonb_to_recordset(%s::jsonb) AS r (organization_id uuid, attempt_id uuid, delivery_id uuid, endpoint_id uuid,
    claim_id uuid, number integer, http_status integer, failure text, duration_milliseconds integer, status text,
    wait_seconds double precision, is_over boolean, answer_sealed bytea))
"""

# What was claimed by another meanwhile, or called off, keeps its state: the attempt alone is written down. Nothing is, where a
# worker stood still for so long that the delivery was deleted.
_SETTLE: LiteralString = (
    _RESULTS
    + """, attempt AS (
  INSERT INTO webhook_attempts (organization_id, id, delivery_id, number, http_status, failure, duration_milliseconds, answer_sealed)
  SELECT organization_id, attempt_id, delivery_id, number, http_status, failure, duration_milliseconds, answer_sealed
  FROM results r
  WHERE EXISTS (SELECT FROM webhook_deliveries k WHERE k.organization_id = r.organization_id AND k.id = r.delivery_id))
UPDATE webhook_deliveries d SET status = r.status, claim_id = NULL,
  next_attempt_at = CASE r.status WHEN 'PENDING' THEN now() + make_interval(secs => r.wait_seconds) END,
  delivered_at = CASE r.status WHEN 'DELIVERED' THEN now() END
FROM results r
WHERE d.organization_id = r.organization_id AND d.id = r.delivery_id AND d.claim_id = r.claim_id AND d.status = 'PENDING'
"""
)

# The next of the same case gets its old place in the queue back. In two steps, so that each row is looked up by its key:
# as one, the planner reads the whole table.
_CALL_BACK: LiteralString = (
    _RESULTS
    + """, following AS MATERIALIZED (
  SELECT b.organization_id, (
    SELECT n.id FROM webhook_deliveries n
    WHERE n.organization_id = b.organization_id AND n.case_id = b.case_id AND n.endpoint_id IS NOT DISTINCT FROM b.endpoint_id
      AND n.case_sequence > b.case_sequence AND n.status = 'PENDING' AND n.replay_of_id IS NULL
    ORDER BY n.case_sequence LIMIT 1) AS id
  FROM results r JOIN webhook_deliveries b ON b.organization_id = r.organization_id AND b.id = r.delivery_id
  WHERE r.is_over AND b.replay_of_id IS NULL)
UPDATE webhook_deliveries d SET next_attempt_at = d.created_at
FROM following f
WHERE d.organization_id = f.organization_id AND d.id = f.id AND d.attempts = 0 AND d.next_attempt_at > now()
"""
)

_SUCCEEDED: LiteralString = (
    _RESULTS
    + """
UPDATE webhook_endpoints w SET first_failed_at = NULL
FROM (SELECT DISTINCT organization_id, endpoint_id FROM results WHERE failure IS NULL) r
WHERE w.organization_id = r.organization_id AND w.id = r.endpoint_id AND w.first_failed_at IS NOT NULL
"""
)

_ALL_FAILED: LiteralString = """
(SELECT organization_id, endpoint_id, bool_or(failure = 'gone') AS is_gone FROM results
 GROUP BY organization_id, endpoint_id HAVING bool_and(failure IS NOT NULL)) r
WHERE w.organization_id = r.organization_id AND w.id = r.endpoint_id AND w.disabled_at IS NULL
"""

_FAILED: LiteralString = (
    _RESULTS
    + "UPDATE webhook_endpoints w SET first_failed_at = now() FROM "
    + _ALL_FAILED
    + " AND w.first_failed_at IS NULL"
)

# True for one transaction only: the row is locked by it, and the next one finds it switched off.
_SWITCH_OFF: LiteralString = (
    _RESULTS
    + """
UPDATE webhook_endpoints w SET disabled_at = now(), updated_at = now(),
  disabled_reason = CASE WHEN r.is_gone THEN 'GONE' ELSE 'FAILING' END
FROM """
    + _ALL_FAILED
    + """ AND (r.is_gone OR w.first_failed_at <= now() - %s::interval)
RETURNING w.id, w.disabled_reason
"""
)


# At most one mail a day to each listener's address, however much it misses; of one that was just switched off there is another.
_TELL: LiteralString = (
    _RESULTS
    + """
UPDATE webhook_endpoints w SET told_at = now()
FROM (SELECT DISTINCT r.organization_id, r.endpoint_id FROM results r
      JOIN webhook_deliveries d ON d.organization_id = r.organization_id AND d.id = r.delivery_id
      WHERE d.status = 'FAILED' AND d.notifies) f
WHERE w.organization_id = f.organization_id AND w.id = f.endpoint_id AND w.notification_email IS NOT NULL
  AND w.disabled_at IS NULL AND (w.told_at IS NULL OR w.told_at <= now() - %s::interval)
RETURNING w.id
"""
)


async def set_told(conn: Connection, results: list[AttemptResult]) -> list[UUID]:
    """The listeners whose storefronts are to be told now that something was given up."""
    if all(result.status != "FAILED" for result in results):
        return []
    cursor = await conn.execute(_TELL, (to_json(results), TELLING_EVERY))
    return [row[0] for row in await cursor.fetchall()]


async def save_results(conn: Connection, results: list[AttemptResult]) -> list[tuple[UUID, str]]:
    """Writes the attempts of one organization and moves their deliveries.

    Returns the endpoints that this switched off, with the reason; their deliveries are still to be canceled.
    """
    await conn.execute(_SETTLE, (to_json(results),))
    # Answers are written once, and need not be read by what comes next.
    rows = to_json([msgspec.structs.replace(result, answer_sealed=None) for result in results])
    await conn.execute(_CALL_BACK, (rows,))
    if any(result.failure is None for result in results):
        await conn.execute(_SUCCEEDED, (rows,))
    if all(result.failure is None for result in results):
        return []
    await conn.execute(_FAILED, (rows,))
    cursor = await conn.execute(_SWITCH_OFF, (rows, PATIENCE))
    return [(row[0], row[1]) for row in await cursor.fetchall()]


class AnsweredRow(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """An attempt, and the sealed answer to it."""

    id: UUID
    number: int
    http_status: int | None
    failure: str | None
    duration_milliseconds: int
    created_at: datetime
    answer_sealed: bytes | None


async def list_answered(conn: Connection, organization_id: UUID, delivery_id: UUID, most: int) -> list[AnsweredRow]:
    """The first attempts at a delivery, with what was answered."""
    async with conn.cursor(row_factory=class_row(AnsweredRow)) as cursor:
        await cursor.execute(
            "SELECT id, number, http_status, failure, duration_milliseconds, created_at, answer_sealed FROM webhook_attempts "
            "WHERE organization_id = %s AND delivery_id = %s ORDER BY number, created_at LIMIT %s",
            (organization_id, delivery_id, most),
        )
        return await cursor.fetchall()
