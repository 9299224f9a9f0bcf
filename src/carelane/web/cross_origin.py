"""Pages of other origins that may call us from a browser (CORS): those of storefronts, and only where it is meant.

Which origins those are, each organization says itself. A preflight comes without a credential, so any organization's origin is
let through there; the answer itself may only be read on the pages of the organization that it belongs to. To every other page
nothing is allowed, least of all with credentials.
"""

from collections.abc import Awaitable, Callable, Collection
from typing import Any
from uuid import UUID

from litestar.types import ASGIApp, Message, Receive, Send

from carelane.kit.auth import Actor
from carelane.kit.errors import CarelaneError

FindOrganizations = Callable[[str], Awaitable[Collection[UUID]]]
Headers = list[tuple[bytes, bytes]]

# An origin as browsers spell it: a scheme, a host of at most 253 characters, a port.
MAX_ORIGIN_CHARACTERS = 270
PREFLIGHT_SECONDS = 600
_VARY = (b"vary", b"Origin")
_PREFLIGHT = (
    (b"access-control-allow-methods", b"GET, HEAD, POST"),
    (
        b"access-control-allow-headers",
        b"Authorization, API-KEY, Content-Type, cv-api-key, Idempotency-Key, Prefer, TENANT, X-Request-Id",
    ),
    (b"access-control-max-age", str(PREFLIGHT_SECONDS).encode()),
    _VARY,
)
_EXPOSED = b"Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, X-Request-Id"


def is_open_to_pages(path: str) -> bool:
    """GraphQL, and whatever a dialect calls public."""
    steps = path.split("/")
    return steps[1:2] == ["graphql"] or "public" in steps


class CrossOrigin:
    """Wraps the application. `find` tells the organizations that list an origin."""

    def __init__(self, app: ASGIApp, find: FindOrganizations) -> None:
        self._app = app
        self._find = find

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not is_open_to_pages(scope["path"]):
            await self._app(scope, receive, send)
            return
        origin = _header(scope, b"origin")
        is_preflight = scope["method"] == "OPTIONS" and _header(scope, b"access-control-request-method") is not None
        allowed = await self._allowed(origin, None) if is_preflight else []
        if allowed:
            await _answer(send, [*allowed, *_PREFLIGHT])
            return

        async def send_allowed(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = [] if is_preflight else await self._allowed(origin, scope.get("auth"))
                message["headers"] = [*message.get("headers", ()), _VARY, *own]
            await send(message)

        await self._app(scope, receive, send_allowed)

    async def _allowed(self, origin: bytes | None, actor: object) -> Headers:
        """The headers that let the pages of `origin` read what is answered to `actor`; none if they may not."""
        if origin is None or len(origin) > MAX_ORIGIN_CHARACTERS:
            return []
        try:
            found = await self._find(origin.decode("latin-1"))
        except CarelaneError:
            # The answer goes out all the same, or an outage of the database would have no answer.
            return []
        is_theirs = actor.organization_id in found if isinstance(actor, Actor) else bool(found)
        if not is_theirs:
            return []
        return [
            (b"access-control-allow-origin", origin),
            (b"access-control-allow-credentials", b"true"),
            (b"access-control-expose-headers", _EXPOSED),
        ]


async def _answer(send: Send, headers: Headers) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _header(scope: Any, wanted: bytes) -> bytes | None:
    return next((value for name, value in scope["headers"] if name == wanted), None)
