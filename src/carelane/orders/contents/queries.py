"""SQL about what is sealed of one order."""

from datetime import date, datetime
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import Connection
from carelane.kit.phi import Phi

_CONTENTS: LiteralString = """
SELECT o.id, o.case_id, c.patient_id, c.patient_first_name || ' ' || c.patient_last_name AS patient_name,
  c.patient_date_of_birth, o.sealed, o.message_sealed, o.cancel_reason_sealed, o.replacement_reason_sealed, o.resolved_at,
  o.resolution_sealed
FROM orders o JOIN cases c ON c.organization_id = o.organization_id AND c.id = o.case_id
WHERE o.organization_id = %s AND o.id = %s
"""
_TOLD: LiteralString = """
SELECT id, sealed FROM pharmacy_callbacks WHERE organization_id = %s AND order_id = %s ORDER BY created_at DESC, id DESC LIMIT %s
"""
_PARCELS: LiteralString = """
SELECT id, tracking_id, status, location_sealed, message_sealed, status_updated_at AS at FROM order_shipping_logs
WHERE organization_id = %s AND order_id = %s ORDER BY status_updated_at DESC, id DESC LIMIT %s
"""


class SealedOrder(Phi, msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    case_id: UUID
    patient_id: UUID
    patient_name: str
    patient_date_of_birth: date | None
    sealed: bytes | None
    message_sealed: bytes | None
    cancel_reason_sealed: bytes | None
    replacement_reason_sealed: bytes | None
    resolved_at: datetime | None
    resolution_sealed: bytes | None


class SealedParcel(Phi, msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    tracking_id: str | None
    status: str | None
    location_sealed: bytes | None
    message_sealed: bytes | None
    at: datetime


async def find_contents(conn: Connection, organization_id: UUID, order_id: UUID) -> SealedOrder | None:
    async with conn.cursor(row_factory=class_row(SealedOrder)) as cursor:
        await cursor.execute(_CONTENTS, (organization_id, order_id))
        return await cursor.fetchone()


async def list_told(conn: Connection, organization_id: UUID, order_id: UUID, most: int) -> list[tuple[UUID, bytes]]:
    """Id and sealed content of the newest callbacks about the order."""
    cursor = await conn.execute(_TOLD, (organization_id, order_id, most))
    return [(row[0], row[1]) for row in await cursor.fetchall()]


async def list_parcels(conn: Connection, organization_id: UUID, order_id: UUID, most: int) -> list[SealedParcel]:
    async with conn.cursor(row_factory=class_row(SealedParcel)) as cursor:
        await cursor.execute(_PARCELS, (organization_id, order_id, most))
        return await cursor.fetchall()
