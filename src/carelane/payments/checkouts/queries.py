"""Every SQL statement about checkouts: attempts of the kind CHECKOUT, and what a card that was entered changes."""

from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import Connection
from carelane.kit.phi import Phi
from carelane.payments.queries import PaymentRow


class OpenCheckout(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """One that may still be used. `gateway_id` is None until the gateway has answered."""

    id: UUID
    gateway_account_id: UUID
    gateway_id: str | None
    amount_cents: int
    created_at: datetime


class Owed(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A charge whose row this transaction holds."""

    id: UUID
    patient_id: UUID
    currency: str
    outstanding_cents: int
    is_test: bool


_FIND_OPEN: LiteralString = """
SELECT id, gateway_account_id, gateway_id, amount_cents, created_at FROM payment_attempts
WHERE organization_id = %s AND payment_id = %s AND kind = 'CHECKOUT' AND status IN ('SENT', 'UNKNOWN')
ORDER BY created_at, id
"""
# What is older the gateway's events tell, which are read every hour.
_LIST_BEGUN: LiteralString = """
SELECT payment_id FROM payment_attempts
WHERE organization_id = %s AND kind = 'CHECKOUT' AND status IN ('SENT', 'UNKNOWN') AND gateway_id IS NOT NULL
  AND created_at BETWEEN now() - interval '65 minutes' AND now() - interval '1 minute'
ORDER BY created_at, id LIMIT %s
"""
_INSERT: LiteralString = """
INSERT INTO payment_attempts (organization_id, id, payment_id, kind, gateway_account_id, amount_cents, currency, status, sends,
  sent_at)
VALUES (%s, %s, %s, 'CHECKOUT', %s, %s, %s, 'SENT', 1, now())
RETURNING id, gateway_account_id, gateway_id, amount_cents, created_at
"""
_SET_GATEWAY_ID: LiteralString = """
UPDATE payment_attempts SET gateway_id = %s WHERE organization_id = %s AND id = %s AND gateway_id IS NULL
"""
_CLAIM_END: LiteralString = """
UPDATE payment_attempts SET status = %s, failure = %s, settled_at = now()
WHERE organization_id = %s AND id = %s AND kind = 'CHECKOUT' AND status IN ('SENT', 'UNKNOWN') RETURNING id
"""
# Whoever pays holds the payments first, then the charge, as everywhere.
_LIST_PAYMENTS: LiteralString = """
SELECT id, amount_cents FROM payments
WHERE organization_id = %s AND charge_id = %s AND policy = 'on_page' AND stage = 'WAITING' AND status = 'UNPAID'
  AND wanted IS NULL AND deleted_at IS NULL
ORDER BY created_at, id
"""
_LOCK_PAYMENTS: LiteralString = f"{_LIST_PAYMENTS} FOR NO KEY UPDATE"
_LOCK_OWED: LiteralString = """
SELECT id, patient_id, currency, outstanding_cents, is_test FROM charges
WHERE organization_id = %s AND id = %s FOR NO KEY UPDATE
"""
_INSERT_PAYMENT: LiteralString = """
INSERT INTO payments (organization_id, id, charge_id, patient_id, amount_cents, currency, status, method, policy, stage,
  gateway_account_id, is_test, created_by_patient_id, due_at)
VALUES (%(organization_id)s, %(id)s, %(charge_id)s, %(patient_id)s, %(amount_cents)s, %(currency)s, 'UNPAID', 'GATEWAY', 'on_page',
  'WAITING', %(gateway_account_id)s, %(is_test)s, %(patient_id)s, now())
"""
_SET_CANCELED: LiteralString = """
UPDATE payments SET status = 'CANCELED', stage = 'DONE', wanted = 'RETURN', canceled_at = now(), updated_at = now()
WHERE organization_id = %s AND id = %s
"""


async def list_open(conn: Connection, organization_id: UUID, payment_id: UUID) -> list[OpenCheckout]:
    """Oldest first; there is one at most."""
    async with conn.cursor(row_factory=class_row(OpenCheckout)) as cursor:
        await cursor.execute(_FIND_OPEN, (organization_id, payment_id))
        return await cursor.fetchall()


async def list_begun(conn: Connection, organization_id: UUID, most: int) -> list[UUID]:
    """Payments with a checkout that a patient was led to within the last hour, and that nobody has heard of since; oldest first."""
    cursor = await conn.execute(_LIST_BEGUN, (organization_id, most))
    return [row[0] for row in await cursor.fetchall()]


async def insert_checkout(conn: Connection, payment: PaymentRow, attempt_id: UUID, amount_cents: int) -> OpenCheckout:
    """Of a payment whose row is locked, so that no other can come between."""
    values = (
        payment.organization_id, attempt_id, payment.id, payment.gateway_account_id, amount_cents, payment.currency,
    )  # fmt: skip
    async with conn.cursor(row_factory=class_row(OpenCheckout)) as cursor:
        await cursor.execute(_INSERT, values)
        found = await cursor.fetchone()
    assert found is not None
    return found


async def set_gateway_id(conn: Connection, organization_id: UUID, attempt_id: UUID, gateway_id: str) -> None:
    await conn.execute(_SET_GATEWAY_ID, (gateway_id, organization_id, attempt_id))


async def claim_end(
    conn: Connection, organization_id: UUID, attempt_id: UUID, status: str, failure: str | None = None
) -> bool:
    """True for the one who ends it."""
    cursor = await conn.execute(_CLAIM_END, (status, failure, organization_id, attempt_id))
    return await cursor.fetchone() is not None


async def lock_page_payments(conn: Connection, organization_id: UUID, charge_id: UUID) -> list[tuple[UUID, int]]:
    """Id and amount of those of a charge that wait for their patient."""
    return [
        (row[0], row[1]) for row in await (await conn.execute(_LOCK_PAYMENTS, (organization_id, charge_id))).fetchall()
    ]


async def list_page_payments(conn: Connection, organization_id: UUID, charge_id: UUID) -> list[tuple[UUID, int]]:
    """The same, without holding them."""
    return [
        (row[0], row[1]) for row in await (await conn.execute(_LIST_PAYMENTS, (organization_id, charge_id))).fetchall()
    ]


async def lock_owed(conn: Connection, organization_id: UUID, charge_id: UUID) -> Owed:
    """Of a charge that is there."""
    async with conn.cursor(row_factory=class_row(Owed)) as cursor:
        await cursor.execute(_LOCK_OWED, (organization_id, charge_id))
        return (await cursor.fetchall())[0]


async def insert_page_payment(
    conn: Connection, organization_id: UUID, payment_id: UUID, owed: Owed, gateway_account_id: UUID
) -> None:
    """Of all that is outstanding."""
    values = {
        "organization_id": organization_id,
        "id": payment_id,
        "charge_id": owed.id,
        "patient_id": owed.patient_id,
        "amount_cents": owed.outstanding_cents,
        "currency": owed.currency,
        "gateway_account_id": gateway_account_id,
        "is_test": owed.is_test,
    }
    await conn.execute(_INSERT_PAYMENT, values)


async def set_canceled(conn: Connection, organization_id: UUID, payment_id: UUID) -> None:
    """Should money come for it all the same, it is given back."""
    await conn.execute(_SET_CANCELED, (organization_id, payment_id))


async def set_card(conn: Connection, payment: PaymentRow, brand: str | None, last4: str | None) -> None:
    """What may be shown of the card that the patient entered."""
    await conn.execute(
        "UPDATE payments SET card_brand = %s, card_last4 = %s WHERE organization_id = %s AND id = %s",
        (brand, last4, payment.organization_id, payment.id),
    )
