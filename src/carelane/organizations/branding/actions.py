"""Making and changing branding, in the caller's transaction."""

from carelane import events
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.organizations.branding import queries
from carelane.organizations.branding.queries import Branding
from carelane.permissions import ORGANIZATION_MANAGE, requires


@requires(ORGANIZATION_MANAGE)
async def save_branding(conn: Connection, actor: Actor, wanted: Branding) -> None:
    """Makes the organization's branding what is wanted. One event if it changes."""
    if await queries.lock_branding(conn, actor.organization_id) == wanted:
        return
    await queries.save_branding(conn, actor.organization_id, wanted)
    event = events.new_event(
        actor, "ORGANIZATION_CHANGED", None, target_id=actor.organization_id, value_after="CHANGED"
    )
    await events.record(conn, event)
