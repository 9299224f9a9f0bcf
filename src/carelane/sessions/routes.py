"""Signing in and out, and what administrators do about the sessions of others."""

from typing import Annotated, Any

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from carelane.kit import clock
from carelane.kit.errors import RateLimitedError
from carelane.services import Services
from carelane.sessions import actions
from carelane.sessions.access import COOKIE, DEVICE_COOKIE, presented_token
from carelane.sessions.errors import SignInRefusedError
from carelane.sessions.schemas import SessionOut, SessionsEndedOut, SignedInMemberOut, SignInIn
from carelane.settings import Settings
from carelane.staff.errors import MemberNotFoundError
from carelane.staff.schemas import MemberAnswerOut
from carelane.staff.views import show_member
from carelane.web.html.cookies import is_secure
from carelane.web.requests import caller_address
from carelane.web.routes import ActorRequest, Routes

# Signing in needs no session.
entry_routes = Routes(tag="Staff")
routes = Routes(tag="Staff")
# What administrators do about the sessions of others.
member_routes = Routes(tag="Staff")

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_UNCACHED = {"Cache-Control": "no-store"}

MemberId = Annotated[str, PathParameter(description="UUID of the member")]


@entry_routes.post("/sessions", "Sign in", errors=(SignInRefusedError, RateLimitedError))
async def sign_in(
    request: Request[Any, Any, Any], services: NamedDependency[Services], data: JSONBody[SignInIn]
) -> Response[SessionOut]:
    """Opens a session of twelve hours: a token for `Authorization: Bearer`, and the same as a cookie for browsers.

    A second cookie makes the browser known: it can sign in while others' wrong tries have locked the account.
    """
    caller = actions.Caller(
        caller_address(request),
        request.app.state.sign_ins,
        services.settings.max_failed_sign_ins_per_address,
        DEVICE_COOKIE.read(request),
    )
    entered = await actions.sign_in(services, data, caller)
    account = entered.account
    answer = SessionOut(
        token=entered.session.token,
        expires_at=entered.session.expires_at,
        member=SignedInMemberOut(
            id=account.id, first_name=account.first_name, last_name=account.last_name, role=account.role
        ),
    )
    secure = _is_secure(request, services.settings)
    cookie = COOKIE.make(answer.token, path="/", is_secure=secure)
    device = DEVICE_COOKIE.make(entered.device, path="/", is_secure=secure)
    return Response(answer, headers=_UNCACHED, cookies=[cookie, device])


def _is_secure(request: Request[Any, Any, Any], settings: Settings) -> bool:
    """Browsers send the cookie over TLS only, unless our public address, or a server that only its own machine reaches, has none.

    What a caller writes into `Host` never takes that away.
    """
    if settings.public_url is not None:
        return is_secure(request, settings.public_url)
    return not (settings.host in _LOOPBACK and request.url.hostname in _LOOPBACK)


@routes.delete("/sessions/current", "Sign out", status=204)
async def sign_out(request: ActorRequest, services: NamedDependency[Services]) -> Response[None]:
    """Ends the session whose token came with the request."""
    await actions.sign_out(services, request.auth, presented_token(request))
    return Response(
        None, status_code=204, cookies=[COOKIE.remove(path="/", is_secure=_is_secure(request, services.settings))]
    )


@member_routes.post("/members/{member_id:str}/unlock", "Unlock a member", errors=(MemberNotFoundError,))
async def unlock_member(
    request: ActorRequest, services: NamedDependency[Services], member_id: MemberId
) -> MemberAnswerOut:
    """Forgets the member's failures to sign in, so that the next try is judged at once."""
    member = await actions.unlock_member(services, request.auth, member_id)
    return MemberAnswerOut(member=show_member(member, clock.now()))


@member_routes.delete("/members/{member_id:str}/sessions", "End a member's sessions", errors=(MemberNotFoundError,))
async def end_member_sessions(
    request: ActorRequest, services: NamedDependency[Services], member_id: MemberId
) -> SessionsEndedOut:
    """Signs the member out everywhere, at once."""
    return SessionsEndedOut(sessions_ended=await actions.end_member_sessions(services, request.auth, member_id))
