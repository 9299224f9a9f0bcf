"""Every SQL statement about what of a payment, and of a refund, is for which charge."""

from collections.abc import Sequence
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import Connection, to_json, uuid_array

_INSERT: LiteralString = """
INSERT INTO payment_charges (organization_id, id, payment_id, charge_id, amount_cents)
SELECT n.organization_id, n.id, n.payment_id, n.charge_id, n.amount_cents FROM jsonb_populate_recordset(null::payment_charges, %s) n
"""
# With what was given back of each. In the order of the charges' ids, in which these are locked.
_LIST: LiteralString = """
SELECT s.id, s.charge_id, s.amount_cents, coalesce((
    SELECT sum(f.amount_cents) FROM refunds r
    JOIN refund_charges f ON f.organization_id = r.organization_id AND f.refund_id = r.id AND f.charge_id = s.charge_id
    WHERE r.organization_id = s.organization_id AND r.payment_id = s.payment_id AND r.status IN ('SENT', 'SUCCEEDED')), 0)::bigint
  AS given_cents
FROM payment_charges s WHERE s.organization_id = %(organization_id)s AND s.payment_id = %(payment_id)s ORDER BY s.charge_id
"""
_CHARGES: LiteralString = """
SELECT y.charge_id FROM payments y
WHERE y.organization_id = %(organization_id)s AND y.id = %(payment_id)s AND y.charge_id IS NOT NULL
UNION
SELECT s.charge_id FROM payment_charges s WHERE s.organization_id = %(organization_id)s AND s.payment_id = %(payment_id)s
ORDER BY 1
"""
_INSERT_GIVEN: LiteralString = """
INSERT INTO refund_charges (organization_id, id, refund_id, charge_id, amount_cents)
SELECT n.organization_id, n.id, n.refund_id, n.charge_id, n.amount_cents FROM jsonb_populate_recordset(null::refund_charges, %s) n
"""
_LIST_GIVEN: LiteralString = """
SELECT f.id, f.charge_id FROM refund_charges f WHERE f.organization_id = %s AND f.refund_id = %s ORDER BY f.charge_id
"""
# Of a payment `y`: a card is being charged for it, or is about to be, or the patient is to confirm it.
UNDER_WAY: LiteralString = """(y.deleted_at IS NULL AND (
  (y.method = 'GATEWAY' AND y.status = 'UNPAID' AND y.wanted = 'TAKE' AND y.stage IN ('DUE', 'NEEDS_PATIENT'))
  OR EXISTS (SELECT FROM payment_intents i
    WHERE i.organization_id = y.organization_id AND i.payment_id = y.id AND i.status = 'processing')))"""
_FIND_UNDER_WAY: LiteralString = f"""
SELECT EXISTS (
  SELECT FROM payments y WHERE y.organization_id = %(organization_id)s AND y.id = ANY(ARRAY(
    SELECT p.id FROM payments p WHERE p.organization_id = %(organization_id)s AND p.charge_id = ANY(%(ids)s::uuid[])
    UNION ALL
    SELECT s.payment_id FROM payment_charges s WHERE s.organization_id = %(organization_id)s AND s.charge_id = ANY(%(ids)s::uuid[])))
  AND {UNDER_WAY})
"""


class NewShare(msgspec.Struct, frozen=True, kw_only=True):
    organization_id: UUID
    id: UUID
    payment_id: UUID
    charge_id: UUID
    amount_cents: int


class NewGiven(msgspec.Struct, frozen=True, kw_only=True):
    """What of a refund is given back of a charge."""

    organization_id: UUID
    id: UUID
    refund_id: UUID
    charge_id: UUID
    amount_cents: int


class ShareRow(msgspec.Struct, frozen=True, kw_only=True):
    """What of a payment is for a charge. `given_cents`: what of that went back."""

    id: UUID
    charge_id: UUID
    amount_cents: int
    given_cents: int

    @property
    def left_cents(self) -> int:
        return self.amount_cents - self.given_cents


async def insert_shares(conn: Connection, shares: Sequence[NewShare]) -> None:
    await conn.execute(_INSERT, (to_json(shares),))


async def list_shares(conn: Connection, organization_id: UUID, payment_id: UUID) -> list[ShareRow]:
    """None of a gateway's payment for one charge: all of it is that charge's."""
    async with conn.cursor(row_factory=class_row(ShareRow)) as cursor:
        await cursor.execute(_LIST, {"organization_id": organization_id, "payment_id": payment_id})
        return await cursor.fetchall()


async def list_charges_of_payment(conn: Connection, organization_id: UUID, payment_id: UUID) -> list[UUID]:
    """All that it pays, by whichever way it names them."""
    cursor = await conn.execute(_CHARGES, {"organization_id": organization_id, "payment_id": payment_id})
    return [row[0] for row in await cursor.fetchall()]


async def find_under_way(conn: Connection, organization_id: UUID, charge_ids: Sequence[UUID]) -> bool:
    """Whether a payment of one of them has begun and not come to its end. Of charges that are locked, it stays so."""
    values = {"organization_id": organization_id, "ids": uuid_array(charge_ids)}
    ((found,),) = await (await conn.execute(_FIND_UNDER_WAY, values)).fetchall()
    return bool(found)


async def insert_given(conn: Connection, given: Sequence[NewGiven]) -> None:
    await conn.execute(_INSERT_GIVEN, (to_json(given),))


async def list_given(conn: Connection, organization_id: UUID, refund_id: UUID) -> list[tuple[UUID, UUID]]:
    """Id and charge of each part of a refund."""
    cursor = await conn.execute(_LIST_GIVEN, (organization_id, refund_id))
    return [(row[0], row[1]) for row in await cursor.fetchall()]
