"""The SQL statements of payments that wait for a card."""

from typing import LiteralString
from uuid import UUID

from carelane.kit.db import Connection

# In one order, so that two do not wait for each other. UNPAID ones only: what was paid needs no card.
_WAITING: LiteralString = """
SELECT id FROM payments
WHERE organization_id = %s AND gateway_account_id = %s AND patient_id = %s AND status = 'UNPAID' AND deleted_at IS NULL
  AND stage IN ('WAITING', 'NEEDS_CARD', 'DUE')
ORDER BY case_id, id
"""
# Of cases that nobody is done with.
_KEEP_REFERENCE: LiteralString = """
UPDATE payments y SET reference_type = %(type)s, reference_id = %(reference_id)s, updated_at = now()
FROM cases c
WHERE y.organization_id = %(organization_id)s AND y.patient_id = %(patient_id)s AND y.method = 'REFERENCE' AND y.status = 'UNPAID'
  AND y.deleted_at IS NULL AND c.organization_id = y.organization_id AND c.id = y.case_id AND NOT c.is_archived
  AND c.status <> 'REJECTED'
RETURNING y.id
"""


async def list_waiting(conn: Connection, organization_id: UUID, account_id: UUID, patient_id: UUID) -> list[UUID]:
    """Payments that a card of this account could make."""
    cursor = await conn.execute(_WAITING, (organization_id, account_id, patient_id))
    return [row[0] for row in await cursor.fetchall()]


async def set_reference(conn: Connection, organization_id: UUID, patient_id: UUID, kind: str, reference_id: str) -> int:
    """How many payments have it now: those of the patient that are only kept."""
    values = {
        "organization_id": organization_id,
        "patient_id": patient_id,
        "type": kind,
        "reference_id": reference_id,
    }
    return len(await (await conn.execute(_KEEP_REFERENCE, values)).fetchall())
