"""Credentials of GraphQL: none, for what everybody may see; or a member's session, a client's token, an organization's key."""

from litestar.handlers import BaseRouteHandler

from carelane.kit.auth import Actor, read_token
from carelane.kit.errors import WrongCredentialError
from carelane.services import Services
from carelane.sessions import access
from carelane.sessions.actions import TOKEN_PREFIX
from carelane.surfaces.care.credentials import KEY_HEADER, MAX_CREDENTIAL_CHARACTERS, key_actor
from carelane.surfaces.routers import request_id_of
from carelane.web.html.security import AnyConnection


async def know_caller(connection: AnyConnection, _: BaseRouteHandler) -> None:
    """Puts the caller's actor into the scope, or None there. A credential that is wrong is refused, not overlooked."""
    connection.scope["auth"] = await _find_actor(connection)


async def _find_actor(connection: AnyConnection) -> Actor | None:
    authorization, key = connection.headers.get("authorization"), connection.headers.get(KEY_HEADER)
    if authorization:
        return await _bearer(connection, authorization)
    return await key_actor(connection, key) if key else None


async def _bearer(connection: AnyConnection, authorization: str) -> Actor:
    """A browser's cookie counts for nothing here: another site's page could send it."""
    scheme, _, token = authorization.partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token or len(token) > MAX_CREDENTIAL_CHARACTERS:
        raise WrongCredentialError(
            "expected Authorization: Bearer and a token of POST /api/staff/sessions or /oauth/token"
        )
    services: Services = connection.app.state.services
    if token.startswith(TOKEN_PREFIX + "_"):
        return await access.actor_for(services, token, "staff", request_id_of(connection))
    return read_token(services.token_key, token, request_id_of(connection))
