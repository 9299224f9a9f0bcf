"""Sessions and members in the staff API."""

from typing import Annotated, Any

from litestar import Request, Response, delete, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from carelane.kit import clock
from carelane.kit.ids import parse_uuid
from carelane.permissions import STAFF_MANAGE
from carelane.services import Services
from carelane.sessions import actions
from carelane.sessions.errors import MemberNotFoundError, SignInRefusedError
from carelane.sessions.schemas import (
    MemberAnswerOut,
    MembersOut,
    SessionOut,
    SessionsEndedOut,
    SignedInMemberOut,
    SignInIn,
    member_out,
)
from carelane.staff import queries
from carelane.staff.access import COOKIE, SESSION_LIFETIME, presented_token
from carelane.web.routes import ActorRequest
from carelane.web.wire import JsonBody

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_UNCACHED = {"Cache-Control": "no-store"}

MemberId = Annotated[str, PathParameter(description="UUID of the member")]


@post(
    "/sessions",
    operation_id="signIn",
    summary="Sign in",
    tags=["Staff"],
    status_code=200,
    dto=JsonBody,
    return_dto=None,
    opt={"errors": (SignInRefusedError,)},
)
async def sign_in(
    request: Request[Any, Any, Any], services: NamedDependency[Services], data: JSONBody[SignInIn]
) -> Response[SessionOut]:
    """Opens a session of twelve hours: a token for `Authorization: Bearer`, and the same as a cookie for browsers."""
    entered = await actions.sign_in(services, data)
    account = entered.account
    answer = SessionOut(
        token=entered.session.token,
        expires_at=entered.session.expires_at,
        member=SignedInMemberOut(
            id=account.id, first_name=account.first_name, last_name=account.last_name, role=account.role
        ),
    )
    lifetime_seconds = int(SESSION_LIFETIME.total_seconds())
    return Response(answer, headers=_UNCACHED, cookies=[_cookie(request, value=answer.token, max_age=lifetime_seconds)])


def _cookie(request: Request[Any, Any, Any], **values: Any) -> Cookie:
    """Sent by browsers over TLS only, but for a server that runs on the developer's own machine."""
    is_own_machine = request.url.scheme == "http" and request.url.hostname in _LOOPBACK
    return Cookie(COOKIE, path="/", httponly=True, samesite="strict", secure=not is_own_machine, **values)


@delete(
    "/sessions/current",
    operation_id="signOut",
    summary="Sign out",
    tags=["Staff"],
    status_code=204,
)
async def sign_out(request: ActorRequest, services: NamedDependency[Services]) -> Response[None]:
    """Ends the session whose token came with the request."""
    await actions.sign_out(services, request.auth, presented_token(request))
    return Response(None, status_code=204, cookies=[_cookie(request, value="", max_age=0)])


@get("/me", operation_id="getMe", summary="Who am I?", tags=["Staff"])
async def get_me(request: ActorRequest, services: NamedDependency[Services]) -> MemberAnswerOut:
    """The member who is signed in."""
    async with services.db.reading(request.auth.organization_id) as conn:
        member = (
            await queries.find_member(conn, request.auth.organization_id, request.auth.id) if request.auth.id else None
        )
    if member is None:
        raise MemberNotFoundError
    return MemberAnswerOut(member=member_out(member, clock.now()))


@get("/members", operation_id="listMembers", summary="List members", tags=["Staff"])
async def list_members(request: ActorRequest, services: NamedDependency[Services]) -> MembersOut:
    """All members of staff, the inactive too."""
    request.auth.require(STAFF_MANAGE)
    async with services.db.reading(request.auth.organization_id) as conn:
        members = await queries.list_members(conn, request.auth.organization_id)
    return MembersOut(members=[member_out(member, clock.now()) for member in members])


@post(
    "/members/{member_id:str}/unlock",
    operation_id="unlockMember",
    summary="Unlock a member",
    tags=["Staff"],
    status_code=200,
    opt={"errors": (MemberNotFoundError,)},
)
async def unlock_member(
    request: ActorRequest, services: NamedDependency[Services], member_id: MemberId
) -> MemberAnswerOut:
    """Forgets the member's failures to sign in, so that the next try is judged at once."""
    request.auth.require(STAFF_MANAGE)
    member = await actions.unlock(services, request.auth, parse_uuid(member_id))
    return MemberAnswerOut(member=member_out(member, clock.now()))


@delete(
    "/members/{member_id:str}/sessions",
    operation_id="endMemberSessions",
    summary="End a member's sessions",
    tags=["Staff"],
    status_code=200,
    opt={"errors": (MemberNotFoundError,)},
)
async def end_member_sessions(
    request: ActorRequest, services: NamedDependency[Services], member_id: MemberId
) -> SessionsEndedOut:
    """Signs the member out everywhere, at once."""
    request.auth.require(STAFF_MANAGE)
    return SessionsEndedOut(sessions_ended=await actions.end_sessions(services, request.auth, parse_uuid(member_id)))
