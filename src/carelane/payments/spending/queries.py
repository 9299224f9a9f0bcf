"""Every SQL statement about what a patient's credits hold and give."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import Connection, Sealed, to_json, uuid_array
from carelane.kit.phi import Phi
from carelane.ledger.schemas import Books

_CREDIT: LiteralString = """
SELECT k.id, k.patient_id, k.account_patient_id, k.currency, k.is_test, k.amount_cents, k.spent_cents, k.expires_at, k.payment_id
FROM patient_credits k WHERE k.organization_id = %(organization_id)s AND k.deleted_at IS NULL
"""
_OF_BOOKS: LiteralString = """
  AND k.patient_id = %(patient_id)s AND k.currency = %(currency)s AND k.is_test = %(is_test)s
"""
_LOCK: LiteralString = """
SELECT k.id FROM patient_credits k WHERE k.organization_id = %(organization_id)s AND k.deleted_at IS NULL
  AND k.patient_id = %(patient_id)s AND k.spent_cents < k.amount_cents ORDER BY k.id FOR NO KEY UPDATE
"""
_LOCKED_SPENDABLE: LiteralString = (
    _CREDIT
    + _OF_BOOKS
    + """ AND k.spent_cents < k.amount_cents AND (k.expires_at IS NULL OR k.expires_at > now()) AND k.id = ANY(%(ids)s::uuid[])
ORDER BY k.created_at, k.id
"""
)
_LOCK_BY_ID: LiteralString = """
SELECT k.id FROM patient_credits k WHERE k.organization_id = %s AND k.id = ANY(%s::uuid[]) ORDER BY k.id FOR NO KEY UPDATE
"""
_BY_ID: LiteralString = _CREDIT + " AND k.id = ANY(%(ids)s::uuid[]) ORDER BY k.created_at, k.id"
_OF_PAYMENT: LiteralString = _CREDIT + " AND k.payment_id = %(payment_id)s ORDER BY k.id"
_SPEND: LiteralString = """
WITH sent AS (SELECT * FROM jsonb_populate_recordset(null::credit_spends, %s)), spent AS (
  UPDATE patient_credits k SET spent_cents = k.spent_cents + s.amount_cents, updated_at = now()
  FROM sent s WHERE k.organization_id = s.organization_id AND k.id = s.credit_id
)
INSERT INTO credit_spends (organization_id, id, credit_id, payment_id, amount_cents)
SELECT s.organization_id, s.id, s.credit_id, s.payment_id, s.amount_cents FROM sent s
"""
_SPENDS: LiteralString = """
SELECT s.id, s.credit_id, k.account_patient_id, s.amount_cents - s.returned_cents AS left_cents
FROM credit_spends s JOIN patient_credits k ON k.organization_id = s.organization_id AND k.id = s.credit_id
WHERE s.organization_id = %s AND s.payment_id = %s ORDER BY k.created_at DESC, k.id DESC
"""
_LIST_SPENT: LiteralString = """
SELECT s.credit_id FROM credit_spends s WHERE s.organization_id = %s AND s.payment_id = %s ORDER BY s.credit_id
"""
_PUT_BACK: LiteralString = """
WITH back AS (
  UPDATE credit_spends SET returned_cents = returned_cents + %(amount_cents)s
  WHERE organization_id = %(organization_id)s AND id = %(spend_id)s RETURNING credit_id
)
UPDATE patient_credits k SET spent_cents = k.spent_cents - %(amount_cents)s, updated_at = now()
FROM back WHERE k.organization_id = %(organization_id)s AND k.id = back.credit_id
"""
_INSERT: LiteralString = """
INSERT INTO patient_credits (organization_id, id, patient_id, account_patient_id, currency, is_test, amount_cents, spent_cents,
  expires_at, comment_sealed, external_id, member_id, created_by_staff_id, payment_id, refund_id)
SELECT n.organization_id, n.id, n.patient_id, n.account_patient_id, n.currency, n.is_test, n.amount_cents, n.spent_cents,
  n.expires_at, n.comment_sealed, n.external_id, n.member_id, n.created_by_staff_id, n.payment_id, n.refund_id
FROM jsonb_populate_record(null::patient_credits, %s) n
"""
_CHANGE: LiteralString = """
INSERT INTO credit_changes (organization_id, id, credit_id, kind, amount_cents) VALUES (%s, %s, %s, %s, %s)
"""
_SET_AMOUNT: LiteralString = """
UPDATE patient_credits SET amount_cents = %s, updated_at = now(), deleted_at = CASE WHEN %s THEN now() ELSE deleted_at END
WHERE organization_id = %s AND id = %s
"""


class CreditRow(msgspec.Struct, frozen=True, kw_only=True):
    """A credit. `account_patient_id`: in whose account of the ledger it stands."""

    id: UUID
    patient_id: UUID
    account_patient_id: UUID
    currency: str
    is_test: bool
    amount_cents: int
    spent_cents: int
    expires_at: datetime | None
    payment_id: UUID | None

    @property
    def left_cents(self) -> int:
        return self.amount_cents - self.spent_cents

    @property
    def books(self) -> Books:
        return Books(self.currency, self.is_test)


class NewCredit(Phi, msgspec.Struct, frozen=True, kw_only=True):
    organization_id: UUID
    id: UUID
    patient_id: UUID
    account_patient_id: UUID
    currency: str
    is_test: bool
    amount_cents: int
    spent_cents: int = 0
    expires_at: datetime | None = None
    comment_sealed: Sealed | None = None
    external_id: str | None = None
    member_id: str | None = None
    created_by_staff_id: UUID | None = None
    payment_id: UUID | None = None
    refund_id: UUID | None = None


class NewSpend(msgspec.Struct, frozen=True, kw_only=True):
    organization_id: UUID
    id: UUID
    credit_id: UUID
    payment_id: UUID
    amount_cents: int
    # A column that is never null.
    returned_cents: int = 0


class SpendRow(msgspec.Struct, frozen=True, kw_only=True):
    """What a payment took from a credit and has not given back."""

    id: UUID
    credit_id: UUID
    account_patient_id: UUID
    left_cents: int


async def lock_spendable(conn: Connection, organization_id: UUID, patient_id: UUID, books: Books) -> list[CreditRow]:
    """What a patient can pay with, in these books, oldest first."""
    values = {"organization_id": organization_id, "patient_id": patient_id} | msgspec.structs.asdict(books)
    locked = await (await conn.execute(_LOCK, values)).fetchall()
    # One that was granted since is nobody's yet.
    ids = uuid_array([row[0] for row in locked])
    return await _many(conn, _LOCKED_SPENDABLE, values | {"ids": ids})


async def lock_credits(conn: Connection, organization_id: UUID, ids: Sequence[UUID]) -> list[CreditRow]:
    """Those of them that are there, as they are once they are locked."""
    await conn.execute(_LOCK_BY_ID, (organization_id, uuid_array(ids)))
    return await _many(conn, _BY_ID, {"organization_id": organization_id, "ids": uuid_array(ids)})


async def lock_of_payment(conn: Connection, organization_id: UUID, payment_id: UUID) -> list[CreditRow]:
    """What was paid with it beyond its charges, as credit."""
    values = {"organization_id": organization_id, "payment_id": payment_id}
    found = await _many(conn, _OF_PAYMENT, values)
    return await lock_credits(conn, organization_id, [one.id for one in found]) if found else []


async def insert_spends(conn: Connection, spends: Sequence[NewSpend]) -> None:
    await conn.execute(_SPEND, (to_json(spends),))


async def lock_spends(conn: Connection, organization_id: UUID, payment_id: UUID) -> list[SpendRow]:
    """What a payment was paid with, the newest credit first, as it was taken last; the credits are locked."""
    cursor = await conn.execute(_LIST_SPENT, (organization_id, payment_id))
    await conn.execute(_LOCK_BY_ID, (organization_id, uuid_array([row[0] for row in await cursor.fetchall()])))
    async with conn.cursor(row_factory=class_row(SpendRow)) as rows:
        await rows.execute(_SPENDS, (organization_id, payment_id))
        return await rows.fetchall()


async def update_returned(conn: Connection, organization_id: UUID, spend_id: UUID, amount_cents: int) -> None:
    values = {"organization_id": organization_id, "spend_id": spend_id, "amount_cents": amount_cents}
    await conn.execute(_PUT_BACK, values)


async def insert_credit(conn: Connection, credit: NewCredit) -> None:
    await conn.execute(_INSERT, (to_json(credit),))


async def insert_change(
    conn: Connection, organization_id: UUID, change_id: UUID, credit_id: UUID, kind: str, amount_cents: int
) -> None:
    await conn.execute(_CHANGE, (organization_id, change_id, credit_id, kind, amount_cents))


async def set_amount(
    conn: Connection, organization_id: UUID, credit_id: UUID, amount_cents: int, *, is_deleted: bool = False
) -> None:
    await conn.execute(_SET_AMOUNT, (amount_cents, is_deleted, organization_id, credit_id))


async def _many(conn: Connection, statement: LiteralString, values: Mapping[str, object]) -> list[CreditRow]:
    async with conn.cursor(row_factory=class_row(CreditRow)) as cursor:
        await cursor.execute(statement, values)
        return await cursor.fetchall()
