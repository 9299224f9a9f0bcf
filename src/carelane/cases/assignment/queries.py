"""Every SQL statement about cases that wait to be assigned."""

from collections.abc import Mapping
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.events import INSERT_EVENTS, Event
from carelane.kit.claims import ClaimRequest
from carelane.kit.db import Connection, to_json, uuid_array
from carelane.staff.queries import AssignmentPolicy

_FIND: LiteralString = "SELECT find_unassigned(%s, %s::uuid[])"

# Oldest first. One that somebody acts on at this moment is looked at again next time.
_LOCK: LiteralString = """
SELECT c.id, c.is_test, o.assignment_policy AS policy FROM cases c JOIN organizations o ON o.id = c.organization_id
WHERE c.organization_id = %s AND c.status = 'OPEN' AND NOT c.is_archived AND c.assigned_to_id IS NULL
ORDER BY c.created_at LIMIT %s FOR NO KEY UPDATE OF c SKIP LOCKED
"""

_ASSIGN: LiteralString = (
    """
WITH sent AS (SELECT %s::jsonb AS rows), given AS (
  SELECT g.* FROM sent, jsonb_to_recordset(sent.rows -> 'given') AS g (organization_id uuid, case_id uuid, staff_id uuid)
), assigned AS (
  UPDATE cases c SET status = 'ASSIGNED', assigned_to_id = g.staff_id, assigned_at = now(), updated_at = now()
  FROM given g WHERE c.organization_id = g.organization_id AND c.id = g.case_id
), assignees AS (
  INSERT INTO case_assignees (organization_id, case_id, staff_id)
  SELECT organization_id, case_id, staff_id FROM given ON CONFLICT DO NOTHING
)
"""
    + INSERT_EVENTS
)


class UnassignedCase(msgspec.Struct, frozen=True):
    id: UUID
    is_test: bool
    policy: AssignmentPolicy


async def claim_organizations(conn: Connection, request: ClaimRequest) -> list[UUID]:
    """Organizations that have a case to assign and somebody to take it, without those in flight. In `db.across()`."""
    cursor = await conn.execute(_FIND, (request.limit, uuid_array(request.organization_ids)))
    return [row[0] for row in await cursor.fetchall()]


async def lock_unassigned(conn: Connection, organization_id: UUID, most: int) -> list[UnassignedCase]:
    """Their rows stay locked until the transaction ends. Two who ask at once get different ones."""
    async with conn.cursor(row_factory=class_row(UnassignedCase)) as cursor:
        await cursor.execute(_LOCK, (organization_id, most))
        return await cursor.fetchall()


async def assign(conn: Connection, organization_id: UUID, given: Mapping[UUID, UUID], events: list[Event]) -> None:
    """`given` is from each locked case to its member of staff; `events` has one for each."""
    rows = [
        {"organization_id": organization_id, "case_id": case_id, "staff_id": staff_id}
        for case_id, staff_id in given.items()
    ]
    await conn.execute(_ASSIGN, (to_json({"given": rows, "events": events}),))
