"""The one statement of the queue."""

from functools import cache
from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.cases.review.queries import WAITS_SINCE, person
from carelane.cases.review.queue.schemas import QueueEntryOut, QueueFilters
from carelane.kit.db import Connection

_ENTRY: LiteralString = (
    """
json_build_object('id', c.id, 'shortId', c.short_id, 'title', c.title, 'status', c.status, 'createdAt', c.created_at,
  'waitsSince', """
    + WAITS_SINCE
    + """, 'askedPatientAt', c.asked_patient_at, 'isEscalated', c.is_escalated, 'isArchived', c.is_archived,
  'isTest', c.is_test, 'assignedTo', """
    + person("assigned_to_id")
    + """,
  'patient', json_build_object('id', p.id, 'firstName', p.first_name, 'lastName', p.last_name, 'state', p.state),
  'requests', coalesce((
    SELECT json_agg(json_build_object('productId', k.product_id, 'name', n.name, 'status', r.status)
                    ORDER BY k.position, r.created_at, r.id)
    FROM case_products k
    JOIN case_product_requests r ON r.organization_id = k.organization_id AND r.case_product_id = k.id
    JOIN products n ON n.organization_id = k.organization_id AND n.id = k.product_id
    WHERE k.organization_id = c.organization_id AND k.case_id = c.id), '[]'))
"""
)

# One condition for each filter that is set. A filter that is not set must not be in the statement: it is planned once, and
# for all values.
_CONDITIONS: dict[str, LiteralString] = {
    "mine": "c.assigned_to_id = %(assigned_to)s",
    "nobodys": "c.assigned_to_id IS NULL",
    "escalated": "c.is_escalated = %(is_escalated)s",
    "asked": "(c.asked_patient_at IS NOT NULL) = %(awaiting_patient)s",
    "state": "upper(p.state) = upper(%(state)s)",
    "short_id": "starts_with(c.short_id, upper(%(short_id)s))",
    # The first half is what an index can be asked.
    "after": "c.created_at >= (SELECT b.created_at FROM cases b"
    " WHERE b.organization_id = %(organization_id)s AND b.id = %(after)s)"
    " AND (c.created_at, c.id) > (SELECT b.created_at, b.id FROM cases b"
    " WHERE b.organization_id = %(organization_id)s AND b.id = %(after)s)",
}


@cache
def _statement(is_archived: bool, conditions: tuple[str, ...]) -> LiteralString:
    # Two literals, so that the index on cases that are not archived can be used.
    archived: LiteralString = "c.is_archived" if is_archived else "NOT c.is_archived"
    further = "".join(" AND " + _CONDITIONS[name] for name in conditions)
    # The oldest of each state, which the index has in order, and of those the oldest: however many cases there are, no more
    # than a page of each state is read.
    return (
        "SELECT "
        + _ENTRY
        + "::text FROM (SELECT w.* FROM unnest(%(statuses)s::text[]) one (status), LATERAL (SELECT c.* FROM cases c"
        + " JOIN patients p ON p.organization_id = c.organization_id AND p.id = c.patient_id"
        + " WHERE c.organization_id = %(organization_id)s AND c.status = one.status AND "
        + archived
        + further
        + " ORDER BY c.created_at, c.id LIMIT %(most)s) w ORDER BY w.created_at, w.id LIMIT %(most)s) c"
        + " JOIN patients p ON p.organization_id = c.organization_id AND p.id = c.patient_id"
        + " ORDER BY c.created_at, c.id"
    )


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
    """The first cases that fit, oldest first. An unknown `after` has nothing behind it."""
    values = msgspec.structs.asdict(filters) | {"organization_id": organization_id, "most": most}
    values["statuses"] = list(filters.statuses)
    if filters.assigned_to == "none":
        values["assigned_to"] = None
    cursor = await conn.execute(_statement(filters.is_archived, _conditions(filters)), values)
    return [msgspec.json.decode(row[0], type=QueueEntryOut) for row in await cursor.fetchall()]
