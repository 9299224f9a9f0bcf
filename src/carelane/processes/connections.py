"""What one connection, one address and all together may take of a server process: bytes, time, and places.

uvicorn's protocol reads whatever comes for as long as it comes. This one counts what the head of a request takes, looks once
a second at who is too slow, and refuses connections beyond a number. Nothing of it costs a request in order more than a few
additions. Callers are answered 408, 431 or 503 where HTTP still allows an answer.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from carelane.processes.door import LOOK_SECONDS, Door
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

_TEXTS = {408: b"Request Timeout", 431: b"Request Header Fields Too Large", 503: b"Service Unavailable"}


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
