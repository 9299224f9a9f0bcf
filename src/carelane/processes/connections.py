"""What one connection, one address and all together may take of a server process: bytes, time, and places.

uvicorn's protocol reads whatever comes for as long as it comes. This one counts what the head of a request takes, looks once
a second at who is too slow, and refuses connections beyond a number. Nothing of it costs a request in order more than a few
additions. Callers are answered 408, 431 or 503 where HTTP still allows an answer.
"""

import asyncio
import resource
from collections import Counter
from pathlib import Path
from typing import Any

import structlog
from prometheus_client import Counter as CounterMetric
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from carelane.settings import Settings
from carelane.web.edge import TOO_SLOW

# Of one head: the target, all headers and trailers, and the bytes that make no header yet.
MAX_HEAD_BYTES = 32_768
MAX_HEADERS = 100
# Requests that a caller sends ahead, before the first is answered.
MAX_PIPELINED = 16
# A body that has begun may stop coming for so many times the patience, however fast it came before.
SILENCES = 3
# How far an answer was taken is looked at this often.
ANSWER_SECONDS = 30.0
# Who was answered before it had sent everything gets this long to finish.
AFTERWARDS_SECONDS = 5.0
# A refused caller gets this long to read why, if there is room for it as well.
REFUSED_SECONDS = 2.0
LOOK_SECONDS = 1.0
# A line in the log about refused connections comes no more often.
TELL_SECONDS = 10.0
# Files that the process needs beside connections: the database's, outgoing ones, documents.
_SPARE_FILES = 24
_LEAST_CONNECTIONS = 8
_MOST_FILES = 65_536

_TEXTS = {408: b"Request Timeout", 431: b"Request Header Fields Too Large", 503: b"Service Unavailable"}
REASONS = ("all", "address", "large_head", "slow_head", "slow_body", "slow_reader")
REFUSED = CounterMetric("carelane_connections_refused", "Connections refused or cut off", ["reason"])

log = structlog.get_logger()


class Door:
    """One per server process: which connections there are, and how many there may be."""

    def __init__(self, settings: Settings) -> None:
        self.patience_seconds = settings.patience_seconds
        self.bytes_per_second = settings.least_bytes_per_second
        self._most = min(settings.max_connections, _files_for_connections(settings))
        self._most_of_one = min(self._most, settings.max_connections_per_address)
        # In the order in which they came.
        self._inside: dict[GuardedProtocol, str] = {}
        self._of_address: dict[str, int] = {}
        self._refused: set[GuardedProtocol] = set()
        self._untold: Counter[str] = Counter()
        # Known to who collects metrics before any is refused.
        for reason in REASONS:
            REFUSED.labels(reason)
        self._told_at = 0.0
        self._is_looking = False
        self._is_narrow = self._most < settings.max_connections

    def admit(self, connection: "GuardedProtocol", address: str) -> bool:
        """Whether there is a place, perhaps that of a connection that is kept open and not used."""
        if not self._is_looking:
            self._begin_to_look(connection.loop)
        if self._of_address.get(address, 0) >= self._most_of_one and not self._close_idle(address):
            return self._refuse(connection, "address")
        if len(self._inside) >= self._most and not self._close_idle(None):
            return self._refuse(connection, "all")
        self._inside[connection] = address
        self._of_address[address] = self._of_address.get(address, 0) + 1
        return True

    def forget(self, connection: "GuardedProtocol") -> None:
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

    def _refuse(self, connection: "GuardedProtocol", reason: str) -> bool:
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


class GuardedProtocol(HttpToolsProtocol):
    """One connection."""

    def __init__(self, door: Door, **given: Any) -> None:
        super().__init__(**given)
        self._door = door
        # Since when the head or the body in hand has been coming; None when none is.
        self._head_since: float | None = None
        self._body_since: float | None = None
        self._answered_at: float | None = None
        self._closes_at: float | None = None
        self._head_bytes = self._headers = self._body_bytes = 0
        # What comes is not looked at any more.
        self._is_deaf = False
        self._unwritten = (0.0, 0)
        # When the body was last seen to have grown, and how far.
        self._body_before = (0.0, -1)
        self._looked_at = self.loop.time()

    # ---- what uvicorn's protocol is told

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self._door.admit(self, self.client[0] if self.client else ""):
            self._head_since = self.loop.time()

    def connection_lost(self, exc: Exception | None) -> None:
        self._door.forget(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._is_deaf:
            return
        if self._body_since is None:
            if self._head_since is None:
                self._head_since = self.loop.time()
            self._head_bytes += len(data)
        super().data_received(data)
        if self._head_since is not None and self._head_bytes > MAX_HEAD_BYTES:
            self._refuse_head()

    def on_message_begin(self) -> None:
        # What came with the end of the request before is not counted twice.
        self._head_bytes = self._headers = 0
        if self._head_since is None:
            self._head_since = self.loop.time()
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        self._head_bytes += len(url)
        if self._head_bytes <= MAX_HEAD_BYTES:
            super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Also called for the trailers of a body."""
        self._headers += 1
        self._head_bytes += len(name) + len(value)
        if self._head_bytes > MAX_HEAD_BYTES or self._headers > MAX_HEADERS:
            self._refuse_head()
        else:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        if self._is_deaf:
            return
        if len(self.pipeline) >= MAX_PIPELINED:
            # The newest of those that wait is the last that is answered.
            self.pipeline[0][0].keep_alive = False
            self._is_deaf = True
            return
        self._head_since, self._body_since, self._body_bytes = None, self.loop.time(), 0
        self._body_before = (0.0, -1)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if not self._is_deaf:
            self._body_bytes += len(body)
            super().on_body(body)

    def on_message_complete(self) -> None:
        if not self._is_deaf:
            self._body_since = None
            super().on_message_complete()

    def on_response_complete(self) -> None:
        self._answered_at = self.loop.time()
        super().on_response_complete()

    # ---- what becomes of those who take too much

    @property
    def is_idle(self) -> bool:
        """Kept open, and nothing asked."""
        if self._head_since is not None:
            return self._head_bytes == 0 and self.loop.time() - self._head_since > LOOK_SECONDS
        is_answered = self.cycle is not None and self.cycle.response_complete
        return is_answered and self._body_since is None and not self.pipeline

    def refuse(self, status: int) -> None:
        """Answers without asking the application, and hears nothing more."""
        self._is_deaf = True
        self._closes_at = self.loop.time() + REFUSED_SECONDS
        if self.cycle is not None and not self.cycle.response_complete:
            # The answer to a request before this one is on its way; no other can be given.
            self.transport.abort()
            return
        text = _TEXTS[status]
        retry = b"retry-after: 2\r\n" if status == 503 else b""
        head = b"content-type: text/plain\r\ncontent-length: %d\r\nconnection: close\r\n" % len(text)
        self.transport.write(b"".join((STATUS_LINE[status], head, retry, b"\r\n", text)))
        # Closing at once, with something of the caller's unread, would take the answer back.
        self.transport.write_eof()

    def look(self, now: float) -> None:
        """Called once a second."""
        passed, self._looked_at = now - self._looked_at, now
        if self._closes_at is not None and now > self._closes_at:
            self.transport.abort()
        elif not self._is_deaf:
            self._look_at_input(now, passed)
        self._look_at_output(now)

    def _look_at_input(self, now: float, passed: float) -> None:
        if self.flow.read_paused or (self.cycle is not None and self.cycle.waiting_for_100_continue):
            # It is us who do not read, or have not asked for it yet.
            self._head_since = None if self._head_since is None else self._head_since + passed
            self._body_since = None if self._body_since is None else self._body_since + passed
        elif self._head_since is not None and now - self._head_since > self._door.patience_seconds:
            self._end_head()
        elif self._body_since is not None:
            self._look_at_body(now, now - self._body_since)

    def _end_head(self) -> None:
        if self._head_bytes == 0:
            # A connection that nobody used.
            self.transport.close()
            return
        self._door.tell("slow_head")
        self.refuse(408)

    def _refuse_head(self) -> None:
        if not self._is_deaf:
            self._door.tell("large_head")
            self.refuse(431)

    def _look_at_body(self, now: float, seconds: float) -> None:
        if self.cycle.response_complete:
            if now - (self._answered_at or now) > AFTERWARDS_SECONDS:
                self.transport.close()
        elif self._is_slow(now, seconds):
            self._door.tell("slow_body")
            self._is_deaf = True
            self._closes_at = now + REFUSED_SECONDS + AFTERWARDS_SECONDS
            # Whoever waits for the body is told, and answers in its dialect.
            self.cycle.scope["state"][TOO_SLOW] = True
            self.cycle.keep_alive = False
            self.cycle.message_event.set()

    def _is_slow(self, now: float, seconds: float) -> bool:
        if self._body_bytes != self._body_before[1]:
            self._body_before = (now, self._body_bytes)
        patience = self._door.patience_seconds
        is_silent = now - self._body_before[0] > SILENCES * patience
        return is_silent or seconds > patience + self._body_bytes / self._door.bytes_per_second

    def _look_at_output(self, now: float) -> None:
        """An answer must be taken at the least rate too."""
        since, before = self._unwritten
        size = self.transport.get_write_buffer_size()
        if size == 0 or since == 0.0:
            self._unwritten = (now if size else 0.0, size)
        elif now - since > ANSWER_SECONDS:
            if before - size < ANSWER_SECONDS * self._door.bytes_per_second:
                self._door.tell("slow_reader")
                self.transport.abort()
            self._unwritten = (now, size)


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
