"""Every SQL statement about events of gateways."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.claims import ClaimRequest, Lease
from carelane.kit.db import Connection, to_json, uuid_array
from carelane.payments.gateways.protocol import ObjectKind
from carelane.payments.inbox.schemas import CameBy, EventStatus, GatewayEventOut

_INSERT: LiteralString = """
INSERT INTO gateway_events (organization_id, id, gateway_account_id, event_id, type, object_kind, object_id, intent_id,
                            attempt_id, happened_at, came_by, status, failure, due_at, settled_at)
SELECT n.organization_id, n.id, n.gateway_account_id, n.event_id, n.type, n.object_kind, n.object_id, n.intent_id, n.attempt_id,
       n.happened_at, n.came_by, n.status, n.failure,
       CASE n.status WHEN 'RECEIVED' THEN now() END, CASE n.status WHEN 'RECEIVED' THEN NULL ELSE now() END
FROM jsonb_populate_recordset(null::gateway_events, %s::jsonb) n
ON CONFLICT (organization_id, gateway_account_id, event_id) DO NOTHING RETURNING id
"""

_CLAIM: LiteralString = """
SELECT organization_id, id FROM claim_gateway_events(%s, %s::uuid[], make_interval(secs => %s), %s)
"""
_RENEW: LiteralString = "SELECT renew_gateway_events(%s::uuid[], %s::uuid[], %s::uuid[], make_interval(secs => %s))"

# `together`: what else was told about the same intent by now, for the object is fetched once for all of it.
_LIST_CLAIMED: LiteralString = """
SELECT g.id, g.gateway_account_id, g.type, g.object_kind, g.object_id, g.intent_id, g.attempt_id, g.tries, ARRAY(
  SELECT o.id FROM gateway_events o WHERE o.organization_id = g.organization_id AND o.gateway_account_id = g.gateway_account_id
    AND o.intent_id = g.intent_id AND o.status IN ('RECEIVED', 'UNMATCHED') AND o.object_kind IN ('intent', 'charge')
    AND g.object_kind IN ('intent', 'charge') AND o.id <> g.id) AS together
FROM unnest(%(ids)s::uuid[], %(claims)s::uuid[]) AS held (id, claim_id)
JOIN gateway_events g ON g.organization_id = %(organization_id)s AND g.id = held.id AND g.claim_id = held.claim_id
ORDER BY g.id
"""

# The intent as we know it; else the try that made it, as its metadata says; else a payment that came with it as its reference;
# else the payment that its metadata names. Never one of another account: test and live money are apart.
# Metadata that names two payments names none.
_FIND_PAYMENT: LiteralString = """
SELECT f.payment_id FROM (
  SELECT i.payment_id, 1 AS place FROM payment_intents i
  WHERE i.organization_id = %(organization_id)s AND i.gateway_account_id = %(account_id)s AND i.gateway_id = %(object_id)s
  UNION ALL
  SELECT a.payment_id, 2 FROM payment_attempts a
  WHERE a.organization_id = %(organization_id)s AND a.gateway_account_id = %(account_id)s AND a.id = %(attempt_id)s
    AND a.payment_id = coalesce(%(payment_id)s::uuid, a.payment_id)
  UNION ALL
  SELECT y.id, 3 FROM payments y
  WHERE y.organization_id = %(organization_id)s AND y.gateway_account_id = %(account_id)s AND y.reference_id = %(object_id)s
    AND y.method = 'GATEWAY' AND y.canceled_at IS NULL AND y.id = coalesce(%(payment_id)s::uuid, y.id)
  UNION ALL
  SELECT y.id, 4 FROM payments y
  WHERE y.organization_id = %(organization_id)s AND y.gateway_account_id = %(account_id)s AND y.id = %(payment_id)s
    AND NOT EXISTS (SELECT FROM payment_attempts a WHERE a.organization_id = y.organization_id AND a.id = %(attempt_id)s
      AND a.payment_id <> y.id)
) f ORDER BY f.place LIMIT 1
"""

_SET_SETTLED: LiteralString = """
UPDATE gateway_events g SET status = s.status, failure = s.failure, due_at = NULL, claim_id = NULL, settled_at = now()
FROM jsonb_to_recordset(%(settled)s::jsonb) AS s (id uuid, status text, failure text)
WHERE g.organization_id = %(organization_id)s AND g.id = s.id AND g.status IN ('RECEIVED', 'UNMATCHED')
"""
_SET_LATER: LiteralString = """
UPDATE gateway_events SET failure = %(failure)s, due_at = now() + make_interval(secs => %(seconds)s), claim_id = NULL
WHERE organization_id = %(organization_id)s AND id = %(id)s AND claim_id = %(claim_id)s
"""
# Looked at again after as long as it has waited already, but soon at first, and for three days.
_SET_UNMATCHED: LiteralString = """
UPDATE gateway_events SET status = 'UNMATCHED', failure = %(failure)s, claim_id = NULL,
  intent_id = coalesce(intent_id, %(intent_id)s),
  due_at = CASE WHEN now() - received_at < interval '3 days' THEN
    now() + least(greatest(now() - received_at, interval '1 minute'), interval '3 hours') END
WHERE organization_id = %(organization_id)s AND id = %(id)s AND claim_id = %(claim_id)s
"""

# Whoever adds a payment and whoever finds none for an event wait for one another here, object by object.
_LOCK_OBJECT: LiteralString = (
    "SELECT pg_advisory_xact_lock(hashtextextended('gateway object ' || %s::uuid || ' ' || %s, 0))"
)
_WAKE: LiteralString = """
UPDATE gateway_events SET due_at = now(), claim_id = NULL
WHERE organization_id = %s AND intent_id = %s AND status = 'UNMATCHED'
"""
_WAKE_PAYMENT: LiteralString = """
UPDATE payments SET next_step_at = least(next_step_at, now())
WHERE organization_id = %s AND id = %s AND stage IN ('UNCHECKED', 'DUE', 'RELEASING', 'NEEDS_PATIENT', 'NEEDS_CARD')
"""

_LIST: LiteralString = """
SELECT g.id, g.event_id, g.type, g.object_id, g.intent_id, a.is_test, g.status, g.came_by, g.tries, g.failure, g.happened_at,
  g.received_at, g.due_at AS next_look_at
FROM gateway_events g
JOIN gateway_accounts a ON a.organization_id = g.organization_id AND a.id = g.gateway_account_id
WHERE g.organization_id = %(organization_id)s AND g.status = %(status)s
  AND (%(after)s::uuid IS NULL OR g.id < %(after)s::uuid)
ORDER BY g.id DESC LIMIT %(limit)s
"""

_DELETE_OLD: LiteralString = """
WITH deleted AS (DELETE FROM gateway_events WHERE organization_id = %(organization_id)s AND id IN (
  SELECT id FROM gateway_events WHERE organization_id = %(organization_id)s AND due_at IS NULL
    AND received_at < now() - CASE status WHEN 'UNMATCHED' THEN %(unmatched)s ELSE %(settled)s END LIMIT %(most)s)
  RETURNING 1)
SELECT count(*) FROM deleted
"""


class NewEvent(msgspec.Struct, frozen=True, kw_only=True):
    organization_id: UUID
    id: UUID
    gateway_account_id: UUID
    event_id: str
    type: str
    object_kind: ObjectKind
    object_id: str
    intent_id: str | None
    attempt_id: UUID | None
    happened_at: datetime
    came_by: CameBy
    status: EventStatus = "RECEIVED"
    failure: str | None = None


class DueEvent(msgspec.Struct, frozen=True):
    organization_id: UUID
    id: UUID


class EventRow(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    gateway_account_id: UUID
    type: str
    object_kind: ObjectKind
    object_id: str
    intent_id: str | None
    attempt_id: UUID | None
    tries: int
    together: list[UUID]


class SettledEvent(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    status: EventStatus
    failure: str | None


async def insert_events(conn: Connection, events: Collection[NewEvent]) -> int:
    """How many of them were new."""
    cursor = await conn.execute(_INSERT, (to_json(list(events)),))
    return len(await cursor.fetchall())


async def claim_events(conn: Connection, request: ClaimRequest) -> list[DueEvent]:
    values = (request.limit, uuid_array(request.organization_ids), request.lease_seconds, request.claim_id)
    async with conn.cursor(row_factory=class_row(DueEvent)) as cursor:
        await cursor.execute(_CLAIM, values)
        return await cursor.fetchall()


async def update_leases(conn: Connection, leases: list[Lease[DueEvent]], lease_seconds: float) -> list[UUID]:
    """The ids of those that still carry their claim."""
    organization_ids = uuid_array(lease.item.organization_id for lease in leases)
    ids, claims = uuid_array(lease.item.id for lease in leases), uuid_array(lease.claim_id for lease in leases)
    cursor = await conn.execute(_RENEW, (organization_ids, ids, claims, lease_seconds))
    return [row[0] for row in await cursor.fetchall()]


async def list_claimed(conn: Connection, organization_id: UUID, leases: Sequence[Lease[DueEvent]]) -> list[EventRow]:
    """Those that still carry their claim, the oldest first."""
    ids, claims = uuid_array(lease.item.id for lease in leases), uuid_array(lease.claim_id for lease in leases)
    async with conn.cursor(row_factory=class_row(EventRow)) as cursor:
        await cursor.execute(_LIST_CLAIMED, {"organization_id": organization_id, "ids": ids, "claims": claims})
        return await cursor.fetchall()


async def find_payment(
    conn: Connection,
    organization_id: UUID,
    account_id: UUID,
    object_id: str | None,
    *,
    attempt_id: UUID | None = None,
    payment_id: UUID | None = None,
) -> UUID | None:
    """Whose money the object is about: an intent, or a setup that a payment came with."""
    values = {
        "organization_id": organization_id,
        "account_id": account_id,
        "object_id": object_id,
        "attempt_id": attempt_id,
        "payment_id": payment_id,
    }
    row = await (await conn.execute(_FIND_PAYMENT, values)).fetchone()
    return row[0] if row else None


async def set_settled(conn: Connection, organization_id: UUID, settled: list[SettledEvent]) -> None:
    """What has found its end before stays as it is."""
    await conn.execute(_SET_SETTLED, {"organization_id": organization_id, "settled": to_json(settled)})


async def set_later(
    conn: Connection, organization_id: UUID, event_id: UUID, claim_id: UUID, seconds: float, failure: str | None
) -> None:
    values = {
        "organization_id": organization_id,
        "id": event_id,
        "claim_id": claim_id,
        "seconds": seconds,
        "failure": failure,
    }
    await conn.execute(_SET_LATER, values)


async def set_unmatched(
    conn: Connection,
    organization_id: UUID,
    event_id: UUID,
    claim_id: UUID,
    *,
    intent_id: str | None,
    failure: str | None,
) -> None:
    """`intent_id`: what the event is about, where only the object itself told. It is locked."""
    values = {
        "organization_id": organization_id,
        "id": event_id,
        "claim_id": claim_id,
        "intent_id": intent_id,
        "failure": failure,
    }
    await conn.execute(_SET_UNMATCHED, values)


async def lock_object(conn: Connection, organization_id: UUID, object_id: str) -> None:
    """Until the transaction ends. Later statements see what others have committed before they gave it up."""
    await conn.execute(_LOCK_OBJECT, (organization_id, object_id))


async def update_waiting(conn: Connection, organization_id: UUID, object_id: str) -> None:
    """Events that found no payment are due. The object is locked."""
    await conn.execute(_WAKE, (organization_id, object_id))


async def update_next_step(conn: Connection, organization_id: UUID, payment_id: UUID) -> None:
    """The worker looks at the payment now, if there is anything it may do about it."""
    await conn.execute(_WAKE_PAYMENT, (organization_id, payment_id))


async def list_organizations(conn: Connection) -> list[UUID]:
    """Those that have or had an account with a gateway."""
    cursor = await conn.execute("SELECT DISTINCT organization_id FROM list_gateway_accounts()")
    return [row[0] for row in await cursor.fetchall()]


async def list_events(
    conn: Connection, organization_id: UUID, status: EventStatus, after: UUID | None, limit: int
) -> list[GatewayEventOut]:
    values = {"organization_id": organization_id, "status": status, "after": after, "limit": limit}
    async with conn.cursor(row_factory=class_row(GatewayEventOut)) as cursor:
        await cursor.execute(_LIST, values)
        return await cursor.fetchall()


async def delete_old(
    conn: Connection, organization_id: UUID, settled: timedelta, unmatched: timedelta, most: int
) -> int:
    values = {"organization_id": organization_id, "settled": settled, "unmatched": unmatched, "most": most}
    return int((await (await conn.execute(_DELETE_OLD, values)).fetchall())[0][0])
