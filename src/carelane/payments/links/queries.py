"""Statements about the messages that bring a payment's link."""

from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import Connection, to_json, uuid_array
from carelane.kit.phi import Phi


class Payer(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """Whose payment it is, how to reach them, and who asks."""

    patient_id: UUID
    first_name: str | None
    stage: str
    failure: str | None
    link_version: int
    email: str | None
    phone_number: str | None
    organization_name: str
    timezone: str
    support: str | None
    # Messages of the payment that were not sent yet.
    waiting_count: int


class Need(msgspec.Struct, frozen=True):
    """An event that tells that a payment came to need its patient."""

    organization_id: UUID
    event_id: UUID
    payment_id: UUID


_NEEDS: LiteralString = "SELECT organization_id, event_id, payment_id FROM find_payment_needs(%s::uuid[], %s::uuid[])"
_PAYER: LiteralString = """
SELECT p.id AS patient_id, p.first_name, y.stage, y.failure, y.link_version, p.email, p.phone_e164 AS phone_number, o.name AS organization_name,
  coalesce(h.timezone, 'UTC') AS timezone, coalesce(b.content ->> 'contact_email', b.content ->> 'contact_phone') AS support,
  (SELECT count(*) FROM messages m WHERE m.organization_id = y.organization_id AND m.record_id = y.id
     AND m.kind = 'PAYMENT_LINK' AND m.status IN ('QUEUED', 'SENDING')) AS waiting_count
FROM payments y
JOIN organizations o ON o.id = y.organization_id
JOIN patients p ON p.organization_id = y.organization_id AND p.id = y.patient_id
LEFT JOIN locations h ON h.organization_id = p.organization_id AND h.id = p.primary_location_id
LEFT JOIN branding b ON b.organization_id = y.organization_id
WHERE y.organization_id = %s AND y.id = %s
"""
_SET_VERSION: LiteralString = """
UPDATE payments SET link_version = link_version + 1 WHERE organization_id = %s AND id = %s
"""
_COUNT_BESIDE: LiteralString = """
SELECT count(*)
FROM messages t JOIN messages m ON m.organization_id = t.organization_id AND m.record_id = t.record_id AND m.kind = t.kind
  AND m.created_at = t.created_at AND m.id <> t.id AND m.status = 'SENT'
WHERE t.organization_id = %s AND t.id = %s
"""


async def list_needs(conn: Connection, organization_ids: list[UUID], event_ids: list[UUID]) -> list[Need]:
    """Those of the events. Works in `db.across()`, as `insert_calls` does."""
    async with conn.cursor(row_factory=class_row(Need)) as cursor:
        await cursor.execute(_NEEDS, (uuid_array(organization_ids), uuid_array(event_ids)))
        return await cursor.fetchall()


async def insert_calls(conn: Connection, rows: list[dict[str, object]]) -> None:
    """Rows of messages with the `event_id` of each; one that is there already is left out."""
    await conn.execute("SELECT queue_payment_links(%s::jsonb)", (to_json(rows),))


async def find_payer(conn: Connection, organization_id: UUID, payment_id: UUID) -> Payer | None:
    """None where there is no such payment, or it is nobody's."""
    async with conn.cursor(row_factory=class_row(Payer)) as cursor:
        await cursor.execute(_PAYER, (organization_id, payment_id))
        return await cursor.fetchone()


async def set_new_version(conn: Connection, organization_id: UUID, payment_id: UUID) -> None:
    """Links of before are worthless from now on. Of a payment that the transaction has locked."""
    await conn.execute(_SET_VERSION, (organization_id, payment_id))


async def count_sent_beside(conn: Connection, organization_id: UUID, message_id: UUID) -> int:
    """How many other messages of the same call, which went another way, have been sent already."""
    cursor = await conn.execute(_COUNT_BESIDE, (organization_id, message_id))
    return int((await cursor.fetchall())[0][0])
