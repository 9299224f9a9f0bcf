"""Who else can administer, and what a member has in hand."""

from typing import LiteralString
from uuid import UUID

from carelane.kit.db import Connection

# Taken back in one transaction: whoever works on one of them waits for it.
MAX_CASES = 100
# Who was invited and has chosen no password cannot sign in yet, and may never.
_OTHERS: LiteralString = """
SELECT id FROM staff
WHERE organization_id = %s AND role = 'ADMIN' AND deactivated_at IS NULL AND password_hash IS NOT NULL AND id <> %s LIMIT 1
"""
_IN_HAND: LiteralString = """
FROM cases
WHERE organization_id = %(organization_id)s AND assigned_to_id = %(staff_id)s AND status IN ('ASSIGNED', 'IN_PROGRESS')
  AND NOT is_archived AND id > %(after)s
"""
_LEFT: LiteralString = """
SELECT s.id FROM staff s
WHERE s.organization_id = %s AND s.deactivated_at IS NOT NULL AND EXISTS (SELECT FROM cases c
  WHERE c.organization_id = s.organization_id AND c.assigned_to_id = s.id AND c.status IN ('ASSIGNED', 'IN_PROGRESS')
    AND NOT c.is_archived)
ORDER BY s.id
"""


async def lock_people(conn: Connection, organization_id: UUID) -> None:
    """Nobody else is changed by hand until the transaction ends: of two last administrators one stays."""
    await conn.execute("SELECT FROM organizations WHERE id = %s FOR NO KEY UPDATE", (organization_id,))


async def find_is_other_administrator(conn: Connection, organization_id: UUID, but_id: UUID) -> bool:
    """Whether somebody else can administer the clinic."""
    return await (await conn.execute(_OTHERS, (organization_id, but_id))).fetchone() is not None


async def list_in_hand(conn: Connection, organization_id: UUID, staff_id: UUID, after: UUID) -> list[UUID]:
    """The next undecided cases that are the member's, by id."""
    values = {"organization_id": organization_id, "staff_id": staff_id, "after": after, "most": MAX_CASES}
    cursor = await conn.execute(f"SELECT id {_IN_HAND} ORDER BY id LIMIT %(most)s", values)
    return [row[0] for row in await cursor.fetchall()]


async def count_in_hand(conn: Connection, organization_id: UUID, staff_id: UUID, after: UUID) -> int:
    """How many come after that one."""
    values = {"organization_id": organization_id, "staff_id": staff_id, "after": after}
    row = await (await conn.execute(f"SELECT count(*) {_IN_HAND}", values)).fetchone()
    return row[0] if row else 0


async def list_left(conn: Connection, organization_id: UUID) -> list[UUID]:
    """Members who are deactivated, and have undecided cases."""
    return [row[0] for row in await (await conn.execute(_LEFT, (organization_id,))).fetchall()]
