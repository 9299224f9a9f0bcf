"""Every SQL statement about a patient's cases and the messages in them."""

from datetime import datetime, timedelta
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import Connection
from carelane.kit.phi import Phi
from carelane.portal.messages.schemas import OwnCaseOut

# What became of an abandoned cart is no case of a patient's.
_CASES: LiteralString = """
SELECT c.id, c.short_id, c.title, c.status, c.is_archived,
  c.asked_patient_at IS NOT NULL AND NOT c.is_archived AS is_waiting_for_you, c.created_at, c.updated_at
FROM cases c
WHERE c.organization_id = %s AND c.patient_id = %s AND c.status <> 'ABANDONED'
ORDER BY c.created_at DESC, c.id DESC LIMIT %s
"""
_OWN: LiteralString = (
    "FROM cases c WHERE c.organization_id = %s AND c.id = %s AND c.patient_id = %s AND c.status <> 'ABANDONED'"
)
# In a statement of its own: what is read beside the row would be read before the wait for it.
_LOCK: LiteralString = f"SELECT c.is_archived, c.is_test, c.short_id {_OWN} FOR NO KEY UPDATE"
# Whoever has the case; those whom the organization named, where nobody has it.
_RECIPIENTS: LiteralString = """
SELECT coalesce((
    SELECT ARRAY[s.email] FROM cases c JOIN staff s ON s.organization_id = c.organization_id AND s.id = c.assigned_to_id
    WHERE c.organization_id = o.id AND c.id = %s AND s.deactivated_at IS NULL), o.notification_emails), o.name
FROM organizations o WHERE o.id = %s
"""
_SHOWN: LiteralString = """
SELECT m.id, m.text_sealed, m.author_patient_id IS NOT NULL AS is_patients, coalesce(s.first_name, p.first_name) AS first_name,
  coalesce(s.last_name, p.last_name) AS last_name, m.created_at
FROM comments m
LEFT JOIN staff s ON s.organization_id = m.organization_id AND s.id = m.author_staff_id
LEFT JOIN patients p ON p.organization_id = m.organization_id AND p.id = m.author_patient_id
WHERE m.organization_id = %(organization_id)s
"""
_ONE: LiteralString = _SHOWN + " AND m.id = %(id)s"
_MESSAGES: LiteralString = (
    "SELECT * FROM ("
    + _SHOWN
    + """ AND m.case_id = %(case_id)s AND NOT m.is_restricted AND m.deleted_at IS NULL
ORDER BY m.created_at DESC, m.id DESC LIMIT %(most)s) newest ORDER BY created_at, id
"""
)
_COUNT: LiteralString = """
SELECT count(*) FROM comments m
WHERE m.organization_id = %s AND m.case_id = %s AND m.author_patient_id = %s AND m.created_at > now() - %s
"""


class CaseHeld(msgspec.Struct, frozen=True):
    """A case whose row is locked."""

    is_archived: bool
    is_test: bool
    short_id: str


class MessageRow(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """The text is still sealed."""

    id: UUID
    text_sealed: bytes
    is_patients: bool
    first_name: str | None
    last_name: str | None
    created_at: datetime


async def list_cases(conn: Connection, organization_id: UUID, patient_id: UUID, most: int) -> list[OwnCaseOut]:
    async with conn.cursor(row_factory=class_row(OwnCaseOut)) as cursor:
        await cursor.execute(_CASES, (organization_id, patient_id, most))
        return await cursor.fetchall()


async def find_case(conn: Connection, organization_id: UUID, patient_id: UUID, case_id: UUID) -> bool:
    """Whether there is such a case of the patient's."""
    cursor = await conn.execute("SELECT " + _OWN, (organization_id, case_id, patient_id))
    return await cursor.fetchone() is not None


async def lock_case(conn: Connection, organization_id: UUID, patient_id: UUID, case_id: UUID) -> CaseHeld | None:
    """None: it is not the patient's. Nobody else moves it until the transaction ends."""
    row = await (await conn.execute(_LOCK, (organization_id, case_id, patient_id))).fetchone()
    return CaseHeld(*row) if row else None


async def list_messages(conn: Connection, organization_id: UUID, case_id: UUID, most: int) -> list[MessageRow]:
    """The newest of them, in the order they were written. Notes are not among them."""
    async with conn.cursor(row_factory=class_row(MessageRow)) as cursor:
        await cursor.execute(_MESSAGES, {"organization_id": organization_id, "case_id": case_id, "most": most})
        return await cursor.fetchall()


async def get_message(conn: Connection, organization_id: UUID, message_id: UUID) -> MessageRow:
    """One that is known to exist."""
    async with conn.cursor(row_factory=class_row(MessageRow)) as cursor:
        await cursor.execute(_ONE, {"organization_id": organization_id, "id": message_id})
        return (await cursor.fetchall())[0]


async def count_lately(
    conn: Connection, organization_id: UUID, patient_id: UUID, case_id: UUID, lately: timedelta
) -> int:
    """How much the patient wrote in the case, which must be locked."""
    cursor = await conn.execute(_COUNT, (organization_id, case_id, patient_id, lately))
    return int((await cursor.fetchall())[0][0])


async def update_answered(conn: Connection, organization_id: UUID, case_id: UUID) -> None:
    """The case waits for the patient no longer."""
    await conn.execute(
        "UPDATE cases SET asked_patient_at = NULL, updated_at = now() WHERE organization_id = %s AND id = %s",
        (organization_id, case_id),
    )


async def find_recipients(conn: Connection, organization_id: UUID, case_id: UUID) -> tuple[list[str], str]:
    """Whom a message is told to by mail, and the organization's name."""
    row = (await (await conn.execute(_RECIPIENTS, (case_id, organization_id))).fetchall())[0]
    return row[0], row[1]
