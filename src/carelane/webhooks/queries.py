"""SQL about events on their way out: what a body is written from, the deliveries that are due, and what became of them."""

from datetime import datetime, timedelta
from typing import Any, Literal, LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row, dict_row

from carelane.kit.db import Connection, to_json, uuid_array
from carelane.kit.phi import Phi

# The places that sealed secrets are bound to.
SECRET = "webhook_endpoints.secret_sealed"  # noqa: S105 - the name of a column
PREVIOUS_SECRET = "webhook_endpoints.previous_secret_sealed"  # noqa: S105

# An endpoint whose last success is older than this is switched off at its next failure.
PATIENCE = timedelta(days=5)

DocumentFormat = Literal["BASE64", "URL"]
Payload = Literal["FULL_CASE", "EVENT_ONLY"]


class EventRecord(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """An event as its row has it, with the people in it by name."""

    organization_id: UUID
    id: UUID
    type: str
    case_id: UUID | None
    case_sequence: int | None
    position: int | None
    target_id: UUID | None
    is_phi: bool
    is_restricted: bool
    created_at: datetime
    value_before: str | None
    value_after: str | None
    actor: dict[str, Any] | None
    target_user: dict[str, Any] | None
    # What its caller named the target of an event of billing, if the target has a name beside its id.
    target_name: str | None


class Receiver(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """The endpoint of a delivery, its secrets still sealed."""

    id: UUID
    name: str
    url: str
    document_format: DocumentFormat
    payload: Payload
    secret_sealed: bytes
    previous_secret_sealed: bytes | None


class Claimed(msgspec.Struct, frozen=True):
    """A delivery in hand; `attempts` counts the one that is due now."""

    organization_id: UUID
    id: UUID
    endpoint_id: UUID
    attempts: int


# `e` is the event. Only staff and patients have names; a key, a client and the system have none.
_EVENT: LiteralString = """
e.organization_id, e.id, e.type, e.case_id, e.case_sequence, e.position, e.target_id, e.is_phi, e.is_restricted,
e.created_at, e.value_before, e.value_after,
CASE e.actor_kind WHEN 'staff' THEN (
  SELECT json_build_object('id', s.id, 'firstName', s.first_name, 'lastName', s.last_name, 'email', s.email)
  FROM staff s WHERE s.organization_id = e.organization_id AND s.id = e.actor_id)
WHEN 'patient' THEN (
  SELECT json_build_object('id', p.id, 'firstName', p.first_name, 'lastName', p.last_name, 'email', p.email)
  FROM patients p WHERE p.organization_id = e.organization_id AND p.id = e.actor_id) END AS actor,
CASE WHEN e.type IN ('ADD_CASE_ASSIGNEE', 'REMOVE_CASE_ASSIGNEE') THEN (
  SELECT json_build_object('id', s.id, 'firstName', s.first_name, 'lastName', s.last_name, 'email', s.email)
  FROM staff s WHERE s.organization_id = e.organization_id AND s.id = e.target_id) END AS target_user,
CASE split_part(e.type, '_', 1)
WHEN 'PATIENT' THEN (SELECT given_id FROM patients n WHERE n.organization_id = e.organization_id AND n.id = e.target_id)
WHEN 'CART' THEN (SELECT given_id FROM carts n WHERE n.organization_id = e.organization_id AND n.id = e.target_id)
WHEN 'QUOTE' THEN (SELECT given_id FROM quotes n WHERE n.organization_id = e.organization_id AND n.id = e.target_id)
WHEN 'CATALOG' THEN coalesce(
  (SELECT given_id FROM products n WHERE n.organization_id = e.organization_id AND n.id = e.target_id),
  (SELECT given_id FROM bundles n WHERE n.organization_id = e.organization_id AND n.id = e.target_id),
  (SELECT given_id FROM locations n WHERE n.organization_id = e.organization_id AND n.id = e.target_id))
END AS target_name
"""

_EVENTS_OF_DELIVERIES: LiteralString = f"""
SELECT d.id AS delivery_id, {_EVENT}
FROM webhook_deliveries d JOIN events e ON e.organization_id = d.organization_id AND e.id = d.event_id
WHERE d.organization_id = %s AND d.id = ANY(%s::uuid[])
"""

_RECEIVERS: LiteralString = """
SELECT w.id, w.name, w.url, w.document_format, w.payload, w.secret_sealed,
  CASE WHEN w.previous_secret_ends_at > now() THEN w.previous_secret_sealed END AS previous_secret_sealed
FROM webhook_endpoints w WHERE w.organization_id = %s AND w.id = ANY(%s::uuid[])
"""

_FEED: LiteralString = f"""
SELECT {_EVENT}
FROM events e WHERE e.organization_id = %s AND e.position > %s AND NOT starts_with(e.type, 'WEBHOOK_')
ORDER BY e.position LIMIT %s
"""

_CLAIM: LiteralString = """
SELECT organization_id, id, endpoint_id, attempts FROM claim_deliveries(%s, %s, %s::uuid[], make_interval(secs => %s), %s, %s)
"""


async def list_events_of(conn: Connection, organization_id: UUID, delivery_ids: list[UUID]) -> dict[UUID, EventRecord]:
    """The event of each delivery."""
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_EVENTS_OF_DELIVERIES, (organization_id, uuid_array(delivery_ids)))
        return {row.pop("delivery_id"): EventRecord(**row) for row in await cursor.fetchall()}


async def list_receivers(conn: Connection, organization_id: UUID, endpoint_ids: list[UUID]) -> list[Receiver]:
    async with conn.cursor(row_factory=class_row(Receiver)) as cursor:
        await cursor.execute(_RECEIVERS, (organization_id, uuid_array(endpoint_ids)))
        return await cursor.fetchall()


async def list_feed(conn: Connection, organization_id: UUID, after: int, most: int) -> list[EventRecord]:
    """The next events of the feed, in its order."""
    async with conn.cursor(row_factory=class_row(EventRecord)) as cursor:
        await cursor.execute(_FEED, (organization_id, after, most))
        return await cursor.fetchall()


async def find_last_position(conn: Connection, organization_id: UUID) -> int:
    """The position of the newest event in the feed; 0 of an empty one."""
    cursor = await conn.execute("SELECT max(position) FROM events WHERE organization_id = %s", (organization_id,))
    row = await cursor.fetchone()
    return int(row[0] or 0) if row else 0


async def claim_due(
    conn: Connection, most: int, most_each: int, busy: list[UUID], lease_seconds: float, patience: int, claim_id: UUID
) -> list[Claimed]:
    """Deliveries for this worker to send now. `busy` names the endpoint of each that it has in hand. In `db.across()`."""
    async with conn.cursor(row_factory=class_row(Claimed)) as cursor:
        await cursor.execute(_CLAIM, (most, most_each, uuid_array(busy), lease_seconds, patience, claim_id))
        return await cursor.fetchall()


# ---- what became of attempts


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """The end of one attempt, as the statements below take it. `is_over`: whoever waits behind this one may go."""

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


_RESULTS: LiteralString = """
WITH results AS (
  SELECT r.* FROM jsonb_to_recordset(%s::jsonb) AS r (organization_id uuid, attempt_id uuid, delivery_id uuid, endpoint_id uuid,
    claim_id uuid, number integer, http_status integer, failure text, duration_milliseconds integer, status text,
    wait_seconds double precision, is_over boolean))
"""

# What was claimed by another meanwhile, or called off, keeps its state: the attempt alone is written down.
_SETTLE: LiteralString = (
    _RESULTS
    + """, attempt AS (
  INSERT INTO webhook_attempts (organization_id, id, delivery_id, number, http_status, failure, duration_milliseconds)
  SELECT organization_id, attempt_id, delivery_id, number, http_status, failure, duration_milliseconds FROM results)
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

_CANCEL: LiteralString = """
UPDATE webhook_deliveries SET status = 'CANCELED', next_attempt_at = NULL, claim_id = NULL
WHERE organization_id = %s AND endpoint_id = %s AND status = 'PENDING'
"""


async def save_settled(conn: Connection, results: list[Settled]) -> list[tuple[UUID, str]]:
    """Writes the attempts of one organization and moves their deliveries.

    Returns the endpoints that this switched off, with the reason; their deliveries are still to be canceled.
    """
    rows = to_json(results)
    await conn.execute(_SETTLE, (rows,))
    await conn.execute(_CALL_BACK, (rows,))
    if any(result.failure is None for result in results):
        await conn.execute(_SUCCEEDED, (rows,))
    if all(result.failure is None for result in results):
        return []
    await conn.execute(_FAILED, (rows,))
    cursor = await conn.execute(_SWITCH_OFF, (rows, PATIENCE))
    return [(row[0], row[1]) for row in await cursor.fetchall()]


async def set_canceled(conn: Connection, organization_id: UUID, endpoint_id: UUID) -> None:
    """All that an endpoint still waits for."""
    await conn.execute(_CANCEL, (organization_id, endpoint_id))
