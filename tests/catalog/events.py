"""What the log tells of a record."""

from uuid import UUID

from carelane.services import Services
from tests.cast import Clinic


async def told_of(services: Services, clinic: Clinic, record_id: str | UUID) -> list[tuple[str, str | None]]:
    """Type and value of the events whose target is the record, oldest first."""
    organization_id = UUID(clinic.organization_id)
    async with services.db.reading(organization_id) as conn:
        cursor = await conn.execute(
            "SELECT type, value_after FROM events WHERE organization_id = %s AND target_id = %s ORDER BY id",
            (organization_id, record_id),
        )
        return [(row[0], row[1]) for row in await cursor.fetchall()]
