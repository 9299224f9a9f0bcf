"""The billing dialect: `API-KEY` and `TENANT`, errors as `{"detail": …}`, rate-limit headers on every answer."""

import re
from collections.abc import Sequence
from typing import Any

from litestar import Router
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.types import ControllerRouterHandler

from carelane.kit import clock
from carelane.kit.answers import Body, Page, handler
from carelane.kit.edge import ANSWER_HEADERS
from carelane.kit.errors import (
    CarelaneError,
    FieldProblem,
    InvalidRequestError,
    MissingCredentialError,
    RateLimitedError,
    RouteNotFoundError,
    RuleBrokenError,
    WrongCredentialError,
)
from carelane.kit.idempotency import AnsweredBefore, replay
from carelane.organizations.credentials import Gatekeeper, actor_of
from carelane.organizations.limits import RequestLimiter, Standing, StrangerLimiter
from carelane.services import Services
from carelane.settings import Settings

KEY_HEADER = "API-KEY"
TENANT_HEADER = "TENANT"
# All that a storefront may ask for lies under one of these.
PREFIXES = ("/billing", "/inventory", "/user", "/admin")
MAX_CREDENTIAL_CHARACTERS = 4_096

Connection = ASGIConnection[Any, Any, Any, Any]

_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
# How the fault is called, by the way its description begins; else `value_error`.
_KINDS = (
    (re.compile(r".* is required$"), "missing"),
    (re.compile(r"expected one of"), "enum"),
    (re.compile(r"expected a JSON object"), "json_invalid"),
    (re.compile(r"Expected `(\w+)`.*, got"), "{}_type"),
)
_TYPE_NAMES = {"str": "string", "object": "dict", "array": "list"}


def _body(error: CarelaneError, status: int, text: str, _request_id: str | None) -> Body:
    """`{"detail": [{loc, msg, type}, …]}` for 422, `{"detail": "text"}` for everything else."""
    if status == 422:
        problems = error.problems or [FieldProblem("", error.detail or text)]
        return {"detail": [_problem(problem) for problem in problems]}
    return {"detail": error.detail or text}


def _problem(problem: FieldProblem) -> Body:
    return {"loc": _location(problem), "msg": problem.problem, "type": _kind(problem.problem)}


def _location(problem: FieldProblem) -> list[str | int]:
    """`items[0].unitPrice` of the body is `["body", "items", 0, "unitPrice"]`."""
    steps = [] if problem.field == problem.where else _STEP.findall(problem.field)
    return [problem.where, *(int(index) if index else name for name, index in steps)]


def _kind(text: str) -> str:
    for pattern, kind in _KINDS:
        matched = pattern.match(text)
        if matched:
            return kind.format(*(_TYPE_NAMES.get(group, group) for group in matched.groups()))
    return "value_error"


BILLING = Page(
    shape=_body,
    statuses={InvalidRequestError: 422, RuleBrokenError: 422},
    texts={RouteNotFoundError: "Not Found"},
    security=[{"apiKey": [], "tenant": []}],
    errors=(RateLimitedError,),
    headers={
        "X-RateLimit-Limit": "Requests the organization may send in a minute",
        "X-RateLimit-Remaining": "How many of them are left",
        "X-RateLimit-Reset": "When the next minute begins, in Unix seconds",
    },
)


async def require_key_and_tenant(connection: Connection, _: BaseRouteHandler) -> None:
    """Lets in who presents a good key and names the tenant it belongs to; counts the request against that tenant's limit."""
    services: Services = connection.app.state.services
    gatekeeper: Gatekeeper = connection.app.state.gatekeeper
    limiter: RequestLimiter = connection.app.state.limiter
    key, tenant = connection.headers.get(KEY_HEADER), connection.headers.get(TENANT_HEADER)
    limit = services.settings.billing_requests_per_minute
    known = await gatekeeper.find(key) if key and len(key) <= MAX_CREDENTIAL_CHARACTERS else None
    if known is None or known.kind != "key" or known.tenant != tenant:
        _count_stranger(connection, limit)
        raise _refusal(key, tenant)
    connection.scope["auth"] = actor_of(known, connection.scope["state"].get("request_id"))
    _tell(connection, await limiter.take(known.organization_id, known.requests_per_minute or limit))


def _refusal(key: str | None, tenant: str | None) -> CarelaneError:
    """Which header is missing may be said; which of the two is wrong is nobody's business."""
    if not key:
        return MissingCredentialError(f"{KEY_HEADER} is required")
    if not tenant:
        return MissingCredentialError(f"{TENANT_HEADER} is required")
    return WrongCredentialError(f"{KEY_HEADER} is unknown or does not belong to this {TENANT_HEADER}")


def _count_stranger(connection: Connection, limit: int) -> None:
    strangers: StrangerLimiter = connection.app.state.strangers
    address = connection.client.host if connection.client else ""
    _tell(connection, strangers.take(address, limit))


def _tell(connection: Connection, standing: Standing) -> None:
    """Puts the three headers on whatever will be answered. Raises RateLimitedError when nothing is left."""
    connection.scope["state"][ANSWER_HEADERS] = [
        (b"x-ratelimit-limit", str(standing.limit).encode()),
        (b"x-ratelimit-remaining", str(standing.remaining).encode()),
        (b"x-ratelimit-reset", str(standing.resets_at).encode()),
    ]
    if standing.is_refused:
        raise RateLimitedError(max(1, standing.resets_at - int(clock.now().timestamp())))


ROUTES: list[ControllerRouterHandler] = []


def routers(settings: Settings) -> list[Router]:
    """What a key and its tenant open."""
    return [_router(ROUTES, settings)]


def _router(handlers: Sequence[ControllerRouterHandler], settings: Settings) -> Router:
    return Router(
        "/",
        route_handlers=handlers,
        guards=[require_key_and_tenant],
        exception_handlers={AnsweredBefore: replay, Exception: handler(BILLING)},
        opt={"page": BILLING},
        request_max_body_size=settings.max_body_bytes,
    )
