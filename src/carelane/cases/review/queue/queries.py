"""SQL of the staff queue."""

from collections.abc import Sequence
from functools import cache
from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.cases.review.queries import WAITS_SINCE
from carelane.cases.review.schemas import QueueEntryOut, QueueFilters
from carelane.kit.db import Connection, uuid_array
from carelane.payments.gate.queries import HOLD_ENDS_AT
from carelane.payments.states import HURRY_BEFORE
from carelane.staff.queries import member_json

# Whose money is held, but not for a day any more.
_URGENT: LiteralString = """
SELECT DISTINCT c.id FROM payment_intents i
JOIN payments y ON y.organization_id = i.organization_id AND y.id = i.payment_id
JOIN cases c ON c.organization_id = y.organization_id AND c.id = y.case_id
WHERE i.organization_id = %s AND i.status = 'requires_capture' AND i.hold_ends_at <= now() + %s
  AND c.status IN ('OPEN', 'ASSIGNED', 'IN_PROGRESS', 'NO_DECISION') AND NOT c.is_archived
"""

_ENTRY: LiteralString = f"""
json_build_object('id', c.id, 'shortId', c.short_id, 'title', c.title, 'status', c.status, 'createdAt', c.created_at,
  'waitsSince', {WAITS_SINCE}, 'askedPatientAt', c.asked_patient_at, 'isEscalated', c.is_escalated,
  'isArchived', c.is_archived, 'isTest', c.is_test, 'holdEndsAt', {HOLD_ENDS_AT}, 'assignedTo', {member_json("c", "assigned_to_id")},
  'patient', json_build_object('id', p.id, 'firstName', c.patient_first_name, 'lastName', c.patient_last_name,
    'state', p.state),
  'requests', coalesce((
    SELECT json_agg(json_build_object('productId', k.product_id, 'name', n.name, 'status', r.status)
                    ORDER BY k.position, r.created_at, r.id)
    FROM case_products k
    JOIN case_product_requests r ON r.organization_id = k.organization_id AND r.case_product_id = k.id
    JOIN products n ON n.organization_id = k.organization_id AND n.id = k.product_id
    WHERE k.organization_id = c.organization_id AND k.case_id = c.id), '[]'))
"""

# One condition for each filter that is set. One that is not set must not be in the statement, which is planned once
# for all values.
_CONDITIONS: dict[str, LiteralString] = {
    "mine": "c.assigned_to_id = %(assigned_to)s",
    "nobodys": "c.assigned_to_id IS NULL",
    "escalated": "c.is_escalated = %(is_escalated)s",
    "asked": "(c.asked_patient_at IS NOT NULL) = %(awaiting_patient)s",
    "state": "upper(p.state) = upper(%(state)s)",
    "short_id": "starts_with(c.short_id, upper(%(short_id)s))",
    "urgent": "c.id = ANY(%(urgent)s::uuid[])",
    "ordinary": "c.id <> ALL(%(urgent)s::uuid[])",
    # The first half is what lets an index be used.
    "after": "c.created_at >= (SELECT b.created_at FROM cases b"
    " WHERE b.organization_id = %(organization_id)s AND b.id = %(after)s)"
    " AND (c.created_at, c.id) > (SELECT b.created_at, b.id FROM cases b"
    " WHERE b.organization_id = %(organization_id)s AND b.id = %(after)s)",
}


@cache
def _queue_statement(is_archived: bool, conditions: tuple[str, ...]) -> LiteralString:
    # Two literals, so that the index on cases that are not archived can be used.
    archived: LiteralString = "c.is_archived" if is_archived else "NOT c.is_archived"
    further = "".join(" AND " + _CONDITIONS[name] for name in conditions)
    # The oldest of each state, which the index has in order, and of those the oldest: however many cases there are, no more
    # than a page of each state is read.
    return f"""
SELECT {_ENTRY}::text FROM (
  SELECT w.* FROM unnest(%(statuses)s::text[]) one (status), LATERAL (
    SELECT c.* FROM cases c JOIN patients p ON p.organization_id = c.organization_id AND p.id = c.patient_id
    WHERE c.organization_id = %(organization_id)s AND c.status = one.status AND {archived}{further}
    ORDER BY c.created_at, c.id LIMIT %(most)s) w
  ORDER BY w.created_at, w.id LIMIT %(most)s) c
JOIN patients p ON p.organization_id = c.organization_id AND p.id = c.patient_id
ORDER BY c.created_at, c.id
"""


def _conditions(filters: QueueFilters) -> tuple[str, ...]:
    asked_for = {
        "mine": isinstance(filters.assigned_to, UUID),
        "nobodys": filters.assigned_to == "none",
        "escalated": filters.is_escalated is not None,
        "asked": filters.awaiting_patient is not None,
        "state": filters.state is not None,
        "short_id": filters.short_id is not None,
        "after": filters.after is not None,
    }
    return tuple(name for name, is_set in asked_for.items() if is_set)


async def list_cases(conn: Connection, organization_id: UUID, filters: QueueFilters, most: int) -> list[QueueEntryOut]:
    """The first cases that match: those that are urgent, then the others, each oldest first. Nothing follows an unknown `after`."""
    urgent = await _list_urgent(conn, organization_id)
    if not urgent:
        return await _list(conn, organization_id, filters, most, _conditions(filters))
    found: list[QueueEntryOut] = []
    if filters.after is None or filters.after in urgent:
        found = await _list(conn, organization_id, filters, most, ("urgent", *_conditions(filters)), urgent)
        filters = msgspec.structs.replace(filters, after=None)
    if len(found) < most:
        wanted = ("ordinary", *_conditions(filters))
        found += await _list(conn, organization_id, filters, most - len(found), wanted, urgent)
    return found


async def _list_urgent(conn: Connection, organization_id: UUID) -> list[UUID]:
    cursor = await conn.execute(_URGENT, (organization_id, HURRY_BEFORE))
    return [row[0] for row in await cursor.fetchall()]


async def _list(
    conn: Connection,
    organization_id: UUID,
    filters: QueueFilters,
    most: int,
    conditions: tuple[str, ...],
    urgent: Sequence[UUID] = (),
) -> list[QueueEntryOut]:
    values = msgspec.structs.asdict(filters) | {"organization_id": organization_id, "most": most}
    values |= {"statuses": list(filters.statuses), "urgent": uuid_array(urgent)}
    if filters.assigned_to == "none":
        values["assigned_to"] = None
    cursor = await conn.execute(_queue_statement(filters.is_archived, conditions), values)
    return [msgspec.json.decode(row[0], type=QueueEntryOut) for row in await cursor.fetchall()]
