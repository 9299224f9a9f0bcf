"""Statements about adjustments, and about whom and what they name."""

from collections.abc import Set
from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.charges.money.queries import ADJUSTMENT, AdjustmentRow
from carelane.kit.db import Connection, uuid_array
from carelane.kit.phi import Phi

_LIST_STAFF: LiteralString = """
SELECT id FROM staff WHERE organization_id = %s AND id = ANY(%s::uuid[]) AND deactivated_at IS NULL
"""
# An adjustment `a` of a charge `c` as JSON that reads as an Adjustment.
ADJUSTED: LiteralString = f"""
json_build_object('charge', coalesce(c.given_id, c.id::text), 'location', (
    SELECT coalesce(l.given_id, l.id::text) FROM locations l WHERE l.organization_id = c.organization_id AND l.id = c.location_id),
  'made', {ADJUSTMENT})
"""
_GET: LiteralString = f"""
SELECT {ADJUSTED}::text
FROM charge_adjustments a JOIN charges c ON c.organization_id = a.organization_id AND c.id = a.charge_id
WHERE a.organization_id = %(organization_id)s AND a.id = %(id)s
"""


class Adjustment(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """An adjustment with its charge's id and location, as callers know them."""

    charge: str
    location: str | None
    made: AdjustmentRow


async def list_members(conn: Connection, organization_id: UUID, staff_ids: Set[UUID]) -> set[UUID]:
    """Those who are not deactivated."""
    cursor = await conn.execute(_LIST_STAFF, (organization_id, uuid_array(list(staff_ids))))
    return {row[0] for row in await cursor.fetchall()}


async def get_adjustment(conn: Connection, organization_id: UUID, adjustment_id: UUID) -> Adjustment:
    cursor = await conn.execute(_GET, {"organization_id": organization_id, "id": adjustment_id})
    return msgspec.json.decode((await cursor.fetchall())[0][0], type=Adjustment)
