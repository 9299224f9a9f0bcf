"""The SQL of what a charge's money is shown as: parts of the statements that read charges."""

from datetime import datetime
from typing import Literal, LiteralString
from uuid import UUID

import msgspec

from carelane.charges.schemas import UserOut
from carelane.kit.db import Connection
from carelane.kit.phi import Phi

# A payment `y` as JSON that reads as a PaymentRow. `y.share_cents`: what of it is for the charge `y.for_charge_id`; null, where all is.
_PAYMENT: LiteralString = """
json_build_object('id', y.id, 'amount_cents', y.amount_cents, 'share_cents', y.share_cents, 'medium', y.medium, 'captured_cents', y.captured_cents,
    'currency', y.currency, 'status', y.status, 'stage', y.stage, 'method', y.method, 'policy', y.policy, 'failure', y.failure,
    'created_at', y.created_at, 'updated_at', y.updated_at, 'paid_at', y.paid_at,
    'intent_id', (SELECT i.gateway_id FROM payment_intents i
      WHERE i.organization_id = y.organization_id AND i.payment_id = y.id AND i.captured_cents > 0
      ORDER BY i.created_at, i.id LIMIT 1),
    'fee_cents', coalesce((SELECT sum(i.fee_cents) FROM payment_intents i
      WHERE i.organization_id = y.organization_id AND i.payment_id = y.id), 0),
    'refunds', coalesce((SELECT json_agg(json_build_object('id', r.id, 'amount_cents', r.amount_cents, 'reason', r.reason,
        'status', r.status, 'created_at', r.granted_at, 'share_cents', (SELECT f.amount_cents FROM refund_charges f
          WHERE f.organization_id = r.organization_id AND f.refund_id = r.id AND f.charge_id = y.for_charge_id)) ORDER BY r.granted_at, r.id)
      FROM refunds r WHERE r.organization_id = y.organization_id AND r.payment_id = y.id), '[]'),
    'lost', coalesce((SELECT json_agg(json_build_object('id', d.id, 'amount_cents', d.amount_cents, 'reason', 'DISPUTE',
        'status', 'SUCCEEDED', 'created_at', coalesce(d.closed_at, d.opened_at)) ORDER BY d.opened_at, d.id)
      FROM disputes d WHERE d.organization_id = y.organization_id AND d.payment_id = y.id AND d.status = 'LOST'), '[]'),
    'failed', coalesce((SELECT json_agg(json_build_object('id', t.id, 'amount_cents', t.amount_cents,
        'reason', CASE WHEN t.decline_code IS NULL THEN 'REFUSED' ELSE 'DECLINED' END, 'status', 'FAILED', 'created_at', coalesce(t.settled_at, t.created_at))
        ORDER BY t.created_at, t.id)
      FROM payment_attempts t WHERE t.organization_id = y.organization_id AND t.payment_id = y.id
        AND t.kind IN ('CHARGE', 'CAPTURE') AND t.status = 'FAILED'), '[]')
    )
"""
# Alone, as a part of a statement over `payments`.
PAYMENT: LiteralString = _PAYMENT.replace("y.share_cents", "NULL::bigint").replace("y.for_charge_id", "NULL::uuid")
# Of a charge `c`, as JSON that reads as a list of PaymentRow: those that are for it alone, and those that are for it among others.
PAYMENTS: LiteralString = f"""
coalesce((
  SELECT json_agg({_PAYMENT} ORDER BY y.created_at, y.id)
  FROM (
    SELECT p.*, NULL::bigint AS share_cents, NULL::uuid AS for_charge_id FROM payments p
    WHERE p.organization_id = c.organization_id AND p.charge_id = c.id AND p.deleted_at IS NULL
    UNION ALL
    SELECT p.*, s.amount_cents, s.charge_id FROM payment_charges s
    JOIN payments p ON p.organization_id = s.organization_id AND p.id = s.payment_id
    WHERE s.organization_id = c.organization_id AND s.charge_id = c.id AND p.deleted_at IS NULL) y), '[]')
"""
_SHOWN: LiteralString = f"""
SELECT {PAYMENT}::text, (SELECT coalesce(p.given_id, p.id::text) FROM patients p
  WHERE p.organization_id = y.organization_id AND p.id = y.patient_id)
FROM payments y WHERE y.organization_id = %(organization_id)s AND y.id = %(payment_id)s AND y.deleted_at IS NULL
"""
# An adjustment `a` as JSON that reads as an AdjustmentRow.
ADJUSTMENT: LiteralString = """
json_build_object('id', a.id, 'kind', a.kind, 'amount_cents', a.amount_cents,
    'location', (SELECT coalesce(l.given_id, l.id::text) FROM locations l
      WHERE l.organization_id = a.organization_id AND l.id = a.location_id),
    'reason', encode(a.reason_sealed, 'hex'), 'created_at', a.created_at, 'creator', (
      SELECT json_build_object('id', coalesce(s.given_id, s.id::text), 'firstName', s.first_name, 'lastName', s.last_name,
        'phoneNumber', s.phone_number, 'email', s.email, 'type', 'PROVIDER')
      FROM staff s WHERE s.organization_id = a.organization_id AND s.id = a.created_by_staff_id))
"""
# As JSON that reads as a list of AdjustmentRow.
ADJUSTMENTS: LiteralString = f"""
coalesce((
  SELECT json_agg({ADJUSTMENT} ORDER BY a.created_at, a.id)
  FROM charge_adjustments a WHERE a.organization_id = c.organization_id AND a.charge_id = c.id), '[]')
"""
_CHARGE_OF_PAYMENT: LiteralString = """
SELECT coalesce(y.charge_id, (SELECT s.charge_id FROM payment_charges s
  WHERE s.organization_id = y.organization_id AND s.payment_id = y.id
    AND (%(charge_id)s::uuid IS NULL OR s.charge_id = %(charge_id)s) ORDER BY s.created_at, s.id LIMIT 1)) FROM payments y
WHERE y.organization_id = %(organization_id)s AND y.id = %(payment_id)s AND y.deleted_at IS NULL
"""


class Returned(msgspec.Struct, frozen=True, kw_only=True):
    """A refund, a dispute that was lost, or a try that failed."""

    id: UUID
    amount_cents: int
    reason: str | None
    status: str
    created_at: datetime
    # What of it is of the charge that it is shown for, where that is not all.
    share_cents: int | None = None


class PaymentRow(msgspec.Struct, frozen=True, kw_only=True):
    """A payment as PAYMENTS gives it."""

    id: UUID
    amount_cents: int
    share_cents: int | None
    medium: str | None
    captured_cents: int
    currency: str
    status: str
    stage: str
    method: str
    policy: str
    failure: str | None
    created_at: datetime
    updated_at: datetime
    paid_at: datetime | None
    intent_id: str | None
    fee_cents: int
    refunds: list[Returned]
    lost: list[Returned]
    failed: list[Returned]


class AdjustmentRow(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """What staff took back, as ADJUSTMENT gives it; `reason` is still sealed, in hex. The amount is what is owed less since."""

    id: UUID
    kind: Literal["VOID", "WRITE_OFF", "ADJUSTMENT"]
    amount_cents: int
    reason: str
    created_at: datetime
    location: str | None
    creator: UserOut | None


async def find_payment_shown(
    conn: Connection, organization_id: UUID, payment_id: UUID
) -> tuple[PaymentRow, str | None] | None:
    """A payment, and what its patient is called by callers."""
    cursor = await conn.execute(_SHOWN, {"organization_id": organization_id, "payment_id": payment_id})
    row = await cursor.fetchone()
    return (msgspec.json.decode(row[0], type=PaymentRow), row[1]) if row else None


async def find_charge_of_payment(
    conn: Connection, organization_id: UUID, payment_id: UUID, charge_id: UUID | None = None
) -> UUID | None:
    """The charge that it is for; of several the first, or `charge_id`, if it is one of them."""
    values = {"organization_id": organization_id, "payment_id": payment_id, "charge_id": charge_id}
    cursor = await conn.execute(_CHARGE_OF_PAYMENT, values)
    row = await cursor.fetchone()
    return row[0] if row else None
