"""SQL of what a case's place in the queue depends on."""

from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.kit.db import Connection
from carelane.kit.phi import Phi

_PLACE: LiteralString = """
SELECT json_build_object('id', c.id, 'assigned_to_id', c.assigned_to_id, 'assigned_to', (
    SELECT s.first_name || ' ' || s.last_name FROM staff s WHERE s.organization_id = c.organization_id AND s.id = c.assigned_to_id),
  'lease_by', (SELECT s.first_name || ' ' || s.last_name FROM staff s WHERE s.organization_id = c.organization_id
    AND s.id = c.lease_staff_id AND c.lease_ends_at > now() AND s.id IS DISTINCT FROM %(me)s::uuid),
  'lease_ends_at', c.lease_ends_at, 'patient_state', upper(p.state), 'product_ids', coalesce((
    SELECT json_agg(k.product_id) FROM case_products k WHERE k.organization_id = c.organization_id AND k.case_id = c.id), '[]'))::text
FROM cases c JOIN patients p ON p.organization_id = c.organization_id AND p.id = c.patient_id
WHERE c.organization_id = %(organization_id)s AND c.id = %(case_id)s
"""


class CasePlace(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """What a case's place in the queue depends on."""

    id: UUID
    assigned_to_id: UUID | None
    assigned_to: str | None
    lease_by: str | None
    lease_ends_at: datetime | None
    patient_state: str | None
    product_ids: list[UUID]


async def find_place(conn: Connection, organization_id: UUID, case_id: UUID, me: UUID | None) -> CasePlace | None:
    values = {"organization_id": organization_id, "case_id": case_id, "me": me}
    row = await (await conn.execute(_PLACE, values)).fetchone()
    return msgspec.json.decode(row[0], type=CasePlace) if row else None


async def find_id(conn: Connection, organization_id: UUID, short_id: str) -> UUID | None:
    """Of the case with that short id."""
    statement: LiteralString = "SELECT id FROM cases WHERE organization_id = %s AND short_id = %s"
    row = await (await conn.execute(statement, (organization_id, short_id))).fetchone()
    return row[0] if row else None
