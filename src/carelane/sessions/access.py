"""The door from a session's token to the person it speaks for."""

from datetime import timedelta
from typing import Literal

from carelane.kit import clock
from carelane.kit.auth import Actor, digest
from carelane.kit.errors import MissingCredentialError, WrongCredentialError
from carelane.permissions import OF_ROLE, PATIENT
from carelane.services import Services
from carelane.sessions import queries
from carelane.sessions.queries import Session
from carelane.web.html.cookies import SessionCookie
from carelane.web.html.security import AnyConnection, may_act

PersonKind = Literal["staff", "patient"]

SESSION_LIFETIME = timedelta(hours=12)
# A browser that a member signed in with is known for this long after it was last used, and by this cookie.
DEVICE_LIFETIME = timedelta(days=180)
DEVICE_COOKIE = SessionCookie("carelane_device", int(DEVICE_LIFETIME.total_seconds()), same_site="strict")
COOKIE = SessionCookie("carelane_session", int(SESSION_LIFETIME.total_seconds()), same_site="strict")


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


async def actor_for(services: Services, token: str, kind: PersonKind, request_id: str | None) -> Actor:
    """The person of this kind whose session `token` opened.

    Raises WrongCredentialError, the same for an unknown token, one that has expired, was signed out, or is of another kind of
    person. Looked up for each request: who was signed out or deactivated is out at once.
    """
    async with services.db.across() as conn:
        session = await queries.find_session(conn, digest(token))
    actor = None if session is None or clock.now() >= session.ends_at else _actor_of(session, request_id)
    if actor is None or actor.kind != kind:
        raise WrongCredentialError("the token is unknown, has expired or was signed out; sign in again")
    return actor


def _actor_of(session: Session, request_id: str | None) -> Actor:
    if session.role is not None:
        return Actor(session.organization_id, "staff", session.staff_id, OF_ROLE[session.role], request_id)
    return Actor(session.organization_id, "patient", session.patient_id, PATIENT, request_id)
