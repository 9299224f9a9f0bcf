"""How many connections a server process holds, in all and from one address, and what is told of those that it refuses."""

import asyncio
import resource
from collections import Counter
from pathlib import Path
from typing import Protocol

import structlog
from prometheus_client import Counter as CounterMetric

from carelane.kit.addresses import is_in, read_networks
from carelane.settings import Settings

LOOK_SECONDS = 1.0
# A line in the log about refused connections comes no more often.
TELL_SECONDS = 10.0
# Files that the process needs beside connections: the database's, outgoing ones, documents.
_SPARE_FILES = 24
_LEAST_CONNECTIONS = 8
_MOST_FILES = 65_536

REASONS = ("all", "address", "large_head", "slow_head", "slow_body", "slow_reader")
REFUSED = CounterMetric("carelane_connections_refused", "Connections refused or cut off", ["reason"])

log = structlog.get_logger()


class Connection(Protocol):
    """What the door knows of a connection."""

    loop: asyncio.AbstractEventLoop
    transport: asyncio.Transport

    @property
    def is_idle(self) -> bool: ...

    def refuse(self, status: int) -> None: ...

    def look(self, now: float) -> None: ...


class Door:
    """One per server process: which connections there are, and how many there may be."""

    def __init__(self, settings: Settings) -> None:
        self.patience_seconds = settings.patience_seconds
        self.bytes_per_second = settings.least_bytes_per_second
        self._most = min(settings.max_connections, _files_for_connections(settings))
        self._most_of_one = settings.max_connections_per_address
        self._proxies = read_networks(settings.trusted_proxies)
        # In the order in which they came.
        self._inside: dict[Connection, str] = {}
        self._of_address: dict[str, int] = {}
        self._refused: set[Connection] = set()
        self._untold: Counter[str] = Counter()
        # Known to who collects metrics before any is refused.
        for reason in REASONS:
            REFUSED.labels(reason)
        self._told_at = 0.0
        self._is_looking = False
        self._is_narrow = self._most < settings.max_connections

    def admit(self, connection: Connection, address: str) -> bool:
        """Whether there is a place, perhaps that of a connection that is kept open and not used."""
        if not self._is_looking:
            self._begin_to_look(connection.loop)
        if self._of_address.get(address, 0) >= self._most_from(address) and not self._close_idle(address):
            return self._refuse(connection, "address")
        if len(self._inside) >= self._most and not self._close_idle(None):
            return self._refuse(connection, "all")
        self._inside[connection] = address
        self._of_address[address] = self._of_address.get(address, 0) + 1
        return True

    def _most_from(self, address: str) -> int:
        """Behind a proxy everybody comes from its address; unless somebody said so, it gets all there are."""
        if self._most_of_one is not None:
            return min(self._most, self._most_of_one)
        return self._most if is_in(address, self._proxies) else self._most // 2

    def forget(self, connection: Connection) -> None:
        self._refused.discard(connection)
        address = self._inside.pop(connection, None)
        if address is None:
            return
        self._of_address[address] -= 1
        if not self._of_address[address]:
            del self._of_address[address]

    def tell(self, reason: str) -> None:
        REFUSED.labels(reason).inc()
        self._untold[reason] += 1

    def _refuse(self, connection: Connection, reason: str) -> bool:
        self.tell(reason)
        connection.refuse(503)
        if len(self._refused) < self._most // 4:
            self._refused.add(connection)
        else:
            connection.transport.close()
        return False

    def _close_idle(self, address: str | None) -> bool:
        for connection, its_address in self._inside.items():
            if address in (None, its_address) and connection.is_idle:
                connection.transport.abort()
                self.forget(connection)
                return True
        return False

    def _begin_to_look(self, loop: asyncio.AbstractEventLoop) -> None:
        self._is_looking = True
        loop.call_later(LOOK_SECONDS, self._look, loop)
        if self._is_narrow:
            log.warning("few_open_files", count=self._most)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for connection in (*self._inside, *self._refused):
            connection.look(now)
        if self._untold and now - self._told_at > TELL_SECONDS:
            for reason, count in self._untold.items():
                log.warning("connections_refused", name=reason, count=count)
            self._untold.clear()
            self._told_at = now
        loop.call_later(LOOK_SECONDS, self._look, loop)


def _files_for_connections(settings: Settings) -> int:
    """How many connections the system lets this process hold, after asking for as many files as it may have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, _MOST_FILES)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    most = max(soft, wanted)
    return max(_LEAST_CONNECTIONS, most - _open_files() - settings.connections_per_worker - _SPARE_FILES)


def _open_files() -> int:
    folder = Path("/dev/fd")
    return len(list(folder.iterdir())) if folder.exists() else 32
