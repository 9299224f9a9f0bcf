"""The statement that writes decisions."""

from datetime import date
from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.cases.states import RequestStatus
from carelane.kit.db import Connection, Sealed, to_json
from carelane.kit.phi import Phi

# What is prescribed, and why, are sealed for these places.
MEDICATION = "decision_medications.sealed"
DECISION_TEXT = "decisions.decision_text_sealed"

_INSERT: LiteralString = """
WITH sent AS (SELECT %s::jsonb AS rows), new_decisions AS (
  INSERT INTO decisions (organization_id, id, case_id, product_id, added_by_id, is_approved, is_no_decision, start_date,
                         end_date, decision_text_sealed, category, visit_type)
  SELECT organization_id, id, case_id, product_id, added_by_id, is_approved, is_no_decision, start_date, end_date,
         decision_text_sealed, category, visit_type
  FROM sent, jsonb_populate_recordset(null::decisions, sent.rows -> 'decisions')
), new_medications AS (
  INSERT INTO decision_medications (organization_id, id, decision_id, position, sealed)
  SELECT organization_id, id, decision_id, position, sealed
  FROM sent, jsonb_populate_recordset(null::decision_medications, sent.rows -> 'medications'))
UPDATE case_product_requests r SET status = n.status, updated_at = now()
FROM sent, jsonb_populate_recordset(null::case_product_requests, sent.rows -> 'requests') n
WHERE r.organization_id = n.organization_id AND r.id = n.id AND r.status = 'PENDING'
RETURNING r.id
"""


class Decision(Phi, msgspec.Struct, frozen=True, kw_only=True):
    organization_id: UUID
    id: UUID
    case_id: UUID
    product_id: UUID
    added_by_id: UUID
    is_approved: bool
    is_no_decision: bool
    start_date: date | None
    end_date: date | None
    decision_text_sealed: Sealed | None
    category: str | None
    visit_type: str | None


class DecisionMedication(Phi, msgspec.Struct, frozen=True, kw_only=True):
    organization_id: UUID
    id: UUID
    decision_id: UUID
    position: int
    sealed: Sealed


class RequestMove(msgspec.Struct, frozen=True, kw_only=True):
    """A request that is PENDING, and what it becomes."""

    organization_id: UUID
    id: UUID
    status: RequestStatus


class DecisionRows(Phi, msgspec.Struct, frozen=True, kw_only=True):
    decisions: list[Decision]
    medications: list[DecisionMedication]
    requests: list[RequestMove]


async def insert_decisions(conn: Connection, rows: DecisionRows) -> None:
    """Writes the decisions with what they prescribe, and moves the requests, which the caller found PENDING."""
    moved = await (await conn.execute(_INSERT, (to_json(rows),))).fetchall()
    if len(moved) != len(rows.requests):
        raise LookupError("a request moved although its case is locked")
