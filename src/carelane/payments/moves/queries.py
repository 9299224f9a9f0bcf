"""Every SQL statement about what is said otherwise of a payment."""

from collections.abc import Sequence
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import Connection, uuid_array

# Of a payment whose row is locked.
_MORE: LiteralString = """
SELECT y.medium, y.location_id, EXISTS (SELECT FROM refunds r WHERE r.organization_id = y.organization_id AND r.payment_id = y.id
  AND r.status NOT IN ('FAILED', 'CANCELED')) AS has_refunds
FROM payments y WHERE y.organization_id = %s AND y.id = %s
"""
_INSERT_CHANGE: LiteralString = """
INSERT INTO payment_changes (organization_id, id, payment_id, kind, value_before, value_after) VALUES (%s, %s, %s, %s, %s, %s)
"""
_ARCHIVE: LiteralString = """
UPDATE payments SET deleted_at = now(), canceled_at = now(), status = 'CANCELED', updated_at = now()
WHERE organization_id = %s AND id = %s
"""
_SET_PATIENT: LiteralString = """
UPDATE payments SET patient_id = %s, updated_at = now() WHERE organization_id = %s AND id = %s
"""
_SET_CHARGES_PATIENT: LiteralString = """
UPDATE charges SET patient_id = %s, updated_at = now() WHERE organization_id = %s AND id = ANY(%s::uuid[])
"""
_SET_LOCATION: LiteralString = """
UPDATE payments SET location_id = %s, updated_at = now() WHERE organization_id = %s AND id = %s
"""
_SET_REFUNDS_LOCATION: LiteralString = """
UPDATE refunds SET location_id = %s WHERE organization_id = %s AND payment_id = %s
"""
_SET_CHARGES_LOCATION: LiteralString = """
UPDATE charges SET location_id = %s, updated_at = now() WHERE organization_id = %s AND id = ANY(%s::uuid[])
"""
_SET_MEDIUM: LiteralString = """
UPDATE payments SET medium = %s, method = %s, updated_at = now() WHERE organization_id = %s AND id = %s
"""
# What went back out of the account that it came into.
_GONE: LiteralString = """
SELECT coalesce(sum(r.amount_cents), 0)::bigint FROM refunds r
WHERE r.organization_id = %s AND r.payment_id = %s AND r.status = 'SUCCEEDED' AND r.destination IS NULL
"""
# Other payments that are for one of the charges, a plan whose card pays them, and what the charges were made of.
_TIED: LiteralString = """
SELECT EXISTS (
    SELECT FROM payments y WHERE y.organization_id = %(organization_id)s AND y.charge_id = ANY(%(charge_ids)s::uuid[])
      AND y.id <> %(payment_id)s AND y.deleted_at IS NULL
    UNION ALL
    SELECT FROM payment_charges s JOIN payments y ON y.organization_id = s.organization_id AND y.id = s.payment_id
    WHERE s.organization_id = %(organization_id)s AND s.charge_id = ANY(%(charge_ids)s::uuid[])
      AND s.payment_id <> %(payment_id)s AND y.deleted_at IS NULL) AS has_others,
  EXISTS (
    SELECT FROM payment_plan_charges k
    JOIN payment_plans n ON n.organization_id = k.organization_id AND n.id = k.plan_id AND n.status = 'RUNNING'
    WHERE k.organization_id = %(organization_id)s AND k.charge_id = ANY(%(charge_ids)s::uuid[])) AS has_plan,
  EXISTS (SELECT FROM charges c WHERE c.organization_id = %(organization_id)s AND c.id = ANY(%(charge_ids)s::uuid[])
    AND c.case_id IS NOT NULL) AS has_case
"""


class More(msgspec.Struct, frozen=True, kw_only=True):
    """What a payment's row has beyond what every step of it needs."""

    medium: str | None
    location_id: UUID | None
    has_refunds: bool


class Tied(msgspec.Struct, frozen=True, kw_only=True):
    has_others: bool
    has_plan: bool
    has_case: bool


async def get_more(conn: Connection, organization_id: UUID, payment_id: UUID) -> More:
    async with conn.cursor(row_factory=class_row(More)) as cursor:
        await cursor.execute(_MORE, (organization_id, payment_id))
        return (await cursor.fetchall())[0]


async def get_tied(conn: Connection, organization_id: UUID, payment_id: UUID, charge_ids: Sequence[UUID]) -> Tied:
    values = {
        "organization_id": organization_id,
        "payment_id": payment_id,
        "charge_ids": uuid_array(charge_ids),
    }
    async with conn.cursor(row_factory=class_row(Tied)) as cursor:
        await cursor.execute(_TIED, values)
        return (await cursor.fetchall())[0]


async def get_gone(conn: Connection, organization_id: UUID, payment_id: UUID) -> int:
    """What of a payment went back the way that it came."""
    return int((await (await conn.execute(_GONE, (organization_id, payment_id))).fetchall())[0][0])


async def insert_change(
    conn: Connection,
    organization_id: UUID,
    change_id: UUID,
    payment_id: UUID,
    kind: str,
    before: object = None,
    after: object = None,
) -> None:
    texts = [str(value) if value is not None else None for value in (before, after)]
    await conn.execute(_INSERT_CHANGE, (organization_id, change_id, payment_id, kind, *texts))


async def set_archived(conn: Connection, organization_id: UUID, payment_id: UUID) -> None:
    await conn.execute(_ARCHIVE, (organization_id, payment_id))


async def set_patient(
    conn: Connection, organization_id: UUID, payment_id: UUID, charge_ids: Sequence[UUID], patient_id: UUID
) -> None:
    """Of the payment and its charges."""
    await conn.execute(_SET_PATIENT, (patient_id, organization_id, payment_id))
    await conn.execute(_SET_CHARGES_PATIENT, (patient_id, organization_id, uuid_array(charge_ids)))


async def set_location(
    conn: Connection, organization_id: UUID, payment_id: UUID, charge_ids: Sequence[UUID], location_id: UUID
) -> None:
    """Of the payment, its refunds and its charges."""
    await conn.execute(_SET_LOCATION, (location_id, organization_id, payment_id))
    await conn.execute(_SET_REFUNDS_LOCATION, (location_id, organization_id, payment_id))
    await conn.execute(_SET_CHARGES_LOCATION, (location_id, organization_id, uuid_array(charge_ids)))


async def set_medium(conn: Connection, organization_id: UUID, payment_id: UUID, medium: str, method: str) -> None:
    await conn.execute(_SET_MEDIUM, (medium, method, organization_id, payment_id))
