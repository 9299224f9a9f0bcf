"""Statements that end what opens the clinic to a member of staff."""

from collections.abc import Iterable
from typing import LiteralString
from uuid import UUID

from carelane.kit.db import Connection, uuid_array

_END_SESSIONS: LiteralString = """
UPDATE sessions SET revoked_at = now() WHERE organization_id = %s AND staff_id = ANY (%s::uuid[]) AND revoked_at IS NULL
"""
_REVOKE_LINKS: LiteralString = """
UPDATE staff_links SET revoked_at = now()
WHERE organization_id = %s AND staff_id = ANY (%s::uuid[]) AND used_at IS NULL AND revoked_at IS NULL
"""
_DELETE_DEVICES: LiteralString = "DELETE FROM staff_devices WHERE organization_id = %s AND staff_id = ANY (%s::uuid[])"


async def set_sessions_ended(conn: Connection, organization_id: UUID, ids: Iterable[UUID]) -> None:
    await conn.execute(_END_SESSIONS, (organization_id, uuid_array(ids)))


async def set_links_revoked(conn: Connection, organization_id: UUID, ids: Iterable[UUID]) -> None:
    """By none of the links that these members were sent a password is set any more."""
    await conn.execute(_REVOKE_LINKS, (organization_id, uuid_array(ids)))


async def delete_devices(conn: Connection, organization_id: UUID, ids: Iterable[UUID]) -> None:
    """Browsers that these members signed in with are not known any more."""
    await conn.execute(_DELETE_DEVICES, (organization_id, uuid_array(ids)))
