"""From a session's token to the member of staff it speaks for."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from litestar.connection import ASGIConnection

from carelane.kit import clock
from carelane.kit.auth import Actor, digest, new_secret
from carelane.kit.db import Connection, Database
from carelane.kit.errors import MissingCredentialError, WrongCredentialError
from carelane.kit.ids import uuid7
from carelane.permissions import OF_ROLE
from carelane.staff import queries
from carelane.web.html.security import may_act

SESSION_LIFETIME = timedelta(hours=12)
TOKEN_PREFIX = "cvt"  # noqa: S105 - how a token begins, no secret
COOKIE = "carelane_session"


class NewSession(msgspec.Struct, frozen=True):
    id: UUID
    token: str
    expires_at: datetime

    def __repr__(self) -> str:
        return "NewSession(***)"


def presented_token(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """The token in `Authorization`, else in the cookie. Raises MissingCredentialError and WrongCredentialError."""
    authorization = connection.headers.get("authorization")
    if authorization:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise WrongCredentialError("expected Authorization: Bearer and the token of POST /api/staff/sessions")
        return token.strip()
    cookie = connection.cookies.get(COOKIE)
    if not cookie:
        raise MissingCredentialError("expected Authorization: Bearer and the token of POST /api/staff/sessions")
    # Browsers send the cookie with whatever another site makes them send, too, but they say whose page it was.
    if not may_act(connection, if_no_page=False):
        raise WrongCredentialError("expected a request from our own pages, or the token in Authorization: Bearer")
    return cookie


async def actor_for(db: Database, token: str, request_id: str | None) -> Actor:
    """The member whose session `token` opened. Raises WrongCredentialError, the same for unknown, expired and ended ones.

    Asked anew for each request: who was signed out or deactivated is out at once.
    """
    async with db.across() as conn:
        session = await queries.find_session(conn, digest(token))
    if session is None or clock.now() >= session.expires_at:
        raise WrongCredentialError("the token is unknown, has expired or was signed out; sign in again")
    return Actor(session.organization_id, "staff", session.staff_id, OF_ROLE[session.role], request_id)


async def write_session(conn: Connection, organization_id: UUID, staff_id: UUID) -> NewSession:
    """A new session, in the caller's transaction. Its token is shown once; only the digest is kept."""
    session = NewSession(uuid7(), new_secret(TOKEN_PREFIX), clock.now() + SESSION_LIFETIME)
    await queries.insert_session(conn, organization_id, session.id, staff_id, digest(session.token), session.expires_at)
    return session
