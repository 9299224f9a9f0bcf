"""One family of errors. Each surface turns them into its dialect's body; the docstring of a class is its message."""

import re
from collections.abc import Iterable
from inspect import cleandoc
from typing import ClassVar, Literal

import msgspec

# A name, or a place in a list. Longer numbers are names that callers made up, and Python would refuse to read some.
_STEP = re.compile(r"([^.\[\]]+)|\[(\d{1,9})\]", re.ASCII)


# In the text of the error, for whoever wants to tell it from a database that is away.
UNWRITABLE = "the document store takes no files just now"


class FieldProblem(msgspec.Struct, frozen=True):
    """One offending field: where it stands (`user.email`, `products[0].id`) and what would be accepted."""

    field: str
    problem: str
    # Which part of the request it is.
    where: Literal["body", "query", "path", "header"] = "body"

    def steps(self) -> list[str | int]:
        """`items[0].unitPrice` is `["items", 0, "unitPrice"]`; the whole body is no step at all."""
        if self.field == self.where:
            return []
        return [int(index) if index else name for name, index in _STEP.findall(self.field)]


class MendableError(Exception):
    """Something outside the program is wrong, and the message tells the person at the command line what to change."""


class CarelaneError(Exception):
    """Internal server error"""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "INTERNAL_ERROR"

    def __init__(self, detail: str = "", problems: list[FieldProblem] | None = None) -> None:
        self.message = cleandoc(type(self).__doc__ or "").split("\n")[0]
        self.problems = problems or []
        self.detail = detail or "; ".join(f"{problem.field}: {problem.problem}" for problem in self.problems)
        super().__init__(self.detail or self.message)


class InvalidRequestError(CarelaneError):
    """Invalid request"""

    # The body cannot be read, or a field is missing or of the wrong type.
    status = 400
    code = "VALIDATION_ERROR"


class BodyTooLargeError(CarelaneError):
    """Request body too large"""

    status = 413
    code = "BODY_TOO_LARGE"


class EncodedBodyError(CarelaneError):
    """Unsupported content encoding"""

    status = 415
    code = "UNSUPPORTED_ENCODING"

    def __init__(self) -> None:
        super().__init__("send the body as it is: expected no Content-Encoding, or `identity`")


class BodyTooSlowError(CarelaneError):
    """Request timeout"""

    # The body came in more slowly than the settings allow, or stopped coming.
    status = 408
    code = "BODY_TOO_SLOW"


class RuleBrokenError(CarelaneError):
    """Validation failed"""

    # Every field is there and of its type, but a value breaks a rule.
    status = 422
    code = "RULE_BROKEN"


class MissingCredentialError(CarelaneError):
    """Unauthorized"""

    status = 401
    code = "UNAUTHORIZED"


class WrongCredentialError(CarelaneError):
    """Unauthorized"""

    status = 401
    code = "UNAUTHORIZED"


class ScopeMissingError(CarelaneError):
    """Permission denied"""

    # The credential is good, but its scopes do not cover the request.
    status = 403
    code = "PERMISSION_DENIED"


class UnavailableError(CarelaneError):
    """Service unavailable"""

    # The database or the document store cannot be reached just now; the request left nothing behind and may be repeated.
    status = 503
    code = "UNAVAILABLE"


class StatementTimeoutError(UnavailableError):
    """Timed out"""

    # The database is there, but a statement took longer than it may, or somebody ended it; the request left nothing behind.
    code = "STATEMENT_TIMEOUT"

    def __init__(self) -> None:
        super().__init__("the database took longer than it may for this; ask for less at once, or again later")


class RecordNotFoundError(CarelaneError):
    """Not found"""

    # Not there, or another organization's: both answer alike.
    status = 404
    code = "NOT_FOUND"


class ConflictError(CarelaneError):
    """Conflict"""

    # The request is good, but the record does not allow it in the state it has.
    status = 409
    code = "CONFLICT"


class RateLimitedError(CarelaneError):
    """Too many requests"""

    status = 429
    code = "RATE_LIMITED"

    def __init__(self, retry_after_seconds: int = 60) -> None:
        self.retry_after_seconds = retry_after_seconds
        super().__init__(f"too many requests; ask again in {retry_after_seconds} seconds")


class RouteNotFoundError(CarelaneError):
    """No such route"""

    status = 404
    code = "NOT_FOUND"


class MethodNotAllowedError(CarelaneError):
    """Method not allowed"""

    status = 405
    code = "METHOD_NOT_ALLOWED"


def refuse(problems: Iterable[FieldProblem], error: type[CarelaneError] = RuleBrokenError) -> None:
    """Raises `error` with all problems, if there are any."""
    if found := list(problems):
        raise error(problems=found)
