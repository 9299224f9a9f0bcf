"""Every statement about notices. The first two work in `db.across()`, in the dispatcher's transaction."""

from datetime import timedelta
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import Connection, to_json, uuid_array


class Occasion(msgspec.Struct, frozen=True, kw_only=True):
    """What a notice may say: nothing about the patient."""

    organization_id: UUID
    event_id: UUID
    type: str
    # Of the case that the event tells of, if it tells of one.
    case_id: UUID | None
    short_id: str | None
    is_test: bool
    # Of the webhook endpoint that was switched off, and why.
    endpoint_id: UUID | None
    endpoint_name: str | None
    reason: str | None
    organization_name: str
    recipients: list[str]


_LIST: LiteralString = """
SELECT organization_id, event_id, type, case_id, short_id, is_test, endpoint_id, endpoint_name, reason, organization_name,
  recipients
FROM find_occasions(%s::uuid[], %s::uuid[])
"""
_SET_MOVED: LiteralString = """
UPDATE notifications SET status = 'FAILED', failure = 'moved to messages'
WHERE organization_id = %s AND event_id = %s AND status IN ('PENDING', 'SENDING')
  AND coalesce(claimed_at, created_at) < now() - %s
RETURNING recipient
"""


async def list_occasions(conn: Connection, organization_ids: list[UUID], event_ids: list[UUID]) -> list[Occasion]:
    """Of those of the events that somebody is told of."""
    async with conn.cursor(row_factory=class_row(Occasion)) as cursor:
        await cursor.execute(_LIST, (uuid_array(organization_ids), uuid_array(event_ids)))
        return await cursor.fetchall()


async def insert_notices(conn: Connection, rows: list[dict[str, object]]) -> None:
    """Rows of messages with the `event_id` of each; one that is there already is left out."""
    await conn.execute("SELECT queue_notices(%s::jsonb)", (to_json(rows),))


async def list_old(conn: Connection, waiting: timedelta, most: int) -> list[tuple[UUID, UUID]]:
    """Organization and event of rows in `notifications` that have stood still for so long. Works in `db.across()`."""
    cursor = await conn.execute(
        "SELECT organization_id, event_id FROM find_stalled_notifications(%s, %s)", (waiting, most)
    )
    return [(row[0], row[1]) for row in await cursor.fetchall()]


async def set_moved(conn: Connection, organization_id: UUID, event_id: UUID, waiting: timedelta) -> list[str]:
    """Whom those rows are for; they wait no longer."""
    cursor = await conn.execute(_SET_MOVED, (organization_id, event_id, waiting))
    return [row[0] for row in await cursor.fetchall()]
