"""Passwords: argon2id hashes, made and checked in threads, a few at once and in turns."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from carelane.kit.errors import UnavailableError
from carelane.kit.turns import NoTurnError, Turns

MIN_CHARACTERS = 12
MAX_CHARACTERS = 500
# Each hash takes 19 MiB and some 30 ms of one core: two at a time, of two callers, leave room for everybody else's requests.
MOST_AT_ONCE = 2
WAIT_SECONDS = 15.0

# Argon2id with 19 MiB, two passes, one lane: OWASP's recommendation. Raising it re-hashes passwords as people sign in.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_turns = Turns(MOST_AT_ONCE, 1, WAIT_SECONDS)


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
    """Whether it is the password. With no hash a dummy is checked, so that an unknown account takes as long. In a `turn`."""
    matches = await asyncio.to_thread(is_right_now, password, password_hash or _dummy())
    return matches and password_hash is not None


async def hashed(password: str) -> str:
    """As `hash_now`, for processes that serve requests. In a `turn`."""
    return await asyncio.to_thread(hash_now, password)


async def rehashed(password: str, password_hash: str) -> str | None:
    """A new hash, if the old one was made with other parameters than today's. In a `turn`."""
    if not _HASHER.check_needs_rehash(password_hash):
        return None
    return await hashed(password)


@asynccontextmanager
async def turn(caller: str) -> AsyncIterator[None]:
    """For what hashes: one at a time of each caller, and callers in rotation, so that however many tries somebody sends at once,
    everybody else waits for one of them at most. Raises UnavailableError when the turn does not come in time."""
    try:
        await _turns.take(caller)
    except NoTurnError:
        raise UnavailableError("too many people sign in just now; try again in a few seconds") from None
    try:
        yield
    finally:
        _turns.give_back(caller)


@cache
def _dummy() -> str:
    return hash_now("the password of nobody")
