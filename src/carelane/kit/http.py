"""Outgoing HTTP: time-outs, a cap on answers, no redirects, no private addresses, and one question answered exactly:
did the request perhaps arrive?

Addresses are judged when the socket is made, after the name was resolved: a name that pointed elsewhere when it was
checked (DNS rebinding) leads nowhere.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import msgspec
from aiohttp.client_proto import ResponseHandler
from yarl import URL

from carelane.kit.addresses import Address, is_public, meant, read_networks

MAX_ANSWER_BYTES = 26_214_400
MOST_CONNECTIONS = 100
_CONNECT_SECONDS = 5.0
# Of an answer whose body nobody wants: more than this, or longer, is not worth a connection.
_MOST_DRAINED_BYTES = 8_192
_DRAIN_SECONDS = 0.5
# So long the beginning of a body is waited for that is only glanced at.
_GLANCE_SECONDS = 0.25
_MOST_DRAINING = 32


class OutgoingError(Exception):
    """No usable answer was received. The message is one of our own words, fit for a log: never what was sent."""

    def __init__(self, message: str, http_status: int | None = None) -> None:
        self.http_status = http_status
        super().__init__(message)


class NotSentError(OutgoingError):
    """The request did not leave: sending it again is safe."""


class TargetRefusedError(NotSentError):
    """The target is private, link-local or otherwise no public address, and the settings do not allow it."""


class OutcomeUnknownError(OutgoingError):
    """The request left, or may have: the other side may have acted on it."""


class HttpAnswer(msgspec.Struct, frozen=True):
    """What came back; `headers` have lower-case names."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def __repr__(self) -> str:
        return f"HttpAnswer({self.status}, ***)"


class Http:
    """One per process. `allowed` are networks that may be reached although they are private."""

    def __init__(self, allowed: str = "") -> None:
        self._allowed = read_networks(allowed)
        self._session: aiohttp.ClientSession | None = None
        self._draining: set[asyncio.Task[None]] = set()

    async def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        timeout_seconds: float,
        most_bytes: int = MAX_ANSWER_BYTES,
        glance_bytes: int | None = None,
    ) -> HttpAnswer:
        """One request, one answer of whatever status. Raises NotSentError or OutcomeUnknownError.

        With `glance_bytes` it is there with its status line and headers, whatever its body does, and with what of that came soon, at
        most so many bytes. What is left of a short body is read behind the caller's back, so that the connection serves the next
        request; of any other it is closed.
        """
        self.require_allowed(url)
        # Less than the whole, so that running out of time to connect is told apart from running out of time to answer.
        connect_seconds = min(_CONNECT_SECONDS, timeout_seconds / 2)
        times = aiohttp.ClientTimeout(total=timeout_seconds, connect=connect_seconds)
        try:
            answer = await self._opened().request(
                method, _as_written(url), headers=headers, data=body, timeout=times, allow_redirects=False
            )
            if glance_bytes is None:
                async with answer:
                    content = await _read_capped(answer, most_bytes)
            else:
                content = await _glance(answer, glance_bytes) if glance_bytes else b""
                self._leave(answer)
            return HttpAnswer(answer.status, {name.lower(): value for name, value in answer.headers.items()}, content)
        except (
            aiohttp.ClientConnectorError,
            aiohttp.ConnectionTimeoutError,
            aiohttp.InvalidURL,
            # A name that no question to a name server can hold.
            UnicodeError,
        ) as error:
            if isinstance(error, aiohttp.ClientConnectorError) and isinstance(error.os_error, _RefusedAddressError):
                raise TargetRefusedError(str(error.os_error)) from error
            raise NotSentError(f"no connection ({type(error).__name__})") from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise OutcomeUnknownError(f"no answer ({type(error).__name__})") from error

    def require_allowed(self, url: str) -> None:
        """Raises TargetRefusedError for what is no http(s) URL, and for a literal address that may not be reached."""
        try:
            parts = urlsplit(url)
            _ = parts.port
        except ValueError as error:
            raise TargetRefusedError("the URL cannot be read") from error
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.password:
            raise TargetRefusedError("expected an http or https URL without a user name")
        try:
            address = ipaddress.ip_address(parts.hostname)
        except ValueError:
            return
        self._require_address(address)

    async def require_public(self, url: str) -> None:
        """As `require_allowed`, and resolves the name now: for telling a person at once. Raises TargetRefusedError."""
        self.require_allowed(url)
        host = urlsplit(url).hostname or ""
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise TargetRefusedError(f"the name {host} cannot be resolved") from error
        for entry in found:
            self._require_address(ipaddress.ip_address(entry[4][0]))

    async def close(self) -> None:
        for task in self._draining:
            task.cancel()
        await asyncio.gather(*self._draining, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _leave(self, answer: aiohttp.ClientResponse) -> None:
        """Sees to it that the connection of an answer whose body nobody wants is free again, or closed."""
        if answer.content.at_eof():
            answer.release()
        elif (answer.content_length or 0) > _MOST_DRAINED_BYTES or len(self._draining) >= _MOST_DRAINING:
            answer.close()
        else:
            task = asyncio.create_task(_drain(answer))
            self._draining.add(task)
            task.add_done_callback(self._draining.discard)

    def _require_address(self, address: Address) -> None:
        address = meant(address)
        if any(address in network for network in self._allowed if network.version == address.version):
            return
        if not is_public(address):
            raise TargetRefusedError(f"{address} is no public address; CARELANE_ALLOWED_NETWORKS can allow it")

    def _opened(self) -> aiohttp.ClientSession:
        """Made on first use, because it belongs to the event loop that runs then."""
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=MOST_CONNECTIONS, socket_factory=self._make_socket)
            connector._factory = partial(_HeadFirst, loop=asyncio.get_running_loop())  # type: ignore[assignment]
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                # What is not unpacked here must not be asked for packed.
                headers={"Accept-Encoding": "identity"},
                auto_decompress=False,
                trust_env=False,
            )
        return self._session

    def _make_socket(self, info: Any) -> socket.socket:
        family, kind, protocol, _, address = info
        try:
            self._require_address(ipaddress.ip_address(address[0]))
        except TargetRefusedError as error:
            raise _RefusedAddressError from error
        made = socket.socket(family, kind, protocol)
        made.setblocking(False)
        return made


class _HeadFirst(ResponseHandler):
    """Hands aiohttp's parser the head of an answer apart from what follows: after a fault in one piece of input, such as a body
    where 204 allows none, it would not even tell the status."""

    _END = b"\r\n\r\n"
    _tail_of_head = b""

    def data_received(self, data: bytes) -> None:
        before = self._tail_of_head
        found = (before + data).find(self._END)
        end = found + len(self._END) - len(before) if found >= 0 else 0
        if 0 < end < len(data):
            super().data_received(data[:end])
            data = data[end:]
        self._tail_of_head = data[1 - len(self._END) :]
        super().data_received(data)


class _RefusedAddressError(OSError):
    """How a refused address passes through aiohttp's connector, which joins unlike errors of several addresses into one."""

    def __init__(self) -> None:
        super().__init__("the name leads to no public address; CARELANE_ALLOWED_NETWORKS can allow it")


def _as_written(url: str) -> URL:
    """aiohttp would write a path or a query anew: `%2F` in a query became `/`."""
    return URL(url, encoded=url.isascii() and url.isprintable() and " " not in url)


async def _glance(answer: aiohttp.ClientResponse, most_bytes: int) -> bytes:
    """The beginning of a body; what it does after its head is no matter."""
    seen = bytearray()
    try:
        async with asyncio.timeout(_GLANCE_SECONDS):
            async for part in answer.content.iter_any():
                seen += part[: most_bytes - len(seen)]
                if len(seen) >= most_bytes:
                    break
    except (aiohttp.ClientError, TimeoutError, OSError, RuntimeError):
        pass
    except asyncio.CancelledError:
        answer.close()
        raise
    return bytes(seen)


async def _drain(answer: aiohttp.ClientResponse) -> None:
    """A connection is free once its answer was read to the end; else it is closed."""
    try:
        async with asyncio.timeout(_DRAIN_SECONDS):
            await _read_capped(answer, _MOST_DRAINED_BYTES)
        answer.release()
    except (aiohttp.ClientError, TimeoutError, OSError, RuntimeError):
        # RuntimeError: what aiohttp says of a connection that is gone amid a body that it cannot read.
        answer.close()
    except asyncio.CancelledError:
        answer.close()
        raise


async def _read_capped(answer: aiohttp.ClientResponse, most_bytes: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in answer.content.iter_any():
        size += len(part)
        if size > most_bytes:
            raise aiohttp.ClientPayloadError(f"an answer of more than {most_bytes} bytes")
        parts.append(part)
    return b"".join(parts)
