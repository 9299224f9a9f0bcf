"""Every SQL statement about listeners and what they were told."""

from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import Connection
from carelane.web.paging import Direction, Page, asked_for
from carelane.webhooks.billing.schemas import AttemptFilters, SortBy

_LISTENER: LiteralString = """
w.id, w.url, w.subscriptions, w.notification_email, w.secret_sealed, w.disabled_at, w.disabled_reason,
w.archived_at IS NOT NULL AS is_archived, w.created_at, w.updated_at
"""
# A listener that is not archived.
_THIS_ONE: LiteralString = (
    "w.organization_id = %(organization_id)s AND w.id = %(id)s AND w.dialect = 'BILLING' AND w.archived_at IS NULL"
)


class ListenerRow(msgspec.Struct, frozen=True, kw_only=True):
    """`url` is empty where none was ever said (`/tenant/webhook-config` alone)."""

    id: UUID
    url: str
    subscriptions: list[str]
    notification_email: str | None
    secret_sealed: bytes
    disabled_at: datetime | None
    disabled_reason: str | None
    is_archived: bool
    created_at: datetime
    updated_at: datetime


class NewListener(msgspec.Struct, frozen=True, kw_only=True):
    organization_id: UUID
    id: UUID
    name: str
    url: str
    subscriptions: list[str]
    notification_email: str | None
    secret_sealed: bytes
    is_enabled: bool = True


_INSERT: LiteralString = """
INSERT INTO webhook_endpoints (organization_id, id, name, url, dialect, subscriptions, notification_email, secret_sealed,
  disabled_at, disabled_reason)
VALUES (%(organization_id)s, %(id)s, %(name)s, %(url)s, 'BILLING', %(subscriptions)s, %(notification_email)s, %(secret_sealed)s,
  CASE WHEN %(is_enabled)s THEN NULL ELSE now() END, CASE WHEN %(is_enabled)s THEN NULL ELSE 'BY_STOREFRONT' END)
ON CONFLICT (organization_id, id) DO NOTHING RETURNING id
"""
_LIST: LiteralString = (
    "SELECT "
    + _LISTENER
    + """ FROM webhook_endpoints w
WHERE w.organization_id = %s AND w.dialect = 'BILLING' AND (%s OR w.archived_at IS NULL) ORDER BY w.created_at, w.id LIMIT %s
"""
)
_FIND: LiteralString = (
    "SELECT "
    + _LISTENER
    + " FROM webhook_endpoints w WHERE w.organization_id = %s AND w.id = %s AND w.dialect = 'BILLING'"
)
# What staff switched off stays off.
_ENABLES: LiteralString = "%(enables)s AND w.disabled_reason IS DISTINCT FROM 'BY_STAFF'"
# What is null stays.
_UPDATE: LiteralString = f"""
UPDATE webhook_endpoints w SET updated_at = now(), url = coalesce(%(url)s, w.url),
  subscriptions = coalesce(%(subscriptions)s, w.subscriptions),
  notification_email = CASE WHEN %(sets_email)s THEN %(notification_email)s ELSE w.notification_email END,
  disabled_at = CASE WHEN {_ENABLES} THEN NULL ELSE w.disabled_at END,
  disabled_reason = CASE WHEN {_ENABLES} THEN NULL ELSE w.disabled_reason END,
  first_failed_at = CASE WHEN {_ENABLES} THEN NULL ELSE w.first_failed_at END
WHERE {_THIS_ONE} RETURNING w.disabled_reason
"""
_RESTORE: LiteralString = """
UPDATE webhook_endpoints SET archived_at = NULL
WHERE organization_id = %s AND id = %s AND dialect = 'BILLING' AND archived_at IS NOT NULL
"""
_ARCHIVE: LiteralString = f"""
UPDATE webhook_endpoints w SET archived_at = now(), updated_at = now(), disabled_at = coalesce(w.disabled_at, now()),
  disabled_reason = coalesce(w.disabled_reason, 'BY_STOREFRONT')
WHERE {_THIS_ONE} RETURNING w.id
"""
_SWITCH_OFF: LiteralString = f"""
UPDATE webhook_endpoints w SET disabled_at = now(), disabled_reason = 'BY_STOREFRONT', updated_at = now()
WHERE {_THIS_ONE} AND w.disabled_at IS NULL
"""


async def insert_listener(conn: Connection, listener: NewListener) -> bool:
    """False when there is one already."""
    cursor = await conn.execute(_INSERT, msgspec.structs.asdict(listener))
    return await cursor.fetchone() is not None


async def list_listeners(
    conn: Connection, organization_id: UUID, includes_archived: bool, most: int
) -> list[ListenerRow]:
    """Oldest first."""
    async with conn.cursor(row_factory=class_row(ListenerRow)) as cursor:
        await cursor.execute(_LIST, (organization_id, includes_archived, most))
        return await cursor.fetchall()


async def find_listener(conn: Connection, organization_id: UUID, listener_id: UUID) -> ListenerRow | None:
    """Archived ones too."""
    async with conn.cursor(row_factory=class_row(ListenerRow)) as cursor:
        await cursor.execute(_FIND, (organization_id, listener_id))
        return await cursor.fetchone()


async def update_listener(
    conn: Connection, organization_id: UUID, listener_id: UUID, changes: dict[str, Any], *, enables: bool
) -> str | None:
    """Sets the columns that `changes` names, to what is not null; the address of who is told to null too.

    Why it is off then, if it is.
    """
    values = {"url": None, "subscriptions": None, "notification_email": None, "enables": enables} | changes
    values |= {"organization_id": organization_id, "id": listener_id, "sets_email": "notification_email" in changes}
    row = await (await conn.execute(_UPDATE, values)).fetchone()
    return row[0] if row else None


async def set_archived(conn: Connection, organization_id: UUID, listener_id: UUID) -> bool:
    """False when there is none, or it is archived already."""
    cursor = await conn.execute(_ARCHIVE, {"organization_id": organization_id, "id": listener_id})
    return await cursor.fetchone() is not None


async def set_restored(conn: Connection, organization_id: UUID, listener_id: UUID) -> None:
    """It is archived no more, but still off."""
    await conn.execute(_RESTORE, (organization_id, listener_id))


async def set_switched_off(conn: Connection, organization_id: UUID, listener_id: UUID) -> None:
    await conn.execute(_SWITCH_OFF, {"organization_id": organization_id, "id": listener_id})


# ---- what they were told


class AttemptRow(msgspec.Struct, frozen=True, kw_only=True):
    """An alert to a listener, with the last attempt at it or at one of its repeats."""

    id: UUID
    alert_id: UUID
    type: str
    target_id: UUID | None
    created_at: datetime
    delivered_at: datetime | None
    attempted_at: datetime | None
    http_status: int | None
    failure: str | None


# What nothing serves but looking at one after the other is looked for among so many of a listener, the first that come of the days
# asked for: the newest, or the oldest where those come first.
MOST_SEEN = 5_000
_FIELDS: LiteralString = """
SELECT d.id, e.id AS alert_id, t.type, e.target_id, d.created_at, l.delivered_at, a.created_at AS attempted_at, a.http_status,
  a.failure
FROM """
_BESIDE: LiteralString = """ d
JOIN webhook_endpoints w ON w.organization_id = d.organization_id AND w.id = d.endpoint_id AND w.dialect = 'BILLING'
JOIN events e ON e.organization_id = d.organization_id AND e.id = d.event_id
CROSS JOIN LATERAL (
  SELECT alert_name(alert_type(e.type, e.actor_kind, e.value_before, e.value_after), w.subscriptions) AS type) t
CROSS JOIN LATERAL (
  SELECT max(r.delivered_at) AS delivered_at FROM webhook_deliveries r
  WHERE r.organization_id = d.organization_id AND (r.id = d.id OR r.replay_of_id = d.id)) l
LEFT JOIN LATERAL (
  SELECT n.created_at, n.http_status, n.failure FROM webhook_deliveries r
  JOIN webhook_attempts n ON n.organization_id = r.organization_id AND n.delivery_id = r.id
  WHERE r.organization_id = d.organization_id AND (r.id = d.id OR r.replay_of_id = d.id)
  ORDER BY n.created_at DESC, n.number DESC LIMIT 1) a ON true
WHERE d.organization_id = %(organization_id)s AND d.replay_of_id IS NULL AND t.type IS NOT NULL
"""
_ATTEMPT: LiteralString = f"{_FIELDS} webhook_deliveries {_BESIDE} AND d.id = %(id)s"
_OF_LISTENER: LiteralString = """SELECT * FROM webhook_deliveries d
WHERE d.organization_id = %(organization_id)s AND d.endpoint_id = %(listener_id)s AND d.replay_of_id IS NULL"""
_DAYS: dict[str, LiteralString] = {
    "created_before": "d.created_at < %(created_before)s",
    "created_after": "d.created_at > %(created_after)s",
}
_CONDITIONS: dict[str, LiteralString] = {
    "event_type": "t.type = %(event_type)s",
    "is_delivered": "(l.delivered_at IS NOT NULL) = %(is_delivered)s",
    "last_status": "a.http_status = %(last_status)s",
    "last_error": "a.failure ILIKE %(last_error)s",
    "delivered_before": "l.delivered_at < %(delivered_before)s",
    "delivered_after": "l.delivered_at > %(delivered_after)s",
}
_ORDER: dict[tuple[SortBy, Direction], LiteralString] = {
    ("created_date", "asc"): "d.created_at, e.position, d.id",
    ("created_date", "desc"): "d.created_at DESC, e.position DESC, d.id DESC",
    ("delivered_date", "asc"): "l.delivered_at NULLS LAST, d.id",
    ("delivered_date", "desc"): "l.delivered_at DESC NULLS LAST, d.id DESC",
    ("last_delivery_attempt_date", "asc"): "a.created_at NULLS LAST, d.id",
    ("last_delivery_attempt_date", "desc"): "a.created_at DESC NULLS LAST, d.id DESC",
    ("type", "asc"): "t.type, d.created_at, d.id",
    ("type", "desc"): "t.type DESC, d.created_at DESC, d.id DESC",
}


async def list_attempts(
    conn: Connection, organization_id: UUID, listener_id: UUID, filters: AttemptFilters, page: Page
) -> list[AttemptRow]:
    values = {**msgspec.structs.asdict(filters), "organization_id": organization_id, "listener_id": listener_id}
    values["most_seen"] = MOST_SEEN
    fitting, order = asked_for(_CONDITIONS, values), _ORDER[filters.sort_by, filters.sort_direction]
    by_day = filters.sort_by == "created_date"
    way: LiteralString = "ASC" if by_day and filters.sort_direction == "asc" else "DESC"
    most: LiteralString = (
        "" if by_day and not fitting else f" ORDER BY d.created_at {way}, d.id {way} LIMIT %(most_seen)s"
    )
    seen: LiteralString = f"({_OF_LISTENER}{asked_for(_DAYS, values)}{most})"
    statement: LiteralString = f"{_FIELDS}{seen}{_BESIDE}{fitting} ORDER BY {order} LIMIT %(limit)s OFFSET %(offset)s"
    async with conn.cursor(row_factory=class_row(AttemptRow)) as cursor:
        await cursor.execute(statement, values | msgspec.structs.asdict(page))
        return await cursor.fetchall()


async def find_attempt(conn: Connection, organization_id: UUID, delivery_id: UUID) -> AttemptRow | None:
    async with conn.cursor(row_factory=class_row(AttemptRow)) as cursor:
        await cursor.execute(_ATTEMPT, {"organization_id": organization_id, "id": delivery_id})
        return await cursor.fetchone()


_LOCK_ATTEMPT: LiteralString = """
SELECT d.endpoint_id FROM webhook_deliveries d
JOIN webhook_endpoints w ON w.organization_id = d.organization_id AND w.id = d.endpoint_id AND w.dialect = 'BILLING'
JOIN events e ON e.organization_id = d.organization_id AND e.id = d.event_id
WHERE d.organization_id = %s AND d.id = %s AND d.replay_of_id IS NULL
  AND alert_type(e.type, e.actor_kind, e.value_before, e.value_after) IS NOT NULL
FOR NO KEY UPDATE OF d
"""
_FIND_WAITING: LiteralString = """
SELECT r.id FROM webhook_deliveries r WHERE r.organization_id = %s AND r.replay_of_id = %s AND r.status = 'PENDING' LIMIT 1
"""
_REPEAT: LiteralString = """
INSERT INTO webhook_deliveries (organization_id, endpoint_id, event_id, case_id, case_sequence, replay_of_id, notifies)
SELECT d.organization_id, d.endpoint_id, d.event_id, d.case_id, d.case_sequence, d.id, %s
FROM webhook_deliveries d WHERE d.organization_id = %s AND d.id = %s
"""


async def lock_attempt(conn: Connection, organization_id: UUID, delivery_id: UUID) -> UUID | None:
    """The listener of the alert, which nobody else repeats until the transaction ends."""
    row = await (await conn.execute(_LOCK_ATTEMPT, (organization_id, delivery_id))).fetchone()
    return row[0] if row else None


async def find_waiting_repeat(conn: Connection, organization_id: UUID, delivery_id: UUID) -> UUID | None:
    row = await (await conn.execute(_FIND_WAITING, (organization_id, delivery_id))).fetchone()
    return row[0] if row else None


async def insert_repeat(conn: Connection, organization_id: UUID, delivery_id: UUID, *, notifies: bool) -> None:
    await conn.execute(_REPEAT, (notifies, organization_id, delivery_id))
