"""Pages for what went wrong, in words for the clinic's people: what happened, and what to do now."""

from typing import Any

import structlog
from litestar import Request, Response

from carelane.console import access
from carelane.console.frame import HEADERS, render, with_query
from carelane.kit.errors import CarelaneError, MissingCredentialError, StatementTimeoutError, WrongCredentialError
from carelane.kit.languages import N_, _
from carelane.services import Services
from carelane.sessions.access import COOKIE
from carelane.web.errors import error_headers, to_ours, where_raised
from carelane.web.html.cookies import is_secure
from carelane.web.html.pages import see_other
from carelane.web.html.security import ForeignFormError
from carelane.web.idempotency import ReplayedAnswer

_WORDS = {
    400: (N_("This cannot be read"), N_("Something in the address or the form is not as we make it. Nothing was done. Go back and try again.")),
    403: (N_("This is not yours to do"), N_("Your role does not allow it. An administrator can do it, or change your role.")),
    404: (N_("There is nothing here"), N_("It was removed, the address is incomplete, or it belongs to another clinic. The search finds what you may see.")),
    405: (N_("This page takes no form"), N_("Nothing was done. Go back and try again.")),
    408: (N_("That took too long"), N_("The connection is slow, and not everything arrived. Nothing was done. Go back and try again.")),
    409: (N_("Somebody was faster"), N_("The record changed since you opened it. Nothing was done. Open it again to see what changed.")),
    413: (N_("That is too large"), N_("Nothing was done. Go back, shorten the text or choose a smaller file.")),
    422: (N_("This cannot be done"), N_("Nothing was done. Go back and change what is named here.")),
    429: (N_("Too many tries"), N_("Nothing was done. Wait a minute, then try again.")),
    503: (N_("We cannot answer just now"), N_("Nothing was done. Wait a few seconds, then load the page again.")),
}  # fmt: skip
_OURS = (
    N_("Something went wrong on our side"),
    N_("Try again in a few minutes. If it happens again, tell an administrator this number:"),
)
SLOW = (
    N_("This took too long"),
    N_(
        "Nothing was done. Ask for less at once: a filter more, or fewer days. Or wait a minute, then load the page again."
    ),
)
_FOREIGN = (
    N_("This form is out of date"),
    N_("You signed in again since it was opened, or another site sent it. Nothing was done. Open the page again."),
)

log = structlog.get_logger()


def answer_error(request: Request[Any, Any, Any], raised: Exception) -> Response[Any]:
    """The exception handler of the console."""
    if isinstance(raised, ReplayedAnswer):
        # The same form once more: it is done already, and shown by the page.
        return see_other(access.page_of(request))
    error = to_ours(raised, request)
    if isinstance(error, MissingCredentialError | WrongCredentialError):
        return _to_sign_in(request, was_signed_in=COOKIE.read(request) is not None)
    request_id = request.scope.get("state", {}).get("request_id")
    if error.status >= 500:
        log.error("request_failed", error=type(raised).__name__, where=where_raised(raised), request_id=request_id)
    answer = _page(request, error, request_id)
    answer.headers.update(error_headers(raised))
    return answer


def _to_sign_in(request: Request[Any, Any, Any], *, was_signed_in: bool) -> Response[Any]:
    """A part of a page is not led anywhere: the script sees the status, and leaves what is typed alone."""
    if request.headers.get("sec-fetch-mode", "navigate") not in {"navigate", "nested-navigate"}:
        return Response("", status_code=401, media_type="text/html", headers=HEADERS)
    query: dict[str, object] = {"next": access.page_of(request)}
    if was_signed_in:
        query["ended"] = "1"
    from_here = see_other(with_query(access.SIGN_IN_PATH, **query))
    services: Services = request.app.state.services
    if was_signed_in:
        from_here.cookies.append(COOKIE.remove(path="/", is_secure=is_secure(request, services.settings.public_url)))
    return from_here


def _words(error: CarelaneError) -> tuple[str, str]:
    if isinstance(error, ForeignFormError):
        return _FOREIGN
    return SLOW if isinstance(error, StatementTimeoutError) else _WORDS.get(error.status, _OURS)


def _page(request: Request[Any, Any, Any], error: CarelaneError, request_id: str | None) -> Response[str]:
    title, text = _words(error)
    values = {
        "title": _(title),
        "text": _(text),
        "number": request_id if error.status >= 500 else None,
        "problems": error.problems if error.status in {400, 409, 422} else [],
        "back": access.page_of(request) if request.method == "POST" else None,
    }
    return Response(
        render("error.html", values), status_code=error.status, media_type="text/html", headers=dict(HEADERS)
    )
