"""Every statement about notifications."""

from datetime import timedelta
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import Connection
from carelane.kit.ids import uuid7

# A message that has been SENDING for this long was claimed by a worker that is gone.
CLAIM_SECONDS = 300


class Occasion(msgspec.Struct, frozen=True):
    """What a message may say: nothing about the patient."""

    type: str
    # Of the case that the event tells of, if it tells of one.
    short_id: str | None
    is_test: bool
    case_status: str | None
    # Of the webhook endpoint that was switched off, and why.
    endpoint_name: str | None
    reason: str | None
    organization_name: str
    recipients: list[str]


class Notification(msgspec.Struct, frozen=True):
    id: UUID
    recipient: str
    attempts: int


_OCCASION: LiteralString = """
SELECT e.type, c.short_id, coalesce(c.is_test, false) AS is_test, c.status AS case_status, w.name AS endpoint_name,
  e.value_after AS reason, o.name AS organization_name, o.notification_emails AS recipients
FROM events e
LEFT JOIN cases c ON c.organization_id = e.organization_id AND c.id = e.case_id
LEFT JOIN webhook_endpoints w ON w.organization_id = e.organization_id AND w.id = e.target_id
JOIN organizations o ON o.id = e.organization_id
WHERE e.organization_id = %s AND e.id = %s
"""


async def find_occasion(conn: Connection, organization_id: UUID, event_id: UUID) -> Occasion | None:
    async with conn.cursor(row_factory=class_row(Occasion)) as cursor:
        await cursor.execute(_OCCASION, (organization_id, event_id))
        return await cursor.fetchone()


_INSERT: LiteralString = """
INSERT INTO notifications (organization_id, id, event_id, recipient)
SELECT %s, id, %s, recipient FROM unnest(%s::uuid[], %s::text[]) AS new (id, recipient)
ON CONFLICT (organization_id, event_id, recipient) DO NOTHING
"""


async def insert_missing(conn: Connection, organization_id: UUID, event_id: UUID, recipients: list[str]) -> None:
    """One row for each recipient that has none yet."""
    ids = [uuid7() for _ in recipients]
    await conn.execute(_INSERT, (organization_id, event_id, ids, recipients))


_CLAIM: LiteralString = """
UPDATE notifications SET status = 'SENDING', claimed_at = now(), attempts = attempts + 1
WHERE organization_id = %s AND event_id = %s
  AND (status = 'PENDING' OR (status = 'SENDING' AND claimed_at < now() - make_interval(secs => %s)))
RETURNING id, recipient, attempts
"""


async def claim_unsent(conn: Connection, organization_id: UUID, event_id: UUID) -> list[Notification]:
    """The event's messages that wait; each is handed out once."""
    async with conn.cursor(row_factory=class_row(Notification)) as cursor:
        await cursor.execute(_CLAIM, (organization_id, event_id, CLAIM_SECONDS))
        return await cursor.fetchall()


_SENT: LiteralString = """
UPDATE notifications SET status = 'SENT', sent_at = now(), failure = NULL
WHERE organization_id = %s AND id = %s AND status = 'SENDING'
"""
_FAILED: LiteralString = """
UPDATE notifications SET status = CASE WHEN attempts < %s THEN 'PENDING' ELSE 'FAILED' END, failure = %s
WHERE organization_id = %s AND id = %s AND status = 'SENDING'
"""


async def set_sent(conn: Connection, organization_id: UUID, id: UUID) -> None:  # noqa: A002 - the column's name
    await conn.execute(_SENT, (organization_id, id))


async def set_failed(conn: Connection, organization_id: UUID, id: UUID, failure: str, most_attempts: int) -> None:  # noqa: A002
    """Back to waiting, or given up after `most_attempts`."""
    await conn.execute(_FAILED, (most_attempts, failure, organization_id, id))


async def find_stalled(conn: Connection, older_than: timedelta, most: int) -> list[tuple[UUID, UUID]]:
    """Organization and event of messages that stand still, across organizations."""
    cursor = await conn.execute(
        "SELECT organization_id, event_id FROM find_stalled_notifications(%s, %s)", (older_than, most)
    )
    return [(row[0], row[1]) for row in await cursor.fetchall()]
