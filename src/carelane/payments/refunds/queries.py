"""Every SQL statement about granting and sending refunds; what the gateway makes of them is in `settling/queries.py`."""

from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import Connection
from carelane.kit.phi import Phi
from carelane.payments.refunds.schemas import RefundFilter
from carelane.payments.states import RefundStatus
from carelane.web.paging import asked_for

# What a sealed comment is bound to.
COMMENT = "refunds.comment_sealed"

_REFUND: LiteralString = """
SELECT id, payment_id, amount_cents, currency, reason, comment_sealed, status, gateway_id, failure, granted_by_staff_id,
  sent_by_staff_id, granted_at, sent_at, settled_at, (
    SELECT coalesce(json_agg(json_build_object('id', f.line_id, 'quantity', f.quantity, 'cents', f.amount_cents)
      ORDER BY f.line_id), '[]')
    FROM refund_lines f WHERE f.organization_id = refunds.organization_id AND f.refund_id = refunds.id)::text AS lines
FROM refunds WHERE organization_id = %(organization_id)s
"""
_INSERT: LiteralString = """
INSERT INTO refunds (organization_id, id, payment_id, amount_cents, currency, reason, comment_sealed, granted_by_staff_id)
VALUES (%(organization_id)s, %(id)s, %(payment_id)s, %(amount_cents)s, %(currency)s, %(reason)s, %(comment_sealed)s,
  %(granted_by_staff_id)s)
"""
_SEND: LiteralString = """
UPDATE refunds SET status = 'SENDING', sent_by_staff_id = %s WHERE organization_id = %s AND id = %s AND status = 'GRANTED' RETURNING id
"""
_CANCEL: LiteralString = """
UPDATE refunds SET status = 'CANCELED', settled_at = now()
WHERE organization_id = %s AND id = %s AND status = 'GRANTED' RETURNING id
"""
# The page is cut off an index before anything is looked up for it.
_LISTED: LiteralString = """
SELECT r.id, r.payment_id, c.short_id AS case_short_id, r.amount_cents, r.currency, y.is_test, r.reason, r.status, r.failure,
  (SELECT concat_ws(' ', s.first_name, s.last_name) FROM staff s
    WHERE s.organization_id = r.organization_id AND s.id = r.granted_by_staff_id) AS granted_by,
  (SELECT concat_ws(' ', s.first_name, s.last_name) FROM staff s
    WHERE s.organization_id = r.organization_id AND s.id = r.sent_by_staff_id) AS sent_by,
  r.granted_at, r.sent_at, r.settled_at
FROM ({cut}) r
JOIN payments y ON y.organization_id = r.organization_id AND y.id = r.payment_id
LEFT JOIN cases c ON c.organization_id = y.organization_id AND c.id = y.case_id
ORDER BY r.granted_at DESC, r.id DESC
"""
_CUT: LiteralString = "SELECT * FROM refunds r WHERE r.organization_id = %(organization_id)s"
_NEWEST: LiteralString = " ORDER BY r.granted_at DESC, r.id DESC LIMIT %(limit)s"
_CONDITIONS: dict[str, LiteralString] = {
    "status": "r.status = %(status)s",
    "granted_from": "r.granted_at >= %(granted_from)s",
    "granted_until": "r.granted_at < %(granted_until)s",
    "after_id": "(r.granted_at, r.id) < (%(after_at)s, %(after_id)s)",
}
_COUNT: LiteralString = """
SELECT count(*) FROM (SELECT FROM refunds r WHERE r.organization_id = %s AND r.status = %s LIMIT %s) r
"""


class GivenLine(msgspec.Struct, frozen=True):
    """What of a line it gives back."""

    id: UUID
    quantity: int
    cents: int


class RefundRecord(Phi, msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    payment_id: UUID
    amount_cents: int
    currency: str
    reason: str | None
    comment_sealed: bytes | None
    status: RefundStatus
    gateway_id: str | None
    failure: str | None
    granted_by_staff_id: UUID | None
    sent_by_staff_id: UUID | None
    granted_at: datetime
    sent_at: datetime | None
    settled_at: datetime | None
    lines: str

    @property
    def items(self) -> list[GivenLine]:
        return msgspec.json.decode(self.lines, type=list[GivenLine])


class ListedRefund(msgspec.Struct, frozen=True, kw_only=True):
    """In a list of all; `granted_by` and `sent_by` are names."""

    id: UUID
    payment_id: UUID
    case_short_id: str | None
    amount_cents: int
    currency: str
    is_test: bool
    reason: str | None
    status: RefundStatus
    failure: str | None
    granted_by: str | None
    sent_by: str | None
    granted_at: datetime
    sent_at: datetime | None
    settled_at: datetime | None


class NewRefund(Phi, msgspec.Struct, frozen=True, kw_only=True):
    organization_id: UUID
    id: UUID
    payment_id: UUID
    amount_cents: int
    currency: str
    reason: str | None
    comment_sealed: bytes | None
    granted_by_staff_id: UUID | None


async def find_refund(conn: Connection, organization_id: UUID, refund_id: UUID) -> RefundRecord | None:
    async with conn.cursor(row_factory=class_row(RefundRecord)) as cursor:
        await cursor.execute(_REFUND + " AND id = %(id)s", {"organization_id": organization_id, "id": refund_id})
        return await cursor.fetchone()


async def list_refunds(conn: Connection, organization_id: UUID, payment_id: UUID) -> list[RefundRecord]:
    async with conn.cursor(row_factory=class_row(RefundRecord)) as cursor:
        statement: LiteralString = _REFUND + " AND payment_id = %(payment_id)s ORDER BY granted_at, id"
        await cursor.execute(statement, {"organization_id": organization_id, "payment_id": payment_id})
        return await cursor.fetchall()


async def list_all(conn: Connection, organization_id: UUID, wanted: RefundFilter, limit: int) -> list[ListedRefund]:
    """Those granted last first."""
    after = wanted.after
    values: dict[str, object] = {
        "organization_id": organization_id,
        "status": wanted.status,
        "granted_from": wanted.granted_from,
        "granted_until": wanted.granted_until,
        "after_at": after.at if after else None,
        "after_id": after.id if after else None,
        "limit": limit,
    }
    cut: LiteralString = _CUT + asked_for(_CONDITIONS, values) + _NEWEST
    async with conn.cursor(row_factory=class_row(ListedRefund)) as cursor:
        await cursor.execute(_LISTED.replace("{cut}", cut), values)
        return await cursor.fetchall()


async def count_refunds(conn: Connection, organization_id: UUID, status: RefundStatus, most: int) -> int:
    """Counted to `most`."""
    return int((await (await conn.execute(_COUNT, (organization_id, status, most))).fetchall())[0][0])


async def insert_refund(conn: Connection, refund: NewRefund) -> None:
    await conn.execute(_INSERT, msgspec.structs.asdict(refund))


async def set_sending(conn: Connection, organization_id: UUID, refund_id: UUID, staff_id: UUID | None) -> bool:
    """False: it is not GRANTED any more."""
    return await (await conn.execute(_SEND, (staff_id, organization_id, refund_id))).fetchone() is not None


async def set_canceled(conn: Connection, organization_id: UUID, refund_id: UUID) -> bool:
    """False: it is not GRANTED any more."""
    return await (await conn.execute(_CANCEL, (organization_id, refund_id))).fetchone() is not None
