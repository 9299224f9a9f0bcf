"""SQL of leases."""

from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.cases.review.leases.schemas import PresenceOut
from carelane.cases.review.queries import LEASE
from carelane.cases.review.queue.walk.queries import IS_FREE, IS_HELD
from carelane.kit.db import Connection, uuid_array
from carelane.staff.queries import member_json

# Whoever asks at the same moment passes over what another one is being given.
_PICK: LiteralString = f"""
SELECT c.id, c.is_test, c.lease_staff_id IS DISTINCT FROM %(me)s FROM cases c
WHERE c.organization_id = %(organization_id)s AND c.id = ANY(%(case_ids)s::uuid[]) AND NOT c.is_archived
    AND c.status IN ('OPEN', 'ASSIGNED', 'IN_PROGRESS', 'NO_DECISION') AND c.asked_patient_at IS NULL
    AND (c.assigned_to_id IS NULL OR c.assigned_to_id = %(me)s) AND {IS_FREE} AND NOT {IS_HELD}
ORDER BY array_position(%(case_ids)s::uuid[], c.id) LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
"""
# A statement of its own: a decision may have been sent between the look at the case and its lock.
_DEAL: LiteralString = f"""
UPDATE cases c SET lease_staff_id = %(me)s, lease_ends_at = now() + %(lease)s
WHERE c.organization_id = %(organization_id)s AND c.id = %(case_id)s AND NOT {IS_HELD} RETURNING c.id
"""

_HOLD: LiteralString = f"""
WITH was AS MATERIALIZED (
  SELECT c.organization_id, c.id, c.is_test, c.lease_staff_id FROM cases c
  WHERE c.organization_id = %(organization_id)s AND c.id = %(case_id)s AND NOT c.is_archived
    AND c.status IN ('OPEN', 'ASSIGNED', 'IN_PROGRESS', 'NO_DECISION') AND {IS_FREE} FOR NO KEY UPDATE)
UPDATE cases d SET lease_staff_id = %(me)s, lease_ends_at = now() + %(lease)s
FROM was
WHERE d.organization_id = was.organization_id AND d.id = was.id
RETURNING d.id, d.is_test, was.lease_staff_id IS DISTINCT FROM %(me)s
"""

_RELEASE: LiteralString = """
UPDATE cases SET lease_staff_id = NULL, lease_ends_at = NULL
WHERE organization_id = %(organization_id)s AND id = %(case_id)s AND lease_staff_id = %(me)s
RETURNING id, is_test, true
"""

_PRESENCE: LiteralString = f"""
SELECT json_build_object('isMine', c.lease_ends_at > now() AND c.lease_staff_id IS NOT DISTINCT FROM %(me)s::uuid,
  'lease', json_build_object('staff', {member_json("c", "lease_staff_id")}, 'until', c.lease_ends_at))::text
FROM cases c
WHERE c.organization_id = %(organization_id)s AND c.id = %(case_id)s AND c.lease_ends_at > now()
"""

_EXISTS: LiteralString = "SELECT FROM cases WHERE organization_id = %s AND id = %s"


class Leased(msgspec.Struct, frozen=True):
    """`is_new`: somebody else, or nobody, had it before."""

    case_id: UUID
    is_test: bool
    is_new: bool


async def claim_lease(conn: Connection, organization_id: UUID, me: UUID, case_ids: list[UUID]) -> Leased | None:
    """The first of these that can still be had; those that others are just being given are passed over."""
    values = {"organization_id": organization_id, "me": me, "case_ids": uuid_array(case_ids), "lease": LEASE}
    row = await (await conn.execute(_PICK, values)).fetchone()
    if row is None or await (await conn.execute(_DEAL, values | {"case_id": row[0]})).fetchone() is None:
        return None
    return Leased(*row)


async def set_lease(conn: Connection, organization_id: UUID, me: UUID, case_id: UUID) -> Leased | None:
    """None: somebody else looks after it, or nobody needs to."""
    values = {"organization_id": organization_id, "me": me, "case_id": case_id, "lease": LEASE}
    row = await (await conn.execute(_HOLD, values)).fetchone()
    return Leased(*row) if row else None


async def delete_lease(conn: Connection, organization_id: UUID, me: UUID, case_id: UUID) -> Leased | None:
    """None: it was not theirs."""
    values = {"organization_id": organization_id, "me": me, "case_id": case_id}
    row = await (await conn.execute(_RELEASE, values)).fetchone()
    return Leased(*row) if row else None


async def find_presence(conn: Connection, organization_id: UUID, me: UUID, case_id: UUID) -> PresenceOut:
    values = {"organization_id": organization_id, "me": me, "case_id": case_id}
    row = await (await conn.execute(_PRESENCE, values)).fetchone()
    return msgspec.json.decode(row[0], type=PresenceOut) if row else PresenceOut(is_mine=False, lease=None)


async def find_case(conn: Connection, organization_id: UUID, case_id: UUID) -> bool:
    """Whether there is such a case."""
    return await (await conn.execute(_EXISTS, (organization_id, case_id))).fetchone() is not None
