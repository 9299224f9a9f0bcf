"""The door from a presented secret to the actor it speaks for."""

from carelane.kit import clock
from carelane.kit.auth import Actor, digest, split_scopes
from carelane.kit.db import Database
from carelane.kit.errors import WrongCredentialError
from carelane.organizations import queries
from carelane.organizations.queries import Authenticated, CredentialKind

# An entry is about 1 kB; the cache of a process stays below some 10 MB however many organizations call.
MAX_CACHED = 10_000


class CredentialCache:
    """Valid credentials by the digest of their secret, each for `lifetime_seconds`. Wrong ones are never kept."""

    def __init__(self, lifetime_seconds: float) -> None:
        self._lifetime_seconds = lifetime_seconds
        self._entries: dict[bytes, tuple[float, Authenticated]] = {}

    def find(self, secret_digest: bytes) -> Authenticated | None:
        entry = self._entries.get(secret_digest)
        if entry is None:
            return None
        expires_at, credential = entry
        # What was kept by a clock that was ahead would be kept too long.
        if not 0 < expires_at - clock.now().timestamp() <= self._lifetime_seconds:
            del self._entries[secret_digest]
            return None
        return credential

    def keep(self, secret_digest: bytes, credential: Authenticated) -> None:
        if self._lifetime_seconds <= 0:
            return
        # Popped first, so that the order of the dict is the order of expiry and the first entry is the one to go.
        self._entries.pop(secret_digest, None)
        if len(self._entries) >= MAX_CACHED:
            del self._entries[next(iter(self._entries))]
        self._entries[secret_digest] = (clock.now().timestamp() + self._lifetime_seconds, credential)


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


def actor_of(credential: Authenticated, request_id: str | None) -> Actor:
    return Actor(
        credential.organization_id, credential.kind, credential.id, split_scopes(credential.scopes), request_id
    )
