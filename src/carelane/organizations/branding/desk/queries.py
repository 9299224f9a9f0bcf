"""The SQL statements about branding that only administrators' forms ask."""

from typing import LiteralString
from uuid import UUID

from carelane.kit.db import Connection

_MISSING: LiteralString = """
SELECT %(form_id)s::uuid IS NOT NULL AND NOT EXISTS (
    SELECT FROM forms f WHERE f.organization_id = %(organization_id)s AND f.id = %(form_id)s AND f.product_id IS NULL),
  %(bundle_id)s::uuid IS NOT NULL AND NOT EXISTS (
    SELECT FROM bundles b WHERE b.organization_id = %(organization_id)s AND b.id = %(bundle_id)s)
"""


async def find_missing(
    conn: Connection, organization_id: UUID, form_id: UUID | None, bundle_id: UUID | None
) -> tuple[bool, bool]:
    """Whether the form and the bundle are named, and none of the organization's."""
    values = {"organization_id": organization_id, "form_id": form_id, "bundle_id": bundle_id}
    row = (await (await conn.execute(_MISSING, values)).fetchall())[0]
    return bool(row[0]), bool(row[1])
