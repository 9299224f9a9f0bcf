"""The care dialect: `cv-api-key` or a bearer token, and an error body that differs from page to page of the vendor."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from litestar import Router
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.types import ControllerRouterHandler

from carelane.case_detail.routes import get_case_detail
from carelane.cases.routes import routes as cases
from carelane.catalog.errors import BundleNotFoundError
from carelane.catalog.routes import routes as bundles
from carelane.kit.auth import Actor, read_token
from carelane.kit.errors import (
    CarelaneError,
    InvalidRequestError,
    MissingCredentialError,
    ScopeMissingError,
    WrongCredentialError,
)
from carelane.orders.errors import CaseDeniedError, OrderKeyUsedError
from carelane.orders.routes import routes as orders
from carelane.organizations.credentials import Gatekeeper
from carelane.services import Services
from carelane.settings import Settings
from carelane.web.errors import Body, ErrorFormat, handler, problems_member
from carelane.web.idempotency import ReplayedAnswer, replay
from carelane.webhooks.routes import list_events

KEY_HEADER = "cv-api-key"
MAX_CREDENTIAL_CHARACTERS = 4_096

Connection = ASGIConnection[Any, Any, Any, Any]
Guard = Callable[[Connection, BaseRouteHandler], Awaitable[None]]


# ---- error bodies


def _create_body(error: CarelaneError, _status: int, text: str, request_id: str | None) -> Body:
    """Seed 000: `{success, message}`."""
    return {"success": False, "message": text, **problems_member(error, request_id)}


def _bundle_body(error: CarelaneError, status: int, text: str, request_id: str | None) -> Body:
    """Seed 003: `{status, success, message, error}`; an unknown bundle has no message."""
    body: Body = {"status": status, "success": False}
    if not isinstance(error, BundleNotFoundError):
        body["message"] = text
    return {**body, "error": error.detail or text, **problems_member(error, request_id)}


def _detail_body(error: CarelaneError, status: int, text: str, request_id: str | None) -> Body:
    """Seed 002: `{status, success, error}`."""
    shown = error.detail if isinstance(error, InvalidRequestError) and error.detail else text
    return {"status": status, "success": False, "error": shown, **problems_member(error, request_id)}


# Told apart from nothing: a wrong key, another organization's case, a case that there is not.
_SECRETIVE = (WrongCredentialError, ScopeMissingError, CaseDeniedError)


def _order_body(error: CarelaneError, status: int, text: str, request_id: str | None) -> Body:
    """Seed 001: `{status, success, message, error}`; a used idempotency key is `{status, success, code, description}`."""
    if isinstance(error, OrderKeyUsedError):
        used = {"data": {"order": {"id": str(error.order_id)}}} if error.order_id else {}
        return {"status": status, "success": False, "code": error.code, "description": text, **used}
    shown = text if isinstance(error, _SECRETIVE) else _first_problem(error) or text
    message = text if status >= 500 else "Invalid request"
    return {
        "status": status,
        "success": False,
        "message": message,
        "error": shown,
        **problems_member(error, request_id),
    }


def _first_problem(error: CarelaneError) -> str:
    """As the page prints it: `firstName is required`, without the field's place."""
    if not error.problems:
        return error.detail
    first = error.problems[0]
    leaf = first.field.rpartition(".")[2]
    return first.problem if first.problem.startswith(f"{leaf} is required") else f"{first.field}: {first.problem}"


def _usual_body(error: CarelaneError, status: int, text: str, request_id: str | None) -> Body:
    """Pages without a seed: the dialect's usual `{status, success, message, error, code}`."""
    own = {"message": text, "error": error.detail or text, "code": error.code}
    return {"status": status, "success": False, **own, **problems_member(error, request_id)}


_KEY: list[dict[str, list[str]]] = [{"organizationKey": []}]

CREATE_CASE = ErrorFormat(shape=_create_body, security=[{"bearerToken": []}, *_KEY])
BUNDLES = ErrorFormat(
    shape=_bundle_body,
    statuses={MissingCredentialError: 400, WrongCredentialError: 400},
    texts={
        InvalidRequestError: "Invalid request parameters",
        MissingCredentialError: "Invalid request parameters",
        WrongCredentialError: "Invalid request parameters",
    },
    security=_KEY,
)
PLACE_ORDER = ErrorFormat(shape=_order_body, statuses={MissingCredentialError: 400}, security=_KEY)
EVENTS = ErrorFormat(shape=_usual_body, security=_KEY)
CASE_DETAIL = ErrorFormat(
    shape=_detail_body,
    statuses={MissingCredentialError: 400, WrongCredentialError: 403},
    texts={
        MissingCredentialError: f"{KEY_HEADER} is required",
        WrongCredentialError: "Permission denied!",
        ScopeMissingError: "Permission denied!",
    },
    security=_KEY,
)


# ---- credentials


async def require_key(connection: Connection, _: BaseRouteHandler) -> None:
    """Lets in who presents a good `cv-api-key`."""
    key = connection.headers.get(KEY_HEADER)
    if not key:
        raise MissingCredentialError(f"{KEY_HEADER} is required")
    connection.scope["auth"] = await _key_actor(connection, key)


async def require_token_or_key(connection: Connection, handler_: BaseRouteHandler) -> None:
    """Lets in who presents a good bearer token, or a good key: published callers of seed 000 send the key."""
    authorization = connection.headers.get("authorization")
    if not authorization:
        return await require_key(connection, handler_)
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or len(token) > MAX_CREDENTIAL_CHARACTERS:
        raise WrongCredentialError("expected Authorization: Bearer and an access token")
    services: Services = connection.app.state.services
    connection.scope["auth"] = read_token(services.token_key, token.strip(), _request_id(connection))
    return None


async def _key_actor(connection: Connection, key: str) -> Actor:
    if len(key) > MAX_CREDENTIAL_CHARACTERS:
        raise WrongCredentialError(f"{KEY_HEADER} is not one of ours")
    gatekeeper: Gatekeeper = connection.app.state.gatekeeper
    return await gatekeeper.actor_for(key, "key", _request_id(connection))


def _request_id(connection: Connection) -> str | None:
    return connection.scope["state"].get("request_id")


# ---- routers


def routers(settings: Settings) -> list[Router]:
    """One router a page of the vendor's documentation, all under /api/v1."""
    return [
        _router(CREATE_CASE, require_token_or_key, cases.handlers, settings.max_case_body_bytes),
        _router(PLACE_ORDER, require_key, orders.handlers, settings.max_body_bytes),
        _router(CASE_DETAIL, require_key, [get_case_detail], settings.max_body_bytes),
        _router(EVENTS, require_key, [list_events], settings.max_body_bytes),
        _router(BUNDLES, require_key, bundles.handlers, settings.max_body_bytes),
    ]


def _router(page: ErrorFormat, guard: Guard, handlers: Sequence[ControllerRouterHandler], most_bytes: int) -> Router:
    return Router(
        "/api/v1",
        route_handlers=handlers,
        guards=[guard],
        exception_handlers={ReplayedAnswer: replay, Exception: handler(page)},
        opt={"error_format": page},
        request_max_body_size=most_bytes,
    )
