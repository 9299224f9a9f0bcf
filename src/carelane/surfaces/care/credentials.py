"""Credentials of the care dialect."""

from typing import Any

import msgspec
from litestar.handlers import BaseRouteHandler

from carelane.kit import clock
from carelane.kit.auth import Actor, read_token
from carelane.kit.errors import MissingCredentialError, RateLimitedError, WrongCredentialError
from carelane.organizations.access import Gatekeeper
from carelane.organizations.limits import RequestLimiter
from carelane.portal.sign_in.access import patient_for
from carelane.portal.sign_in.errors import InvalidAccessTokenError
from carelane.services import Services
from carelane.surfaces.routers import request_id_of
from carelane.web.html.security import AnyConnection
from carelane.web.requests import BodyRequest
from carelane.web.wire import light

KEY_HEADER = "cv-api-key"
MAX_CREDENTIAL_CHARACTERS = 4_096
# As the vendor's page says.
CALENDAR_REQUESTS_PER_MINUTE = 500


async def require_key(connection: AnyConnection, _: BaseRouteHandler) -> None:
    """Lets in whoever presents a valid `cv-api-key`."""
    key = connection.headers.get(KEY_HEADER)
    if not key:
        raise MissingCredentialError(f"{KEY_HEADER} is required")
    connection.scope["auth"] = await key_actor(connection, key)


async def require_key_within_limit(connection: AnyConnection, handler_: BaseRouteHandler) -> None:
    """As `require_key`, for the calendar, of which an organization may ask only so much in a minute."""
    await require_key(connection, handler_)
    limiter: RequestLimiter = connection.app.state.limiter
    rate = await limiter.take(connection.scope["auth"].organization_id, "calendar", CALENDAR_REQUESTS_PER_MINUTE)
    if rate.is_refused:
        raise RateLimitedError(max(1, rate.resets_at - int(clock.now().timestamp())))


async def require_token_or_key(connection: AnyConnection, handler_: BaseRouteHandler) -> None:
    """Lets in whoever presents a valid bearer token, or a valid key: published callers of seed 000 send the key."""
    authorization = connection.headers.get("authorization")
    if not authorization:
        return await require_key(connection, handler_)
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or len(token) > MAX_CREDENTIAL_CHARACTERS:
        raise WrongCredentialError("expected Authorization: Bearer and an access token")
    services: Services = connection.app.state.services
    connection.scope["auth"] = read_token(services.token_key, token.strip(), request_id_of(connection))
    return None


class _KeyOnly(msgspec.Struct):
    key: Any = None


async def require_key_anywhere(connection: AnyConnection, handler_: BaseRouteHandler) -> None:
    """As `require_key`; without the header, the key may be the member `key` of the body."""
    if connection.headers.get(KEY_HEADER) or not isinstance(connection, BodyRequest):
        return await require_key(connection, handler_)
    body = await connection.body()
    if connection.read_before is not None:
        key = connection.read_before[0].key
    else:
        try:
            key = msgspec.json.decode(light(body), type=_KeyOnly).key
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            key = None
    if not isinstance(key, str) or not key.strip():
        raise MissingCredentialError(f"key is required, in the header {KEY_HEADER} or in the body")
    connection.scope["auth"] = await key_actor(connection, key.strip())
    return None


async def require_patient(connection: AnyConnection, handler_: BaseRouteHandler) -> None:
    """Lets in the patient whose access token comes beside the key of the same organization. The key counts first."""
    await require_key(connection, handler_)
    storefront: Actor = connection.scope["auth"]
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or len(token) > MAX_CREDENTIAL_CHARACTERS:
        raise InvalidAccessTokenError
    services: Services = connection.app.state.services
    connection.scope["auth"] = await patient_for(services, storefront, token.strip())


async def key_actor(connection: AnyConnection, key: str) -> Actor:
    """The actor of the key. Raises WrongCredentialError."""
    if len(key) > MAX_CREDENTIAL_CHARACTERS:
        raise WrongCredentialError(f"{KEY_HEADER} is not one of ours")
    gatekeeper: Gatekeeper = connection.app.state.gatekeeper
    return await gatekeeper.actor_for(key, "key", request_id_of(connection))
