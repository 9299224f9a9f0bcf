"""The token endpoint's bodies (RFC 6749 sections 5.1 and 5.2)."""

import msgspec


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
