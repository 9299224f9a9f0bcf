"""Every SQL statement of the queue of payments."""

from collections.abc import Collection
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.claims import ClaimRequest, Lease
from carelane.kit.db import Connection, uuid_array

_CLAIM: LiteralString = """
SELECT organization_id, id, was_left FROM claim_due_payments(%s, %s::uuid[], make_interval(secs => %s), %s)
"""
_RENEW: LiteralString = "SELECT renew_payments(%s::uuid[], %s::uuid[], %s::uuid[], make_interval(secs => %s))"


class DuePayment(msgspec.Struct, frozen=True):
    """`was_left`: its last claim ended without a word of what came of it."""

    organization_id: UUID
    id: UUID
    was_left: bool


async def claim_payments(conn: Connection, request: ClaimRequest) -> list[DuePayment]:
    """Payments that something is to be done about, of any organization. In `db.across()`."""
    values = (request.limit, uuid_array(request.organization_ids), request.lease_seconds, request.claim_id)
    async with conn.cursor(row_factory=class_row(DuePayment)) as cursor:
        await cursor.execute(_CLAIM, values)
        return await cursor.fetchall()


async def update_leases(conn: Connection, leases: list[Lease[Any]], lease_seconds: float) -> Collection[UUID]:
    """Which of the payments still carry their claim, for so long again. In `db.across()`."""
    organizations = uuid_array(lease.item.organization_id for lease in leases)
    ids, claims = uuid_array(lease.item.id for lease in leases), uuid_array(lease.claim_id for lease in leases)
    cursor = await conn.execute(_RENEW, (organizations, ids, claims, lease_seconds))
    return [row[0] for row in await cursor.fetchall()]
