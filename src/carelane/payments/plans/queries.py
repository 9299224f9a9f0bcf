"""Every SQL statement about payment plans that is not also one of charges."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.claims import ClaimRequest
from carelane.kit.db import Connection, to_json, uuid_array
from carelane.kit.phi import Phi

_INSERT_PLAN: LiteralString = """
INSERT INTO payment_plans (organization_id, id, currency, is_test, payment_method_id, gateway_account_id, customer_id, method_id,
  frequency, installments, installment_cents, initial_cents, location_id, timezone, starts_on, next_at)
VALUES (%(organization_id)s, %(id)s, %(currency)s, %(is_test)s, %(payment_method_id)s, %(gateway_account_id)s, %(customer_id)s,
  %(method_id)s, %(frequency)s, %(installments)s, %(installment_cents)s, %(initial_cents)s, %(location_id)s, %(timezone)s,
  %(starts_on)s, %(next_at)s)
"""
_INSERT_CHARGES: LiteralString = """
INSERT INTO payment_plan_charges (organization_id, plan_id, charge_id, position)
SELECT %s, %s, n.id, n.position FROM unnest(%s::uuid[]) WITH ORDINALITY n (id, position)
"""
_INSERT_PLANNED: LiteralString = """
INSERT INTO planned_payments (organization_id, id, plan_id, number, due_on, due_at, amount_cents, agreed_cents)
SELECT n.organization_id, n.id, n.plan_id, n.number, n.due_on, n.due_at, n.amount_cents, n.amount_cents
FROM jsonb_populate_recordset(null::planned_payments, %s) n
"""
_LOCK_CLOCK: LiteralString = """
SELECT coalesce((SELECT l.timezone FROM locations l WHERE l.organization_id = %s AND l.id = %s), 'UTC'), now()
"""
_IN_PLAN: LiteralString = """
SELECT c.id FROM charges c WHERE c.organization_id = %s AND c.id = ANY(%s::uuid[]) AND c.status = 'PAYMENT_PLAN' ORDER BY c.id
"""
_CARD: LiteralString = """
SELECT n.id, n.currency, n.is_test, n.gateway_account_id, n.customer_id, n.method_id, n.location_id, m.brand, m.last4
FROM payment_plans n
LEFT JOIN payment_methods m ON m.organization_id = n.organization_id AND m.gateway_account_id = n.gateway_account_id
  AND m.method_id = n.method_id AND m.customer_id = n.customer_id
WHERE n.organization_id = %s AND n.id = %s LIMIT 1
"""
# Of charges that are locked.
_OUTSTANDING: LiteralString = """
SELECT c.id, c.outstanding_cents, c.patient_id FROM payment_plan_charges k
JOIN charges c ON c.organization_id = k.organization_id AND c.id = k.charge_id
WHERE k.organization_id = %s AND k.plan_id = %s AND c.status = 'PAYMENT_PLAN' ORDER BY k.position
"""
_INSERT_PAYMENT: LiteralString = """
INSERT INTO payments (organization_id, id, charge_id, patient_id, amount_cents, currency, status, method, policy, stage, wanted,
  decided_at, gateway_account_id, customer_id, method_id, is_test, medium, location_id, card_brand, card_last4, next_step_at, due_at)
VALUES (%(organization_id)s, %(id)s, %(charge_id)s, %(patient_id)s, %(amount_cents)s, %(currency)s, 'UNPAID', 'GATEWAY', 'instalment',
  'DUE', 'TAKE', %(begun_at)s, %(gateway_account_id)s, %(customer_id)s, %(method_id)s, %(is_test)s, 'PAYMENT_PLAN', %(location_id)s,
  %(brand)s, %(last4)s, %(begun_at)s, %(due_at)s)
"""
_SET_TAKEN: LiteralString = """
UPDATE planned_payments SET payment_id = %s WHERE organization_id = %s AND id = %s AND payment_id IS NULL AND canceled_at IS NULL
"""
# In the order in which payments are locked, before their charges.
_LOCK_OPEN: LiteralString = """
SELECT y.id FROM payments y WHERE y.organization_id = %(organization_id)s AND y.id = ANY(ARRAY(
    SELECT e.payment_id FROM planned_payments e
    WHERE e.organization_id = %(organization_id)s AND e.plan_id = %(plan_id)s AND e.payment_id IS NOT NULL))
  AND y.captured_cents = 0 AND y.canceled_at IS NULL AND y.deleted_at IS NULL
ORDER BY y.id FOR NO KEY UPDATE
"""
# What a card is being charged for at this moment is left to its end.
_WITHDRAW: LiteralString = """
UPDATE payments y SET wanted = 'RETURN', decided_at = now(), next_step_at = now(), claim_id = NULL, updated_at = now()
WHERE y.organization_id = %(organization_id)s AND y.id = ANY(%(ids)s::uuid[]) AND y.wanted = 'TAKE' AND y.captured_cents = 0
  AND NOT EXISTS (SELECT FROM payment_attempts t WHERE t.organization_id = y.organization_id AND t.payment_id = y.id
    AND t.kind IN ('CHARGE', 'CAPTURE') AND t.status IN ('SENT', 'UNKNOWN'))
  AND NOT EXISTS (SELECT FROM payment_intents i WHERE i.organization_id = y.organization_id AND i.payment_id = y.id
    AND i.status = 'processing')
"""
_CLAIM: LiteralString = "SELECT organization_id, id FROM claim_due_plans(%s, %s::uuid[], make_interval(secs => %s), %s)"


class NewPlan(Phi, msgspec.Struct, frozen=True, kw_only=True):
    organization_id: UUID
    id: UUID
    currency: str
    is_test: bool
    payment_method_id: UUID
    gateway_account_id: UUID
    customer_id: str
    method_id: str
    frequency: str
    installments: int
    installment_cents: int
    initial_cents: int
    location_id: UUID | None
    timezone: str
    starts_on: date
    next_at: datetime | None


class NewPlanned(msgspec.Struct, frozen=True, kw_only=True):
    organization_id: UUID
    id: UUID
    plan_id: UUID
    number: int
    due_on: date
    due_at: datetime
    amount_cents: int


class PlanCard(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """What a plan's payments take over of it."""

    id: UUID
    currency: str
    is_test: bool
    gateway_account_id: UUID
    customer_id: str
    method_id: str
    location_id: UUID | None
    brand: str | None
    last4: str | None


class Outstanding(msgspec.Struct, frozen=True):
    charge_id: UUID
    cents: int
    patient_id: UUID


class NewInstalment(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """The payment of an instalment; `charge_id`: of one charge alone."""

    organization_id: UUID
    id: UUID
    charge_id: UUID | None
    patient_id: UUID
    amount_cents: int
    currency: str
    is_test: bool
    gateway_account_id: UUID
    customer_id: str
    method_id: str
    location_id: UUID | None
    brand: str | None
    last4: str | None
    begun_at: datetime
    due_at: datetime


class DuePlan(msgspec.Struct, frozen=True):
    organization_id: UUID
    id: UUID


async def insert_plan(
    conn: Connection, plan: NewPlan, charge_ids: Sequence[UUID], planned: Sequence[NewPlanned]
) -> None:
    await conn.execute(_INSERT_PLAN, msgspec.structs.asdict(plan))
    await conn.execute(_INSERT_CHARGES, (plan.organization_id, plan.id, uuid_array(charge_ids)))
    await conn.execute(_INSERT_PLANNED, (to_json(list(planned)),))


async def get_clock(conn: Connection, organization_id: UUID, location_id: UUID | None) -> tuple[str, datetime]:
    """The location's time zone, UTC without one, and the time of the transaction."""
    ((timezone, now),) = await (await conn.execute(_LOCK_CLOCK, (organization_id, location_id))).fetchall()
    return timezone, now


async def list_planned(conn: Connection, organization_id: UUID, charge_ids: Sequence[UUID]) -> list[UUID]:
    """Those for which a plan runs."""
    cursor = await conn.execute(_IN_PLAN, (organization_id, uuid_array(charge_ids)))
    return [row[0] for row in await cursor.fetchall()]


async def get_card(conn: Connection, organization_id: UUID, plan_id: UUID) -> PlanCard:
    async with conn.cursor(row_factory=class_row(PlanCard)) as cursor:
        await cursor.execute(_CARD, (organization_id, plan_id))
        return (await cursor.fetchall())[0]


async def list_outstanding(conn: Connection, organization_id: UUID, plan_id: UUID) -> list[Outstanding]:
    """In the order in which the plan pays them."""
    cursor = await conn.execute(_OUTSTANDING, (organization_id, plan_id))
    return [Outstanding(*row) for row in await cursor.fetchall()]


async def insert_payment(conn: Connection, payment: NewInstalment, planned_id: UUID) -> None:
    await conn.execute(_INSERT_PAYMENT, msgspec.structs.asdict(payment))
    await set_taken(conn, payment.organization_id, planned_id, payment.id)


async def set_taken(conn: Connection, organization_id: UUID, planned_id: UUID, payment_id: UUID) -> None:
    """The instalment's payment."""
    await conn.execute(_SET_TAKEN, (payment_id, organization_id, planned_id))


async def lock_open(conn: Connection, organization_id: UUID, plan_id: UUID) -> list[UUID]:
    """The payments of the plan that have not come to their end."""
    cursor = await conn.execute(_LOCK_OPEN, {"organization_id": organization_id, "plan_id": plan_id})
    return [row[0] for row in await cursor.fetchall()]


async def set_withdrawn(conn: Connection, organization_id: UUID, payment_ids: Sequence[UUID]) -> None:
    """Of payments that are locked."""
    await conn.execute(_WITHDRAW, {"organization_id": organization_id, "ids": uuid_array(payment_ids)})


async def claim_plans(conn: Connection, request: ClaimRequest) -> list[DuePlan]:
    """Plans that something is to be done about, of any organization. In `db.across()`."""
    values = (request.limit, uuid_array(request.organization_ids), request.lease_seconds, request.claim_id)
    return [DuePlan(*row) for row in await (await conn.execute(_CLAIM, values)).fetchall()]
