"""The door to the console: whose session it is, and that a form was sent by a page of ours.

Whoever has no session is led to the page where one signs in, and from there back. A page of an act (`POST …/cases/7/decide`) is
the path without its last part: there one is led back to.
"""

import hmac
import secrets
from typing import Any, NewType
from urllib.parse import unquote

from litestar import Request
from litestar.handlers import BaseRouteHandler

from carelane.console import times
from carelane.kit import languages
from carelane.kit.errors import MissingCredentialError, WrongCredentialError
from carelane.services import Services
from carelane.sessions.access import COOKIE, actor_for
from carelane.web.html.cookies import SessionCookie
from carelane.web.html.forms import form_token
from carelane.web.html.security import AnyConnection

PATH = "/console"
SIGN_IN_PATH = f"{PATH}/sign-in"
# Steps of paths that are no place to come back to.
_NO_NEXT = {"sign-in", "sign-out", "set-up", "demo", "invitation", "reset", "forgot", "assets"}
MAX_TOKEN_CHARACTERS = 200
# Forms of pages that need no session carry a token of this instead. It says nothing of anybody.
# Lax: with a strict one, a link in a mail would make another, and the form in the tab beside it would be out of date.
VISIT_COOKIE = SessionCookie("carelane_visit", lifetime_seconds=43_200)
# What a member chose instead of the browser's language. It is there before anybody signs in, and says nothing of anybody.
LANGUAGE_COOKIE = SessionCookie("carelane_console_language", lifetime_seconds=31_536_000)

AnyRequest = Request[Any, Any, Any]
FormToken = NewType("FormToken", str)


async def require_session(connection: AnyConnection, _: BaseRouteHandler) -> None:
    """A guard: lets in members of staff, by the session's cookie alone. Raises MissingCredentialError and WrongCredentialError."""
    await let_anybody_in(connection, _)
    token = COOKIE.read(connection)
    if not token:
        raise MissingCredentialError("sign in")
    if len(token) > MAX_TOKEN_CHARACTERS:
        raise WrongCredentialError("the session is not one of ours")
    services: Services = connection.app.state.services
    request_id = connection.scope["state"].get("request_id")
    # A part of a page that the script asks for by itself is no use of the session: else nobody would ever idle.
    is_use = connection.scope.get("method") != "GET" or _is_shown(connection)
    connection.scope["auth"] = await actor_for(services, token, "staff", request_id, is_use=is_use)


def _is_shown(connection: AnyConnection) -> bool:
    """Whether the browser opens a page, as people do; browsers of before 2023 do not say."""
    return connection.headers.get("sec-fetch-mode", "navigate") in {"navigate", "nested-navigate"}


async def let_anybody_in(connection: AnyConnection, _: BaseRouteHandler) -> None:
    """A guard: what was chosen in this browser, else what it says of its person's language, and its time hold from here on."""
    languages.speak(connection.headers.get("accept-language", ""), LANGUAGE_COOKIE.read(connection) or "")
    times.be_in(connection.cookies.get(times.ZONE_COOKIE, ""))


def new_visit() -> str:
    return secrets.token_urlsafe(24)


def token_for(services: Services, connection: AnyConnection, visit: str | None = None) -> str | None:
    """What the forms of a page carry; None for whoever has neither a session nor visited before."""
    bound_to = COOKIE.read(connection) or VISIT_COOKIE.read(connection) or visit
    return form_token(services.form_key, bound_to) if bound_to else None


def is_token(services: Services, connection: AnyConnection, sent: str) -> bool:
    wanted = token_for(services, connection)
    return wanted is not None and hmac.compare_digest(sent.encode(), wanted.encode())


def page_of(request: AnyRequest) -> str:
    """Where the person is who sent this: a page itself, or that of an act."""
    path = request.url.path
    if request.method in {"GET", "HEAD"}:
        query = request.url.query
        return f"{path}?{query}" if query else path
    return path.rpartition("/")[0] or PATH


def safe_next(path: str | None) -> str:
    """Where to go after signing in: a page of the console, whatever a link says. Never one that signs in or out by itself."""
    inside = path is not None and (path == PATH or path.startswith((f"{PATH}/", f"{PATH}?")))
    is_plain = path is not None and path.isascii() and path.isprintable() and "\\" not in path and "//" not in path
    if not (path and inside and is_plain):
        return PATH
    # As a browser reads it: `%2e%2e` is a step up, too.
    steps = unquote(path.partition("?")[0]).split("/")
    return PATH if {".", ".."} & set(steps) or (steps[2:3] and steps[2] in _NO_NEXT) else path
