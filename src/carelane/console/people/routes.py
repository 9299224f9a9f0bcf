"""`/console/people` and the forms on it"""

from typing import Annotated, Any

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import PathParameter

from carelane.console.forms import REFUSALS, Filled, Form, require_typed
from carelane.console.frame import page, with_query
from carelane.console.people import views
from carelane.kit.errors import RuleBrokenError
from carelane.services import Services
from carelane.sessions.invitations.actions import invite, revoke_invitation
from carelane.sessions.invitations.reads import list_invitations
from carelane.sessions.invitations.schemas import InvitationIn
from carelane.sessions.members.actions import end_member_sessions, reset_second_factor, unlock_member
from carelane.staff.reads import list_members
from carelane.web.html.pages import see_other
from carelane.web.html.routes import PageRoutes
from carelane.web.routes import ActorRequest

routes = PageRoutes()

PEOPLE_PATH = "/console/people"

MemberId = Annotated[str, PathParameter(description="UUID of the member")]
InvitationId = Annotated[str, PathParameter(description="UUID of the invitation")]


@routes.get(PEOPLE_PATH)
async def get_people(request: ActorRequest, services: NamedDependency[Services]) -> Response[Any]:
    """Everybody, with what can be done."""
    return await _people(request, services, Filled.of(role="CASEWORKER"))


async def _people(request: ActorRequest, services: Services, form: Filled) -> Response[Any]:
    members = await list_members(services, request.auth)
    values = views.people(members, await list_invitations(services, request.auth))
    return await page(request, services, "people/people.html", values, here="staff", form=form, notes=views.NOTES)


@routes.post(f"{PEOPLE_PATH}/invite")
async def send_invitation(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form]
) -> Response[Any]:
    """Makes a member and sends a link, or sends another one."""
    try:
        await invite(services, request.auth, form.read(InvitationIn), form.key(request))
    except REFUSALS as error:
        return await _people(request, services, form.refused(error))
    return see_other(with_query(PEOPLE_PATH, done="invited"))


@routes.post(PEOPLE_PATH + "/invitations/{invitation_id:str}/revoke")
async def revoke(
    request: ActorRequest, services: NamedDependency[Services], invitation_id: InvitationId
) -> Response[Any]:
    """Its link is over."""
    await revoke_invitation(services, request.auth, invitation_id)
    return see_other(with_query(PEOPLE_PATH, done="revoked"))


@routes.post(PEOPLE_PATH + "/{member_id:str}/unlock")
async def unlock(request: ActorRequest, services: NamedDependency[Services], member_id: MemberId) -> Response[Any]:
    """After too many failures."""
    await unlock_member(services, request.auth, member_id)
    return see_other(with_query(PEOPLE_PATH, done="unlocked"))


@routes.post(PEOPLE_PATH + "/{member_id:str}/sign-out")
async def sign_out_everywhere(
    request: ActorRequest, services: NamedDependency[Services], member_id: MemberId
) -> Response[Any]:
    """Wherever the member is."""
    await end_member_sessions(services, request.auth, member_id)
    return see_other(with_query(PEOPLE_PATH, done="ended"))


@routes.post(PEOPLE_PATH + "/{member_id:str}/reset-second-factor")
async def take_second_factor(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], member_id: MemberId
) -> Response[Any]:
    """For a lost phone. The administrator types the member's address first."""
    members = await list_members(services, request.auth)
    try:
        # Who is not there is found missing later.
        if (named := next((one for one in members if str(one.id) == member_id), None)) is not None:
            require_typed(form, f"email-{member_id}", named.email, str.casefold)
    except RuleBrokenError as error:
        return await _people(request, services, form.refused(error))
    await reset_second_factor(services, request.auth, member_id)
    return see_other(with_query(PEOPLE_PATH, done="reset"))
