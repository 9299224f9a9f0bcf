"""Setting when clinicians are free, in the caller's transaction."""

from carelane import events
from carelane.calendar.availability import queries
from carelane.calendar.availability.queries import Availability
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.permissions import STAFF_MANAGE, requires


@requires(STAFF_MANAGE)
async def save_availability(conn: Connection, actor: Actor, wanted: list[Availability]) -> None:
    """Makes the hours of each member what is wanted, with an event for each that changes. Appointments stay as they are."""
    there = await queries.lock_availability(conn, actor.organization_id, [row.id for row in wanted])
    changed = [row for row in wanted if there.get(row.id) != row]
    if not changed:
        return
    await queries.save_availability(conn, actor.organization_id, changed)
    changes = (
        events.new_event(actor, "STAFF_CHANGED", None, target_id=row.id, value_after="AVAILABILITY_CHANGED")
        for row in changed
    )
    await events.record(conn, *changes)
