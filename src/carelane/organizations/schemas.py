"""The token endpoint on the wire (RFC 6749): reading the form and the client's credentials, and what is answered."""

import base64
import binascii
from typing import Annotated
from urllib.parse import parse_qsl, unquote_plus
from uuid import UUID

import msgspec
from msgspec import Meta

from carelane.kit.ids import parse_uuid
from carelane.organizations.errors import InvalidClientError, OAuthError

FORM_TYPE = "application/x-www-form-urlencoded"
MAX_FORM_BYTES = 8_192
MAX_PARAMETERS = 20
MAX_ORIGINS = 50

# What the organization file and the console write of an organization.
CasePrefix = Annotated[str, Meta(pattern="^[A-Z]{2,5}$", description="2 to 5 capital letters")]
CaseType = Annotated[
    str, Meta(pattern="^[A-Z][A-Z0-9_]{0,39}$", description="up to 40 capital letters, digits and underscores")
]
NotificationEmails = Annotated[
    list[Annotated[str, Meta(pattern=r"^[^@\s]+@[^@\s]+$", max_length=254, description="a mail address")]],
    Meta(max_length=50),
]
RequestsPerMinute = Annotated[int, Meta(ge=1, le=10_000_000)]
AnswerWithinHours = Annotated[int, Meta(ge=1, le=720)]


class TokenOut(msgspec.Struct, frozen=True, kw_only=True):
    """A bearer token for `expires_in` seconds. `scope` is what it may do, space-separated."""

    access_token: str
    token_type: str
    expires_in: int
    scope: str

    def __repr__(self) -> str:
        return "TokenOut(***)"


class TokenErrorOut(msgspec.Struct, frozen=True, kw_only=True):
    error: str
    error_description: str


class ClientSecret(msgspec.Struct, frozen=True):
    """What the client presented."""

    client_id: UUID
    secret: str

    def __repr__(self) -> str:
        return "ClientSecret(***)"


def read_form(content_type: str, body: bytes) -> dict[str, str]:
    """The parameters of the form. Those without a value count as left out (RFC 6749 section 3.2).

    Raises OAuthError, also for a parameter that is there twice.
    """
    if content_type.partition(";")[0].strip().lower() != FORM_TYPE:
        raise OAuthError(f"the content type must be {FORM_TYPE}")
    try:
        pairs = parse_qsl(
            body.decode(),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=MAX_PARAMETERS,
        )
    except ValueError:
        raise OAuthError(f"the body must be a form of at most {MAX_PARAMETERS} parameters in UTF-8") from None
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise OAuthError(f"{_printable(name)} stands there more than once")
    return {name: value for name, value in pairs if value}


def read_client(authorization: str | None, form: dict[str, str]) -> ClientSecret:
    """The client's id and secret, from HTTP Basic or from the form; both at once is refused (section 2.3).

    Raises OAuthError and InvalidClientError.
    """
    if authorization is None:
        return _client(form.get("client_id"), form.get("client_secret"))
    if "client_secret" in form:
        raise OAuthError("the client must authenticate by the Authorization header or in the body, not by both")
    client_id, secret = _read_basic(authorization)
    if form.get("client_id", client_id) != client_id:
        raise OAuthError("client_id is another one than that of the Authorization header")
    return _client(client_id, secret)


def _client(client_id: str | None, secret: str | None) -> ClientSecret:
    if not client_id or not secret:
        raise InvalidClientError(
            "the client must send its id and secret, by HTTP Basic or as client_id and client_secret"
        )
    known_shape = parse_uuid(client_id)
    if known_shape is None:
        raise InvalidClientError
    return ClientSecret(known_shape, secret)


def _read_basic(authorization: str) -> tuple[str, str]:
    """Id and secret are form-encoded before they are joined and put into base64 (section 2.3.1)."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        raise InvalidClientError("the Authorization header must use the scheme Basic")
    try:
        client_id, colon, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
        if not colon:
            raise ValueError
        return unquote_plus(client_id, errors="strict"), unquote_plus(secret, errors="strict")
    except (binascii.Error, ValueError):
        raise InvalidClientError("the Authorization header is not HTTP Basic") from None


def _printable(name: str) -> str:
    """An error text may contain only printable ASCII, without quotes and backslashes (section 5.2)."""
    return "".join(letter for letter in name[:40] if letter.isascii() and letter.isprintable() and letter not in '"\\')
