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

from litestar import route
from litestar.dto import AbstractDTO
from litestar.handlers import HTTPRouteHandler

from carelane.kit.errors import CarelaneError, FieldProblem
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
                operation_id=_in_camel_case(function.__name__),
                summary=summary,
                tags=[self._tag],
                status_code=200,
                dto=options.get("body", self._body) if has_body else None,
                return_dto=None,
                opt={name: value for name, value in options.items() if name != "body"},
            )(function)
            self.handlers.append(handler)
            return handler

        return declare


def _in_camel_case(name: str) -> str:
    return re.sub(r"_(\w)", lambda letter: letter[1].upper(), name)
