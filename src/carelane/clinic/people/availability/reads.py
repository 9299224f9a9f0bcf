"""When appointments can be booked with a member."""

from carelane.calendar.availability.queries import find_availability
from carelane.clinic.people.availability.schemas import AvailabilityOut
from carelane.clinic.people.availability.views import availability_out
from carelane.kit.auth import Actor
from carelane.permissions import STAFF_MANAGE, requires
from carelane.services import Services
from carelane.staff.access import get_member


@requires(STAFF_MANAGE)
async def get_availability(services: Services, actor: Actor, ref: str) -> AvailabilityOut:
    """Raises MemberNotFoundError."""
    async with services.db.reading(actor.organization_id) as conn:
        member = await get_member(conn, actor, ref)
        return availability_out((await find_availability(conn, actor.organization_id, [member.id])).get(member.id))
