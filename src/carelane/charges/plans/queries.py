"""Every SQL statement about plans that charges need."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Literal, LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.charges.schemas import PlannedStatus
from carelane.kit.db import Connection, uuid_array

PlanStatus = Literal["RUNNING", "ENDED", "CANCELED"]

# An instalment `e` and its payment `y`, if there is one, as JSON that reads as PlannedRow. What was not owed any more when it came goes
# back, and completes nothing.
INSTALMENT: LiteralString = """
json_build_object('id', e.id, 'amount_cents', e.amount_cents, 'due_at', e.due_at, 'is_taken', e.payment_id IS NOT NULL,
  'status', CASE WHEN e.canceled_at IS NOT NULL THEN 'CANCELLED' WHEN e.payment_id IS NULL THEN 'SCHEDULED'
    WHEN y.captured_cents > 0 THEN CASE WHEN y.wanted = 'RETURN' THEN 'CANCELLED' ELSE 'COMPLETED' END
    WHEN y.stage IN ('NEEDS_PATIENT', 'NEEDS_CARD', 'NEEDS_STAFF') THEN 'FAILED'
    WHEN y.wanted = 'RETURN' THEN CASE WHEN y.decline_code IS NULL THEN 'CANCELLED' ELSE 'FAILED' END
    ELSE 'SCHEDULED' END)
"""
# Of a charge `c`, as JSON that reads as a list of PlannedRow. One that is being taken is still scheduled.
PLANNED: LiteralString = f"""
coalesce((
  SELECT json_agg({INSTALMENT} ORDER BY k.plan_id, e.number)
  FROM payment_plan_charges k
  JOIN planned_payments e ON e.organization_id = k.organization_id AND e.plan_id = k.plan_id
  LEFT JOIN payments y ON y.organization_id = e.organization_id AND y.id = e.payment_id
  WHERE k.organization_id = c.organization_id AND k.charge_id = c.id), '[]')
"""
_FIND_OF_CHARGE: LiteralString = """
SELECT k.plan_id FROM payment_plan_charges k
JOIN payment_plans n ON n.organization_id = k.organization_id AND n.id = k.plan_id
WHERE k.organization_id = %(organization_id)s AND k.charge_id = %(charge_id)s
ORDER BY n.status = 'RUNNING' DESC, n.id DESC LIMIT 1
"""
_FIND_OF_PAYMENT: LiteralString = """
SELECT e.plan_id FROM planned_payments e WHERE e.organization_id = %(organization_id)s AND e.payment_id = %(payment_id)s
"""
_CHARGES: LiteralString = """
SELECT k.charge_id FROM payment_plan_charges k
WHERE k.organization_id = %(organization_id)s AND k.plan_id = %(plan_id)s ORDER BY k.charge_id
"""
_LOCK: LiteralString = """
SELECT id, status, is_test, installment_cents, claim_id FROM payment_plans
WHERE organization_id = %(organization_id)s AND id = %(plan_id)s FOR NO KEY UPDATE
"""
# Of a plan whose row is locked. What an intent has taken may not be written into its payment yet.
_OWED: LiteralString = """
SELECT coalesce(sum(c.outstanding_cents), 0)::bigint FROM payment_plan_charges k
JOIN charges c ON c.organization_id = k.organization_id AND c.id = k.charge_id
WHERE k.organization_id = %(organization_id)s AND k.plan_id = %(plan_id)s AND c.status = 'PAYMENT_PLAN'
"""
_OPEN: LiteralString = """
SELECT y.id, y.amount_cents - least(y.amount_cents, coalesce((SELECT sum(i.captured_cents) FROM payment_intents i
    WHERE i.organization_id = y.organization_id AND i.payment_id = y.id), 0))::bigint AS left_cents
FROM planned_payments e JOIN payments y ON y.organization_id = e.organization_id AND y.id = e.payment_id
WHERE e.organization_id = %(organization_id)s AND e.plan_id = %(plan_id)s
  AND y.captured_cents = 0 AND y.canceled_at IS NULL AND y.deleted_at IS NULL
"""
_SCHEDULED: LiteralString = """
SELECT id, number, due_at, amount_cents, agreed_cents FROM planned_payments
WHERE organization_id = %(organization_id)s AND plan_id = %(plan_id)s AND payment_id IS NULL AND canceled_at IS NULL
ORDER BY number
"""
# Also what was canceled because nothing was left for it: that is of nothing now.
_UNTAKEN: LiteralString = """
SELECT id, number, due_at, CASE WHEN canceled_at IS NULL THEN amount_cents ELSE 0 END AS amount_cents, agreed_cents
FROM planned_payments WHERE organization_id = %(organization_id)s AND plan_id = %(plan_id)s AND payment_id IS NULL ORDER BY number
"""
_MISSED: LiteralString = """
SELECT coalesce(sum(e.agreed_cents), 0)::bigint
FROM planned_payments e JOIN payments y ON y.organization_id = e.organization_id AND y.id = e.payment_id
WHERE e.organization_id = %(organization_id)s AND e.plan_id = %(plan_id)s
  AND y.captured_cents = 0 AND (y.canceled_at IS NOT NULL OR y.deleted_at IS NOT NULL)
"""
_SET_AMOUNT: LiteralString = """
UPDATE planned_payments SET amount_cents = CASE WHEN %(cents)s::bigint > 0 THEN %(cents)s::bigint ELSE amount_cents END,
  canceled_at = CASE WHEN %(cents)s::bigint > 0 THEN NULL ELSE now() END
WHERE organization_id = %(organization_id)s AND id = %(id)s
"""
# Whoever plans it anew ends the claim.
_SET_PLAN: LiteralString = """
UPDATE payment_plans SET status = %(status)s, next_at = %(next_at)s, claim_id = NULL, updated_at = now()
WHERE organization_id = %(organization_id)s AND id = %(plan_id)s
"""
_RELEASE: LiteralString = """
UPDATE charges c SET status = 'OUTSTANDING', updated_at = now()
FROM payment_plan_charges k
WHERE k.organization_id = %(organization_id)s AND k.plan_id = %(plan_id)s AND c.organization_id = k.organization_id
  AND c.id = k.charge_id AND c.status = 'PAYMENT_PLAN'
RETURNING c.id, c.is_test
"""
# The card that a payment of the plan is, or was, to be made with.
_SET_CARD: LiteralString = """
UPDATE payment_plans n SET customer_id = y.customer_id, method_id = y.method_id, updated_at = now()
FROM payments y
WHERE n.organization_id = %(organization_id)s AND n.id = %(plan_id)s AND y.organization_id = n.organization_id
  AND y.id = %(payment_id)s AND y.gateway_account_id = n.gateway_account_id AND y.customer_id IS NOT NULL
  AND y.method_id IS NOT NULL AND (y.captured_cents > 0 OR y.decline_code IS NULL)
  AND (y.customer_id, y.method_id) <> (n.customer_id, n.method_id)
"""
_HOLD: LiteralString = """
UPDATE charges SET status = 'PAYMENT_PLAN', updated_at = now() WHERE organization_id = %(organization_id)s AND id = ANY(%(ids)s::uuid[])
"""


class PlannedRow(msgspec.Struct, frozen=True, kw_only=True):
    """An instalment as PLANNED gives it. `is_taken`: there is a payment for it, which is shown itself."""

    id: UUID
    amount_cents: int
    due_at: datetime
    is_taken: bool
    status: PlannedStatus


class LockedPlan(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    status: PlanStatus
    is_test: bool
    installment_cents: int
    claim_id: UUID | None

    @property
    def is_running(self) -> bool:
        return self.status == "RUNNING"


class Scheduled(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    number: int
    due_at: datetime
    amount_cents: int
    agreed_cents: int


class OpenInstalment(msgspec.Struct, frozen=True, kw_only=True):
    """A payment of the plan that has not come to its end; `left_cents`: what it is still to bring."""

    id: UUID
    left_cents: int


async def find_of_charge(conn: Connection, organization_id: UUID, charge_id: UUID) -> UUID | None:
    """The plan that runs for it, or the last that did."""
    values = {"organization_id": organization_id, "charge_id": charge_id}
    row = await (await conn.execute(_FIND_OF_CHARGE, values)).fetchone()
    return row[0] if row else None


async def find_of_payment(conn: Connection, organization_id: UUID, payment_id: UUID) -> UUID | None:
    values = {"organization_id": organization_id, "payment_id": payment_id}
    row = await (await conn.execute(_FIND_OF_PAYMENT, values)).fetchone()
    return row[0] if row else None


async def list_charge_ids(conn: Connection, organization_id: UUID, plan_id: UUID) -> list[UUID]:
    """In the order in which they are locked."""
    cursor = await conn.execute(_CHARGES, {"organization_id": organization_id, "plan_id": plan_id})
    return [row[0] for row in await cursor.fetchall()]


async def lock_plan(conn: Connection, organization_id: UUID, plan_id: UUID) -> LockedPlan:
    """Raises LookupError when there is no such plan."""
    async with conn.cursor(row_factory=class_row(LockedPlan)) as cursor:
        await cursor.execute(_LOCK, {"organization_id": organization_id, "plan_id": plan_id})
        plan = await cursor.fetchone()
    if plan is None:
        raise LookupError("no such plan")
    return plan


async def get_owed(conn: Connection, organization_id: UUID, plan_id: UUID) -> int:
    """What is outstanding of the charges that the plan is still for."""
    cursor = await conn.execute(_OWED, {"organization_id": organization_id, "plan_id": plan_id})
    ((cents,),) = await cursor.fetchall()
    return int(cents)


async def list_open(conn: Connection, organization_id: UUID, plan_id: UUID) -> list[OpenInstalment]:
    async with conn.cursor(row_factory=class_row(OpenInstalment)) as cursor:
        await cursor.execute(_OPEN, {"organization_id": organization_id, "plan_id": plan_id})
        return await cursor.fetchall()


async def list_scheduled(conn: Connection, organization_id: UUID, plan_id: UUID) -> list[Scheduled]:
    async with conn.cursor(row_factory=class_row(Scheduled)) as cursor:
        await cursor.execute(_SCHEDULED, {"organization_id": organization_id, "plan_id": plan_id})
        return await cursor.fetchall()


async def list_untaken(conn: Connection, organization_id: UUID, plan_id: UUID) -> list[Scheduled]:
    """What is scheduled, and what would be if more were owed, of nothing."""
    async with conn.cursor(row_factory=class_row(Scheduled)) as cursor:
        await cursor.execute(_UNTAKEN, {"organization_id": organization_id, "plan_id": plan_id})
        return await cursor.fetchall()


async def get_missed(conn: Connection, organization_id: UUID, plan_id: UUID) -> int:
    """What was agreed for instalments that came to nothing."""
    cursor = await conn.execute(_MISSED, {"organization_id": organization_id, "plan_id": plan_id})
    ((cents,),) = await cursor.fetchall()
    return int(cents)


async def set_amounts(conn: Connection, organization_id: UUID, amounts: Sequence[tuple[UUID, int]]) -> None:
    """Of instalments that are not begun; one of nothing is canceled, any other is scheduled."""
    for planned_id, cents in amounts:
        await conn.execute(_SET_AMOUNT, {"organization_id": organization_id, "id": planned_id, "cents": cents})


async def set_plan(
    conn: Connection, organization_id: UUID, plan_id: UUID, status: PlanStatus, next_at: datetime | None
) -> None:
    values = {"organization_id": organization_id, "plan_id": plan_id, "status": status, "next_at": next_at}
    await conn.execute(_SET_PLAN, values)


async def claim_charges_back(conn: Connection, organization_id: UUID, plan_id: UUID) -> list[tuple[UUID, bool]]:
    """Those of a plan that is over are OUTSTANDING again: their ids, and whether they are of test money."""
    cursor = await conn.execute(_RELEASE, {"organization_id": organization_id, "plan_id": plan_id})
    return [(row[0], row[1]) for row in await cursor.fetchall()]


async def set_planned(conn: Connection, organization_id: UUID, charge_ids: Collection[UUID]) -> None:
    await conn.execute(_HOLD, {"organization_id": organization_id, "ids": uuid_array(charge_ids)})


async def set_card(conn: Connection, organization_id: UUID, plan_id: UUID, payment_id: UUID) -> None:
    """The plan goes on with the payment's card, unless that was declined."""
    values = {"organization_id": organization_id, "plan_id": plan_id, "payment_id": payment_id}
    await conn.execute(_SET_CARD, values)
