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
# Of an instalment: a card that is charged for one of its charges by somebody else.
_OTHERS_MOVING: LiteralString = """
SELECT EXISTS (SELECT FROM payments y WHERE y.organization_id = %(organization_id)s AND y.id <> %(payment_id)s AND y.id = ANY(ARRAY(
    SELECT p.id FROM planned_payments e
    JOIN payment_plan_charges k ON k.organization_id = e.organization_id AND k.plan_id = e.plan_id
    JOIN payments p ON p.organization_id = k.organization_id AND p.charge_id = k.charge_id
    WHERE e.organization_id = %(organization_id)s AND e.payment_id = %(payment_id)s
    UNION ALL
    SELECT s.payment_id FROM planned_payments e
    JOIN payment_plan_charges k ON k.organization_id = e.organization_id AND k.plan_id = e.plan_id
    JOIN payment_charges s ON s.organization_id = k.organization_id AND s.charge_id = k.charge_id
    WHERE e.organization_id = %(organization_id)s AND e.payment_id = %(payment_id)s))
  AND y.method = 'GATEWAY' AND y.status = 'UNPAID' AND y.wanted = 'TAKE' AND y.stage = 'DUE' AND y.deleted_at IS NULL)
"""
# Whether all that it would take is outstanding. The charges are locked.
_FITTING: LiteralString = """
SELECT NOT EXISTS (SELECT FROM payments y JOIN charges c ON c.organization_id = y.organization_id AND c.id = y.charge_id
  WHERE y.organization_id = %(organization_id)s AND y.id = %(payment_id)s AND c.outstanding_cents < y.amount_cents)
AND NOT EXISTS (SELECT FROM payment_charges s JOIN charges c ON c.organization_id = s.organization_id AND c.id = s.charge_id
  WHERE s.organization_id = %(organization_id)s AND s.payment_id = %(payment_id)s AND c.outstanding_cents < s.amount_cents)
"""
_SCHEDULED_AGAIN: LiteralString = """
UPDATE planned_payments SET payment_id = NULL WHERE organization_id = %(organization_id)s AND payment_id = %(payment_id)s
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


async def find_others_moving(conn: Connection, organization_id: UUID, payment_id: UUID) -> bool:
    """Whether another card payment of the instalment's charges is under way."""
    values = {"organization_id": organization_id, "payment_id": payment_id}
    return bool((await (await conn.execute(_OTHERS_MOVING, values)).fetchall())[0][0])


async def find_fitting(conn: Connection, organization_id: UUID, payment_id: UUID) -> bool:
    """Whether all that the payment would take is outstanding."""
    values = {"organization_id": organization_id, "payment_id": payment_id}
    return bool((await (await conn.execute(_FITTING, values)).fetchall())[0][0])


async def set_scheduled_again(conn: Connection, organization_id: UUID, payment_id: UUID) -> None:
    """The instalment has no payment any more."""
    await conn.execute(_SCHEDULED_AGAIN, {"organization_id": organization_id, "payment_id": payment_id})
