"""/api/staff/me and /api/staff/members."""

from litestar.di import NamedDependency

from carelane.kit import clock
from carelane.services import Services
from carelane.staff import reads
from carelane.staff.schemas import MemberAnswerOut, MembersOut
from carelane.staff.views import show_member
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Staff")


@routes.get("/me", "Who am I?")
async def get_me(request: ActorRequest, services: NamedDependency[Services]) -> MemberAnswerOut:
    """The member who is signed in."""
    return MemberAnswerOut(member=show_member(await reads.get_me(services, request.auth), clock.now()))


@routes.get("/members", "List members")
async def list_members(request: ActorRequest, services: NamedDependency[Services]) -> MembersOut:
    """All members of staff, the inactive too."""
    now = clock.now()
    members = await reads.list_members(services, request.auth)
    return MembersOut(members=[show_member(member, now) for member in members])
