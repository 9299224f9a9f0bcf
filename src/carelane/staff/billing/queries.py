"""Every SQL statement about staff as the billing dialect shows them."""

from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.kit.db import Connection
from carelane.staff.billing.schemas import ProviderOut

MAX_PROVIDERS = 1_000

# A member of staff `s` as JSON that reads as a ProviderTinyOut: a part of every statement that shows one.
PROVIDER: LiteralString = """
json_build_object('id', coalesce(s.given_id, s.id::text), 'firstName', s.first_name, 'lastName', s.last_name,
  'email', s.email, 'createdDate', s.created_at)
"""

_PROVIDERS: LiteralString = """
SELECT json_build_object('id', coalesce(s.given_id, s.id::text), 'firstName', s.first_name, 'lastName', s.last_name,
  'email', s.email, 'createdDate', s.created_at, 'phoneNumber', s.phone_number, 'address', s.address_line1,
  'addressLineTwo', s.address_line2, 'city', s.city, 'state', s.state, 'zipCode', s.postal_code, 'country', s.country,
  'title', s.title, 'titleSuffix', s.title_suffix, 'credentials', s.title_suffix, 'npi', s.npi,
  'nationalProviderIdentifier', s.npi, 'isArchived', s.deactivated_at IS NOT NULL, 'roles', json_build_array(
    json_build_object('id', s.role, 'name', initcap(s.role),
      'userType', CASE s.role WHEN 'ADMIN' THEN 'ADMIN' WHEN 'SUPPORT' THEN 'USER' ELSE 'PROVIDER' END)))::text
FROM staff s WHERE s.organization_id = %(organization_id)s
"""


async def list_providers(conn: Connection, organization_id: UUID) -> list[ProviderOut]:
    """Who works here now, by name; at most MAX_PROVIDERS."""
    cursor = await conn.execute(
        _PROVIDERS + "AND s.deactivated_at IS NULL ORDER BY s.last_name, s.first_name, s.id LIMIT %(most)s",
        {"organization_id": organization_id, "most": MAX_PROVIDERS},
    )
    return [msgspec.json.decode(row[0], type=ProviderOut) for row in await cursor.fetchall()]


async def find_provider(conn: Connection, organization_id: UUID, staff_id: UUID) -> ProviderOut | None:
    """Also who works here no more: carts and charges still name them."""
    cursor = await conn.execute(_PROVIDERS + "AND s.id = %(id)s", {"organization_id": organization_id, "id": staff_id})
    row = await cursor.fetchone()
    return msgspec.json.decode(row[0], type=ProviderOut) if row else None


async def find_active(conn: Connection, organization_id: UUID, staff_id: UUID) -> UUID | None:
    statement: LiteralString = (
        "SELECT s.id FROM staff s WHERE s.organization_id = %s AND s.id = %s AND s.deactivated_at IS NULL"
    )
    row = await (await conn.execute(statement, (organization_id, staff_id))).fetchone()
    return row[0] if row else None
