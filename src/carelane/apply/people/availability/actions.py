"""Hours of clinicians of a file: compared with what is there, and handed to their own action."""

from collections.abc import Mapping
from uuid import UUID

from carelane.apply.people.schemas import StaffEntry
from carelane.apply.states import Comparison
from carelane.apply.views import Change
from carelane.calendar.availability.actions import save_availability
from carelane.calendar.availability.queries import Availability, lock_availability
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.permissions import STAFF_MANAGE, requires


@requires(STAFF_MANAGE)
async def apply_availability(
    conn: Connection, actor: Actor, entries: Mapping[UUID, StaffEntry], comparison: Comparison
) -> list[Change]:
    """`entries` are the members of the file by their ids, who are there by now. Hours of those without any stay as they are."""
    wanted = [_row(staff_id, entry) for staff_id, entry in entries.items() if entry.availability is not None]
    if not wanted:
        return []
    there = await lock_availability(conn, actor.organization_id, [row.id for row in wanted])
    rows, changes = comparison.merge_rows("availability", wanted, there)
    await save_availability(conn, actor, rows)
    return changes


def _row(staff_id: UUID, entry: StaffEntry) -> Availability:
    assert entry.availability is not None
    return Availability(
        id=staff_id,
        email=entry.email,
        timezone=entry.availability.timezone,
        appointment_minutes=entry.availability.appointment_minutes,
        meeting_link=entry.availability.meeting_link,
        hours=entry.availability.hours,
        exceptions=entry.availability.exceptions,
    )
