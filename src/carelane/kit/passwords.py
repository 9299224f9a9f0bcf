"""Passwords: argon2id hashes, made and checked in threads, a few at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from carelane.kit.errors import UnavailableError

MIN_CHARACTERS = 12
MAX_CHARACTERS = 500
# Each hash takes 19 MiB and some 30 ms of one core: two at a time leave room for everybody else's requests.
MOST_AT_ONCE = 2
MOST_WAITING = 50

# Argon2id with 19 MiB, two passes, one lane: OWASP's recommendation. Raising it re-hashes passwords as people sign in.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_hashing = asyncio.Semaphore(MOST_AT_ONCE)
_waiting = 0


def hash_now(password: str) -> str:
    """For processes that serve no requests."""
    return _HASHER.hash(password)


def is_right_now(password: str, password_hash: str) -> bool:
    """As `is_right`, for processes that serve no requests."""
    try:
        return _HASHER.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


async def is_right(password: str, password_hash: str | None) -> bool:
    """Whether it is the password. With no hash a dummy is checked, so that an unknown account takes as long.

    Raises UnavailableError when too many are waiting already.
    """
    async with _turn():
        matches = await asyncio.to_thread(is_right_now, password, password_hash or _dummy())
    return matches and password_hash is not None


async def rehashed(password: str, password_hash: str) -> str | None:
    """A new hash, if the old one was made with other parameters than today's."""
    if not _HASHER.check_needs_rehash(password_hash):
        return None
    async with _turn():
        return await asyncio.to_thread(hash_now, password)


@asynccontextmanager
async def _turn() -> AsyncIterator[None]:
    global _waiting  # noqa: PLW0603 - a count of this process
    if _waiting >= MOST_WAITING:
        raise UnavailableError("too many people sign in just now; try again in a few seconds")
    _waiting += 1
    try:
        async with _hashing:
            yield
    finally:
        _waiting -= 1


@cache
def _dummy() -> str:
    return hash_now("the password of nobody")
