"""Signing in and out, and what administrators do about the sessions of others."""

from typing import Annotated, Any

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from carelane.kit import clock
from carelane.kit.errors import RateLimitedError, RecordNotFoundError, RuleBrokenError
from carelane.services import Services
from carelane.sessions import actions
from carelane.sessions.access import COOKIE, DEVICE_COOKIE, caller_of, is_sent_over_tls, presented_token
from carelane.sessions.errors import PasswordWrongError, SignInRefusedError
from carelane.sessions.members import actions as member_actions
from carelane.sessions.own import actions as own_actions
from carelane.sessions.own import reads as own_reads
from carelane.sessions.own.views import show_session
from carelane.sessions.passwords import actions as password_actions
from carelane.sessions.passwords.schemas import PasswordIn
from carelane.sessions.schemas import OwnSessionsOut, SessionOut, SessionsEndedOut, SignedInMemberOut, SignInIn
from carelane.staff.errors import MemberNotFoundError
from carelane.staff.schemas import MemberAnswerOut
from carelane.staff.views import show_member
from carelane.web.routes import ActorRequest, Routes

# Signing in needs no session.
entry_routes = Routes(tag="Staff")
routes = Routes(tag="Staff")
# What administrators do about the sessions of others.
member_routes = Routes(tag="Staff")

_UNCACHED = {"Cache-Control": "no-store"}

MemberId = Annotated[str, PathParameter(description="UUID of the member")]
SessionId = Annotated[str, PathParameter(description="UUID of the session")]


@entry_routes.post("/sessions", "Sign in", errors=(SignInRefusedError, RateLimitedError))
async def sign_in(
    request: Request[Any, Any, Any], services: NamedDependency[Services], data: JSONBody[SignInIn]
) -> Response[SessionOut]:
    """Opens a session of twelve hours: a token for `Authorization: Bearer`, and the same as a cookie for browsers.

    A second cookie makes the browser known: it can sign in while others' wrong tries have locked the account.
    """
    entered = await actions.sign_in(services, data, caller_of(request, services.settings))
    account = entered.account
    answer = SessionOut(
        token=entered.session.token,
        expires_at=entered.session.expires_at,
        member=SignedInMemberOut(
            id=account.id, first_name=account.first_name, last_name=account.last_name, role=account.role
        ),
    )
    secure = is_sent_over_tls(request, services.settings)
    cookie = COOKIE.make(answer.token, path="/", is_secure=secure)
    device = DEVICE_COOKIE.make(entered.device, path="/", is_secure=secure)
    return Response(answer, headers=_UNCACHED, cookies=[cookie, device])


@routes.delete("/sessions/current", "Sign out", status=204)
async def sign_out(request: ActorRequest, services: NamedDependency[Services]) -> Response[None]:
    """Ends the session whose token came with the request."""
    await own_actions.sign_out(services, request.auth, presented_token(request))
    secure = is_sent_over_tls(request, services.settings)
    return Response(None, status_code=204, cookies=[COOKIE.remove(path="/", is_secure=secure)])


@routes.get("/me/sessions", "List one's own sessions")
async def list_sessions(request: ActorRequest, services: NamedDependency[Services]) -> OwnSessionsOut:
    """Those that are good, the newest 100; first the one that the request came with."""
    found = await own_reads.list_sessions(services, request.auth, presented_token(request))
    return OwnSessionsOut(sessions=[show_session(one) for one in found])


@routes.delete(
    "/me/sessions/{session_id:str}", "End one of one's own sessions", status=204, errors=(RecordNotFoundError,)
)
async def end_session(
    request: ActorRequest, services: NamedDependency[Services], session_id: SessionId
) -> Response[None]:
    """Signs out wherever that was, at once."""
    await own_actions.end_session(services, request.auth, session_id)
    return Response(None, status_code=204)


@routes.put("/me/password", "Change one's own password", status=204, errors=(RuleBrokenError, PasswordWrongError))
async def change_password(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[PasswordIn]
) -> Response[None]:
    """Every other session of the member ends. A wrong current password counts as a failed try to sign in."""
    token = presented_token(request)
    await password_actions.change_password(services, request.auth, token, data, caller_of(request, services.settings))
    return Response(None, status_code=204)


@member_routes.post("/members/{member_id:str}/unlock", "Unlock a member", errors=(MemberNotFoundError,))
async def unlock_member(
    request: ActorRequest, services: NamedDependency[Services], member_id: MemberId
) -> MemberAnswerOut:
    """Forgets the member's failures to sign in, so that the next try is judged at once."""
    member = await member_actions.unlock_member(services, request.auth, member_id)
    return MemberAnswerOut(member=show_member(member, clock.now()))


@member_routes.delete("/members/{member_id:str}/sessions", "End a member's sessions", errors=(MemberNotFoundError,))
async def end_member_sessions(
    request: ActorRequest, services: NamedDependency[Services], member_id: MemberId
) -> SessionsEndedOut:
    """Signs the member out everywhere, at once."""
    return SessionsEndedOut(sessions_ended=await member_actions.end_member_sessions(services, request.auth, member_id))


@member_routes.delete(
    "/members/{member_id:str}/second-factor", "Reset a member's second factor", errors=(MemberNotFoundError,)
)
async def reset_second_factor(
    request: ActorRequest, services: NamedDependency[Services], member_id: MemberId
) -> MemberAnswerOut:
    """For a lost phone: secret and recovery codes are gone, all sessions end, and the next sign-in sets up another one. Nobody is
    shown a secret."""
    member = await member_actions.reset_second_factor(services, request.auth, member_id)
    return MemberAnswerOut(member=show_member(member, clock.now()))
