"""The events of a case, with names."""

from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.case_detail.timeline.schemas import TimelineEventOut
from carelane.kit.db import Connection

_LAST: LiteralString = """
SELECT (SELECT coalesce(max(e.case_sequence), 0) FROM events e WHERE e.organization_id = c.organization_id AND e.case_id = c.id)
FROM cases c WHERE c.organization_id = %s AND c.id = %s
"""
_LIST: LiteralString = """
SELECT coalesce((SELECT json_agg(json_build_object('id', e.id, 'number', e.case_sequence, 'type', e.type, 'at', e.created_at,
    'actorKind', e.actor_kind, 'actor', CASE e.actor_kind
      WHEN 'staff' THEN (SELECT json_build_object('id', s.id, 'firstName', s.first_name, 'lastName', s.last_name) FROM staff s
                         WHERE s.organization_id = e.organization_id AND s.id = e.actor_id)
      WHEN 'patient' THEN (SELECT json_build_object('id', p.id, 'firstName', p.first_name, 'lastName', p.last_name) FROM patients p
                           WHERE p.organization_id = e.organization_id AND p.id = e.actor_id) END,
    'isRestricted', e.is_restricted, 'targetId', e.target_id, 'about', CASE
      WHEN e.type IN ('ADD_CASE_ASSIGNEE', 'REMOVE_CASE_ASSIGNEE') THEN (
        SELECT concat_ws(' ', s.first_name, s.last_name) FROM staff s
        WHERE s.organization_id = e.organization_id AND s.id = e.target_id)
      WHEN e.type = 'ADD_CASE_DECISION' THEN (
        SELECT o.name FROM decisions d JOIN products o ON o.organization_id = d.organization_id AND o.id = d.product_id
        WHERE d.organization_id = e.organization_id AND d.id = e.target_id)
      WHEN e.type IN ('CASE_PRODUCT_ADDED', 'CASE_PRODUCT_CLOSED') THEN (
        SELECT o.name FROM case_products k JOIN products o ON o.organization_id = k.organization_id AND o.id = k.product_id
        WHERE k.organization_id = e.organization_id AND k.id = e.target_id)
      WHEN e.type LIKE 'ORDER_%%' THEN (
        SELECT o.pharmacy_name FROM orders o WHERE o.organization_id = e.organization_id AND o.id = e.target_id)
      WHEN e.type LIKE 'PAYMENT_%%' OR e.type LIKE 'DISPUTE_%%' THEN (
        SELECT y.amount_cents || ' ' || y.currency FROM payments y
        WHERE y.organization_id = e.organization_id AND y.id = e.target_id)
      WHEN e.type LIKE 'REFUND_%%' THEN (
        SELECT r.amount_cents || ' ' || y.currency FROM refunds r
        JOIN payments y ON y.organization_id = r.organization_id AND y.id = r.payment_id
        WHERE r.organization_id = e.organization_id AND r.id = e.target_id) END,
    'isApproved', CASE WHEN e.type = 'ADD_CASE_DECISION' THEN (
        SELECT CASE WHEN d.is_no_decision THEN NULL ELSE d.is_approved END FROM decisions d
        WHERE d.organization_id = e.organization_id AND d.id = e.target_id) END,
    'valueBefore', e.value_before, 'valueAfter', e.value_after) ORDER BY e.case_sequence DESC)
  FROM (SELECT * FROM events
        WHERE organization_id = %(organization_id)s AND case_id = %(case_id)s
          AND (%(after)s::integer IS NULL OR case_sequence < %(after)s)
        ORDER BY case_sequence DESC LIMIT %(limit)s) e), '[]')::text
"""


async def find_last_number(conn: Connection, organization_id: UUID, case_id: UUID) -> int | None:
    """Of the case's newest event. None: there is no such case."""
    row = await (await conn.execute(_LAST, (organization_id, case_id))).fetchone()
    return None if row is None else int(row[0])


async def list_events(
    conn: Connection, organization_id: UUID, case_id: UUID, after: int | None, limit: int
) -> list[TimelineEventOut]:
    """The newest first, before the event `after`."""
    values = {"organization_id": organization_id, "case_id": case_id, "after": after, "limit": limit}
    row = await (await conn.execute(_LIST, values)).fetchone()
    return msgspec.json.decode(row[0], type=list[TimelineEventOut]) if row else []
