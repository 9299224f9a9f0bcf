"""Every event name with one line of meaning, and the one way to record an event.

The names are the care dialect's (its webhooks and the `activity` of a case). An event row is written in the transaction of
the act it tells of; it feeds the case's activity, the audit trail and, through the worker's dispatcher, every job.
"""

from typing import Literal, LiteralString
from uuid import UUID

import msgspec

from carelane.kit.auth import Actor
from carelane.kit.db import Connection, to_json
from carelane.kit.ids import uuid7

EventType = Literal["CREATE_CASE", "ADD_CASE_ASSIGNEE", "CHANGE_CASE_STATUS"]

MEANINGS: dict[EventType, str] = {
    "CREATE_CASE": "a storefront sent a case",
    "ADD_CASE_ASSIGNEE": "a member of staff was given the case; the target is that member",
    "CHANGE_CASE_STATUS": "the case moved; the values are its status before and after",
}

# A part of any statement whose `sent.rows` holds events as JSON.
INSERT_EVENTS: LiteralString = """
INSERT INTO events (organization_id, id, type, case_id, actor_kind, actor_id, target_id, is_phi, is_restricted, is_test,
                    value_before, value_after, request_id)
SELECT organization_id, id, type, case_id, actor_kind, actor_id, target_id, is_phi, is_restricted, is_test,
       value_before, value_after, request_id
FROM sent, jsonb_populate_recordset(null::events, sent.rows -> 'events')
"""

_INSERT_READ: LiteralString = """
INSERT INTO phi_reads (organization_id, id, actor_kind, actor_id, record_kind, record_id, reason, request_id)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
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


async def record(conn: Connection, event: Event) -> None:
    """Writes the event, in the transaction of the act it tells of."""
    await conn.execute("WITH sent AS (SELECT %s::jsonb AS rows) " + INSERT_EVENTS, (to_json({"events": [event]}),))


async def record_read(conn: Connection, actor: Actor, record_kind: str, record_id: UUID, reason: str) -> None:
    """Writes who saw which record and why, in the transaction of the read itself."""
    await conn.execute(
        _INSERT_READ,
        (actor.organization_id, uuid7(), actor.kind, actor.id, record_kind, record_id, reason, actor.request_id),
    )
