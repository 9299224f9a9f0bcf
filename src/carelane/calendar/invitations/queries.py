"""What a mail about an appointment needs besides the appointment."""

from uuid import UUID

from carelane.kit.db import Connection


async def find_language(conn: Connection, organization_id: UUID, staff_id: UUID) -> str | None:
    """What a member of staff reads. None: not known."""
    cursor = await conn.execute(
        "SELECT language FROM staff WHERE organization_id = %s AND id = %s", (organization_id, staff_id)
    )
    row = await cursor.fetchone()
    return row[0] if row else None
