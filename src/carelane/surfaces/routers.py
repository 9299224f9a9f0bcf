"""What the routers of all surfaces have in common."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from litestar import Router
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.types import ControllerRouterHandler

from carelane.web.errors import ErrorFormat, handler
from carelane.web.idempotency import ReplayedAnswer, replay

AnyConnection = ASGIConnection[Any, Any, Any, Any]
Guard = Callable[[AnyConnection, BaseRouteHandler], Awaitable[None]]


def make_router(
    path: str,
    error_format: ErrorFormat,
    handlers: Sequence[ControllerRouterHandler],
    *,
    max_bytes: int,
    guard: Guard | None = None,
) -> Router:
    """Routes whose errors are answered in one format, and which `guard` lets callers into; without one, anybody."""
    return Router(
        path,
        route_handlers=handlers,
        guards=[guard] if guard else [],
        exception_handlers={ReplayedAnswer: replay, Exception: handler(error_format)},
        opt={"error_format": error_format},
        request_max_body_size=max_bytes,
    )


def request_id_of(connection: AnyConnection) -> str | None:
    return connection.scope["state"].get("request_id")
