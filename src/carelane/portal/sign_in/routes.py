"""/api/v1/users/auth: sign-in of patients with a one-time code."""

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import JSONBody

from carelane.portal.sign_in import actions
from carelane.portal.sign_in.errors import (
    CodeRefusedError,
    CodeUsedError,
    RefreshInvalidError,
    RefreshReusedError,
    TooManyCodesError,
)
from carelane.portal.sign_in.schemas import (
    CodeSentOut,
    DoneOut,
    RefreshIn,
    SendCodeIn,
    SignedInOut,
    VerifyCodeIn,
    send_problems,
    verify_problems,
)
from carelane.services import Services
from carelane.web.idempotency import read_key
from carelane.web.requests import caller_address
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Patient portal")

_UNCACHED = {"Cache-Control": "no-store"}


@routes.post(
    "/users/auth/send-otp", "Send a one-time code", errors=(TooManyCodesError,), rules=send_problems, repeatable=True
)
async def send_otp(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[SendCodeIn]
) -> CodeSentOut:
    """Sends six digits, good for five minutes, by mail or text message. A new code replaces the one before.

    The answer is the same whether the clinic knows the address or not. Three codes for an address in fifteen minutes, ten in a
    day.
    """
    return await actions.send_code(services, request.auth, data, caller_address(request), await read_key(request))


@routes.post(
    "/users/auth/verify-otp",
    "Sign in with a one-time code",
    errors=(CodeRefusedError, CodeUsedError),
    rules=verify_problems,
    repeatable=True,
)
async def verify_otp(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[VerifyCodeIn]
) -> Response[SignedInOut]:
    """An access token for 15 minutes and a refresh token. Five guesses for a code; a code works once."""
    signed_in = await actions.verify_code(services, request.auth, data, await read_key(request))
    return Response(signed_in, headers=_UNCACHED)


@routes.post(
    "/users/auth/refresh-token",
    "Refresh the tokens",
    errors=(RefreshInvalidError, RefreshReusedError),
    repeatable=True,
)
async def refresh_token(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[RefreshIn]
) -> Response[SignedInOut]:
    """New tokens for a refresh token, which works once. Sent twice it has leaked, and the patient has to sign in again.

    Send `Idempotency-Key` to be safe against a lost answer. Good for 30 days unused and 90 days in all.
    """
    refreshed = await actions.refresh_tokens(services, request.auth, data, await read_key(request))
    return Response(refreshed, headers=_UNCACHED)


@routes.post("/users/auth/logout", "Log out", repeatable=True)
async def logout(request: ActorRequest, services: NamedDependency[Services], data: JSONBody[RefreshIn]) -> DoneOut:
    """Ends all that came of one sign-in, at once. The same answer for a token that nobody has."""
    return await actions.log_out(services, request.auth, data, await read_key(request))
