"""Every SQL statement about what is given back at the desk."""

from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.kit.db import Connection
from carelane.kit.phi import Phi

_INSERT: LiteralString = """
INSERT INTO refunds (organization_id, id, payment_id, amount_cents, currency, reason, comment_sealed, granted_by_staff_id,
  sent_by_staff_id, destination, location_id, status, sent_at, settled_at)
VALUES (%(organization_id)s, %(id)s, %(payment_id)s, %(amount_cents)s, %(currency)s, %(reason)s, %(comment_sealed)s, %(staff_id)s,
  CASE WHEN %(is_made)s THEN %(staff_id)s::uuid END, %(destination)s, %(location_id)s,
  CASE WHEN %(is_made)s THEN 'SUCCEEDED' ELSE 'GRANTED' END, CASE WHEN %(is_made)s THEN now() END,
  CASE WHEN %(is_made)s THEN now() END)
"""
# Of a payment that no gateway has, whose row is locked.
_GIVE: LiteralString = """
UPDATE payments SET refunded_cents = refunded_cents + %(cents)s, updated_at = now(),
  status = CASE WHEN refunded_cents + %(cents)s >= captured_cents THEN 'REFUND' ELSE status END
WHERE organization_id = %(organization_id)s AND id = %(payment_id)s
"""


class NewRefund(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A refund that is granted, or that `is_made` already."""

    organization_id: UUID
    id: UUID
    payment_id: UUID
    amount_cents: int
    currency: str
    reason: str
    comment_sealed: bytes | None
    staff_id: UUID
    destination: str | None
    location_id: UUID | None
    is_made: bool


async def insert_refund(conn: Connection, refund: NewRefund) -> None:
    await conn.execute(_INSERT, msgspec.structs.asdict(refund))


async def update_refunded(conn: Connection, organization_id: UUID, payment_id: UUID, cents: int) -> None:
    await conn.execute(_GIVE, {"organization_id": organization_id, "payment_id": payment_id, "cents": cents})
