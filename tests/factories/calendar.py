"""Appointments."""

from typing import Any
from uuid import UUID

from carelane.services import Services
from tests.factories.rows import insert_row


async def book(
    services: Services, organization_id: UUID, case_id: UUID, starts_at: str, ends_at: str, **values: Any
) -> UUID:
    named = {"case_id": case_id, "starts_at": starts_at, "ends_at": ends_at}
    return await insert_row(
        services, organization_id, "calendar_events", **({"timezone": "America/New_York"} | named | values)
    )
