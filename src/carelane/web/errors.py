"""Turning errors into answers: one handler per page of a dialect, the same for every feature behind it."""

import re
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, MethodNotAllowedException, ValidationException

from carelane.kit.errors import (
    BodyTooLargeError,
    CarelaneError,
    EncodedBodyError,
    FieldProblem,
    InvalidRequestError,
    MethodNotAllowedError,
    RateLimitedError,
    RouteNotFoundError,
    StatementTimeoutError,
    UnavailableError,
)
from carelane.web.problems import in_words

log = structlog.get_logger()

# Litestar's words for a parameter that was not sent.
_MISSING = re.compile(r"Missing required (\w+) parameter '(.+)' for path")
# And for a caller who went away in the middle of a body: nobody reads the answer, and it is no fault of ours.
_CALLER_GONE = "client disconnected prematurely"
_NO_BODY = FieldProblem("body", "expected a JSON object in UTF-8")
AnyRequest = Request[Any, Any, Any]
Body = dict[str, Any]


class ErrorFormat(msgspec.Struct, frozen=True, kw_only=True):
    """How one page of a dialect answers errors.

    `shape` makes the body from an error, the status, and the request id. `statuses` and `texts` hold where the page differs
    from the error class's own status and message.
    """

    shape: Callable[[CarelaneError, int, str, str | None], Body]
    statuses: dict[type[CarelaneError], int] = {}
    texts: dict[type[CarelaneError], str] = {}
    security: list[dict[str, list[str]]] = []
    # What each of its routes can be answered beside what the route itself names, and the headers of every answer.
    errors: tuple[type[CarelaneError], ...] = ()
    headers: dict[str, str] = {}
    media_type: str = "application/json"
    # Of each entry of `errors`, where that is not a field and a message.
    problem_schema: dict[str, Any] | None = None

    def status_of(self, error: CarelaneError) -> int:
        return self.statuses.get(type(error), error.status)

    def body_of(self, error: CarelaneError, request_id: str | None) -> Body:
        text = self.texts.get(type(error), error.message)
        return self.shape(error, self.status_of(error), text, request_id)


def problems_member(error: CarelaneError, request_id: str | None) -> Body:
    """What every dialect adds after its own members: all offending fields, and the id to quote to us."""
    extra: Body = {}
    if error.problems:
        extra["errors"] = [{"field": problem.field, "message": problem.problem} for problem in error.problems]
    if request_id:
        extra["requestId"] = request_id
    return extra


def handler(page: ErrorFormat) -> Callable[[AnyRequest, Exception], Response[Body]]:
    """The exception handler of a page's router."""

    def answer(request: AnyRequest, raised: Exception) -> Response[Body]:
        error = to_ours(raised, request)
        request_id = request.scope.get("state", {}).get("request_id")
        if error.status >= 500:
            log.error("request_failed", error=type(raised).__name__, where=where_raised(raised), request_id=request_id)
        return Response(
            page.body_of(error, request_id),
            status_code=page.status_of(error),
            headers=error_headers(raised),
            media_type=page.media_type,
        )

    return answer


def error_headers(raised: Exception) -> dict[str, str]:
    """When to come again, or which methods or encodings there are."""
    if isinstance(raised, StatementTimeoutError):
        # Sent again at once it would only keep the database busy.
        return {"Retry-After": "30"}
    if isinstance(raised, UnavailableError):
        return {"Retry-After": "2"}
    if isinstance(raised, RateLimitedError):
        return {"Retry-After": str(raised.retry_after_seconds)}
    if isinstance(raised, MethodNotAllowedException):
        return dict(raised.headers or {})
    if isinstance(raised, EncodedBodyError):
        return {"Accept-Encoding": "identity"}
    return {}


def to_ours(raised: Exception, request: AnyRequest) -> CarelaneError:
    """Any exception as one of ours. What is unknown becomes a bare 500: its text could hold health information."""
    if isinstance(raised, CarelaneError):
        return raised
    if isinstance(raised, ValidationException):
        return InvalidRequestError(problems=_litestar_problems(raised, request))
    if isinstance(raised, HTTPException):
        known = {404: RouteNotFoundError, 405: MethodNotAllowedError, 413: BodyTooLargeError}
        if raised.status_code in known:
            return known[raised.status_code]()
        if raised.status_code < 500 or raised.detail == _CALLER_GONE:
            return InvalidRequestError("the request cannot be read")
    return CarelaneError()


def _litestar_problems(raised: ValidationException, request: AnyRequest) -> list[FieldProblem]:
    extra = raised.extra if isinstance(raised.extra, list) else []
    problems = [_litestar_problem(item, request) for item in extra]
    missing = _MISSING.match(raised.detail)
    if missing:
        problems.append(FieldProblem(missing[2], f"{missing[2]} is required", _part(missing[1])))
    return problems or [_NO_BODY]


def _litestar_problem(item: dict[str, Any], request: AnyRequest) -> FieldProblem:
    name, text = str(item.get("key", "")), str(item.get("message", ""))
    field = request.route_handler.parsed_fn_signature.parameters.get(name)
    if field is None or name == "data":
        return _NO_BODY
    sent_as = getattr(field.kwarg_definition, "name", None) or name
    return FieldProblem(sent_as, in_words(text, field.annotation), _part(item.get("source")))


def _part(source: object) -> Literal["body", "query", "path", "header"]:
    """The part of the request, as Litestar names it: by a word, or a member of its enum."""
    parts: dict[object, Literal["query", "path", "header"]] = {"query": "query", "path": "path", "header": "header"}
    return parts.get(getattr(source, "value", source), "body")


def where_raised(raised: BaseException) -> list[str]:
    """The innermost frames as file:line, without source or values."""
    frames = traceback.extract_tb(raised.__traceback__)[-6:]
    return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
