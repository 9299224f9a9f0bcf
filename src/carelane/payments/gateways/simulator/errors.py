"""Stripe's error bodies and their statuses."""

from typing import Any

DOCUMENTS = "https://stripe.com/docs/error-codes/"
_IN_PATHS = {"id", "intent", "session"}


class ApiError(Exception):
    """The call is refused. `is_kept` says whether a repetition under the same idempotency key gets the same answer."""

    def __init__(self, status: int, error: dict[str, Any], *, is_kept: bool = True) -> None:
        super().__init__(error.get("message"))
        self.status = status
        self.error = error
        self.is_kept = is_kept


def invalid(message: str, param: str | None = None, code: str | None = None) -> ApiError:
    """A parameter is wrong: nothing was begun, so nothing is kept."""
    return ApiError(400, _body("invalid_request_error", message, code=code, param=param), is_kept=False)


def refused(message: str, code: str | None = None, param: str | None = None, **more: Any) -> ApiError:
    """The parameters are right, but the object's state forbids it."""
    return ApiError(400, _body("invalid_request_error", message, code=code, param=param, **more))


def missing(kind: str, object_id: str, param: str, hint: str = "") -> ApiError:
    """404 when the path names it, 400 when a parameter does."""
    message = f"No such {kind.replace('.', ' ')}: '{object_id}'{hint}"
    status = 404 if param in _IN_PATHS else 400
    return ApiError(status, _body("invalid_request_error", message, code="resource_missing", param=param))


def card_error(code: str, message: str, **more: Any) -> ApiError:
    return ApiError(402, _body("card_error", message, code=code, **more))


def unauthorized(message: str) -> ApiError:
    return ApiError(401, _body("invalid_request_error", message), is_kept=False)


def server_error() -> ApiError:
    return ApiError(500, _body("api_error", "An unknown error occurred (the simulator was told to fail)"))


def rate_limited() -> ApiError:
    message = "Request rate limit exceeded (the simulator was told to be busy)"
    return ApiError(429, _body("invalid_request_error", message, code="rate_limit"), is_kept=False)


def lock_timeout() -> ApiError:
    message = "This object cannot be accessed right now because another API request or Stripe process is currently accessing it."
    return ApiError(429, _body("invalid_request_error", message, code="lock_timeout"), is_kept=False)


def key_in_use(key: str) -> ApiError:
    message = (
        f"There is currently another in-progress request using this Idempotency Key ({key}). Please try again later."
    )
    return ApiError(409, _body("idempotency_error", message, code="idempotency_key_in_use"), is_kept=False)


def key_reused(key: str, first_path: str, path: str) -> ApiError:
    if first_path == path:
        rule = "with the same parameters they were first used with"
    else:
        rule = f"for the same endpoint they were first used for ('{first_path}' vs '{path}')"
    message = f"Keys for idempotent requests can only be used {rule}. Try using a key other than '{key}' if you meant to execute a different request."
    return ApiError(400, _body("idempotency_error", message), is_kept=False)


def _body(kind: str, message: str, **more: Any) -> dict[str, Any]:
    body = {"message": message, "type": kind, **{name: value for name, value in more.items() if value is not None}}
    if more.get("code"):
        body["doc_url"] = DOCUMENTS + str(more["code"]).replace("_", "-")
    return body
