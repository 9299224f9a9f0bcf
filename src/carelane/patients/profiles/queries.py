"""Every SQL statement about profiles."""

from datetime import date, datetime
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import Connection, to_json
from carelane.kit.phi import Phi
from carelane.patients.queries import living

PROFILE: LiteralString = """
p.id, p.email, p.mailbox, p.first_name, p.last_name, p.phone_number, p.date_of_birth, p.gender, p.address_line1,
p.address_line2, p.city, p.state, p.country, p.postal_code, p.language_preferences, p.sms_notifications_disabled,
p.email_notifications_disabled, p.chart_sealed, p.created_at, p.archived_at IS NOT NULL AS is_archived
"""
# What an edit may change.
_EDITABLE: tuple[LiteralString, ...] = (
    "email", "mailbox", "first_name", "last_name", "first_name_key", "last_name_key", "phone_number", "phone_e164",
    "date_of_birth", "gender", "address_line1", "address_line2", "city", "state", "country", "postal_code",
    "language_preferences", "sms_notifications_disabled", "email_notifications_disabled", "chart_sealed",
)  # fmt: skip

_FIND: LiteralString = f"""
SELECT {PROFILE} FROM patients p WHERE p.organization_id = %(organization_id)s AND p.id = {living("%(id)s")}
"""
# Whoever assigns a case of the patient waits; a case that was assigned meanwhile is seen as it is then.
_LOCK_CASES: LiteralString = """
SELECT c.status FROM cases c WHERE c.organization_id = %s AND c.patient_id = %s ORDER BY c.id FOR SHARE
"""
_SET: LiteralString = ", ".join(
    f"{column} = CASE WHEN %(changes)s::jsonb ? '{column}' THEN n.{column} ELSE p.{column} END" for column in _EDITABLE
)
_UPDATE: LiteralString = f"""
UPDATE patients p SET {_SET}, updated_at = now()
FROM json_populate_record(null::patients, %(changes)s) n
WHERE p.organization_id = %(organization_id)s AND p.id = %(id)s
"""


class ProfileRow(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A patient's row as far as the profile goes; the chart is still sealed."""

    id: UUID
    email: str | None
    mailbox: str | None
    first_name: str | None
    last_name: str | None
    phone_number: str | None
    date_of_birth: date | None
    gender: str | None
    address_line1: str | None
    address_line2: str | None
    city: str | None
    state: str | None
    country: str | None
    postal_code: str | None
    language_preferences: list[str]
    sms_notifications_disabled: bool
    email_notifications_disabled: bool
    chart_sealed: bytes | None
    created_at: datetime
    is_archived: bool


async def find_profile(conn: Connection, organization_id: UUID, patient_id: UUID) -> ProfileRow | None:
    """Of the patient whom the id stands for."""
    return await _find(conn, organization_id, patient_id, _FIND)


async def lock_profile(conn: Connection, organization_id: UUID, patient_id: UUID) -> ProfileRow | None:
    """The row stays locked until the transaction ends."""
    return await _find(conn, organization_id, patient_id, _FIND + " FOR NO KEY UPDATE OF p")


async def _find(
    conn: Connection, organization_id: UUID, patient_id: UUID, statement: LiteralString
) -> ProfileRow | None:
    async with conn.cursor(row_factory=class_row(ProfileRow)) as cursor:
        await cursor.execute(statement, {"organization_id": organization_id, "id": patient_id})
        return await cursor.fetchone()


async def lock_case_statuses(conn: Connection, organization_id: UUID, patient_id: UUID) -> list[str]:
    """Of all cases of the patient; none of them moves until the transaction ends."""
    cursor = await conn.execute(_LOCK_CASES, (organization_id, patient_id))
    return [row[0] for row in await cursor.fetchall()]


async def update_profile(conn: Connection, organization_id: UUID, patient_id: UUID, changes: dict[str, Any]) -> None:
    """`changes` are columns and what they become. The row must be locked."""
    await conn.execute(_UPDATE, {"organization_id": organization_id, "id": patient_id, "changes": to_json(changes)})
