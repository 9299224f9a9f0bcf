"""Every SQL statement about the demo's links."""

from collections.abc import Iterable
from typing import LiteralString
from uuid import UUID

from psycopg.rows import class_row

from carelane.kit.db import Connection, uuid_array
from carelane.sessions.queries import Account

_FIND: LiteralString = """
SELECT id, first_name, last_name, role, password_hash, totp_secret_sealed FROM staff
WHERE organization_id = %s AND id = %s AND is_demo AND deactivated_at IS NULL AND password_hash IS NOT NULL
"""


async def find_demo_account(conn: Connection, organization_id: UUID, staff_id: UUID) -> Account | None:
    async with conn.cursor(row_factory=class_row(Account)) as cursor:
        await cursor.execute(_FIND, (organization_id, staff_id))
        return await cursor.fetchone()


async def set_demo(conn: Connection, organization_id: UUID, staff_ids: Iterable[UUID]) -> None:
    """These members are the demo's."""
    await conn.execute(
        "UPDATE staff SET is_demo = true WHERE organization_id = %s AND id = ANY(%s::uuid[]) AND NOT is_demo",
        (organization_id, uuid_array(staff_ids)),
    )
