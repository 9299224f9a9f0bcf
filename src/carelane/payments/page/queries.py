"""Statements of the payment's page."""

from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import Connection
from carelane.kit.phi import Phi
from carelane.organizations.logos.queries import PAGE_LOGO
from carelane.payments.states import Stage, Status


class PageRow(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the page may say, and nothing about health. `short_id` is the case's."""

    id: UUID
    patient_id: UUID | None
    stage: Stage
    status: Status
    amount_cents: int
    captured_cents: int
    refunded_cents: int
    currency: str
    failure: str | None
    is_test: bool
    link_version: int
    paid_at: datetime | None
    created_at: datetime
    short_id: str | None
    organization_name: str
    logo: str | None
    tagline: str | None
    color: str | None
    support_email: str | None
    support_phone: str | None
    timezone: str


class Confirmable(msgspec.Struct, frozen=True, kw_only=True):
    """The intent that the patient is to confirm, and our try that made it, unless a storefront made it. `sends`: what it was tried
    with so far; the same again is the same request."""

    id: UUID
    attempt_id: UUID | None
    gateway_account_id: UUID
    gateway_id: str
    sends: int


_FIND: LiteralString = f"""
SELECT y.id, y.patient_id, y.stage, y.status, y.amount_cents, y.captured_cents, y.refunded_cents, y.currency, y.failure, y.is_test,
  y.link_version, y.paid_at, y.created_at, c.short_id, o.name AS organization_name,
  {PAGE_LOGO} AS logo, b.content ->> 'tagline' AS tagline,
  b.content ->> 'color_primary' AS color, b.content ->> 'contact_email' AS support_email,
  coalesce(b.content ->> 'contact_phone', h.phone_number) AS support_phone, coalesce(h.timezone, 'UTC') AS timezone
FROM payments y
JOIN organizations o ON o.id = y.organization_id
LEFT JOIN cases c ON c.organization_id = y.organization_id AND c.id = y.case_id
LEFT JOIN patients p ON p.organization_id = y.organization_id AND p.id = y.patient_id
LEFT JOIN locations h ON h.organization_id = p.organization_id AND h.id = p.primary_location_id
LEFT JOIN branding b ON b.organization_id = y.organization_id
WHERE y.organization_id = %s AND y.id = %s AND y.deleted_at IS NULL
"""
_CONFIRMABLE: LiteralString = """
SELECT * FROM (
  SELECT id, id AS attempt_id, gateway_account_id, gateway_id, sends::bigint, created_at, 1 AS rank FROM payment_attempts
  WHERE organization_id = %(organization_id)s AND payment_id = %(id)s AND kind IN ('HOLD', 'CHARGE') AND gateway_id IS NOT NULL
    AND status IN ('NEEDS_PATIENT', 'SENT')
  UNION ALL
  SELECT id, NULL, gateway_account_id, gateway_id, extract(epoch FROM updated_at)::bigint, created_at, 2 FROM payment_intents
  WHERE organization_id = %(organization_id)s AND payment_id = %(id)s
    AND status IN ('requires_action', 'requires_confirmation', 'requires_payment_method')) known
ORDER BY rank, created_at DESC, id DESC LIMIT 1
"""
# Whoever has had it for so long is dead, or will not be answered any more.
_CLAIM: LiteralString = """
UPDATE payment_attempts SET status = 'SENT', sends = sends + 1, sent_at = now()
WHERE organization_id = %s AND id = %s AND sends = %s
  AND (status = 'NEEDS_PATIENT' OR status = 'SENT' AND sent_at < now() - make_interval(secs => %s)) RETURNING sends
"""
_SET_UNCONFIRMED: LiteralString = """
UPDATE payment_attempts SET status = 'NEEDS_PATIENT' WHERE organization_id = %s AND id = %s AND status = 'SENT' AND sends = %s
"""
_SET_LOOK: LiteralString = """
UPDATE payments SET next_step_at = least(coalesce(next_step_at, 'infinity'), now() + make_interval(secs => %s))
WHERE organization_id = %s AND id = %s
"""


async def find_page(conn: Connection, organization_id: UUID, payment_id: UUID) -> PageRow | None:
    async with conn.cursor(row_factory=class_row(PageRow)) as cursor:
        await cursor.execute(_FIND, (organization_id, payment_id))
        return await cursor.fetchone()


async def find_confirmable(conn: Connection, organization_id: UUID, payment_id: UUID) -> Confirmable | None:
    row = await (await conn.execute(_CONFIRMABLE, {"organization_id": organization_id, "id": payment_id})).fetchone()
    if row is None:
        return None
    return Confirmable(id=row[0], attempt_id=row[1], gateway_account_id=row[2], gateway_id=row[3], sends=row[4])


async def claim_confirmation(
    conn: Connection, organization_id: UUID, found: Confirmable, left_seconds: float
) -> Confirmable | None:
    """The same, being tried once more; None for whoever comes second. A storefront's intent has no row to claim: the same request
    twice is one at the gateway."""
    if found.attempt_id is None:
        return found
    row = await (await conn.execute(_CLAIM, (organization_id, found.attempt_id, found.sends, left_seconds))).fetchone()
    return msgspec.structs.replace(found, sends=row[0]) if row else None


async def set_unconfirmed(conn: Connection, organization_id: UUID, claimed: Confirmable) -> None:
    """It can be tried once more at once."""
    if claimed.attempt_id is not None:
        await conn.execute(_SET_UNCONFIRMED, (organization_id, claimed.attempt_id, claimed.sends))


async def set_look(conn: Connection, organization_id: UUID, payment_id: UUID, seconds: float) -> None:
    """The worker looks at the payment by then, should whoever sends it now never write down what came of it."""
    await conn.execute(_SET_LOOK, (seconds, organization_id, payment_id))
