"""Every SQL statement about disputes as they are shown; what gateways tell of them is in `settling/queries.py`."""

from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import Connection
from carelane.kit.phi import Phi
from carelane.payments.disputes.schemas import DisputeFilter, DisputeStatus
from carelane.web.paging import asked_for

# The page is cut off an index before anything is looked up for it.
_LISTED: LiteralString = """
SELECT d.id, d.payment_id, c.short_id AS case_short_id, d.gateway_id, d.amount_cents, d.fee_cents, d.currency, y.is_test,
  d.reason, d.status, d.opened_at, d.closed_at
FROM ({cut}) d
JOIN payments y ON y.organization_id = d.organization_id AND y.id = d.payment_id
LEFT JOIN cases c ON c.organization_id = y.organization_id AND c.id = y.case_id
ORDER BY d.opened_at DESC, d.id DESC
"""
_CUT: LiteralString = "SELECT * FROM disputes d WHERE d.organization_id = %(organization_id)s"
_NEWEST: LiteralString = " ORDER BY d.opened_at DESC, d.id DESC LIMIT %(limit)s"
_CONDITIONS: dict[str, LiteralString] = {
    "id": "d.id = %(id)s",
    "status": "d.status = %(status)s",
    "opened_from": "d.opened_at >= %(opened_from)s",
    "opened_until": "d.opened_at < %(opened_until)s",
    "after_id": "(d.opened_at, d.id) < (%(after_at)s, %(after_id)s)",
}
_COUNT: LiteralString = """
SELECT count(*) FROM (SELECT FROM disputes d WHERE d.organization_id = %s AND d.status = %s LIMIT %s) d
"""
# What the payment was for, what was decided, what was sent for it, and what the patient was told.
_EVIDENCE: LiteralString = """
SELECT json_build_object('patient_id', y.patient_id, 'case_id', y.case_id, 'paid_at', y.paid_at, 'paid_cents', y.captured_cents,
  'currency', y.currency, 'card_brand', y.card_brand, 'card_last4', y.card_last4,
  'patient_name', (SELECT nullif(concat_ws(' ', p.first_name, p.last_name), '') FROM patients p
    WHERE p.organization_id = y.organization_id AND p.id = y.patient_id),
  'sold', coalesce((SELECT json_agg(json_build_object('charge_id', h.id, 'name', n.name, 'quantity', n.quantity,
      'total_cents', n.total_cents, 'sold_at', h.created_at) ORDER BY h.created_at, n.position, n.id)
    FROM (SELECT y.charge_id AS id WHERE y.charge_id IS NOT NULL UNION SELECT s.charge_id FROM payment_charges s
      WHERE s.organization_id = y.organization_id AND s.payment_id = y.id) o
    JOIN charges h ON h.organization_id = y.organization_id AND h.id = o.id
    JOIN charge_lines n ON n.organization_id = h.organization_id AND n.charge_id = h.id), '[]'),
  'decisions', coalesce((SELECT json_agg(json_build_object('product', i.name, 'is_approved', e.is_approved,
      'is_no_decision', e.is_no_decision, 'decided_by', concat_ws(' ', w.first_name, w.last_name), 'decided_at', e.created_at)
      ORDER BY e.created_at, e.id)
    FROM decisions e JOIN staff w ON w.organization_id = e.organization_id AND w.id = e.added_by_id
    LEFT JOIN products i ON i.organization_id = e.organization_id AND i.id = e.product_id
    WHERE e.organization_id = y.organization_id AND e.case_id = y.case_id), '[]'),
  'deliveries', coalesce((SELECT json_agg(json_build_object('order_id', r.id, 'status', r.status, 'pharmacy', r.pharmacy_name,
      'tracking_id', r.tracking_id, 'sent_at', r.sent_at, 'shipped_at', r.shipped_at, 'delivered_at', r.delivered_at)
      ORDER BY r.created_at, r.id)
    FROM orders r WHERE r.organization_id = y.organization_id AND r.case_id = y.case_id), '[]'),
  'receipts', coalesce((SELECT json_agg(json_build_object('channel', m.channel, 'status', m.status, 'sent_at', m.settled_at,
      'created_at', m.created_at) ORDER BY m.created_at, m.id)
    FROM messages m WHERE m.organization_id = y.organization_id AND m.record_id = y.id AND m.kind = 'PAYMENT_RECEIPT'), '[]'))::text
FROM payments y WHERE y.organization_id = %(organization_id)s AND y.id = %(payment_id)s
"""


class DisputeRow(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    payment_id: UUID
    case_short_id: str | None
    gateway_id: str
    amount_cents: int
    fee_cents: int
    currency: str
    is_test: bool
    reason: str | None
    status: DisputeStatus
    opened_at: datetime
    closed_at: datetime | None


class SoldRow(Phi, msgspec.Struct, frozen=True, kw_only=True):
    charge_id: UUID
    name: str
    quantity: int
    total_cents: int
    sold_at: datetime


class DecisionRow(Phi, msgspec.Struct, frozen=True, kw_only=True):
    product: str | None
    is_approved: bool
    is_no_decision: bool
    decided_by: str | None
    decided_at: datetime


class DeliveryRow(Phi, msgspec.Struct, frozen=True, kw_only=True):
    order_id: UUID
    status: str
    pharmacy: str | None
    tracking_id: str | None
    sent_at: datetime | None
    shipped_at: datetime | None
    delivered_at: datetime | None


class ReceiptRow(Phi, msgspec.Struct, frozen=True, kw_only=True):
    channel: str
    status: str
    sent_at: datetime | None
    created_at: datetime


class EvidenceRow(Phi, msgspec.Struct, frozen=True, kw_only=True):
    patient_id: UUID | None
    patient_name: str | None
    case_id: UUID | None
    paid_at: datetime | None
    paid_cents: int
    currency: str
    card_brand: str | None
    card_last4: str | None
    sold: list[SoldRow]
    decisions: list[DecisionRow]
    deliveries: list[DeliveryRow]
    receipts: list[ReceiptRow]


async def list_disputes(
    conn: Connection, organization_id: UUID, wanted: DisputeFilter, limit: int, dispute_id: UUID | None = None
) -> list[DisputeRow]:
    """Those opened last first."""
    after = wanted.after
    values: dict[str, object] = {
        "organization_id": organization_id,
        "id": dispute_id,
        "status": wanted.status,
        "opened_from": wanted.opened_from,
        "opened_until": wanted.opened_until,
        "after_at": after.at if after else None,
        "after_id": after.id if after else None,
        "limit": limit,
    }
    cut: LiteralString = _CUT + asked_for(_CONDITIONS, values) + _NEWEST
    async with conn.cursor(row_factory=class_row(DisputeRow)) as cursor:
        await cursor.execute(_LISTED.replace("{cut}", cut), values)
        return await cursor.fetchall()


async def count_disputes(conn: Connection, organization_id: UUID, status: DisputeStatus, most: int) -> int:
    """Counted to `most`."""
    return int((await (await conn.execute(_COUNT, (organization_id, status, most))).fetchall())[0][0])


async def get_evidence(conn: Connection, organization_id: UUID, payment_id: UUID) -> EvidenceRow:
    """Of a payment that is there."""
    cursor = await conn.execute(_EVIDENCE, {"organization_id": organization_id, "payment_id": payment_id})
    return msgspec.json.decode((await cursor.fetchall())[0][0], type=EvidenceRow)
