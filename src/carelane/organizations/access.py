"""The door from a presented secret to the actor it speaks for."""

import re
from typing import Generic, TypeVar
from uuid import UUID

from carelane.kit import clock
from carelane.kit.auth import Actor, digest, split_scopes
from carelane.kit.db import Database
from carelane.kit.errors import WrongCredentialError
from carelane.organizations import queries
from carelane.organizations.queries import Authenticated, CredentialKind
from carelane.web.cross_origin import MAX_ORIGIN_CHARACTERS

ORIGIN_EXPECTED = (
    "expected an origin such as https://shop.example: https, a host in lower case, no path (http for localhost only)"
)
_HOST = r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_PORT = r"(?::(?!443$|80$)[1-9]\d{0,4})?"
_ORIGIN = re.compile(rf"https://{_HOST}{_PORT}|http://(?:localhost|127\.0\.0\.1){_PORT}", re.ASCII)

KeyT = TypeVar("KeyT")
ValueT = TypeVar("ValueT")

# An entry is about 1 kB; the cache of a process stays below some 10 MB however many organizations call.
MAX_CACHED = 10_000


class BriefMemory(Generic[KeyT, ValueT]):
    """What was found out, for `lifetime_seconds` each."""

    def __init__(self, lifetime_seconds: float) -> None:
        self._lifetime_seconds = lifetime_seconds
        self._entries: dict[KeyT, tuple[float, ValueT]] = {}

    def find(self, key: KeyT) -> ValueT | None:
        entry = self._entries.get(key)
        if entry is None:
            return None
        expires_at, value = entry
        # What was kept by a clock that was ahead would be kept too long.
        if not 0 < expires_at - clock.now().timestamp() <= self._lifetime_seconds:
            del self._entries[key]
            return None
        return value

    def keep(self, key: KeyT, value: ValueT) -> None:
        if self._lifetime_seconds <= 0:
            return
        # Popped first, so that the order of the dict is the order of expiry and the first entry is the one to go.
        self._entries.pop(key, None)
        if len(self._entries) >= MAX_CACHED:
            del self._entries[next(iter(self._entries))]
        self._entries[key] = (clock.now().timestamp() + self._lifetime_seconds, value)


class CredentialCache(BriefMemory[bytes, Authenticated]):
    """Valid credentials by the digest of their secret. Wrong ones are never kept."""


class Gatekeeper:
    """Turns a presented secret into the actor it speaks for. One per process."""

    def __init__(self, db: Database, cache_seconds: float) -> None:
        self._db = db
        self._cache = CredentialCache(cache_seconds)

    async def actor_for(self, secret: str, kind: CredentialKind, request_id: str | None) -> Actor:
        """The actor of the active credential with this secret and kind.

        Raises WrongCredentialError, the same for an unknown, a revoked and another kind's secret.
        """
        credential = await self.find(secret)
        if credential is None or credential.kind != kind:
            raise WrongCredentialError(f"the {kind}'s secret is unknown or was revoked")
        return actor_of(credential, request_id)

    async def find(self, secret: str) -> Authenticated | None:
        """The active credential with this secret, of whatever kind."""
        secret_digest = digest(secret)
        credential = self._cache.find(secret_digest)
        if credential is None:
            async with self._db.across() as conn:
                credential = await queries.find_authenticated(conn, secret_digest)
            if credential is not None:
                self._cache.keep(secret_digest, credential)
        return credential


class StorefrontOrigins:
    """Which organizations list an origin as one of their storefront's pages. One per process."""

    def __init__(self, db: Database, cache_seconds: float) -> None:
        self._db = db
        self._cache = BriefMemory[str, frozenset[UUID]](cache_seconds)

    async def organizations_of(self, origin: str) -> frozenset[UUID]:
        """None for an origin that nobody could list. Raises UnavailableError."""
        if not is_origin(origin):
            return frozenset()
        found = self._cache.find(origin)
        if found is None:
            async with self._db.across() as conn:
                found = await queries.find_origin_organizations(conn, origin)
            self._cache.keep(origin, found)
        return found


def is_origin(text: str) -> bool:
    """Whether `text` is an origin as browsers spell it, and one over which health information may go."""
    return len(text) <= MAX_ORIGIN_CHARACTERS and _ORIGIN.fullmatch(text) is not None


def actor_of(credential: Authenticated, request_id: str | None) -> Actor:
    return Actor(
        credential.organization_id, credential.kind, credential.id, split_scopes(credential.scopes), request_id
    )
