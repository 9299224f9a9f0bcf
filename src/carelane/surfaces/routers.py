"""What the routers of all surfaces have in common."""

from collections.abc import Awaitable, Callable, Sequence

from litestar import Router
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.types import ControllerRouterHandler

from carelane.web.errors import ErrorFormat, handler
from carelane.web.html.security import AnyConnection
from carelane.web.idempotency import ReplayedAnswer, replay
from carelane.web.parameters import refuse_unknown

Guard = Callable[[AnyConnection, BaseRouteHandler], Awaitable[None]]


def make_router(
    path: str,
    error_format: ErrorFormat,
    handlers: Sequence[ControllerRouterHandler],
    *,
    max_bytes: int,
    guard: Guard | None = None,
) -> Router:
    """Routes whose errors are answered in one format, and which `guard` lets callers into; without one, anybody. None of
    those that write takes a query parameter it does not know."""
    return Router(
        path,
        route_handlers=handlers,
        guards=[guard, refuse_unknown] if guard else [refuse_unknown],
        exception_handlers={ReplayedAnswer: replay, Exception: handler(error_format)},
        opt={"error_format": error_format},
        request_max_body_size=max_bytes,
    )


def in_format(error_format: ErrorFormat, handlers: Sequence[HTTPRouteHandler]) -> Sequence[HTTPRouteHandler]:
    """The handlers with errors of their own format, for a router that has the same path in another one."""
    for one in handlers:
        one.exception_handlers = {ReplayedAnswer: replay, Exception: handler(error_format)}
        one.opt["error_format"] = error_format
    return handlers


def request_id_of(connection: AnyConnection) -> str | None:
    return connection.scope["state"].get("request_id")
