"""Keys and clients on the wire, and their rules."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from carelane.kit.errors import FieldProblem
from carelane.permissions import GRANTABLE
from carelane.web.versions import Version

CredentialName = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")]
Scopes = Annotated[list[str], Meta(max_length=100, description="What it may do: see docs/howto/credentials.md")]


class CredentialIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`kind`: `key` for `cv-api-key` and `API-KEY`, `client` for OAuth client credentials."""

    kind: Literal["key", "client"]
    name: CredentialName
    scopes: Scopes


class CredentialPatch(msgspec.Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Both as a whole. `version` is what was read."""

    name: CredentialName
    scopes: Scopes
    version: Version | None = None


class CredentialOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`id` of a client is its `client_id`. `lastUsedAt` is exact to a minute. Another `version`: another name or other scopes."""

    id: UUID
    kind: Literal["key", "client"]
    name: str
    scopes: list[str]
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
    version: str


class CredentialSecretOut(CredentialOut, rename="camel", frozen=True, kw_only=True):
    """`secret` is shown this once."""

    secret: str

    def __repr__(self) -> str:
        return "CredentialSecretOut(***)"


class CredentialsOut(msgspec.Struct, rename="camel", frozen=True):
    credentials: list[CredentialOut]


def scope_problems(scopes: list[str]) -> Iterator[FieldProblem]:
    """At least one, and each one that can be granted."""
    if not scopes:
        yield FieldProblem("scopes", "expected at least one")
    for unknown in sorted(set(scopes) - GRANTABLE):
        yield FieldProblem("scopes", f"{unknown} is unknown; there are {', '.join(sorted(GRANTABLE))}")
