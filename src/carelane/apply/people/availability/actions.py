"""Hours of clinicians of a file: compared with what is there, and handed to their own action."""

from collections.abc import Mapping
from uuid import UUID

import msgspec

from carelane.apply.people.availability.views import AVAILABILITY, said_as
from carelane.apply.people.schemas import StaffEntry
from carelane.apply.states import Comparison
from carelane.apply.views import Change, fields_of
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
    ids = [staff_id for staff_id, entry in entries.items() if entry.availability is not None]
    if not ids:
        return []
    there = await lock_availability(conn, actor.organization_id, ids)
    applied = {staff_id: comparison.find_applied(AVAILABILITY, staff_id) for staff_id in ids}
    stands = {row.id: said_as(row, applied[row.id]) for row in there.values()}
    wanted = [_wanted(said_as(_row(one, entries[one]), applied[one]), stands.get(one)) for one in ids]
    rows, changes = comparison.merge_rows(AVAILABILITY, wanted, stands)
    await save_availability(conn, actor, [_wanted(row, there.get(row.id)) for row in rows])
    return changes


def _wanted(row: Availability, there: Availability | None) -> Availability:
    """Put as it stands where that says the same. The member's address is compared with the member."""
    if there is None:
        return row
    return msgspec.structs.replace(said_as(row, fields_of(AVAILABILITY, there)), email=there.email)


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
