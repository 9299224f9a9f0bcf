"""`POST /oauth/token`: a client trades its id and secret for a short-lived bearer token (RFC 6749 section 4.4)."""

from dataclasses import dataclass
from typing import Any

from litestar import Request, Response, Router, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.exceptions import ClientException
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example, OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema

from carelane import permissions
from carelane.kit.errors import BodyTooSlowError, CarelaneError, EncodedBodyError, UnavailableError
from carelane.organizations import actions
from carelane.organizations.access import Gatekeeper
from carelane.organizations.errors import InvalidClientError, InvalidScopeError, OAuthError, UnsupportedGrantTypeError
from carelane.organizations.schemas import (
    FORM_TYPE,
    MAX_FORM_BYTES,
    TokenErrorOut,
    TokenOut,
    read_client,
    read_form,
)
from carelane.services import Services
from carelane.web.errors import error_headers

AnyRequest = Request[Any, Any, State]

_UNCACHED = {"Cache-Control": "no-store", "Pragma": "no-cache"}


def _text(description: str) -> Schema:
    return Schema(type=OpenAPIType.STRING, description=description)


@dataclass
class TokenOperation(Operation):
    """Adds the form to the API document. The handler reads it itself: Litestar would merge repeated parameters."""

    def __post_init__(self) -> None:
        schema = Schema(
            type=OpenAPIType.OBJECT,
            required=["grant_type"],
            properties={
                "grant_type": Schema(type=OpenAPIType.STRING, enum=["client_credentials"]),
                "client_id": _text("Unless the client authenticates by HTTP Basic."),
                "client_secret": _text("Unless the client authenticates by HTTP Basic."),
                "scope": _text("Space-separated; less than what the client was given. Left out: all of it."),
            },
            examples=[{"grant_type": "client_credentials", "scope": permissions.CASES_WRITE}],
        )
        self.request_body = RequestBody(content={FORM_TYPE: OpenAPIMediaType(schema=schema)}, required=True)


def _example(code: str, description: str) -> Example:
    return Example(summary=code, value={"error": code, "error_description": description})


def _error_spec(description: str, *errors: type[OAuthError]) -> ResponseSpec:
    """What only the framework or the connection refuses has the description as its text."""
    examples = [_example(error.code, error().message) for error in errors] or [_example(OAuthError.code, description)]
    return ResponseSpec(TokenErrorOut, generate_examples=False, description=description, examples=examples)


_TOKEN_EXAMPLE = {
    "access_token": "eyJhbGciOi…",
    "token_type": "Bearer",
    "expires_in": 900,
    "scope": permissions.CASES_WRITE,
}
_RESPONSES = {
    200: ResponseSpec(
        TokenOut,
        generate_examples=False,
        description="The token",
        examples=[Example(summary="Token", value=_TOKEN_EXAMPLE)],
    ),
    400: _error_spec("The request breaks RFC 6749", OAuthError, UnsupportedGrantTypeError, InvalidScopeError),
    401: _error_spec("The client is not known by what it sent", InvalidClientError),
    408: _error_spec("The form came too slowly"),
    413: _error_spec(f"The form is larger than {MAX_FORM_BYTES} bytes"),
    415: _error_spec("The form has a Content-Encoding"),
    503: _error_spec("The database cannot be reached just now"),
}


@post(
    "/oauth/token",
    status_code=200,
    operation_class=TokenOperation,
    operation_id="issueToken",
    summary="Get a bearer token",
    tags=["OAuth"],
    request_max_body_size=MAX_FORM_BYTES,
    responses=_RESPONSES,
)
async def issue_token_to_client(
    request: AnyRequest, services: NamedDependency[Services], gatekeeper: NamedDependency[Gatekeeper]
) -> Response[TokenOut]:
    """OAuth 2.0 client credentials grant. The token is good for 15 minutes; ask again rather than keep a refresh token."""
    form = read_form(request.headers.get("content-type", ""), await request.body())
    grant_type = form.get("grant_type")
    if grant_type is None:
        raise OAuthError("grant_type is required")
    client = read_client(request.headers.get("authorization"), form)
    if grant_type != "client_credentials":
        raise UnsupportedGrantTypeError
    token = await actions.issue_client_token(services, gatekeeper, client, form.get("scope"))
    return Response(token, headers=_UNCACHED)


def _answer_error(_: AnyRequest, error: OAuthError) -> Response[TokenErrorOut]:
    body = TokenErrorOut(error=error.code, error_description=error.detail or error.message)
    return Response(body, status_code=error.status, headers=_UNCACHED | error.headers)


def _answer_unavailable(_: AnyRequest, error: UnavailableError) -> Response[TokenErrorOut]:
    body = TokenErrorOut(error="temporarily_unavailable", error_description=error.detail)
    return Response(body, status_code=error.status, headers=_UNCACHED)


def _answer_body_error(_: AnyRequest, error: CarelaneError) -> Response[TokenErrorOut]:
    """A form that did not come whole, or not as it is."""
    body = TokenErrorOut(error=OAuthError.code, error_description=error.detail)
    return Response(body, status_code=error.status, headers=_UNCACHED | error_headers(error))


def _answer_framework_error(_: AnyRequest, error: ClientException) -> Response[TokenErrorOut]:
    """What the framework refuses before the form is read, such as a body that is too large."""
    body = TokenErrorOut(error=OAuthError.code, error_description=error.detail)
    return Response(body, status_code=error.status_code, headers=_UNCACHED)


router = Router(
    "/",
    route_handlers=[issue_token_to_client],
    exception_handlers={
        OAuthError: _answer_error,
        UnavailableError: _answer_unavailable,
        EncodedBodyError: _answer_body_error,
        BodyTooSlowError: _answer_body_error,
        ClientException: _answer_framework_error,
    },
)
