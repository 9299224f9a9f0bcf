"""Statements of the patient's pages."""

from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import Connection
from carelane.kit.phi import Phi
from carelane.organizations.logos.queries import PAGE_LOGO


class PageRow(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """What the pages may need to know of an appointment."""

    id: UUID
    patient_id: UUID
    staff_id: UUID
    starts_at: datetime
    timezone: str
    meeting_link: str | None
    provider_name: str
    is_canceled: bool
    state: str | None
    organization_name: str
    logo: str | None


_FIND: LiteralString = f"""
SELECT a.id, c.patient_id, a.staff_id, a.starts_at, a.timezone, a.meeting_link, a.provider_name,
  a.deleted_at IS NOT NULL AS is_canceled, p.state, o.name AS organization_name, {PAGE_LOGO} AS logo
FROM calendar_events a
JOIN cases c ON c.organization_id = a.organization_id AND c.id = a.case_id
JOIN patients p ON p.organization_id = c.organization_id AND p.id = c.patient_id
JOIN organizations o ON o.id = a.organization_id
WHERE a.organization_id = %s AND a.id = %s AND a.staff_id IS NOT NULL
"""


async def find_page(conn: Connection, organization_id: UUID, appointment_id: UUID) -> PageRow | None:
    async with conn.cursor(row_factory=class_row(PageRow)) as cursor:
        await cursor.execute(_FIND, (organization_id, appointment_id))
        return await cursor.fetchone()
