"""Declaring pages: as `web.routes` for an API, but for people, so they are not in the OpenAPI document."""

from collections.abc import Awaitable, Callable
from typing import Any

from litestar import route
from litestar.handlers import HTTPRouteHandler
from litestar.types import Empty

from carelane.web.routes import HttpMethodName

AsyncFunction = Callable[..., Awaitable[Any]]
Declare = Callable[[AsyncFunction], HTTPRouteHandler]


class PageRoutes:
    """The handlers of one area's pages. A surface hangs `routes.handlers` into its router."""

    def __init__(self) -> None:
        self.handlers: list[HTTPRouteHandler] = []

    def get(self, path: str) -> Declare:
        return self._declare("GET", path, None)

    def post(self, path: str, *, max_bytes: int | None = None) -> Declare:
        """A form, as large as on its surface unless it says otherwise. It is answered by a page, or by `see_other`."""
        return self._declare("POST", path, max_bytes)

    def _declare(self, method: HttpMethodName, path: str, max_bytes: int | None) -> Declare:
        def declare(function: AsyncFunction) -> HTTPRouteHandler:
            handler = route(
                path,
                http_method=method,
                status_code=200,
                include_in_schema=False,
                request_max_body_size=Empty if max_bytes is None else max_bytes,
            )(function)
            self.handlers.append(handler)
            return handler

        return declare
