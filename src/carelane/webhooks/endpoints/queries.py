"""Every SQL statement by which staff see and change webhook endpoints and deliveries."""

from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import Connection, to_json
from carelane.kit.ids import uuid7
from carelane.webhooks.endpoints.schemas import AttemptOut, DeliveryOut, EndpointOut
from carelane.webhooks.queries import DocumentFormat, Payload

_ENDPOINT: LiteralString = """
w.id, w.name, w.url, w.events, w.document_format, w.payload, w.previous_secret_ends_at, w.disabled_at, w.disabled_reason,
w.first_failed_at, w.created_at, w.updated_at, w.secret_header, w.dialect, w.subscriptions
"""
_DELIVERY: LiteralString = """
SELECT d.id, d.endpoint_id, d.event_id, e.type AS event, d.case_id, d.case_sequence AS sequence, d.status, d.replay_of_id,
  d.attempts, d.next_attempt_at, d.delivered_at, d.created_at
"""
_OF_EVENT: LiteralString = "JOIN events e ON e.organization_id = d.organization_id AND e.id = d.event_id"


class NewEndpoint(msgspec.Struct, frozen=True, kw_only=True):
    organization_id: UUID
    id: UUID
    name: str
    url: str
    events: list[str]
    document_format: str
    payload: str
    secret_header: str | None
    secret_sealed: bytes


class WantedEndpoint(msgspec.Struct, frozen=True, kw_only=True):
    """What an endpoint is to be. `is_enabled` None: as it is, and on when it is new. `secret` None: as it is, and made when
    the endpoint is new."""

    id: UUID
    name: str
    url: str
    events: list[str]
    document_format: DocumentFormat
    payload: Payload
    secret_header: str | None = None
    is_enabled: bool | None = None
    secret: str | None = None

    def __repr__(self) -> str:
        return "WantedEndpoint(***)"


class Secrets(msgspec.Struct, frozen=True):
    secret_sealed: bytes
    disabled_at: datetime | None


async def lock_endpoint_count(conn: Connection, organization_id: UUID) -> int:
    """How many endpoints are switched on; nobody adds one until the transaction ends."""
    await conn.execute("SELECT FROM organizations WHERE id = %s FOR NO KEY UPDATE", (organization_id,))
    cursor = await conn.execute(
        "SELECT count(*) FROM webhook_endpoints WHERE organization_id = %s AND disabled_at IS NULL", (organization_id,)
    )
    row = await cursor.fetchone()
    return int(row[0]) if row else 0


_INSERT: LiteralString = """
INSERT INTO webhook_endpoints (organization_id, id, name, url, events, document_format, payload, secret_header, secret_sealed)
VALUES (%(organization_id)s, %(id)s, %(name)s, %(url)s, %(events)s, %(document_format)s, %(payload)s, %(secret_header)s,
  %(secret_sealed)s)
"""


async def insert_endpoint(conn: Connection, endpoint: NewEndpoint) -> None:
    await conn.execute(_INSERT, msgspec.structs.asdict(endpoint))


async def list_endpoints(conn: Connection, organization_id: UUID) -> list[EndpointOut]:
    statement = (
        "SELECT " + _ENDPOINT + " FROM webhook_endpoints w WHERE w.organization_id = %s ORDER BY w.created_at, w.id"
    )
    async with conn.cursor(row_factory=class_row(EndpointOut)) as cursor:
        await cursor.execute(statement, (organization_id,))
        return await cursor.fetchall()


async def find_endpoint(conn: Connection, organization_id: UUID, endpoint_id: UUID) -> EndpointOut | None:
    statement = "SELECT " + _ENDPOINT + " FROM webhook_endpoints w WHERE w.organization_id = %s AND w.id = %s"
    async with conn.cursor(row_factory=class_row(EndpointOut)) as cursor:
        await cursor.execute(statement, (organization_id, endpoint_id))
        return await cursor.fetchone()


_CHANGE: LiteralString = (
    """
UPDATE webhook_endpoints w SET updated_at = now(), name = coalesce(n.name, w.name), url = coalesce(n.url, w.url),
  events = coalesce(n.events, w.events), document_format = coalesce(n.document_format, w.document_format),
  payload = coalesce(n.payload, w.payload),
  secret_header = CASE WHEN sent.changes ? 'secret_header' THEN n.secret_header ELSE w.secret_header END
FROM (SELECT %s::jsonb AS changes) sent, jsonb_to_record(sent.changes)
  AS n (name text, url text, events text[], document_format text, payload text, secret_header text)
WHERE w.organization_id = %s AND w.id = %s RETURNING """
    + _ENDPOINT
)


async def update_endpoint(
    conn: Connection, organization_id: UUID, endpoint_id: UUID, changes: dict[str, Any]
) -> EndpointOut | None:
    """Sets the columns that `changes` names."""
    async with conn.cursor(row_factory=class_row(EndpointOut)) as cursor:
        await cursor.execute(_CHANGE, (to_json(changes), organization_id, endpoint_id))
        return await cursor.fetchone()


_SWITCH_OFF: LiteralString = (
    """
UPDATE webhook_endpoints w SET disabled_at = now(), disabled_reason = 'BY_STAFF', updated_at = now()
WHERE w.organization_id = %s AND w.id = %s AND w.disabled_at IS NULL RETURNING """
    + _ENDPOINT
)
_SWITCH_ON: LiteralString = (
    """
UPDATE webhook_endpoints w SET disabled_at = NULL, disabled_reason = NULL, archived_at = NULL, first_failed_at = NULL, updated_at = now()
WHERE w.organization_id = %s AND w.id = %s AND w.disabled_at IS NOT NULL RETURNING """
    + _ENDPOINT
)


async def set_disabled(conn: Connection, organization_id: UUID, endpoint_id: UUID) -> EndpointOut | None:
    """None when there was nothing to switch off."""
    async with conn.cursor(row_factory=class_row(EndpointOut)) as cursor:
        await cursor.execute(_SWITCH_OFF, (organization_id, endpoint_id))
        return await cursor.fetchone()


async def set_enabled(conn: Connection, organization_id: UUID, endpoint_id: UUID) -> EndpointOut | None:
    """None when there was nothing to switch on. What failed before is forgotten: the five days begin again."""
    async with conn.cursor(row_factory=class_row(EndpointOut)) as cursor:
        await cursor.execute(_SWITCH_ON, (organization_id, endpoint_id))
        return await cursor.fetchone()


async def lock_secrets(conn: Connection, organization_id: UUID, endpoint_id: UUID) -> Secrets | None:
    async with conn.cursor(row_factory=class_row(Secrets)) as cursor:
        await cursor.execute(
            "SELECT secret_sealed, disabled_at FROM webhook_endpoints WHERE organization_id = %s AND id = %s FOR NO KEY UPDATE",
            (organization_id, endpoint_id),
        )
        return await cursor.fetchone()


async def list_secrets(conn: Connection, organization_id: UUID) -> dict[UUID, bytes]:
    """The sealed secret of each endpoint."""
    cursor = await conn.execute(
        "SELECT id, secret_sealed FROM webhook_endpoints WHERE organization_id = %s", (organization_id,)
    )
    return {row[0]: bytes(row[1]) for row in await cursor.fetchall()}


_ROTATE: LiteralString = """
UPDATE webhook_endpoints SET secret_sealed = %s, previous_secret_sealed = %s,
  previous_secret_ends_at = now() + make_interval(secs => %s), updated_at = now()
WHERE organization_id = %s AND id = %s
"""


async def set_secrets(
    conn: Connection, organization_id: UUID, endpoint_id: UUID, new: bytes, previous: bytes, valid_seconds: int
) -> None:
    await conn.execute(_ROTATE, (new, previous, valid_seconds, organization_id, endpoint_id))


# ---- deliveries


async def insert_delivery(conn: Connection, organization_id: UUID, endpoint_id: UUID, event_id: UUID) -> UUID:
    """A delivery of an event that the dispatcher makes no deliveries for."""
    delivery_id = uuid7()
    await conn.execute(
        "INSERT INTO webhook_deliveries (organization_id, id, endpoint_id, event_id) VALUES (%s, %s, %s, %s)",
        (organization_id, delivery_id, endpoint_id, event_id),
    )
    return delivery_id


_OF_STATUS: LiteralString = " AND d.status = %(status)s"
# As the index says it that has only such rows.
_NOT_DELIVERED: LiteralString = " AND d.status <> 'DELIVERED'"
# The first half is what lets the index be used; and that it is one value, reckoned beforehand: under row-level security nothing
# else that holds a `coalesce` reaches an index. When one was made that is deleted by now, its id tells.
_BEFORE_AT: LiteralString = """(SELECT coalesce((SELECT b.created_at FROM webhook_deliveries b
  WHERE b.organization_id = %(organization_id)s AND b.id = %(before)s), uuid7_moment(%(before)s) + interval '1 millisecond'))"""
_BEFORE: LiteralString = f"""
AND d.created_at <= {_BEFORE_AT} AND (d.created_at, d.id) < ({_BEFORE_AT}, %(before)s)
"""


async def list_deliveries(
    conn: Connection, organization_id: UUID, endpoint_id: UUID, status: str | None, before: UUID | None, most: int
) -> list[DeliveryOut]:
    """Newest first, those that come after the delivery `before` in this order, though it be deleted by now."""
    of_status: LiteralString = "" if status is None else _OF_STATUS
    undelivered: LiteralString = "" if status in {None, "DELIVERED"} else _NOT_DELIVERED
    onward: LiteralString = "" if before is None else _BEFORE
    newest: LiteralString = "ORDER BY d.created_at DESC, d.id DESC"
    statement: LiteralString = f"""{_DELIVERY} FROM (
SELECT * FROM webhook_deliveries d WHERE d.organization_id = %(organization_id)s AND d.endpoint_id = %(endpoint_id)s
{of_status}{undelivered}{onward} {newest} LIMIT %(most)s) d {_OF_EVENT} {newest}"""
    values = {
        "organization_id": organization_id,
        "endpoint_id": endpoint_id,
        "status": status,
        "before": before,
        "most": most,
    }
    async with conn.cursor(row_factory=class_row(DeliveryOut)) as cursor:
        await cursor.execute(statement, values)
        return await cursor.fetchall()


async def find_delivery(conn: Connection, organization_id: UUID, delivery_id: UUID) -> DeliveryOut | None:
    statement: LiteralString = f"{_DELIVERY} FROM webhook_deliveries d {_OF_EVENT} WHERE d.organization_id = %(organization_id)s AND d.id = %(id)s"
    async with conn.cursor(row_factory=class_row(DeliveryOut)) as cursor:
        await cursor.execute(statement, {"organization_id": organization_id, "id": delivery_id})
        return await cursor.fetchone()


async def list_attempts(conn: Connection, organization_id: UUID, delivery_id: UUID, most: int) -> list[AttemptOut]:
    async with conn.cursor(row_factory=class_row(AttemptOut)) as cursor:
        await cursor.execute(
            "SELECT number, http_status, failure, duration_milliseconds, created_at FROM webhook_attempts "
            "WHERE organization_id = %s AND delivery_id = %s ORDER BY number, created_at LIMIT %s",
            (organization_id, delivery_id, most),
        )
        return await cursor.fetchall()


# A replay of a replay repeats the first: what counts is the event. The first is held, so that it is not deleted meanwhile; one
# that was deleted before it could be held is not there.
_REPLAY: LiteralString = """
INSERT INTO webhook_deliveries (organization_id, endpoint_id, event_id, case_id, case_sequence, replay_of_id)
SELECT d.organization_id, d.endpoint_id, d.event_id, d.case_id, d.case_sequence, d.id
FROM webhook_deliveries d WHERE d.organization_id = %(organization_id)s
"""
_REPLAY_ONE: LiteralString = (
    _REPLAY
    + """
AND d.id = (SELECT coalesce(r.replay_of_id, r.id) FROM webhook_deliveries r
  WHERE r.organization_id = %(organization_id)s AND r.id = %(id)s)
FOR KEY SHARE OF d RETURNING id
"""
)
_REPLAY_RANGE: LiteralString = (
    "WITH made AS ("
    + _REPLAY
    + """
AND d.endpoint_id = %(endpoint_id)s AND d.created_at >= %(since)s AND d.created_at < %(until)s AND d.replay_of_id IS NULL
AND (%(status)s::text IS NULL OR d.status = %(status)s)
ORDER BY d.created_at, d.case_sequence LIMIT %(most)s FOR KEY SHARE OF d RETURNING 1)
SELECT count(*) FROM made
"""
)


async def insert_replay(conn: Connection, organization_id: UUID, delivery_id: UUID) -> UUID | None:
    """The id of a new delivery of the same event to the same endpoint. None: it was deleted this moment."""
    cursor = await conn.execute(_REPLAY_ONE, {"organization_id": organization_id, "id": delivery_id})
    row = await cursor.fetchone()
    return row[0] if row else None


async def insert_replays(
    conn: Connection,
    organization_id: UUID,
    endpoint_id: UUID,
    since: datetime,
    until: datetime,
    status: str | None,
    most: int,
) -> int:
    """New deliveries for all made in a time range, in one statement; how many that are."""
    values = {
        "organization_id": organization_id,
        "endpoint_id": endpoint_id,
        "since": since,
        "until": until,
        "status": status,
        "most": most,
    }
    cursor = await conn.execute(_REPLAY_RANGE, values)
    row = await cursor.fetchone()
    return int(row[0]) if row else 0
