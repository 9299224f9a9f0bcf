"""Every SQL statement about what is owed for a charge."""

from collections.abc import Sequence
from typing import Literal, LiteralString
from uuid import UUID

import msgspec

from carelane.charges.schemas import ChargeStatus
from carelane.kit.db import Connection, uuid_array
from carelane.kit.phi import Phi
from carelane.ledger.schemas import Act, Books

# What a sealed reason is bound to.
ADJUSTMENT_REASON = "charge_adjustments.reason_sealed"

Kind = Literal["VOID", "WRITE_OFF", "ADJUSTMENT"]

# `patient_id`: whose receivable the charge stands in. A merge moves the charge to another record, never what was posted.
_LOCK: LiteralString = """
SELECT c.id, coalesce((SELECT a.owner_id FROM ledger_postings p
    JOIN ledger_accounts a ON a.organization_id = p.organization_id AND a.id = p.debit_id AND a.code = 'receivable'
    WHERE p.organization_id = c.organization_id AND p.act = 'CHARGE' AND p.source_id = c.id LIMIT 1), c.patient_id),
  c.currency, c.is_test, c.status, c.total_cents, c.outstanding_cents, c.voided_at IS NOT NULL,
  c.archived_at IS NOT NULL
FROM charges c WHERE c.organization_id = %(organization_id)s AND c.id = %(charge_id)s FOR NO KEY UPDATE OF c
"""
_SET_STATE: LiteralString = """
UPDATE charges SET status = %(status)s, outstanding_cents = %(outstanding_cents)s, updated_at = now()
WHERE organization_id = %(organization_id)s AND id = %(charge_id)s
  AND (status, outstanding_cents) IS DISTINCT FROM (%(status)s::text, %(outstanding_cents)s::bigint)
"""
_FIND_OF_PAYMENT: LiteralString = """
SELECT y.charge_id, y.captured_cents FROM payments y WHERE y.organization_id = %(organization_id)s AND y.id = %(payment_id)s
"""
_SET_OF_PAYMENT: LiteralString = """
UPDATE payments SET charge_id = %(charge_id)s, updated_at = now()
WHERE organization_id = %(organization_id)s AND id = %(payment_id)s
"""
# What was approved; all that was asked for, where somebody charges without a decision.
_LIST_APPROVED: LiteralString = """
WITH asked AS (
  SELECT n.product_id, min(n.position) AS position, EXISTS (
    SELECT FROM decisions d WHERE d.organization_id = %(organization_id)s AND d.case_id = %(case_id)s
      AND d.product_id = n.product_id AND d.is_approved) AS is_approved
  FROM case_products n WHERE n.organization_id = %(organization_id)s AND n.case_id = %(case_id)s GROUP BY n.product_id
)
SELECT c.patient_id, i.id, i.name, i.price_cents, i.currency FROM asked a
JOIN products i ON i.organization_id = %(organization_id)s AND i.id = a.product_id
JOIN cases c ON c.organization_id = %(organization_id)s AND c.id = %(case_id)s
WHERE a.is_approved OR NOT EXISTS (SELECT FROM asked o WHERE o.is_approved)
ORDER BY a.position, i.id
"""
# Whatever brought a payment's money or took it back, as the ledger names it.
_LIST_SOURCES: LiteralString = """
SELECT %(payment_id)s::uuid
UNION ALL SELECT i.id FROM payment_intents i WHERE i.organization_id = %(organization_id)s AND i.payment_id = %(payment_id)s
UNION ALL SELECT f.id FROM payment_confirmations f WHERE f.organization_id = %(organization_id)s AND f.payment_id = %(payment_id)s
UNION ALL SELECT s.id FROM payment_charges s WHERE s.organization_id = %(organization_id)s AND s.payment_id = %(payment_id)s
UNION ALL SELECT r.id FROM refunds r WHERE r.organization_id = %(organization_id)s AND r.payment_id = %(payment_id)s
UNION ALL SELECT d.id FROM disputes d WHERE d.organization_id = %(organization_id)s AND d.payment_id = %(payment_id)s
"""
_LOCK_PAYMENTS: LiteralString = """
SELECT y.id FROM payments y WHERE y.organization_id = %(organization_id)s AND y.id = ANY(ARRAY(
  SELECT p.id FROM payments p WHERE p.organization_id = %(organization_id)s AND p.charge_id = %(charge_id)s
  UNION
  SELECT s.payment_id FROM payment_charges s WHERE s.organization_id = %(organization_id)s AND s.charge_id = %(charge_id)s))
ORDER BY y.id FOR NO KEY UPDATE
"""
# A statement of its own: what was begun while the locks were waited for is not seen by the one that waited.
_IS_MOVING: LiteralString = """
SELECT EXISTS (SELECT FROM payment_attempts t WHERE t.organization_id = %(organization_id)s AND t.payment_id = ANY(ARRAY(
    SELECT p.id FROM payments p WHERE p.organization_id = %(organization_id)s AND p.charge_id = %(charge_id)s
    UNION ALL
    SELECT s.payment_id FROM payment_charges s WHERE s.organization_id = %(organization_id)s AND s.charge_id = %(charge_id)s))
  AND t.kind IN ('CHARGE', 'CAPTURE') AND t.status IN ('SENT', 'UNKNOWN'))
"""
_COUNT_PAYMENTS: LiteralString = """
SELECT (SELECT count(*) FROM payments WHERE organization_id = %(organization_id)s AND charge_id = %(charge_id)s)
  + (SELECT count(*) FROM payment_charges WHERE organization_id = %(organization_id)s AND charge_id = %(charge_id)s)
"""
_TIPS: LiteralString = """
SELECT coalesce(sum(amount_cents), 0)::bigint FROM charge_tips
WHERE organization_id = %(organization_id)s AND charge_id = %(charge_id)s AND removed_at IS NULL
"""
_SET_VOIDED: LiteralString = """
UPDATE charges SET voided_at = now(), updated_at = now()
WHERE organization_id = %(organization_id)s AND id = %(charge_id)s AND voided_at IS NULL
"""
_INSERT_ADJUSTMENT: LiteralString = """
INSERT INTO charge_adjustments (organization_id, id, charge_id, kind, amount_cents, reason_sealed, created_by_staff_id,
  location_id)
VALUES (%(organization_id)s, %(id)s, %(charge_id)s, %(kind)s, %(amount_cents)s, %(reason_sealed)s, %(staff_id)s, %(location_id)s)
"""
_LIST_ADJUSTMENTS: LiteralString = """
SELECT kind, id FROM charge_adjustments
WHERE organization_id = %(organization_id)s AND charge_id = %(charge_id)s AND kind <> 'VOID' ORDER BY created_at, id
"""
# Payments that would still take more than is owed.
_IS_PROMISED: LiteralString = """
SELECT EXISTS (SELECT FROM payments
  WHERE organization_id = %(organization_id)s AND charge_id = %(charge_id)s AND method = 'GATEWAY' AND captured_cents = 0
    AND stage NOT IN ('UNVERIFIED', 'RELEASING', 'DONE') AND amount_cents > %(amount_cents)s)
"""
# The worker releases what is held. What was paid in part stays.
_RETURN_PAYMENTS: LiteralString = """
UPDATE payments SET wanted = 'RETURN', decided_at = now(), next_step_at = now(), updated_at = now()
WHERE organization_id = %(organization_id)s AND charge_id = %(charge_id)s AND method = 'GATEWAY' AND captured_cents = 0
  AND stage NOT IN ('UNVERIFIED', 'RELEASING', 'DONE')
"""
# Of charges that are paid in full. They are locked, and payments come before them: what somebody holds is not waited for.
_RETURN_WAITING: LiteralString = """
UPDATE payments SET wanted = 'RETURN', decided_at = now(), next_step_at = now(), updated_at = now()
WHERE organization_id = %(organization_id)s AND id = ANY(ARRAY(
  SELECT y.id FROM payments y JOIN charges c ON c.organization_id = y.organization_id AND c.id = y.charge_id
  WHERE y.organization_id = %(organization_id)s AND y.charge_id = ANY(%(charge_ids)s::uuid[]) AND y.id <> %(payment_id)s
    AND y.policy = 'on_page' AND y.method = 'GATEWAY' AND y.stage = 'WAITING' AND y.captured_cents = 0 AND y.wanted IS NULL
    AND c.outstanding_cents = 0
  FOR NO KEY UPDATE OF y SKIP LOCKED))
"""


class LockedCharge(msgspec.Struct, frozen=True):
    """A charge whose row is locked. `patient_id`: whose receivable it stands in."""

    id: UUID
    patient_id: UUID
    currency: str
    is_test: bool
    status: ChargeStatus
    total_cents: int
    outstanding_cents: int
    is_voided: bool
    is_archived: bool

    @property
    def books(self) -> Books:
        return Books(self.currency, self.is_test)


class NewAdjustment(Phi, msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    charge_id: UUID
    kind: Kind
    amount_cents: int
    reason_sealed: bytes
    staff_id: UUID | None
    location_id: UUID | None


class ApprovedProduct(msgspec.Struct, frozen=True):
    id: UUID
    name: str
    price_cents: int
    currency: str


async def lock_charge(conn: Connection, organization_id: UUID, charge_id: UUID) -> LockedCharge | None:
    cursor = await conn.execute(_LOCK, {"organization_id": organization_id, "charge_id": charge_id})
    row = await cursor.fetchone()
    return LockedCharge(*row) if row else None


async def set_state(
    conn: Connection, organization_id: UUID, charge_id: UUID, status: ChargeStatus, outstanding_cents: int
) -> None:
    values = {"organization_id": organization_id, "charge_id": charge_id}
    await conn.execute(_SET_STATE, values | {"status": status, "outstanding_cents": outstanding_cents})


async def get_made_of_payment(conn: Connection, organization_id: UUID, payment_id: UUID) -> tuple[UUID | None, int]:
    """The payment's charge, and what the payment has brought."""
    cursor = await conn.execute(_FIND_OF_PAYMENT, {"organization_id": organization_id, "payment_id": payment_id})
    row = (await cursor.fetchall())[0]
    return row[0], row[1]


async def set_charge_of_payment(conn: Connection, organization_id: UUID, payment_id: UUID, charge_id: UUID) -> None:
    values = {"organization_id": organization_id, "payment_id": payment_id, "charge_id": charge_id}
    await conn.execute(_SET_OF_PAYMENT, values)


async def get_approved(conn: Connection, organization_id: UUID, case_id: UUID) -> tuple[UUID, list[ApprovedProduct]]:
    """Whose case it is now, and what was approved."""
    cursor = await conn.execute(_LIST_APPROVED, {"organization_id": organization_id, "case_id": case_id})
    rows = await cursor.fetchall()
    return rows[0][0], [ApprovedProduct(*row[1:]) for row in rows]


async def list_sources(conn: Connection, organization_id: UUID, payment_id: UUID) -> list[UUID]:
    """What `ledger.reads.credit_of` is asked about, for a payment."""
    cursor = await conn.execute(_LIST_SOURCES, {"organization_id": organization_id, "payment_id": payment_id})
    return [row[0] for row in await cursor.fetchall()]


async def lock_payments(conn: Connection, organization_id: UUID, charge_id: UUID) -> tuple[int, bool]:
    """Locks the charge's payments: how many, and whether money of one is on its way at this moment."""
    values = {"organization_id": organization_id, "charge_id": charge_id}
    locked = await conn.execute(_LOCK_PAYMENTS, values)
    moving = await conn.execute(_IS_MOVING, values)
    count = len(await locked.fetchall())
    ((is_moving,),) = await moving.fetchall()
    return count, is_moving


async def count_payments(conn: Connection, organization_id: UUID, charge_id: UUID) -> int:
    cursor = await conn.execute(_COUNT_PAYMENTS, {"organization_id": organization_id, "charge_id": charge_id})
    ((count,),) = await cursor.fetchall()
    return int(count)


async def get_tips(conn: Connection, organization_id: UUID, charge_id: UUID) -> int:
    """What its tips come to."""
    cursor = await conn.execute(_TIPS, {"organization_id": organization_id, "charge_id": charge_id})
    ((cents,),) = await cursor.fetchall()
    return int(cents)


async def set_voided(conn: Connection, organization_id: UUID, charge_id: UUID) -> None:
    await conn.execute(_SET_VOIDED, {"organization_id": organization_id, "charge_id": charge_id})


async def insert_adjustment(conn: Connection, organization_id: UUID, new: NewAdjustment) -> None:
    await conn.execute(_INSERT_ADJUSTMENT, {"organization_id": organization_id} | msgspec.structs.asdict(new))


async def list_adjustments(conn: Connection, organization_id: UUID, charge_id: UUID) -> list[tuple[Act, UUID]]:
    """What was written off or adjusted of it: the kind, which is its act in the ledger, and the id."""
    cursor = await conn.execute(_LIST_ADJUSTMENTS, {"organization_id": organization_id, "charge_id": charge_id})
    return [(row[0], row[1]) for row in await cursor.fetchall()]


async def find_promised(conn: Connection, organization_id: UUID, charge_id: UUID, amount_cents: int) -> bool:
    """Whether a payment that nothing was taken of yet would take more than the amount."""
    values = {"organization_id": organization_id, "charge_id": charge_id, "amount_cents": amount_cents}
    ((found,),) = await (await conn.execute(_IS_PROMISED, values)).fetchall()
    return bool(found)


async def update_payments(conn: Connection, organization_id: UUID, charge_id: UUID) -> None:
    await conn.execute(_RETURN_PAYMENTS, {"organization_id": organization_id, "charge_id": charge_id})


async def update_waiting(conn: Connection, organization_id: UUID, charge_ids: Sequence[UUID], payment_id: UUID) -> None:
    """What patients were to pay on a page for charges that this payment has paid is not taken any more. A payment that somebody holds
    at this moment stays as it is: whoever writes down that it brought money sees that nothing was owed."""
    values = {"organization_id": organization_id, "charge_ids": uuid_array(charge_ids), "payment_id": payment_id}
    await conn.execute(_RETURN_WAITING, values)
