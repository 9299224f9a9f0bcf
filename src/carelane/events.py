"""The one way to record an event.

An event row is written in the transaction of the act it tells of; it feeds the case's activity, the audit trail and, through the
worker's dispatcher, every job.
"""

from collections.abc import Sequence
from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.event_names import EventType
from carelane.kit.auth import Actor
from carelane.kit.db import Connection, to_json
from carelane.kit.ids import uuid7

# A part of any statement whose `sent.rows` holds events as JSON. `case_sequence` counts the events of each case: the act
# has locked the case's row, so no other event of the case can come between the question and the insert, and a unique index
# would refuse one that did. Events of no case are not counted.
INSERT_EVENTS: LiteralString = """
INSERT INTO events (organization_id, id, type, case_id, actor_kind, actor_id, target_id, is_phi, is_restricted, is_test,
                    value_before, value_after, request_id, is_quiet, case_sequence)
SELECT n.organization_id, n.id, n.type, n.case_id, n.actor_kind, n.actor_id, n.target_id, n.is_phi, n.is_restricted,
       n.is_test, n.value_before, n.value_after, n.request_id, coalesce(n.is_quiet, false),
       CASE WHEN n.case_id IS NOT NULL THEN n.case_sequence + coalesce((
         SELECT max(e.case_sequence) FROM events e
         WHERE e.organization_id = n.organization_id AND e.case_id = n.case_id), 0) END
FROM sent, jsonb_populate_recordset(null::events, sent.rows -> 'events') n
"""

_INSERT_READ: LiteralString = """
INSERT INTO phi_reads (organization_id, id, actor_kind, actor_id, record_kind, record_id, reason, request_id)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
"""

_INSERT_READS: LiteralString = """
INSERT INTO phi_reads (organization_id, id, actor_kind, actor_id, record_kind, record_id, reason, request_id)
SELECT %s, n.id, %s, %s, %s, n.record_id, %s, %s FROM json_populate_recordset(null::phi_reads, %s) n
"""


# Several, because one that was written before another may be seen after it.
_MARK: LiteralString = """
SELECT count(*), hashtextextended(string_agg(e.id::text, ''), 0) FROM (
  SELECT id FROM events WHERE organization_id = %s ORDER BY id DESC LIMIT 32) e
"""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    organization_id: UUID
    id: UUID
    type: EventType
    case_id: UUID | None
    actor_kind: str
    actor_id: UUID | None
    request_id: str | None
    target_id: UUID | None = None
    is_phi: bool = False
    is_restricted: bool = False
    is_test: bool = False
    value_before: str | None = None
    value_after: str | None = None
    # No webhook tells of it; the feed does.
    is_quiet: bool = False
    # Which of the events of one act this is, from 1; the database adds what the case had before.
    case_sequence: int = 1


def new_event(
    actor: Actor,
    type: EventType,  # noqa: A002 - the field's name everywhere else
    case_id: UUID | None,
    *,
    target_id: UUID | None = None,
    is_test: bool = False,
    value_before: str | None = None,
    value_after: str | None = None,
) -> Event:
    """An event of `actor`, for `record` or for a statement that ends with INSERT_EVENTS."""
    return Event(
        organization_id=actor.organization_id,
        id=uuid7(),
        type=type,
        case_id=case_id,
        actor_kind=actor.kind,
        actor_id=actor.id,
        request_id=actor.request_id,
        target_id=target_id,
        is_test=is_test,
        value_before=value_before,
        value_after=value_after,
    )


async def record(conn: Connection, *acts: Event) -> None:
    """Writes the events, all of one case or of none, in the transaction of the act they tell of. The case's row must be
    locked."""
    numbered = [msgspec.structs.replace(event, case_sequence=number) for number, event in enumerate(acts, start=1)]
    await conn.execute(f"WITH sent AS (SELECT %s::jsonb AS rows) {INSERT_EVENTS}", (to_json({"events": numbered}),))


async def record_reads(
    conn: Connection, actor: Actor, record_kind: str, record_ids: Sequence[UUID], reason: str
) -> None:
    """`record_read` of many at once, in one statement."""
    if record_ids:
        rows = [{"id": uuid7(), "record_id": record_id} for record_id in record_ids]
        shared = (actor.organization_id, actor.kind, actor.id, record_kind, reason, actor.request_id)
        await conn.execute(_INSERT_READS, (*shared, to_json(rows)))


async def record_read(conn: Connection, actor: Actor, record_kind: str, record_id: UUID, reason: str) -> None:
    """Writes who saw which record and why, in the transaction of the read itself."""
    await conn.execute(
        _INSERT_READ,
        (actor.organization_id, uuid7(), actor.kind, actor.id, record_kind, record_id, reason, actor.request_id),
    )


async def find_mark(conn: Connection, organization_id: UUID) -> str:
    """Of the organization's last events: another one as soon as there is a further event. One short read of an index."""
    row = await (await conn.execute(_MARK, (organization_id,))).fetchone()
    return f"{row[1] or 0:x}" if row else "0"
