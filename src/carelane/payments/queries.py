"""Every SQL statement about payments themselves; those of intents, attempts, refunds and disputes are in `settling/`."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg import AsyncCursor
from psycopg.rows import class_row

from carelane.kit.db import Connection
from carelane.kit.phi import Phi
from carelane.payments.states import Method, Policy, Stage, Status, Wanted

# Part of the case detail: `c` is the case, `%(most)s` bounds the list. Staff have an e-mail, and so do patients.
CASE_PAYMENTS: LiteralString = """
coalesce((
  SELECT json_agg(json_build_object('id', y.id, 'isDeleted', y.deleted_at IS NOT NULL, 'description', y.description,
    'amount', decimal_string(y.amount_cents, y.currency), 'status', y.status, 'dueDate', y.due_at, 'paymentDate', y.paid_at,
    'cancellationDate', y.canceled_at, 'isScheduled', y.is_scheduled, 'schedulePosition', y.schedule_position,
    'isAutoCreated', y.is_auto_created, 'createdAt', y.created_at, 'updatedAt', y.updated_at,
    'fees', json_build_object(
      'consultFee', decimal_string(y.consult_fee_cents, y.currency), 'convenienceFee', decimal_string(y.convenience_fee_cents, y.currency),
      'paymentProcessingFee', decimal_string(y.payment_processing_fee_cents, y.currency),
      'pharmacyFee', decimal_string(y.pharmacy_fee_cents, y.currency), 'shippingFee', decimal_string(y.shipping_fee_cents, y.currency),
      'syringeKitFee', decimal_string(y.syringe_kit_fee_cents, y.currency),
      'techPlatformFee', decimal_string(y.tech_platform_fee_cents, y.currency),
      'subFees', coalesce((
        SELECT json_agg(json_build_object('label', f.label, 'amount', decimal_string(f.amount_cents, y.currency)) ORDER BY f.position)
        FROM payment_sub_fees f WHERE f.organization_id = y.organization_id AND f.payment_id = y.id), '[]')),
    'createdBy', (
      SELECT json_build_object('id', b.id, 'firstName', b.first_name, 'lastName', b.last_name, 'email', b.email) FROM (
        SELECT s.id, s.first_name, s.last_name, s.email FROM staff s
        WHERE s.organization_id = y.organization_id AND s.id = y.created_by_staff_id
        UNION ALL
        SELECT p.id, p.first_name, p.last_name, p.email FROM patients p
        WHERE p.organization_id = y.organization_id AND p.id = y.created_by_patient_id) b)
  ) ORDER BY y.created_at, y.id)
  FROM (SELECT * FROM payments WHERE organization_id = c.organization_id AND case_id = c.id
        ORDER BY created_at DESC LIMIT %(most)s) y), '[]')
"""

_PAYMENT: LiteralString = """
SELECT y.organization_id, y.id, y.case_id, y.charge_id,
  coalesce(y.patient_id, (SELECT c.patient_id FROM cases c WHERE c.organization_id = y.organization_id AND c.id = y.case_id)) AS patient_id,
  y.amount_cents, y.currency, y.description, y.status,
  y.reference_type, y.reference_id, y.is_test, y.method, y.policy, y.stage, y.gateway_account_id, y.customer_id, y.method_id,
  y.captured_cents, y.refunded_cents, y.disputed_cents, y.failure, y.decline_code, y.tries, y.wanted, y.decided_at, y.restarted_at,
  y.decision_id,
  y.next_step_at, y.claim_id, y.valid_until, y.link_version, y.due_at, y.paid_at, y.canceled_at,
  y.created_at
FROM payments y WHERE y.organization_id = %(organization_id)s AND y.deleted_at IS NULL
"""
_BY_ID: LiteralString = " AND y.id = %(id)s"

_LOCK_CASE: LiteralString = """
SELECT FROM cases WHERE organization_id = %(organization_id)s
  AND id = (SELECT case_id FROM payments WHERE organization_id = %(organization_id)s AND id = %(id)s)
FOR NO KEY UPDATE
"""

# Whoever plans the next step ends the claim, if there is one: its lease must not be renewed over what was planned.
_SAVE: LiteralString = """
UPDATE payments SET claim_id = CASE WHEN next_step_at IS NOT DISTINCT FROM %(next_step_at)s THEN %(claim_id)s::uuid END,
  charge_id = %(charge_id)s, status = %(status)s, reference_id = %(reference_id)s, policy = %(policy)s, stage = %(stage)s,
  gateway_account_id = %(gateway_account_id)s, customer_id = %(customer_id)s, method_id = %(method_id)s,
  captured_cents = %(captured_cents)s, refunded_cents = %(refunded_cents)s, disputed_cents = %(disputed_cents)s,
  failure = %(failure)s, decline_code = %(decline_code)s, tries = %(tries)s, wanted = %(wanted)s,
  decided_at = %(decided_at)s, restarted_at = %(restarted_at)s,
  decision_id = %(decision_id)s, next_step_at = %(next_step_at)s, link_version = %(link_version)s, paid_at = %(paid_at)s,
  canceled_at = %(canceled_at)s, updated_at = now()
WHERE organization_id = %(organization_id)s AND id = %(id)s
"""

# Which of a case's payments a person has ended: by saying so, or by taking back what is owed for the case.
_ENDED_BY_STAFF: LiteralString = """
SELECT y.id FROM payments y WHERE y.organization_id = %(organization_id)s AND y.case_id = %(case_id)s AND y.wanted = 'RETURN'
  AND (y.resolved_by_staff_id IS NOT NULL OR EXISTS (
    SELECT FROM charges h WHERE h.organization_id = y.organization_id AND h.case_id = y.case_id AND (h.archived_at IS NOT NULL OR EXISTS (
      SELECT FROM charge_adjustments a WHERE a.organization_id = h.organization_id AND a.charge_id = h.id))))
"""


class PaymentRow(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A payment as it stands. From `lock_payment` it stays so until the transaction ends; from `find_payment` it may move on.

    `wanted`: what the decision asks for, null before there is one; `decided_at`: since when. `restarted_at`: when staff last had it
    tried again. `tries`: soft declines of the card it has now.
    """

    organization_id: UUID
    id: UUID
    case_id: UUID | None
    charge_id: UUID | None
    patient_id: UUID | None
    amount_cents: int
    currency: str
    description: str | None
    status: Status
    reference_type: str | None
    reference_id: str | None
    is_test: bool
    method: Method
    policy: Policy
    stage: Stage
    gateway_account_id: UUID | None
    customer_id: str | None
    method_id: str | None
    captured_cents: int
    refunded_cents: int
    disputed_cents: int
    failure: str | None
    decline_code: str | None
    tries: int
    wanted: Wanted | None
    decided_at: datetime | None
    restarted_at: datetime | None
    decision_id: UUID | None
    next_step_at: datetime | None
    claim_id: UUID | None
    valid_until: date | None
    link_version: int
    due_at: datetime | None
    paid_at: datetime | None
    canceled_at: datetime | None
    created_at: datetime


async def lock_payment(conn: Connection, organization_id: UUID, payment_id: UUID) -> PaymentRow | None:
    """Locks the case's row, if it has a case, then the payment's, and reads the payment after that."""
    return await (await lock_later(conn, organization_id, payment_id)).fetchone()


async def lock_later(conn: Connection, organization_id: UUID, payment_id: UUID) -> AsyncCursor[PaymentRow]:
    """`lock_payment`, whose answer nobody has waited for."""
    values = {"organization_id": organization_id, "id": payment_id}
    await conn.execute(_LOCK_CASE, values)
    return await _query(conn, _PAYMENT + _BY_ID + " FOR NO KEY UPDATE OF y", values)


async def find_payment(conn: Connection, organization_id: UUID, payment_id: UUID) -> PaymentRow | None:
    """The same without the locks."""
    return await (await find_later(conn, organization_id, payment_id)).fetchone()


async def find_later(conn: Connection, organization_id: UUID, payment_id: UUID) -> AsyncCursor[PaymentRow]:
    """`find_payment`, whose answer nobody has waited for."""
    return await _query(conn, _PAYMENT + _BY_ID, {"organization_id": organization_id, "id": payment_id})


async def lock_case_payments(conn: Connection, organization_id: UUID, case_id: UUID) -> list[PaymentRow]:
    """Those of a case whose row is locked, oldest first."""
    return await _many(
        conn,
        _PAYMENT + " AND y.case_id = %(case_id)s ORDER BY y.created_at, y.id FOR NO KEY UPDATE OF y",
        {"organization_id": organization_id, "case_id": case_id},
    )


async def list_ended_by_staff(conn: Connection, organization_id: UUID, case_id: UUID) -> set[UUID]:
    cursor = await conn.execute(_ENDED_BY_STAFF, {"organization_id": organization_id, "case_id": case_id})
    return {row[0] for row in await cursor.fetchall()}


async def list_payments(conn: Connection, organization_id: UUID, payment_ids: list[UUID]) -> list[PaymentRow]:
    values = {"organization_id": organization_id, "ids": payment_ids}
    return await _many(conn, _PAYMENT + " AND y.id = ANY(%(ids)s::uuid[])", values)


async def save_payment(conn: Connection, payment: PaymentRow) -> None:
    """Writes what may change of a payment that was locked in this transaction."""
    await conn.execute(_SAVE, msgspec.structs.asdict(payment))


async def _many(conn: Connection, statement: LiteralString, values: Mapping[str, object]) -> list[PaymentRow]:
    return await (await _query(conn, statement, values)).fetchall()


async def _query(conn: Connection, statement: LiteralString, values: Mapping[str, object]) -> AsyncCursor[PaymentRow]:
    return await conn.cursor(row_factory=class_row(PaymentRow)).execute(statement, values)
