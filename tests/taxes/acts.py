"""What was recorded about a tax or a location."""

from uuid import UUID


async def acts(services, clinic, record_id):
    """Type and value after, in the order of the acts."""
    async with services.db.reading(UUID(clinic.organization_id)) as conn:
        cursor = await conn.execute(
            "SELECT type, value_after FROM events WHERE target_id = %s ORDER BY id", (UUID(record_id),)
        )
        return await cursor.fetchall()
