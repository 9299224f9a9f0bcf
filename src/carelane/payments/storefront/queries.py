"""The SQL statement that storefronts' intents need."""

from uuid import UUID

from carelane.kit.db import Connection


async def get_currency(conn: Connection, organization_id: UUID) -> str:
    """The organization's own."""
    cursor = await conn.execute("SELECT currency FROM organizations WHERE id = %s", (organization_id,))
    return (await cursor.fetchall())[0][0]  # type: ignore[no-any-return]
