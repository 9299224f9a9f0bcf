"""Every SQL statement about payments that were made elsewhere."""

from datetime import date, datetime
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import Connection
from carelane.kit.phi import Phi
from carelane.patients.queries import STANDING_ID
from carelane.payments.schemas import PaymentStatus
from carelane.web.paging import asked_for

_CASE: LiteralString = """
SELECT c.id FROM cases c WHERE c.organization_id = %(organization_id)s AND c.id = %(case_id)s
  AND (%(mailbox)s::text IS NULL AND %(phone)s::text IS NULL OR EXISTS (
    SELECT FROM patients r
    WHERE r.organization_id = c.organization_id AND c.patient_id IN (r.id, r.merged_into_id)
      AND (%(mailbox)s::text IS NULL OR r.mailbox = %(mailbox)s) AND (%(phone)s::text IS NULL OR r.phone_e164 = %(phone)s)))
"""
# The latest that is not archived, else the latest; a cart that was left is no case yet.
_NEWEST: LiteralString = "ORDER BY c.is_archived, c.created_at DESC, c.id DESC LIMIT 1"
_LATEST: LiteralString = f"""
SELECT c.id FROM patients r CROSS JOIN LATERAL (
  SELECT c.* FROM cases c WHERE c.organization_id = r.organization_id AND c.patient_id = {STANDING_ID}
    AND c.status <> 'ABANDONED' {_NEWEST}) c
WHERE r.organization_id = %(organization_id)s"""
_KNOWN_BY: dict[str, LiteralString] = {"mailbox": "r.mailbox = %(mailbox)s", "phone": "r.phone_e164 = %(phone)s"}
# In a statement of its own: what a join reads would be from before the wait for the lock.
_LOCK: LiteralString = "SELECT FROM cases WHERE organization_id = %s AND id = %s FOR NO KEY UPDATE"
_PAID_CASE: LiteralString = """
SELECT c.id, c.patient_id, c.is_test, c.status = 'APPROVED' AS is_approved,
  c.status = 'APPROVED' AND NOT c.is_archived AS is_owed,
  coalesce((SELECT y.currency FROM payments y WHERE y.organization_id = c.organization_id AND y.case_id = c.id
    AND y.deleted_at IS NULL ORDER BY y.method = 'EXTERNAL', y.created_at DESC LIMIT 1), o.currency) AS currency,
  (SELECT h.id FROM charges h WHERE h.organization_id = c.organization_id AND h.case_id = c.id AND h.voided_at IS NULL
    ORDER BY h.outstanding_cents > 0 DESC, h.created_at DESC LIMIT 1) AS charge_id
FROM cases c JOIN organizations o ON o.id = c.organization_id WHERE c.organization_id = %s AND c.id = %s
"""
_APPROVAL: LiteralString = """
SELECT d.id FROM decisions d WHERE d.organization_id = %s AND d.case_id = %s AND d.id = %s AND d.is_approved
"""
_KNOWN: LiteralString = """
SELECT y.id, y.status, y.amount_cents, y.captured_cents, y.refunded_cents, y.disputed_cents, y.charge_id, y.decision_id, y.paid_at
FROM payments y WHERE y.organization_id = %s AND y.case_id = %s AND y.method = 'EXTERNAL' AND y.deleted_at IS NULL
ORDER BY y.created_at, y.id FOR NO KEY UPDATE
"""
_INSERT: LiteralString = """
INSERT INTO payments (organization_id, id, case_id, patient_id, charge_id, method, stage, amount_cents, currency, description,
  status, is_test, captured_cents, refunded_cents, disputed_cents, paid_at, canceled_at, due_at, valid_until, decision_id)
VALUES (%(organization_id)s, %(id)s, %(case_id)s, %(patient_id)s, %(charge_id)s, 'EXTERNAL', %(stage)s, %(amount_cents)s,
  %(currency)s, %(description)s, %(status)s, %(is_test)s, %(captured_cents)s, %(refunded_cents)s, %(disputed_cents)s, %(paid_at)s,
  %(canceled_at)s, now(), %(valid_until)s, %(decision_id)s)
"""
_UPDATE: LiteralString = """
UPDATE payments SET status = %(status)s, stage = %(stage)s, captured_cents = %(captured_cents)s, refunded_cents = %(refunded_cents)s,
  disputed_cents = %(disputed_cents)s, charge_id = %(charge_id)s, paid_at = %(paid_at)s, canceled_at = %(canceled_at)s,
  valid_until = coalesce(%(valid_until)s, valid_until), decision_id = coalesce(%(decision_id)s, decision_id),
  description = coalesce(%(description)s, description), updated_at = now()
WHERE organization_id = %(organization_id)s AND id = %(id)s
"""
_CONFIRM: LiteralString = """
INSERT INTO payment_confirmations (organization_id, id, payment_id, status, amount_cents, payment_date, idempotency_key)
VALUES (%(organization_id)s, %(id)s, %(payment_id)s, %(status)s, %(amount_cents)s, %(payment_date)s, %(idempotency_key)s)
ON CONFLICT (organization_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING RETURNING id
"""
_INSERT_REFUND: LiteralString = """
INSERT INTO refunds (organization_id, id, payment_id, amount_cents, currency, status, sent_at, settled_at)
VALUES (%s, %s, %s, %s, %s, 'SUCCEEDED', now(), now())
"""
_SOURCES: LiteralString = """
SELECT id FROM payment_confirmations WHERE organization_id = %(organization_id)s AND payment_id = %(payment_id)s
UNION ALL SELECT id FROM refunds WHERE organization_id = %(organization_id)s AND payment_id = %(payment_id)s
"""


class PaidCase(msgspec.Struct, frozen=True, kw_only=True):
    """`charge_id`: what is owed for the case, once it is owed."""

    id: UUID
    patient_id: UUID
    is_test: bool
    is_approved: bool
    is_owed: bool
    currency: str
    charge_id: UUID | None


class Elsewhere(msgspec.Struct, frozen=True, kw_only=True):
    """A payment that was made elsewhere, as it stands. `paid_at`: when it was paid, if it ever was."""

    id: UUID
    status: PaymentStatus
    amount_cents: int
    captured_cents: int = 0
    refunded_cents: int = 0
    disputed_cents: int = 0
    charge_id: UUID | None = None
    decision_id: UUID | None = None
    paid_at: datetime | None = None

    @property
    def left_cents(self) -> int:
        return self.captured_cents - self.refunded_cents - self.disputed_cents


class Details(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """What a confirmation says beside the status."""

    amount_cents: int
    description: str | None
    payment_date: date
    valid_until: date | None
    decision_id: UUID | None
    canceled_at: datetime | None


class Confirmation(msgspec.Struct, frozen=True, kw_only=True):
    organization_id: UUID
    id: UUID
    payment_id: UUID
    status: PaymentStatus
    amount_cents: int
    payment_date: date
    idempotency_key: str | None


async def find_case(
    conn: Connection, organization_id: UUID, case_id: UUID, *, mailbox: str | None, phone: str | None
) -> UUID | None:
    """The case, if whoever has the address and the number submitted it."""
    values = {"organization_id": organization_id, "case_id": case_id, "mailbox": mailbox, "phone": phone}
    row = await (await conn.execute(_CASE, values)).fetchone()
    return row[0] if row else None


async def find_latest_case(
    conn: Connection, organization_id: UUID, *, mailbox: str | None, phone: str | None
) -> UUID | None:
    values = {"organization_id": organization_id, "mailbox": mailbox, "phone": phone}
    statement: LiteralString = f"{_LATEST}{asked_for(_KNOWN_BY, values)} {_NEWEST}"
    row = await (await conn.execute(statement, values)).fetchone()
    return row[0] if row else None


async def lock_case(conn: Connection, organization_id: UUID, case_id: UUID) -> PaidCase:
    """Of a case that is there; its row stays locked until the transaction ends."""
    await conn.execute(_LOCK, (organization_id, case_id))
    async with conn.cursor(row_factory=class_row(PaidCase)) as cursor:
        await cursor.execute(_PAID_CASE, (organization_id, case_id))
        return (await cursor.fetchall())[0]


async def find_approval(conn: Connection, organization_id: UUID, case_id: UUID, decision_id: UUID) -> UUID | None:
    row = await (await conn.execute(_APPROVAL, (organization_id, case_id, decision_id))).fetchone()
    return row[0] if row else None


async def lock_known(conn: Connection, organization_id: UUID, case_id: UUID) -> list[Elsewhere]:
    """What was made elsewhere for the case, oldest first."""
    async with conn.cursor(row_factory=class_row(Elsewhere)) as cursor:
        await cursor.execute(_KNOWN, (organization_id, case_id))
        return await cursor.fetchall()


async def save_payment(
    conn: Connection, organization_id: UUID, case: PaidCase, payment: Elsewhere, details: Details, *, is_new: bool
) -> None:
    values = msgspec.structs.asdict(payment) | {
        "organization_id": organization_id,
        "case_id": case.id,
        "patient_id": case.patient_id,
        "currency": case.currency,
        "is_test": case.is_test,
        "stage": "WAITING" if payment.status == "UNPAID" else "DONE",
        "description": details.description,
        "valid_until": details.valid_until,
        "decision_id": details.decision_id,
        "canceled_at": details.canceled_at,
    }
    await conn.execute(_INSERT if is_new else _UPDATE, values)


async def find_confirmation(conn: Connection, organization_id: UUID, idempotency_key: str) -> UUID | None:
    statement: LiteralString = (
        "SELECT id FROM payment_confirmations WHERE organization_id = %s AND idempotency_key = %s"
    )
    row = await (await conn.execute(statement, (organization_id, idempotency_key))).fetchone()
    return row[0] if row else None


async def insert_confirmation(conn: Connection, confirmation: Confirmation) -> bool:
    """False: its key was used before, and nothing is written."""
    cursor = await conn.execute(_CONFIRM, msgspec.structs.asdict(confirmation))
    return await cursor.fetchone() is not None


async def insert_refund(
    conn: Connection, organization_id: UUID, refund_id: UUID, payment_id: UUID, amount_cents: int, currency: str
) -> None:
    """One that went back elsewhere."""
    await conn.execute(_INSERT_REFUND, (organization_id, refund_id, payment_id, amount_cents, currency))


async def list_sources(conn: Connection, organization_id: UUID, payment_id: UUID) -> list[UUID]:
    """What the ledger knows the payment's money by, beside itself."""
    cursor = await conn.execute(_SOURCES, {"organization_id": organization_id, "payment_id": payment_id})
    return [payment_id, *(row[0] for row in await cursor.fetchall())]
