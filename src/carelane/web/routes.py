"""Declaring routes: what the handlers of one noun have in common is said once, and each says only what is its own.

    routes = Routes(tag="Quotes", body=EitherCaseBody)

    @routes.get("/billing/quote/{quote_id:str}", "Get a quote", errors=(RecordNotFoundError,))
    async def get_quote(request: ActorRequest, services: NamedDependency[Services], quote_id: QuoteId) -> QuoteOut:
        \"""One quote with its lines, as staff see it.\"""
        return await reads.get_quote(services, request.auth, quote_id)

A surface hangs `routes.handlers` into its router. A handler's operation id is its name in camelCase.
"""

import re
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Literal, TypedDict, Unpack

from litestar import Request, route
from litestar.dto import AbstractDTO
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import ResponseSpec
from litestar.types import Empty

from carelane.kit.errors import CarelaneError, FieldProblem
from carelane.services import Services
from carelane.web.requests import BodyRequest
from carelane.web.wire import JsonBody

# A request that a surface's guard has let in: `request.auth` is the actor.
ActorRequest = BodyRequest
# The broken rules of a body whose members are all of their types.
Rules = Callable[[Any], Iterable[FieldProblem]]

HttpMethodName = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
AsyncFunction = Callable[..., Awaitable[Any]]
Declare = Callable[[AsyncFunction], HTTPRouteHandler]


class RouteOptions(TypedDict, total=False):
    """What a handler says beyond its path. All may be left out."""

    # What it can raise beyond what every route can.
    errors: tuple[type[CarelaneError], ...]
    # How its body is read, where not as its noun's others are.
    body: type[AbstractDTO[Any]]
    # Those of its body, told together with wrong types.
    rules: Rules
    # It takes the header Idempotency-Key.
    repeatable: bool
    # Its body may come as multipart/form-data.
    form: bool
    # How large its body may be, where that is not as on its surface.
    max_bytes: int
    # Its success, where that is not 200; and further answers, by their status.
    status: int
    responses: dict[int, ResponseSpec]
    # What it answers with, where that is not JSON.
    media_type: str
    # What generated clients know it by, where that is not the handler's name.
    operation_id: str


# What web/openapi.py and the bodies read of a handler; the rest is told to Litestar.
_READ_LATER = ("errors", "rules", "repeatable", "form")


class Routes:
    """The handlers of one noun, in the order of their declaration. `body`: how theirs are read."""

    def __init__(self, tag: str, body: type[AbstractDTO[Any]] = JsonBody) -> None:
        self.handlers: list[HTTPRouteHandler] = []
        self._tag = tag
        self._body = body

    def get(self, path: str, summary: str, **options: Unpack[RouteOptions]) -> Declare:
        return self._declare("GET", path, summary, options)

    def post(self, path: str, summary: str, **options: Unpack[RouteOptions]) -> Declare:
        return self._declare("POST", path, summary, options)

    def put(self, path: str, summary: str, **options: Unpack[RouteOptions]) -> Declare:
        return self._declare("PUT", path, summary, options)

    def patch(self, path: str, summary: str, **options: Unpack[RouteOptions]) -> Declare:
        return self._declare("PATCH", path, summary, options)

    def delete(self, path: str, summary: str, **options: Unpack[RouteOptions]) -> Declare:
        return self._declare("DELETE", path, summary, options)

    def _declare(self, method: HttpMethodName, path: str, summary: str, options: RouteOptions) -> Declare:
        def declare(function: AsyncFunction) -> HTTPRouteHandler:
            has_body = "data" in function.__annotations__
            handler = route(
                path,
                http_method=method,
                operation_id=options.get("operation_id", _in_camel_case(function.__name__)),
                summary=summary,
                tags=[self._tag],
                status_code=options.get("status", 200),
                responses=options.get("responses"),
                media_type=options.get("media_type"),
                dto=options.get("body", self._body) if has_body else None,
                return_dto=None,
                request_max_body_size=options.get("max_bytes", Empty),
                opt={name: value for name, value in options.items() if name in _READ_LATER},
            )(function)
            self.handlers.append(handler)
            return handler

        return declare


def _in_camel_case(name: str) -> str:
    return re.sub(r"_(\w)", lambda letter: letter[1].upper(), name)


def base_url(request: Request[Any, Any, Any], services: Services) -> str:
    """Where callers reach this server: the setting, else as this one came. No slash at its end."""
    return (services.settings.public_url or str(request.base_url)).rstrip("/")
