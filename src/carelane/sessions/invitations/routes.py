"""/api/staff/invitations."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from carelane.kit import clock
from carelane.kit.errors import ConflictError, RecordNotFoundError, RuleBrokenError
from carelane.services import Services
from carelane.sessions.invitations import actions, reads
from carelane.sessions.invitations.schemas import InvitationIn, InvitationOut, InvitationsOut
from carelane.sessions.invitations.views import show_invitation
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Staff")

InvitationId = Annotated[str, PathParameter(description="UUID of the invitation")]


@routes.post(
    "/invitations",
    "Invite a member",
    errors=(RuleBrokenError, ConflictError),
    repeatable=True,
)
async def invite(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[InvitationIn]
) -> InvitationOut:
    """Makes a member of staff and sends a link by mail, by which the member chooses a password. The link is good for seven days
    and works once. Inviting the same address again sends another link; the one before is over."""
    return await actions.invite(services, request.auth, data, await read_key(request))


@routes.get("/invitations", "List invitations")
async def list_invitations(request: ActorRequest, services: NamedDependency[Services]) -> InvitationsOut:
    """The newest 200."""
    now = clock.now()
    found = await reads.list_invitations(services, request.auth)
    return InvitationsOut(invitations=[show_invitation(one, now) for one in found])


@routes.delete(
    "/invitations/{invitation_id:str}", "Take an invitation back", errors=(RecordNotFoundError, ConflictError)
)
async def revoke_invitation(
    request: ActorRequest, services: NamedDependency[Services], invitation_id: InvitationId
) -> InvitationOut:
    """Its link is over. The member stays, without a password."""
    return await actions.revoke_invitation(services, request.auth, invitation_id)
