"""Every SQL statement about messages."""

from collections.abc import Collection
from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.claims import ClaimRequest, Lease
from carelane.kit.db import Connection, to_json, uuid_array
from carelane.kit.phi import Phi
from carelane.messages.schemas import Channel, Kind, MessageFilter
from carelane.messages.states import Outcome, Status

# The places that what is sealed or digested of a message is bound to.
CONTENT = "messages.content_sealed"
DEDUPE = "messages.dedupe_digest"


class DueMessage(msgspec.Struct, frozen=True):
    """A message this worker may send while its lease holds."""

    organization_id: UUID
    id: UUID


class MessageRow(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A message; what it says is still sealed."""

    organization_id: UUID
    id: UUID
    kind: Kind
    channel: Channel
    record_kind: str
    record_id: UUID
    content_sealed: bytes | None
    status: Status
    attempts: int
    failure: str | None
    due_at: datetime | None
    expires_at: datetime | None
    settled_at: datetime | None
    created_at: datetime


_COLUMNS: LiteralString = """
organization_id, id, kind, channel, record_kind, record_id, content_sealed, status, attempts, failure, due_at, expires_at,
settled_at, created_at
"""
_INSERT: LiteralString = """
INSERT INTO messages (organization_id, id, kind, channel, record_kind, record_id, dedupe_digest, content_sealed, due_at,
  expires_at)
SELECT organization_id, id, kind, channel, record_kind, record_id, dedupe_digest, content_sealed, coalesce(due_at, now()),
  expires_at
FROM jsonb_populate_recordset(null::messages, %s::jsonb)
ON CONFLICT (organization_id, dedupe_digest) DO NOTHING RETURNING id
"""
_CLAIM: LiteralString = "SELECT organization_id, id FROM claim_messages(%s, %s::uuid[], make_interval(secs => %s), %s)"
_RENEW: LiteralString = "SELECT renew_messages(%s::uuid[], %s::uuid[], %s::uuid[], make_interval(secs => %s))"
_LOCK: LiteralString = f"SELECT {_COLUMNS} FROM messages WHERE organization_id = %s AND id = %s FOR UPDATE"
_LOCK_CLAIMED: LiteralString = f"""
SELECT {_COLUMNS} FROM messages
WHERE organization_id = %s AND id = %s AND claim_id = %s AND status = 'SENDING' FOR UPDATE
"""
_SET_CONTENT: LiteralString = "UPDATE messages SET content_sealed = %s WHERE organization_id = %s AND id = %s"
_SET_OUTCOME: LiteralString = """
UPDATE messages SET status = %(status)s, failure = %(failure)s, due_at = %(due_at)s, claim_id = NULL,
  settled_at = CASE WHEN %(status)s <> 'QUEUED' THEN now() END
WHERE organization_id = %(organization_id)s AND id = %(id)s
"""
_SET_QUEUED: LiteralString = f"""
UPDATE messages SET status = 'QUEUED', attempts = 0, due_at = now(), settled_at = NULL
WHERE organization_id = %s AND id = %s RETURNING {_COLUMNS}
"""
_LIST: LiteralString = f"SELECT {_COLUMNS} FROM messages WHERE organization_id = %(organization_id)s"
# Only what is asked for stands in the statement, so that its plan has the index for it.
_CONDITIONS: dict[str, LiteralString] = {
    "record_id": " AND record_id = %(record_id)s",
    "after": " AND id < %(after)s",
}
_NEWEST_FIRST: LiteralString = " ORDER BY id DESC LIMIT %(limit)s"


def _of_statuses(further: LiteralString) -> LiteralString:
    """The newest of each, which an index has in order, and of those the newest."""
    return f"""SELECT m.* FROM unnest(%(statuses)s::text[]) one (value), LATERAL (
  {_LIST}{further} AND status = one.value {_NEWEST_FIRST}) m {_NEWEST_FIRST}"""


async def insert_messages(conn: Connection, rows: list[dict[str, object]]) -> list[UUID]:
    """Those that are new; one whose `dedupe_digest` is there already is left out."""
    cursor = await conn.execute(_INSERT, (to_json(rows),))
    return [row[0] for row in await cursor.fetchall()]


async def claim_due(conn: Connection, request: ClaimRequest) -> list[DueMessage]:
    """Messages that are due, of all organizations. Works in `db.across()`, as `update_leases` does."""
    values = (request.limit, uuid_array(request.organization_ids), request.lease_seconds, request.claim_id)
    async with conn.cursor(row_factory=class_row(DueMessage)) as cursor:
        await cursor.execute(_CLAIM, values)
        return await cursor.fetchall()


async def update_leases(
    conn: Connection, leases: Collection[Lease[DueMessage]], lease_seconds: float
) -> Collection[UUID]:
    """The ids of those that still carry their claim, and carry it for so long again."""
    values = (
        uuid_array(lease.item.organization_id for lease in leases),
        uuid_array(lease.item.id for lease in leases),
        uuid_array(lease.claim_id for lease in leases),
        lease_seconds,
    )
    return [row[0] for row in await (await conn.execute(_RENEW, values)).fetchall()]


async def lock_message(conn: Connection, organization_id: UUID, message_id: UUID) -> MessageRow | None:
    return await _find(conn, _LOCK, (organization_id, message_id))


async def lock_claimed(conn: Connection, organization_id: UUID, message_id: UUID, claim_id: UUID) -> MessageRow | None:
    """None when another worker has it by now, or it was settled."""
    return await _find(conn, _LOCK_CLAIMED, (organization_id, message_id, claim_id))


async def set_content(conn: Connection, organization_id: UUID, message_id: UUID, sealed: bytes) -> None:
    await conn.execute(_SET_CONTENT, (sealed, organization_id, message_id))


async def set_outcome(conn: Connection, message: MessageRow, outcome: Outcome) -> None:
    """Of a message that the transaction has locked."""
    values = msgspec.structs.asdict(outcome) | {"organization_id": message.organization_id, "id": message.id}
    await conn.execute(_SET_OUTCOME, values)


async def set_queued(conn: Connection, organization_id: UUID, message_id: UUID) -> MessageRow:
    """Due at once, as if it had never been tried. Of a message that the transaction has locked."""
    found = await _find(conn, _SET_QUEUED, (organization_id, message_id))
    if found is None:
        raise LookupError("a locked message is not there")
    return found


async def list_messages(
    conn: Connection, organization_id: UUID, wanted: MessageFilter, after: UUID | None, limit: int
) -> list[MessageRow]:
    """Newest first."""
    values = msgspec.structs.asdict(wanted) | {"organization_id": organization_id, "after": after, "limit": limit}
    further: LiteralString = "".join(text for name, text in _CONDITIONS.items() if values[name])
    statement = _of_statuses(further) if wanted.statuses else f"{_LIST}{further}{_NEWEST_FIRST}"
    async with conn.cursor(row_factory=class_row(MessageRow)) as cursor:
        await cursor.execute(statement, values)
        return await cursor.fetchall()


async def _find(conn: Connection, statement: LiteralString, values: tuple[object, ...]) -> MessageRow | None:
    async with conn.cursor(row_factory=class_row(MessageRow)) as cursor:
        await cursor.execute(statement, values)
        return await cursor.fetchone()
