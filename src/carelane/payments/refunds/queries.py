"""Every SQL statement about granting and sending refunds; what the gateway makes of them is in `settling/queries.py`."""

from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import Connection
from carelane.kit.phi import Phi
from carelane.payments.states import RefundStatus

# What a sealed comment is bound to.
COMMENT = "refunds.comment_sealed"

_REFUND: LiteralString = """
SELECT id, payment_id, amount_cents, currency, reason, comment_sealed, status, gateway_id, failure, granted_by_staff_id,
  sent_by_staff_id, granted_at, sent_at, settled_at
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


async def insert_refund(conn: Connection, refund: NewRefund) -> None:
    await conn.execute(_INSERT, msgspec.structs.asdict(refund))


async def set_sending(conn: Connection, organization_id: UUID, refund_id: UUID, staff_id: UUID | None) -> bool:
    """False: it is not GRANTED any more."""
    return await (await conn.execute(_SEND, (staff_id, organization_id, refund_id))).fetchone() is not None


async def set_canceled(conn: Connection, organization_id: UUID, refund_id: UUID) -> bool:
    """False: it is not GRANTED any more."""
    return await (await conn.execute(_CANCEL, (organization_id, refund_id))).fetchone() is not None
