"""Errors of the token endpoint (RFC 6749 section 5.2)."""

from typing import ClassVar

from carelane.kit.errors import CarelaneError, MendableError


class OAuthError(CarelaneError):
    """The request lacks a parameter, repeats one, or cannot be read."""

    status = 400
    code = "invalid_request"
    headers: ClassVar[dict[str, str]] = {}


class InvalidClientError(OAuthError):
    """The client is unknown, its secret is wrong, or it was revoked."""

    status = 401
    code = "invalid_client"
    headers: ClassVar[dict[str, str]] = {"WWW-Authenticate": 'Basic realm="carelane", charset="UTF-8"'}


class UnsupportedGrantTypeError(OAuthError):
    """The grant type is not supported; expected client_credentials."""

    code = "unsupported_grant_type"


class InvalidScopeError(OAuthError):
    """The scope goes beyond what the client was given."""

    code = "invalid_scope"


class MasterKeyChangedError(MendableError):
    """The master key was changed since this process began, so no new organization was made: start it again with the new one."""

    def __init__(self) -> None:
        super().__init__(type(self).__doc__)
