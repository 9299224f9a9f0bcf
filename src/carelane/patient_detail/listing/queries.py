"""The SQL of the list of patients."""

from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.kit.db import Connection
from carelane.patient_detail.listing.schemas import ListedPatientOut

_PAGE: LiteralString = """
SELECT json_build_object('id', p.id, 'firstName', p.first_name, 'lastName', p.last_name, 'dateOfBirth', p.date_of_birth,
  'email', p.email, 'phoneNumber', p.phone_number, 'state', p.state, 'createdAt', p.created_at, 'lastCase', (
    SELECT json_build_object('id', c.id, 'shortId', c.short_id, 'status', c.status, 'isArchived', c.is_archived,
      'createdAt', c.created_at)
    FROM cases c WHERE c.organization_id = p.organization_id AND c.patient_id = p.id ORDER BY c.created_at DESC LIMIT 1))::text
FROM (SELECT * FROM patients p WHERE p.organization_id = %(organization_id)s AND p.archived_at IS NULL"""
# The first half is what lets the index be used.
_AFTER: LiteralString = """
  AND p.created_at <= (SELECT b.created_at FROM patients b WHERE b.organization_id = %(organization_id)s AND b.id = %(after)s)
  AND (p.created_at, p.id) < (SELECT b.created_at, b.id FROM patients b
    WHERE b.organization_id = %(organization_id)s AND b.id = %(after)s)"""
_ORDER: LiteralString = """
  ORDER BY p.created_at DESC, p.id DESC LIMIT %(most)s) p
ORDER BY p.created_at DESC, p.id DESC
"""


async def list_page(conn: Connection, organization_id: UUID, after: UUID | None, most: int) -> list[ListedPatientOut]:
    """Nothing follows an unknown `after`."""
    statement = _PAGE + (_AFTER if after is not None else "") + _ORDER
    cursor = await conn.execute(statement, {"organization_id": organization_id, "after": after, "most": most})
    return [msgspec.json.decode(row[0], type=ListedPatientOut) for row in await cursor.fetchall()]
