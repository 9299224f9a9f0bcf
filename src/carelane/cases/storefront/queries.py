"""The SQL statements by which storefronts change a case, beside those of the review."""

from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import Connection

_AUTHOR: LiteralString = """
SELECT (SELECT s.id FROM staff s WHERE s.organization_id = %(organization_id)s AND s.email_key = %(mailbox)s),
  (SELECT p.id FROM cases c JOIN patients p ON p.organization_id = c.organization_id AND p.id = c.patient_id
   WHERE c.organization_id = %(organization_id)s AND c.id = %(case_id)s AND p.mailbox = %(mailbox)s)
"""
_PRODUCTS: LiteralString = """
SELECT id, product_id, position, status FROM case_products WHERE organization_id = %s AND case_id = %s ORDER BY position
"""
_CLOSE: LiteralString = """
WITH touched AS (
  UPDATE cases SET updated_at = now() WHERE organization_id = %(organization_id)s AND id = %(case_id)s)
UPDATE case_products SET status = 'CLOSE', closed_at = now(), close_reason_sealed = %(reason)s
WHERE organization_id = %(organization_id)s AND id = %(id)s
"""
_KNOWN_PRODUCTS: LiteralString = """
SELECT id FROM products WHERE organization_id = %s AND id = ANY(%s) AND is_active
"""


class Author(msgspec.Struct, frozen=True):
    """Whoever has an e-mail address, if it is a member of staff or the patient of the case."""

    staff_id: UUID | None
    patient_id: UUID | None


class CaseProductRow(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    product_id: UUID
    position: int
    status: str


async def find_author(conn: Connection, organization_id: UUID, case_id: UUID, mailbox: str) -> Author:
    values = {"organization_id": organization_id, "case_id": case_id, "mailbox": mailbox}
    (row,) = await (await conn.execute(_AUTHOR, values)).fetchall()
    staff_id, patient_id = row
    return Author(staff_id, None if staff_id else patient_id)


async def list_case_products(conn: Connection, organization_id: UUID, case_id: UUID) -> list[CaseProductRow]:
    async with conn.cursor(row_factory=class_row(CaseProductRow)) as cursor:
        await cursor.execute(_PRODUCTS, (organization_id, case_id))
        return await cursor.fetchall()


async def set_case_product_closed(
    conn: Connection, organization_id: UUID, case_id: UUID, case_product_id: UUID, reason: bytes | None
) -> None:
    """Of a case that the caller has locked."""
    values = {"organization_id": organization_id, "case_id": case_id, "id": case_product_id, "reason": reason}
    await conn.execute(_CLOSE, values)


async def list_known_products(conn: Connection, organization_id: UUID, product_ids: list[UUID]) -> set[UUID]:
    cursor = await conn.execute(_KNOWN_PRODUCTS, (organization_id, product_ids))
    return {row[0] for row in await cursor.fetchall()}
