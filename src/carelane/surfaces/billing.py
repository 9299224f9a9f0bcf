"""The billing dialect: `API-KEY` and `TENANT`, errors as `{"detail": …}`, rate-limit headers on every answer."""

import re
from typing import Any

from litestar import Request, Response, Router
from litestar.handlers import BaseRouteHandler
from litestar.params import QueryParameter
from litestar.types import ControllerRouterHandler

from carelane.bills.invoices.routes import routes as invoices
from carelane.bills.links.routes import routes as payment_links
from carelane.bills.receipts.routes import routes as receipts
from carelane.bills.sending.routes import routes as receipt_sending
from carelane.carts.routes import routes as carts
from carelane.catalog.billing.items.routes import routes as items
from carelane.catalog.billing.packages.routes import routes as packages
from carelane.charges.adjusting.routes import routes as adjusting
from carelane.charges.changing.routes import routes as charge_changes
from carelane.charges.routes import routes as charges
from carelane.charges.selling.routes import routes as selling
from carelane.charges.tax_report.routes import routes as tax_report
from carelane.charges.tips.routes import routes as tips
from carelane.charges.tips_report.routes import routes as tips_report
from carelane.kit import clock
from carelane.kit.errors import (
    CarelaneError,
    FieldProblem,
    InvalidRequestError,
    MissingCredentialError,
    RateLimitedError,
    RouteNotFoundError,
    RuleBrokenError,
    UnavailableError,
    WrongCredentialError,
)
from carelane.locations.routes import routes as locations
from carelane.organizations.access import Gatekeeper, actor_of
from carelane.organizations.billing.routes import routes as tenant
from carelane.organizations.limits import AddressLimiter, RateLimit, RequestLimiter
from carelane.organizations.queries import Authenticated
from carelane.patients.billing.routes import routes as patients
from carelane.patients.billing.search.routes import routes as patient_search
from carelane.patients.duplicates.routes import routes as patient_duplicates
from carelane.patients.notes.routes import routes as quick_notes
from carelane.patients.tags.routes import routes as patient_tags
from carelane.payments.credits.routes import routes as patient_credits
from carelane.payments.listing.routes import routes as payment_table
from carelane.payments.mediums.custom.routes import routes as payment_mediums
from carelane.payments.moves.routes import routes as moves
from carelane.payments.plans.at_desk.routes import routes as card_payments
from carelane.payments.plans.routes import routes as payment_plans
from carelane.payments.returns.routes import routes as returns
from carelane.payments.saved.routes import routes as payment_methods
from carelane.payments.terminal.routes import routes as payment_terminal
from carelane.payments.till.routes import routes as till
from carelane.quotes.routes import cart_routes as cart_conversion
from carelane.quotes.routes import routes as quotes
from carelane.quotes.sending.routes import routes as quote_sending
from carelane.services import Services
from carelane.settings import Settings
from carelane.staff.billing.routes import routes as providers
from carelane.surfaces.routers import make_router, request_id_of
from carelane.taxes.routes import routes as taxes
from carelane.web import errors
from carelane.web.edge import ANSWER_HEADERS
from carelane.web.errors import Body, ErrorFormat
from carelane.web.html.security import AnyConnection
from carelane.web.lenient import read_query
from carelane.web.requests import caller_address
from carelane.webhooks.billing.routes import routes as webhooks

KEY_HEADER = "API-KEY"
TENANT_HEADER = "TENANT"
# All that a storefront may ask for lies under one of these.
PREFIXES = ("/billing", "/inventory", "/user", "/admin", "/tenant", "/webhook")
MAX_CREDENTIAL_CHARACTERS = 4_096

# How the fault is called, by the way its description begins; else `value_error`.
_KINDS = (
    (re.compile(r".* is required$"), "missing"),
    (re.compile(r"expected one of"), "enum"),
    (re.compile(r"expected a JSON object"), "json_invalid"),
    # Of `int | null` the first.
    (re.compile(r"Expected `(\w+)[^`]*`, got"), "{}_type"),
)
_TYPE_NAMES = {"str": "string", "object": "dict", "array": "list", "decimal": "float"}


def _body(error: CarelaneError, status: int, text: str, _request_id: str | None) -> Body:
    """`{"detail": [{loc, msg, type}, …]}` for 422, `{"detail": "text"}` for everything else."""
    if status == 422:
        problems = error.problems or [FieldProblem("", error.detail or text)]
        return {"detail": [_problem(problem) for problem in problems]}
    return {"detail": error.detail or text}


def _problem(problem: FieldProblem) -> Body:
    return {"loc": [problem.where, *problem.steps()], "msg": problem.problem, "type": _kind(problem.problem)}


def _kind(text: str) -> str:
    for pattern, kind in _KINDS:
        matched = pattern.match(text)
        if matched:
            return kind.format(*(_TYPE_NAMES.get(group, group) for group in matched.groups()))
    return "value_error"


BILLING = ErrorFormat(
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


async def require_key_and_tenant(connection: AnyConnection, handler: BaseRouteHandler) -> None:
    """Lets in who presents a good key and names the tenant it belongs to; counts the request against that tenant's limit."""
    try:
        known = await _find_known(connection)
        if known is not None:
            await _count(connection, known)
    except UnavailableError:
        # The tenant's count cannot be known without the database; the answer tells the address's.
        _count_address(connection)
        raise
    if known is None:
        _count_address(connection)
        raise _refusal(connection)
    connection.scope["auth"] = actor_of(known, request_id_of(connection))
    _refuse_nul(connection)
    read_query(connection.scope, _query_of(handler))


def _query_of(handler: BaseRouteHandler) -> list[tuple[str, Any]]:
    """Names and types of the parameters of its query."""
    parameters = handler.parsed_fn_signature.parameters.items()
    return [
        (field.kwarg_definition.name or name, field.annotation)
        for name, field in parameters
        if isinstance(field.kwarg_definition, QueryParameter)
    ]


async def _find_known(connection: AnyConnection) -> Authenticated | None:
    """The key's holder, if it is the tenant that was named."""
    gatekeeper: Gatekeeper = connection.app.state.gatekeeper
    key = connection.headers.get(KEY_HEADER, "")
    known = await gatekeeper.find(key) if 0 < len(key) <= MAX_CREDENTIAL_CHARACTERS else None
    is_theirs = known is not None and known.kind == "key" and known.tenant == connection.headers.get(TENANT_HEADER)
    return known if is_theirs else None


def _refusal(connection: AnyConnection) -> CarelaneError:
    """Which header is missing may be said; which of the two is wrong is nobody's business."""
    for name in (KEY_HEADER, TENANT_HEADER):
        if not connection.headers.get(name):
            return MissingCredentialError(f"{name} is required")
    return WrongCredentialError(f"{KEY_HEADER} is unknown or does not belong to this {TENANT_HEADER}")


def _refuse_nul(connection: AnyConnection) -> None:
    """As in bodies: PostgreSQL's text cannot hold the character U+0000."""
    if b"%00" in connection.scope["query_string"]:
        problem = "expected text without the character U+0000"
        named = [name for name, text in connection.query_params.multi_items() if "\0" in f"{name}{text}"]
        raise InvalidRequestError(problems=[FieldProblem(name, problem, "query") for name in named])


async def _count(connection: AnyConnection, known: Authenticated) -> None:
    services: Services = connection.app.state.services
    limiter: RequestLimiter = connection.app.state.limiter
    limit = known.requests_per_minute or services.settings.billing_requests_per_minute
    _tell(connection, await limiter.take(known.organization_id, "billing", limit))


def _count_address(connection: AnyConnection) -> None:
    services: Services = connection.app.state.services
    addresses: AddressLimiter = connection.app.state.addresses
    address = caller_address(connection)
    _tell(connection, addresses.take(address, services.settings.billing_requests_per_minute))


def _tell(connection: AnyConnection, rate: RateLimit) -> None:
    """Puts the three headers on whatever will be answered, and that no cache keeps it: a cache between may not know that
    `API-KEY` is a credential. Raises RateLimitedError when nothing is left."""
    connection.scope["state"][ANSWER_HEADERS] = [
        (b"cache-control", b"no-store"),
        (b"x-ratelimit-limit", str(rate.limit).encode()),
        (b"x-ratelimit-remaining", str(rate.remaining).encode()),
        (b"x-ratelimit-reset", str(rate.resets_at).encode()),
    ]
    if rate.is_refused:
        raise RateLimitedError(max(1, rate.resets_at - int(clock.now().timestamp())))


def is_ours(path: str) -> bool:
    """Whether what no route takes is to be answered in this dialect."""
    return any(path == prefix or path.startswith(f"{prefix}/") for prefix in PREFIXES)


def answer_unrouted(request: Request[Any, Any, Any], raised: Exception) -> Response[Body]:
    """A wrong path or method. Nobody looked at a credential, so it counts against the address."""
    try:
        _count_address(request)
    except RateLimitedError as refused:
        raised = refused
    return errors.handler(BILLING)(request, raised)


ROUTES: list[ControllerRouterHandler] = [
    *tenant.handlers,
    *patients.handlers,
    *patient_search.handlers,
    *patient_tags.handlers,
    *patient_credits.handlers,
    *patient_duplicates.handlers,
    *quick_notes.handlers,
    *locations.handlers,
    *taxes.handlers,
    *items.handlers,
    *packages.handlers,
    *providers.handlers,
    *carts.handlers,
    *cart_conversion.handlers,
    *charges.handlers,
    *charge_changes.handlers,
    *selling.handlers,
    *till.handlers,
    *returns.handlers,
    *payment_mediums.handlers,
    *payment_methods.handlers,
    *card_payments.handlers,
    *payment_terminal.handlers,
    *payment_plans.handlers,
    *payment_table.handlers,
    *moves.handlers,
    *adjusting.handlers,
    *tax_report.handlers,
    *tips_report.handlers,
    *tips.handlers,
    *quotes.handlers,
    *quote_sending.handlers,
    *receipts.handlers,
    *invoices.handlers,
    *payment_links.handlers,
    *receipt_sending.handlers,
    *webhooks.handlers,
]


def routers(settings: Settings) -> list[Router]:
    """What a key and its tenant open."""
    return [make_router("/", BILLING, ROUTES, guard=require_key_and_tenant, max_bytes=settings.max_body_bytes)]
