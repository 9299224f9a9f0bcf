"""Statements about what a patient owes."""

from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.bills.receipts.queries import PAYER, PayerRow, ReceiptChargeRow, charge_json
from carelane.kit.db import Connection
from carelane.kit.phi import Phi
from carelane.payments.shares.queries import UNDER_WAY

# On one page; the oldest first.
MOST_OWED = 100
# Who share a phone number.
MOST_SHARING = 20


class OwedRow(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A charge of which something is outstanding. `can_be_paid`: the clinic takes such money on a page. `is_pending`: a payment
    of it is under way."""

    charge: ReceiptChargeRow
    patient_id: UUID
    location_id: UUID | None
    currency: str
    is_test: bool
    can_be_paid: bool
    is_pending: bool


class PaidRow(msgspec.Struct, frozen=True, kw_only=True):
    """A payment that the patient made on a page lately."""

    id: UUID
    captured_cents: int
    currency: str
    paid_at: datetime


_PENDING: LiteralString = f"""
(EXISTS (SELECT FROM payments y WHERE y.organization_id = c.organization_id AND y.charge_id = c.id AND {UNDER_WAY})
 OR EXISTS (SELECT FROM payment_charges s JOIN payments y ON y.organization_id = s.organization_id AND y.id = s.payment_id
   WHERE s.organization_id = c.organization_id AND s.charge_id = c.id AND {UNDER_WAY}))
"""
_OF_PATIENT: LiteralString = """
c.organization_id = %(organization_id)s AND c.patient_id = %(patient_id)s AND c.outstanding_cents > 0 AND c.voided_at IS NULL
"""
_SUMS: LiteralString = f"""
SELECT c.currency, sum(c.outstanding_cents)::bigint FROM charges c WHERE {_OF_PATIENT} GROUP BY c.currency ORDER BY c.currency
"""
_OWED: LiteralString = f"""
SELECT json_build_object('charge', {charge_json("NULL::bigint")}, 'patient_id', c.patient_id, 'location_id', c.location_id,
  'currency', c.currency, 'is_test', c.is_test, 'is_pending', {_PENDING},
  'can_be_paid', (SELECT o.payment_policy <> 'unverified' FROM organizations o WHERE o.id = c.organization_id)
    AND EXISTS (SELECT FROM gateway_accounts a WHERE a.organization_id = c.organization_id AND a.is_active AND a.is_test = c.is_test)
  )::text
FROM charges c
WHERE {_OF_PATIENT}
"""
_OLDEST: LiteralString = " ORDER BY c.created_at, c.id LIMIT %(most)s"
_RECENT: LiteralString = """
SELECT json_build_object('id', y.id, 'captured_cents', y.captured_cents, 'currency', y.currency, 'paid_at', y.paid_at)::text
FROM payments y
WHERE y.organization_id = %s AND y.patient_id = %s AND y.policy = 'on_page' AND y.status = 'PAID' AND y.deleted_at IS NULL
  AND y.paid_at > now() - interval '1 day'
ORDER BY y.paid_at DESC, y.id LIMIT 10
"""
# Those whose checkout may be over.
_WAITING: LiteralString = """
SELECT y.id FROM payments y
WHERE y.organization_id = %s AND y.patient_id = %s AND y.policy = 'on_page' AND y.deleted_at IS NULL AND EXISTS (
  SELECT FROM payment_attempts t WHERE t.organization_id = y.organization_id AND t.payment_id = y.id AND t.kind = 'CHECKOUT'
    AND t.status IN ('SENT', 'UNKNOWN'))
ORDER BY y.created_at DESC, y.id LIMIT 20
"""
_SHARING: LiteralString = f"""
SELECT {PAYER}::text FROM patients p
WHERE p.organization_id = %s AND p.phone_e164 = %s AND p.archived_at IS NULL AND p.merged_into_id IS NULL
ORDER BY p.created_at, p.id LIMIT %s
"""
_ORIGIN: LiteralString = "SELECT %s = ANY(storefront_origins) FROM organizations WHERE id = %s"


async def list_owed(
    conn: Connection,
    organization_id: UUID,
    patient_id: UUID,
    charge_ids: list[UUID] | None = None,
    *,
    outstanding_cents: int | None = None,
) -> list[OwedRow]:
    """Oldest first; of those charges, if any are named, and of those of which so much is outstanding, if that is."""
    values = {"organization_id": organization_id, "patient_id": patient_id, "most": MOST_OWED, "ids": charge_ids}
    chosen: LiteralString = " AND c.id = ANY(%(ids)s::uuid[])" if charge_ids is not None else ""
    of_cents: LiteralString = " AND c.outstanding_cents = %(cents)s" if outstanding_cents is not None else ""
    cursor = await conn.execute(f"{_OWED}{chosen}{of_cents}{_OLDEST}", values | {"cents": outstanding_cents})
    return [msgspec.json.decode(row[0], type=OwedRow) for row in await cursor.fetchall()]


async def list_sums(conn: Connection, organization_id: UUID, patient_id: UUID) -> list[tuple[str, int]]:
    """What is owed in all, however many charges it is of, by currency."""
    cursor = await conn.execute(_SUMS, {"organization_id": organization_id, "patient_id": patient_id})
    return [(row[0], row[1]) for row in await cursor.fetchall()]


async def list_recent(conn: Connection, organization_id: UUID, patient_id: UUID) -> list[PaidRow]:
    """Newest first."""
    cursor = await conn.execute(_RECENT, (organization_id, patient_id))
    return [msgspec.json.decode(row[0], type=PaidRow) for row in await cursor.fetchall()]


async def list_waiting(conn: Connection, organization_id: UUID, patient_id: UUID) -> list[UUID]:
    return [row[0] for row in await (await conn.execute(_WAITING, (organization_id, patient_id))).fetchall()]


async def list_sharing(conn: Connection, organization_id: UUID, phone_e164: str) -> list[PayerRow]:
    """Patients with this phone number."""
    cursor = await conn.execute(_SHARING, (organization_id, phone_e164, MOST_SHARING))
    return [msgspec.json.decode(row[0], type=PayerRow) for row in await cursor.fetchall()]


async def find_allowed_origin(conn: Connection, organization_id: UUID, origin: str) -> str | None:
    """The origin, if the organization lists it as one of its storefront's."""
    row = await (await conn.execute(_ORIGIN, (origin, organization_id))).fetchone()
    return origin if row and row[0] else None
