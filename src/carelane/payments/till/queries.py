"""Every SQL statement about paying at the desk."""

from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import Connection
from carelane.kit.phi import Phi
from carelane.patients.queries import living
from carelane.payments.states import Method

# Those that a worker may move at this moment. A payment comes before its charge.
_GATEWAYS: LiteralString = """
SELECT y.id FROM payments y WHERE y.organization_id = %(organization_id)s AND y.method = 'GATEWAY' AND y.id = ANY(ARRAY(
  SELECT p.id FROM payments p WHERE p.organization_id = %(organization_id)s AND p.charge_id = %(charge_id)s
  UNION
  SELECT s.payment_id FROM payment_charges s WHERE s.organization_id = %(organization_id)s AND s.charge_id = %(charge_id)s))
ORDER BY y.id
"""
_LOCK_GATEWAYS: LiteralString = _GATEWAYS + " FOR NO KEY UPDATE"
_IS_MOVING: LiteralString = """
SELECT EXISTS (SELECT FROM payment_attempts t WHERE t.organization_id = %(organization_id)s AND t.payment_id = ANY(ARRAY(
    SELECT p.id FROM payments p WHERE p.organization_id = %(organization_id)s AND p.charge_id = %(charge_id)s
    UNION ALL
    SELECT s.payment_id FROM payment_charges s WHERE s.organization_id = %(organization_id)s AND s.charge_id = %(charge_id)s))
  AND t.kind IN ('CHARGE', 'CAPTURE') AND t.status IN ('SENT', 'UNKNOWN'))
  -- Or is about to be: whoever is at the desk with it has written the payment down, and tries the card next.
  OR EXISTS (SELECT FROM payments y WHERE y.organization_id = %(organization_id)s AND y.id = ANY(ARRAY(
    SELECT p.id FROM payments p WHERE p.organization_id = %(organization_id)s AND p.charge_id = %(charge_id)s
    UNION ALL
    SELECT s.payment_id FROM payment_charges s WHERE s.organization_id = %(organization_id)s AND s.charge_id = %(charge_id)s))
  AND y.policy = 'at_desk' AND y.status = 'UNPAID' AND y.wanted = 'TAKE' AND y.deleted_at IS NULL)
"""
# Of a charge whose row is locked.
_PAYABLE: LiteralString = """
SELECT c.patient_id, c.location_id, c.case_id, c.archived_at IS NOT NULL AS is_archived
FROM charges c WHERE c.organization_id = %s AND c.id = %s
"""
_LIVING: LiteralString = f"SELECT {living('%(patient_id)s')}"
_INSERT: LiteralString = """
INSERT INTO payments (organization_id, id, patient_id, method, medium, policy, stage, status, amount_cents, currency, is_test,
  captured_cents, location_id, created_by_staff_id, paid_at, due_at)
VALUES (%(organization_id)s, %(id)s, %(patient_id)s, %(method)s, %(medium)s, 'unverified', 'DONE', 'PAID', %(amount_cents)s,
  %(currency)s, %(is_test)s, %(amount_cents)s, %(location_id)s, %(created_by_staff_id)s, now(), now())
"""


class Payable(msgspec.Struct, frozen=True, kw_only=True):
    """What a payment takes over of its charge."""

    patient_id: UUID
    location_id: UUID | None
    case_id: UUID | None
    is_archived: bool


class NewPayment(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A payment that was made: all of it is there. `medium`: the dialect's word for how."""

    organization_id: UUID
    id: UUID
    patient_id: UUID
    method: Method
    medium: str
    amount_cents: int
    currency: str
    is_test: bool
    location_id: UUID | None
    created_by_staff_id: UUID | None = None


async def lock_gateways(conn: Connection, organization_id: UUID, charge_id: UUID) -> set[UUID]:
    """Payments through gateways that are for the charge."""
    found = await conn.execute(_LOCK_GATEWAYS, {"organization_id": organization_id, "charge_id": charge_id})
    return {row[0] for row in await found.fetchall()}


async def list_gateways(conn: Connection, organization_id: UUID, charge_id: UUID) -> set[UUID]:
    """The same, as they are by now."""
    found = await conn.execute(_GATEWAYS, {"organization_id": organization_id, "charge_id": charge_id})
    return {row[0] for row in await found.fetchall()}


async def find_moving(conn: Connection, organization_id: UUID, charge_id: UUID) -> bool:
    """Whether a card is charged for it at this moment, or the next."""
    cursor = await conn.execute(_IS_MOVING, {"organization_id": organization_id, "charge_id": charge_id})
    return bool((await cursor.fetchall())[0][0])


async def get_payable(conn: Connection, organization_id: UUID, charge_id: UUID) -> Payable:
    async with conn.cursor(row_factory=class_row(Payable)) as cursor:
        await cursor.execute(_PAYABLE, (organization_id, charge_id))
        return (await cursor.fetchall())[0]


async def find_living(conn: Connection, organization_id: UUID, patient_id: UUID) -> UUID | None:
    """The patient whom an id stands for."""
    cursor = await conn.execute(_LIVING, {"organization_id": organization_id, "patient_id": patient_id})
    found: UUID | None = (await cursor.fetchall())[0][0]
    return found


async def insert_payment(conn: Connection, payment: NewPayment) -> None:
    await conn.execute(_INSERT, msgspec.structs.asdict(payment))
