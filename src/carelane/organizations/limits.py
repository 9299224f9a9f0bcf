"""How many requests an organization may send in a minute, counted once for all processes on all machines.

A process takes requests from the database in small portions and hands them out from memory, so that not every request is a
write. What is handed out never exceeds the limit; a process that holds a portion it does not need may make another refuse
too early by that much. Windows begin with the full minute.
"""

import asyncio
from datetime import datetime, timedelta
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
        return _rate_limit(window, limit, is_refused=is_refused)

    async def _take_portion(self, counted: _Counted, window: _Window, limit: int) -> None:
        async with self._db.across() as conn:
            portion = max(1, limit // PORTIONS)
            found = await queries.claim_requests(conn, *counted, window.began_at, portion, limit)
        window.held += found.granted
        window.taken = found.taken
        window.is_used_up = found.granted == 0

    def _current(self, counted: _Counted) -> _Window:
        began_at = clock.now().replace(second=0, microsecond=0)
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
    """Counts, in this process alone, the requests of an address that came without a valid credential."""

    def __init__(self) -> None:
        self._windows: dict[str, _Window] = {}

    def take(self, address: str, limit: int) -> RateLimit:
        began_at = clock.now().replace(second=0, microsecond=0)
        window = self._windows.get(address)
        if window is None or window.began_at != began_at:
            self._windows.pop(address, None)
            if len(self._windows) >= MAX_REMEMBERED:
                del self._windows[next(iter(self._windows))]
            window = self._windows[address] = _Window(began_at)
        is_refused = window.taken >= limit
        window.taken = min(limit, window.taken + 1)
        return _rate_limit(window, limit, is_refused=is_refused)


def _rate_limit(window: _Window, limit: int, *, is_refused: bool) -> RateLimit:
    remaining = max(0, limit - window.taken + window.held)
    return RateLimit(limit, remaining, int((window.began_at + WINDOW).timestamp()), is_refused)
