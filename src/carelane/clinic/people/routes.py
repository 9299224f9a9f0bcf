"""/api/staff/settings/members"""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from carelane.clinic.people import actions, reads
from carelane.clinic.people.schemas import DeactivatedOut, MemberEmailIn, MemberSettingsIn, MemberSettingsOut, RolesOut
from carelane.kit.errors import ConflictError, RuleBrokenError
from carelane.services import Services
from carelane.sessions.access import caller_of
from carelane.sessions.errors import PasswordWrongError
from carelane.staff.errors import MemberNotFoundError
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest, Routes
from carelane.web.versions import ChangedMeanwhileError

routes = Routes(tag="Staff: settings")

MemberId = Annotated[str, PathParameter(description="UUID of the member")]
_ONE = "/settings/members/{member_id:str}"


@routes.get("/settings/roles", "List roles")
async def list_roles(request: ActorRequest, services: NamedDependency[Services]) -> RolesOut:
    """What each role may do. Roles are the same in every clinic."""
    return await reads.list_roles(services, request.auth)


@routes.get(_ONE, "Get a member's settings", errors=(MemberNotFoundError,))
async def get_member_settings(
    request: ActorRequest, services: NamedDependency[Services], member_id: MemberId
) -> MemberSettingsOut:
    """As `PUT` takes them, with the version."""
    return await reads.get_member_settings(services, request.auth, member_id)


@routes.put(_ONE, "Change a member", errors=(MemberNotFoundError, RuleBrokenError, ChangedMeanwhileError))
async def change_member(
    request: ActorRequest, services: NamedDependency[Services], member_id: MemberId, data: JSONBody[MemberSettingsIn]
) -> MemberSettingsOut:
    """As a whole, licenses included. The last administrator stays one."""
    return await actions.change_member(services, request.auth, member_id, data, await read_key(request))


@routes.put(
    f"{_ONE}/email",
    "Change a member's e-mail",
    errors=(MemberNotFoundError, RuleBrokenError, PasswordWrongError, ChangedMeanwhileError, ConflictError),
)
async def change_email(
    request: ActorRequest, services: NamedDependency[Services], member_id: MemberId, data: JSONBody[MemberEmailIn]
) -> MemberSettingsOut:
    """`password` is that of whoever is signed in; a wrong one counts as a failed try to sign in. Both addresses get a mail that says
    so. All sessions end, and links that are under way are over. Password, second factor and devices of somebody else are good no more:
    a mail to the new address brings a link to choose a password. One's own stay."""
    caller = caller_of(request, services.settings)
    return await actions.change_email(services, request.auth, member_id, data, caller, await read_key(request))


@routes.post(
    f"{_ONE}/deactivate", "Deactivate a member", errors=(MemberNotFoundError, RuleBrokenError), repeatable=True
)
async def deactivate_member(
    request: ActorRequest, services: NamedDependency[Services], member_id: MemberId
) -> DeactivatedOut:
    """Ends all sessions at once, and opens the member's undecided cases to others. What the member did stays."""
    return await actions.deactivate_member(services, request.auth, member_id, await read_key(request))


@routes.post(f"{_ONE}/reactivate", "Reactivate a member", errors=(MemberNotFoundError,), repeatable=True)
async def reactivate_member(
    request: ActorRequest, services: NamedDependency[Services], member_id: MemberId
) -> MemberSettingsOut:
    """Who signs in as before; without a password, after another invitation."""
    return await actions.reactivate_member(services, request.auth, member_id, await read_key(request))
