"""The OpenAPI document: Litestar's own, completed with what each surface really answers.

Litestar knows paths, parameters, bodies and successes. Each handler names the errors it can raise (`opt["errors"]`), its
router names the page that shapes them (`opt["error_format"]`); from both come the error answers, with an example each.
"""

from typing import Any

import msgspec
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

from carelane.kit.errors import (
    BodyTooLargeError,
    BodyTooSlowError,
    CarelaneError,
    EncodedBodyError,
    FieldProblem,
    InvalidRequestError,
    MissingCredentialError,
    ScopeMissingError,
    UnavailableError,
    WrongCredentialError,
)
from carelane.permissions import required_by
from carelane.web.errors import ErrorFormat
from carelane.web.idempotency import (
    HEADER,
    KEPT_DAYS,
    MAX_KEY_CHARACTERS,
    REPLAYED_HEADER,
    KeyInFlightError,
    KeyReusedError,
)
from carelane.web.multipart import MEDIA_TYPE as FORM
from carelane.web.parameters import ParameterError

_EXAMPLE_REQUEST_ID = "5b0c8f0e-4f5e-4c53-9d5e-6f6f6b1d2a10"
_PROBLEM_SCHEMA = {
    "type": "object",
    "required": ["field", "message"],
    "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
}
# HTTPValidationError of the billing dialect.
_LOCATED_PROBLEM_SCHEMA = {
    "type": "object",
    "required": ["loc", "msg", "type"],
    "properties": {
        "loc": {"type": "array", "items": {"type": ["string", "integer"]}},
        "msg": {"type": "string"},
        "type": {"type": "string"},
    },
}
_KEY_PARAMETER = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": MAX_KEY_CHARACTERS, "pattern": "^[!-~]+$"},
    "description": f"Sent again with the same body, the request is answered again and done once. Kept {KEPT_DAYS} days.",
}
_REPLAYED = {"schema": {"const": "true"}, "description": "The answer was given before; nothing was done this time."}
_RETRY_AFTER = {"schema": {"type": "integer"}, "description": "In how many seconds to come again"}
_SECURITY_SCHEMES = {
    "staffToken": {"type": "http", "scheme": "bearer", "description": "Token of POST /api/staff/sessions"},
    "organizationKey": {"type": "apiKey", "in": "header", "name": "cv-api-key", "description": "Organization key"},
    "apiKey": {"type": "apiKey", "in": "header", "name": "API-KEY", "description": "Organization key"},
    "tenant": {"type": "apiKey", "in": "header", "name": "TENANT", "description": "The organization's tenant name"},
    "bearerToken": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "From POST /oauth/token"},
    "patientToken": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "From POST /api/v1/users/auth/verify-otp",
    },
}


def complete_document(app: Litestar, examples: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The whole document. `examples` holds request bodies by operation id and name."""
    document: dict[str, Any] = msgspec.to_builtins(app.openapi_schema.to_schema())
    document.setdefault("components", {})["securitySchemes"] = _SECURITY_SCHEMES
    operations = {
        operation["operationId"]: operation for path in document["paths"].values() for operation in path.values()
    }
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            if isinstance(handler, HTTPRouteHandler) and str(handler.operation_id) in operations:
                operation = operations[str(handler.operation_id)]
                _complete(operation, handler, examples.get(str(handler.operation_id), {}))
                if handler.opt.get("form"):
                    _add_form(operation["requestBody"]["content"], document["components"]["schemas"])
    _take_integers_for_numbers(document)
    return document


def _take_integers_for_numbers(part: Any) -> None:
    """Every integer is a number, so that one of both would be two of them."""
    if isinstance(part, dict):
        choices = part.get("oneOf", ())
        if {"type": "number"} in choices and {"type": "integer"} in choices:
            choices.remove({"type": "integer"})
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        _take_integers_for_numbers(inner)


def _add_form(content: dict[str, Any], schemas: dict[str, Any]) -> None:
    """The body may come as a form as well. Its fields are a schema of their own: by that a generated client tells which
    of both is meant."""
    json = content["application/json"]
    place, _, name = json["schema"]["$ref"].rpartition("/")
    form = name.removesuffix("In") + "Form"
    schemas[form] = schemas[name] | {"title": form}
    content[FORM] = json | {"schema": {"$ref": f"{place}/{form}"}}


def _complete(operation: dict[str, Any], handler: HTTPRouteHandler, examples: dict[str, Any]) -> None:
    # Litestar's guess at what a 400 looks like is not any dialect's.
    page: ErrorFormat | None = handler.opt.get("error_format")
    if page is not None:
        operation["responses"] = {
            status: answer for status, answer in operation["responses"].items() if int(status) < 400
        }
        for error in _errors_of(handler, page):
            _add_error(operation["responses"], page, error)
        operation["security"] = page.security and _security(handler, page)
    if handler.opt.get("repeatable"):
        operation.setdefault("parameters", []).append(_KEY_PARAMETER)
        operation["responses"]["200"].setdefault("headers", {})[REPLAYED_HEADER] = _REPLAYED
    if examples and "requestBody" in operation:
        content = operation["requestBody"]["content"]["application/json"]
        content["examples"] = {name: {"value": value} for name, value in examples.items()}
    own_headers = (
        {name: {"schema": {"type": "integer"}, "description": text} for name, text in page.headers.items()}
        if page
        else {}
    )
    for answer in operation["responses"].values():
        answer.setdefault("headers", {}).update(own_headers | {"X-Request-Id": {"schema": {"type": "string"}}})
        if "application/octet-stream" in answer.get("content", {}):
            # Litestar says no more than that it is a string.
            answer["content"]["application/octet-stream"]["schema"] = {"type": "string", "format": "binary"}
    for status in {"429", "503"} & operation["responses"].keys():
        operation["responses"][status]["headers"]["Retry-After"] = _RETRY_AFTER


def _security(handler: HTTPRouteHandler, page: ErrorFormat) -> list[dict[str, list[str]]]:
    """Each scheme with the permissions that are needed of it (OpenAPI 3.1 lets every kind of scheme name roles)."""
    permissions = sorted(required_by(handler.fn))
    return [dict.fromkeys(option, permissions) for option in page.security]


def _errors_of(handler: HTTPRouteHandler, page: ErrorFormat) -> list[CarelaneError]:
    problem = FieldProblem("name.of.the.field", "what would be accepted")
    errors: list[CarelaneError] = [InvalidRequestError(problems=[problem]), UnavailableError(), CarelaneError()]
    if page.security:
        errors += [
            MissingCredentialError("the credential is required"),
            WrongCredentialError(),
            ScopeMissingError("the credential lacks a scope"),
        ]
    if not handler.http_methods <= {"GET", "HEAD"}:
        errors.append(
            ParameterError(
                problems=[FieldProblem("unknown_name", "unknown; expected the name that was meant", "query")]
            )
        )
    if handler.parsed_data_field is not None:
        errors += [BodyTooLargeError(), EncodedBodyError(), BodyTooSlowError()]
    if handler.opt.get("repeatable"):
        errors += [KeyReusedError(), KeyInFlightError()]
    for kind in (*page.errors, *handler.opt.get("errors", ())):
        errors.append(kind(problems=[problem]) if kind.status == 422 else kind())
    return errors


def _add_error(responses: dict[str, Any], page: ErrorFormat, error: CarelaneError) -> None:
    body, status = page.body_of(error, _EXAMPLE_REQUEST_ID), page.status_of(error)
    answer = responses.setdefault(
        str(status),
        {
            "description": error.message,
            "content": {page.media_type: {"schema": _schema_of(body, page), "examples": {}}},
        },
    )
    content = answer["content"][page.media_type]
    content["examples"][type(error).__name__.removesuffix("Error")] = {"value": body}
    # Several errors may share a status; only what all of them have is required.
    content["schema"]["required"] = [name for name in content["schema"]["required"] if name in body]
    content["schema"]["properties"] |= _schema_of(body, page)["properties"]


def _schema_of(body: dict[str, Any], page: ErrorFormat) -> dict[str, Any]:
    kinds: dict[type, dict[str, Any]] = {bool: {"const": False}, int: {"type": "integer"}, str: {"type": "string"}}
    lists = {"errors": page.problem_schema or _PROBLEM_SCHEMA, "detail": _LOCATED_PROBLEM_SCHEMA}
    properties = {
        name: {"type": "array", "items": lists[name]} if isinstance(value, list) else kinds[type(value)]
        for name, value in body.items()
    }
    optional = {"errors", "requestId"}
    return {"type": "object", "required": [name for name in body if name not in optional], "properties": properties}
