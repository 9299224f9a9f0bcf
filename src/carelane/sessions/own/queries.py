"""Every SQL statement about the sessions of one member."""

from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import Connection
from carelane.kit.phi import Phi


class OwnSession(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """`used_at` is exact to a minute. Of sessions that do not end by idling nobody writes it down."""

    id: UUID
    agent: str | None
    created_at: datetime
    used_at: datetime | None
    expires_at: datetime
    is_current: bool


_GOOD: LiteralString = (
    "revoked_at IS NULL AND expires_at > %(now)s AND (idle_ends_at IS NULL OR idle_ends_at > %(now)s)"
)
_LIST: LiteralString = f"""
SELECT id, agent, created_at, idle_ends_at - make_interval(secs => idle_seconds) AS used_at, expires_at,
  token_digest = %(current)s AS is_current
FROM sessions
WHERE organization_id = %(organization_id)s AND staff_id = %(staff_id)s AND {_GOOD}
ORDER BY token_digest = %(current)s DESC, id DESC LIMIT %(limit)s
"""
_END: LiteralString = f"""
UPDATE sessions SET revoked_at = now()
WHERE organization_id = %(organization_id)s AND staff_id = %(staff_id)s AND id = %(id)s AND {_GOOD} RETURNING id
"""
_END_OTHERS: LiteralString = """
UPDATE sessions SET revoked_at = now()
WHERE organization_id = %s AND staff_id = %s AND revoked_at IS NULL AND token_digest <> %s
RETURNING expires_at > now() AND (idle_ends_at IS NULL OR idle_ends_at > now())
"""


async def list_sessions(
    conn: Connection, organization_id: UUID, staff_id: UUID, current: bytes, now: datetime, limit: int
) -> list[OwnSession]:
    """Those that are good: the one whose token has this digest, then the newest."""
    values = {"organization_id": organization_id, "staff_id": staff_id, "current": current, "now": now, "limit": limit}
    async with conn.cursor(row_factory=class_row(OwnSession)) as cursor:
        await cursor.execute(_LIST, values)
        return await cursor.fetchall()


async def set_ended(conn: Connection, organization_id: UUID, staff_id: UUID, session_id: UUID, now: datetime) -> bool:
    """Whether the member had such a session."""
    values = {"organization_id": organization_id, "staff_id": staff_id, "id": session_id, "now": now}
    return await (await conn.execute(_END, values)).fetchone() is not None


async def set_others_ended(conn: Connection, organization_id: UUID, staff_id: UUID, current: bytes) -> int:
    """Every session but the one whose token has this digest; how many of them were good."""
    cursor = await conn.execute(_END_OTHERS, (organization_id, staff_id, current))
    return sum(was_good for (was_good,) in await cursor.fetchall())
