"""Who is acting: the actor, its scopes, secrets and their digests, short-lived bearer tokens.

A secret is 256 random bits, shown once. Only its SHA-256 digest is kept: with that much entropy a slow hash would add
nothing but load.
"""

import hashlib
import secrets
from collections.abc import Iterable
from typing import Literal
from uuid import UUID

import jwt
import msgspec

from carelane.kit import clock
from carelane.kit.errors import ScopeMissingError, WrongCredentialError

ActorKind = Literal["key", "client", "staff", "patient", "visitor", "system"]

TOKEN_LIFETIME_SECONDS = 900
_ISSUER = "carelane"
_ALGORITHM = "HS256"


class Actor(msgspec.Struct, frozen=True):
    """On whose behalf a request or a job acts. The organization in here is the only source of the tenant."""

    organization_id: UUID
    kind: ActorKind
    id: UUID | None = None
    scopes: frozenset[str] = frozenset()
    request_id: str | None = None

    def may(self, scope: str) -> bool:
        """The system, which no caller can be, holds every scope."""
        return scope in self.scopes or self.kind == "system"

    def require(self, scope: str) -> None:
        """Raises ScopeMissingError unless the actor holds `scope`."""
        if not self.may(scope):
            raise ScopeMissingError(f"the credential lacks the scope {scope}")


def system_actor(organization_id: UUID, request_id: str | None = None) -> Actor:
    """The system itself, acting for one organization: the worker, or a signed link."""
    return Actor(organization_id, "system", request_id=request_id)


def new_secret(prefix: str) -> str:
    """A new secret such as `cvk_…`; the prefix lets people and scanners recognise what leaked."""
    return f"{prefix}_{secrets.token_urlsafe(32)}"


def digest(secret: str) -> bytes:
    """What is kept of a secret: SHA-256 of its UTF-8 bytes."""
    return hashlib.sha256(secret.encode()).digest()


def issue_token(signing_key: bytes, actor: Actor) -> str:
    """A bearer token (JWT, HS256) for `actor`, good for TOKEN_LIFETIME_SECONDS."""
    issued_at = int(clock.now().timestamp())
    claims = {
        "iss": _ISSUER,
        "sub": str(actor.id),
        "org": str(actor.organization_id),
        "scope": " ".join(sorted(actor.scopes)),
        "iat": issued_at,
        "exp": issued_at + TOKEN_LIFETIME_SECONDS,
    }
    return jwt.encode(claims, signing_key, _ALGORITHM)


def read_token(signing_key: bytes, token: str, request_id: str | None) -> Actor:
    """The actor a token speaks for; no database is asked. Raises WrongCredentialError."""
    try:
        claims = jwt.decode(
            token,
            signing_key,
            [_ALGORITHM],
            issuer=_ISSUER,
            options={"require": ["exp", "sub", "org", "scope"], "verify_exp": False, "verify_iat": False},
        )
        if clock.now().timestamp() >= claims["exp"]:
            raise WrongCredentialError("the access token has expired; ask /oauth/token for a new one")
        return Actor(UUID(claims["org"]), "client", UUID(claims["sub"]), split_scopes(claims["scope"]), request_id)
    except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError) as error:
        raise WrongCredentialError("the access token is not one of ours") from error


def split_scopes(text: str | Iterable[str]) -> frozenset[str]:
    """Scopes from a space-separated string (RFC 6749 section 3.3) or from a list."""
    return frozenset(text.split() if isinstance(text, str) else text)
