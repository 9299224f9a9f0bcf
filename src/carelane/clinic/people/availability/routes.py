"""/api/staff/settings/members/{member_id}/availability"""

from litestar.di import NamedDependency
from litestar.params import JSONBody

from carelane.clinic.people.availability import actions, reads
from carelane.clinic.people.availability.schemas import AvailabilityIn, AvailabilityOut
from carelane.clinic.people.routes import MemberId
from carelane.kit.errors import RuleBrokenError
from carelane.services import Services
from carelane.staff.errors import MemberNotFoundError
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest, Routes
from carelane.web.versions import ChangedMeanwhileError

routes = Routes(tag="Staff: settings")

_PATH = "/settings/members/{member_id:str}/availability"


@routes.get(_PATH, "Get a member's hours", errors=(MemberNotFoundError,))
async def get_availability(
    request: ActorRequest, services: NamedDependency[Services], member_id: MemberId
) -> AvailabilityOut:
    """When appointments can be booked, by the member's own clock."""
    return await reads.get_availability(services, request.auth, member_id)


@routes.put(_PATH, "Change a member's hours", errors=(MemberNotFoundError, RuleBrokenError, ChangedMeanwhileError))
async def change_availability(
    request: ActorRequest, services: NamedDependency[Services], member_id: MemberId, data: JSONBody[AvailabilityIn]
) -> AvailabilityOut:
    """As a whole. Appointments that are booked stay."""
    return await actions.change_availability(services, request.auth, member_id, data, await read_key(request))
