"""Every SQL statement about decisions that are held back."""

from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.cases.review.queries import Holder
from carelane.cases.review.schemas import HeldStatus
from carelane.kit.claims import ClaimRequest
from carelane.kit.db import Connection, uuid_array
from carelane.staff.queries import member_json

# The wall clock: the transaction may have waited for the case's lock.
_INSERT: LiteralString = """
INSERT INTO pending_decisions (organization_id, id, case_id, staff_id, body_sealed, created_at, due_at, next_at)
SELECT %(organization_id)s, %(id)s, %(case_id)s, %(staff_id)s, %(body)s, t, t + grace, t + grace
FROM (SELECT clock_timestamp() AS t, make_interval(secs => %(seconds)s) AS grace) n RETURNING due_at
"""
_END: LiteralString = """
UPDATE pending_decisions SET status = %(status)s, ended_at = clock_timestamp(), claim_id = NULL,
  failure_code = %(code)s, failure = %(failure)s,
  body_sealed = CASE WHEN %(status)s <> 'TAKEN' THEN body_sealed END
WHERE organization_id = %(organization_id)s AND id = %(id)s AND status = 'PENDING' RETURNING id
"""
_LAST: LiteralString = f"""
SELECT json_build_object('id', h.id, 'by', {member_json("h", "staff_id")}, 'status', h.status, 'created_at', h.created_at,
  'due_at', h.due_at, 'ended_at', h.ended_at, 'failure_code', h.failure_code, 'failure', h.failure,
  'body', encode(h.body_sealed, 'hex'))::text
FROM pending_decisions h WHERE h.organization_id = %s AND h.case_id = %s ORDER BY h.created_at DESC, h.id DESC LIMIT 1
"""
_BODY: LiteralString = (
    "SELECT body_sealed FROM pending_decisions WHERE organization_id = %s AND id = %s AND status = 'PENDING'"
)
_CLAIM: LiteralString = "SELECT * FROM claim_due_decisions(%s, %s::uuid[], make_interval(secs => %s), %s)"


class DueDecision(msgspec.Struct, frozen=True):
    """Claimed: its grace is over. `tries` counts this one, too."""

    organization_id: UUID
    id: UUID
    case_id: UUID
    staff_id: UUID
    tries: int


class HeldRow(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    by: Holder
    status: HeldStatus
    created_at: datetime
    due_at: datetime
    ended_at: datetime | None
    failure_code: str | None
    failure: str | None
    body: str | None


async def insert_held(conn: Connection, values: dict[str, object]) -> datetime:
    """When it is due."""
    row = await (await conn.execute(_INSERT, values)).fetchone()
    assert row is not None
    return row[0]  # type: ignore[no-any-return]


async def set_ended(
    conn: Connection,
    organization_id: UUID,
    held_id: UUID,
    status: HeldStatus,
    code: str | None = None,
    failure: str | None = None,
) -> bool:
    """False: it was over already."""
    values = {"organization_id": organization_id, "id": held_id, "status": status, "code": code, "failure": failure}
    return await (await conn.execute(_END, values)).fetchone() is not None


async def find_last(conn: Connection, organization_id: UUID, case_id: UUID) -> HeldRow | None:
    row = await (await conn.execute(_LAST, (organization_id, case_id))).fetchone()
    return msgspec.json.decode(row[0], type=HeldRow) if row else None


async def get_body(conn: Connection, organization_id: UUID, held_id: UUID) -> bytes:
    """Of one that is PENDING, whose case is locked."""
    row = await (await conn.execute(_BODY, (organization_id, held_id))).fetchone()
    assert row is not None
    return bytes(row[0])


async def claim_due(conn: Connection, request: ClaimRequest) -> list[DueDecision]:
    """Of all organizations. Works in `db.across()`."""
    values = (request.limit, uuid_array(request.organization_ids), request.lease_seconds, request.claim_id)
    async with conn.cursor(row_factory=class_row(DueDecision)) as cursor:
        await cursor.execute(_CLAIM, values)
        return await cursor.fetchall()
