"""The door from a session's token to the person it speaks for; and who is at the door before that."""

from datetime import timedelta
from typing import Any, Literal

import msgspec
from litestar import Request

from carelane.kit import clock
from carelane.kit.auth import Actor, digest
from carelane.kit.errors import MissingCredentialError, WrongCredentialError
from carelane.organizations.limits import AddressLimiter
from carelane.permissions import OF_ROLE, PATIENT
from carelane.services import Services
from carelane.sessions import queries
from carelane.sessions.queries import Session
from carelane.settings import Settings
from carelane.web.html.agents import agent_name
from carelane.web.html.cookies import SessionCookie, is_secure
from carelane.web.html.security import AnyConnection, may_act
from carelane.web.requests import caller_address

PersonKind = Literal["staff", "patient"]

LOOPBACK = {"localhost", "127.0.0.1", "::1"}
SESSION_LIFETIME = timedelta(hours=12)
# A browser that a member signed in with is known for this long after it was last used, and by this cookie.
DEVICE_LIFETIME = timedelta(days=180)
DEVICE_COOKIE = SessionCookie("carelane_device", int(DEVICE_LIFETIME.total_seconds()), same_site="strict")
# Lax: whoever follows a link in a mail is signed in still. What another site sends changes nothing.
COOKIE = SessionCookie("carelane_session", int(SESSION_LIFETIME.total_seconds()))


class Caller(msgspec.Struct, frozen=True):
    """Where a try comes from: its address, whose failures `failures` counts, and what it shows to be a known device.

    A session that it opens is called `agent`, and ends when it was not used for `idle`. `language` is that of a person's browser; a
    program has none.
    """

    address: str
    failures: AddressLimiter
    most_failures: int
    device: str | None = None
    agent: str | None = None
    idle: timedelta | None = None
    language: str | None = None

    def __repr__(self) -> str:
        return "Caller(***)"


def caller_of(
    request: Request[Any, Any, Any], settings: Settings, *, idle: timedelta | None = None, language: str | None = None
) -> Caller:
    return Caller(
        caller_address(request),
        request.app.state.sign_ins,
        settings.max_failed_sign_ins_per_address,
        DEVICE_COOKIE.read(request),
        agent_name(request.headers.get("user-agent")),
        idle,
        language,
    )


def is_sent_over_tls(request: Request[Any, Any, Any], settings: Settings) -> bool:
    """Browsers send the cookie over TLS only, unless our public address, or a server that only its own machine reaches, has none.

    What a caller writes into `Host` never takes that away.
    """
    if settings.public_url is not None:
        return is_secure(request, settings.public_url)
    return not is_on_loopback(request, settings)


def is_on_loopback(request: Request[Any, Any, Any], settings: Settings) -> bool:
    """Whether the server is for its own machine alone, by its settings and by the address it was asked for under."""
    return settings.host in LOOPBACK and request.url.hostname in LOOPBACK


def presented_token(connection: AnyConnection) -> str:
    """The token in `Authorization`, else in the cookie. Raises MissingCredentialError and WrongCredentialError."""
    authorization = connection.headers.get("authorization")
    if authorization:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise WrongCredentialError("expected Authorization: Bearer and the token of POST /api/staff/sessions")
        return token.strip()
    cookie = COOKIE.read(connection)
    if not cookie:
        raise MissingCredentialError("expected Authorization: Bearer and the token of POST /api/staff/sessions")
    # Browsers send the cookie with whatever another site makes them send, too, but they say whose page it was.
    if not may_act(connection, if_no_page=False):
        raise WrongCredentialError("expected a request from our own pages, or the token in Authorization: Bearer")
    return cookie


async def actor_for(
    services: Services, token: str, kind: PersonKind, request_id: str | None, *, is_use: bool = True
) -> Actor:
    """The person of this kind whose session `token` opened. What a page asks for by itself, as nobody looks, is no use of it.

    Raises WrongCredentialError, the same for an unknown token, one that has expired, was signed out, or is of another kind of
    person. Looked up for each request: who was signed out or deactivated is out at once.
    """
    async with services.db.across() as conn:
        session = await queries.find_session(conn, digest(token), is_use=is_use)
    actor = None if session is None or clock.now() >= session.ends_at else _actor_of(session, request_id)
    if actor is None or actor.kind != kind:
        raise WrongCredentialError("the token is unknown, has expired or was signed out; sign in again")
    return actor


def _actor_of(session: Session, request_id: str | None) -> Actor:
    if session.role is not None:
        return Actor(session.organization_id, "staff", session.staff_id, OF_ROLE[session.role], request_id)
    return Actor(session.organization_id, "patient", session.patient_id, PATIENT, request_id)
