"""How many requests an organization may send in a minute, counted once for all processes on all machines.

A process takes requests from the database in small portions and hands them out from memory, so that not every request is a
write. What is handed out never exceeds the limit; a process that holds a portion it does not need may make another refuse
too early by that much. Windows begin with the full minute.

What no organization can be blamed for is counted by the caller's address, in each process by itself.
"""

import asyncio
import ipaddress
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from carelane.kit import clock
from carelane.kit.db import Database
from carelane.organizations import queries

WINDOW = timedelta(minutes=1)
# A process that uses up a window alone asks the database at most this many times.
PORTIONS = 50
# A few hundred bytes each; the oldest go first.
MAX_REMEMBERED = 10_000

# Each kind of requests has a limit of its own.
Kind = Literal["billing", "calendar"]
_Counted = tuple[UUID, Kind]


class RateLimit(msgspec.Struct, frozen=True):
    """What callers are told: of `limit` requests, `remaining` are left until the moment `resets_at` (Unix seconds)."""

    limit: int
    remaining: int
    resets_at: int
    is_refused: bool = False


class _Window(msgspec.Struct):
    began_at: datetime
    # Taken from the database and not handed out yet.
    held: int = 0
    # Of all processes, as far as this one knows.
    taken: int = 0
    is_used_up: bool = False


class RequestLimiter:
    """One per process."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._windows: dict[_Counted, _Window] = {}
        self._asking: dict[_Counted, asyncio.Lock] = {}

    async def take(self, organization_id: UUID, kind: Kind, limit: int) -> RateLimit:
        """One request of the organization's; refused when the limit of its kind is reached."""
        counted = organization_id, kind
        window = self._current(counted)
        if window.held == 0 and not window.is_used_up:
            async with self._asking.setdefault(counted, asyncio.Lock()):
                window = self._current(counted)
                if window.held == 0 and not window.is_used_up:
                    await self._take_portion(counted, window, limit)
        is_refused = window.held == 0
        window.held = max(0, window.held - 1)
        return _rate_limit(window, limit, WINDOW, is_refused=is_refused)

    async def _take_portion(self, counted: _Counted, window: _Window, limit: int) -> None:
        async with self._db.across() as conn:
            portion = max(1, limit // PORTIONS)
            found = await queries.claim_requests(conn, *counted, window.began_at, portion, limit)
        window.held += found.granted
        window.taken = found.taken
        window.is_used_up = found.granted == 0

    def _current(self, counted: _Counted) -> _Window:
        began_at = _beginning()
        window = self._windows.get(counted)
        if window is None or window.began_at != began_at:
            self._windows.pop(counted, None)
            if len(self._windows) >= MAX_REMEMBERED:
                oldest = next(iter(self._windows))
                del self._windows[oldest]
                self._asking.pop(oldest, None)
            window = self._windows[counted] = _Window(began_at)
        return window


class AddressLimiter:
    """Counts what comes from an address without a valid credential, such as a wrong password, from the first of it on."""

    def __init__(self, length: timedelta = WINDOW) -> None:
        self._length = length
        self._windows: dict[str, _Window] = {}

    def take(self, address: str, limit: int) -> RateLimit:
        window = self._current(address)
        is_refused = window.taken >= limit
        window.taken = min(limit, window.taken + 1)
        return _rate_limit(window, limit, self._length, is_refused=is_refused)

    def give_back(self, address: str) -> None:
        """What was taken turned out to be good."""
        window = self._current(address)
        window.taken = max(0, window.taken - 1)

    def _current(self, address: str) -> _Window:
        owner, now = network_of(address), clock.now()
        window = self._windows.get(owner)
        if window is None or not window.began_at <= now < window.began_at + self._length:
            self._windows.pop(owner, None)
            if len(self._windows) >= MAX_REMEMBERED:
                del self._windows[next(iter(self._windows))]
            window = self._windows[owner] = _Window(now)
        return window


def network_of(address: str) -> str:
    """Whoever has one IPv6 address has the 2⁶⁴ of its network, so these count as one."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(known, ipaddress.IPv4Address):
        return address
    return str(known.ipv4_mapped or ipaddress.ip_network((known, 64), strict=False))


def _beginning() -> datetime:
    """Of the window that all processes count in now."""
    seconds = int(WINDOW.total_seconds())
    return datetime.fromtimestamp(int(clock.now().timestamp()) // seconds * seconds, UTC)


def _rate_limit(window: _Window, limit: int, length: timedelta, *, is_refused: bool) -> RateLimit:
    remaining = max(0, limit - window.taken + window.held)
    return RateLimit(limit, remaining, int((window.began_at + length).timestamp()), is_refused)
