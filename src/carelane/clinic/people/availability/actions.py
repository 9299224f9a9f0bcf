"""Saying when appointments can be booked with a member."""

from carelane.calendar.availability.actions import save_availability
from carelane.calendar.availability.queries import Availability, lock_availability
from carelane.clinic.people.availability.schemas import AvailabilityIn, AvailabilityOut, broken_rules
from carelane.clinic.people.availability.views import availability_out
from carelane.clinic.people.queries import lock_people
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import refuse
from carelane.permissions import STAFF_MANAGE, requires
from carelane.services import Services
from carelane.staff.access import get_member
from carelane.web.idempotency import RequestKey, run_once
from carelane.web.versions import require_same


@requires(STAFF_MANAGE)
async def change_availability(
    services: Services, actor: Actor, ref: str, body: AvailabilityIn, request_key: RequestKey | None
) -> AvailabilityOut:
    """As a whole; appointments stay. Raises MemberNotFoundError, RuleBrokenError, ChangedMeanwhileError, and what `run_once` raises."""
    refuse(broken_rules(body))

    async def act(conn: Connection) -> AvailabilityOut:
        # Of hours that are new there is no row to lock.
        await lock_people(conn, actor.organization_id)
        member = await get_member(conn, actor, ref)
        there = await lock_availability(conn, actor.organization_id, [member.id])
        require_same(body.version, availability_out(there.get(member.id)).version)
        wanted = Availability(
            id=member.id,
            email=member.email,
            timezone=body.timezone,
            appointment_minutes=body.appointment_minutes,
            meeting_link=body.meeting_link,
            hours=body.hours,
            exceptions=body.exceptions,
        )
        await save_availability(conn, actor, [wanted])
        return availability_out(wanted)

    return await run_once(services, actor, request_key, act)
