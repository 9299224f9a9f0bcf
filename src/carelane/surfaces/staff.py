"""Our own API for the clinic's people: a session's bearer token, or the console's cookie, and problem bodies (RFC 9457)."""

from collections.abc import Sequence
from typing import Any

from litestar import Router
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.types import ControllerRouterHandler

from carelane.case_detail.routes import get_case
from carelane.cases.review.routes import REVIEW
from carelane.kit.errors import CarelaneError, WrongCredentialError
from carelane.orders.desk import routes as desk
from carelane.orders.inbox import routes as inbox
from carelane.services import Services
from carelane.sessions import routes as accounts
from carelane.settings import Settings
from carelane.staff import access
from carelane.web.errors import Body, ErrorFormat, handler, problems_member
from carelane.webhooks.endpoints.routes import WEBHOOKS

COOKIE = access.COOKIE
MAX_TOKEN_CHARACTERS = 200
# Whoever signs in has said nothing of who it is yet, and a name and a password are short.
MAX_SIGN_IN_BYTES = 8_192


def _problem(error: CarelaneError, status: int, text: str, request_id: str | None) -> Body:
    """RFC 9457: `type` names the kind of problem for programs, `title` for people, `detail` is about this one."""
    body: Body = {"type": f"urn:carelane:{error.code.lower().replace('_', '-')}", "title": text, "status": status}
    if error.detail:
        body["detail"] = error.detail
    return {**body, **problems_member(error, request_id)}


STAFF = ErrorFormat(shape=_problem, security=[{"staffToken": []}], media_type="application/problem+json")
# Signing in needs no session.
OPEN = ErrorFormat(shape=_problem, media_type="application/problem+json")

ORDERS: list[ControllerRouterHandler] = [
    desk.list_orders,
    desk.get_order,
    desk.get_why,
    desk.cancel_order,
    desk.send_again,
    desk.replace_order,
    inbox.list_inbox,
    inbox.match_callback,
]
ACCOUNTS: list[ControllerRouterHandler] = [
    accounts.sign_out,
    accounts.get_me,
    accounts.list_members,
    accounts.unlock_member,
    accounts.end_member_sessions,
]


async def require_session(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Lets in who has a session. The actor's scopes are those of the member's role."""
    token = access.presented_token(connection)
    if len(token) > MAX_TOKEN_CHARACTERS:
        raise WrongCredentialError("the token is not one of ours")
    services: Services = connection.app.state.services
    request_id = connection.scope["state"].get("request_id")
    connection.scope["auth"] = await access.actor_for(services.db, token, request_id)


def routers(settings: Settings) -> list[Router]:
    """What a session opens, and the door to one."""
    return [
        _router(STAFF, [require_session], [*ORDERS, *ACCOUNTS, *REVIEW, *WEBHOOKS, get_case], settings.max_body_bytes),
        _router(OPEN, [], [accounts.sign_in], min(MAX_SIGN_IN_BYTES, settings.max_body_bytes)),
    ]


def _router(
    page: ErrorFormat, guards: list[Any], handlers: Sequence[ControllerRouterHandler], most_bytes: int
) -> Router:
    return Router(
        "/api/staff",
        route_handlers=handlers,
        guards=guards,
        exception_handlers={Exception: handler(page)},
        opt={"error_format": page},
        request_max_body_size=most_bytes,
    )
