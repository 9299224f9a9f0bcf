"""How the body of a request is taken in: what may be sent, and what happens to large ones.

A body of up to SMALL_BYTES is read at once, in the event loop: that takes less than handing it over. A larger one waits for its
turn, so that memory holds few of them and nobody holds them all; it is decoded in another thread, one at a time, in
steps so short that the requests in hand hardly notice; and it is let go as soon as that is done.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from litestar import Request
from litestar.types import Empty

from carelane.kit.auth import Actor
from carelane.kit.errors import EncodedBodyError, UnavailableError
from carelane.kit.turns import NoTurnError, Turns
from carelane.settings import Settings
from carelane.web.edge import AT_END
from carelane.web.html.security import AnyConnection
from carelane.web.weight import Body
from carelane.web.wire import JsonBody

SMALL_BYTES = 32_768
# An owner of large bodies may hold this part of what there is room for.
_SHARE = 2
_WAIT_SECONDS = 15.0

_READ = b"read"

T = TypeVar("T")


class LargeBodies:
    """What a process knows of the large bodies in hand."""

    def __init__(self, settings: Settings) -> None:
        most_bytes = settings.large_bodies_bytes
        self._room = Turns(most_bytes, most_bytes // _SHARE, _WAIT_SECONDS)
        self._reading = Turns(1, 1, _WAIT_SECONDS)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="bodies")

    async def make_room(self, owner: str, size: int) -> Callable[[], None]:
        """Waits until there is room; what is returned gives it back. Raises UnavailableError."""
        try:
            await self._room.take(owner, size)
        except NoTurnError:
            raise UnavailableError("too many large bodies at once; send them one after the other") from None
        return lambda: self._room.give_back(owner, size)

    async def aside(self, owner: str, work: Callable[[], T]) -> T:
        """Does the work in the other thread. Raises UnavailableError."""
        try:
            async with self._reading.turn(owner):
                return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except NoTurnError:
            raise UnavailableError("too many large bodies at once; send them one after the other") from None

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)


class BodyRequest(Request[Any, Actor, Any]):
    """The class of all requests. Those that a surface's guard has let in have their actor as `auth`."""

    # What a large body was read as, in a tuple, or None.
    read_before: tuple[Any] | None = None
    _digest: bytes | None = None

    async def body(self) -> bytes:
        """Raises EncodedBodyError, BodyTooLargeError, UnavailableError, and what reading a large one raises."""
        if self.read_before is not None:
            return _READ
        if self._body is not Empty or self._connection_state.body is not Empty:
            return await super().body()
        if self.headers.get("content-encoding", "identity").strip().lower() not in {"identity", ""}:
            raise EncodedBodyError
        body = await self._receive()
        dto = self.route_handler.resolve_data_dto()
        if len(body) <= SMALL_BYTES or dto is None or not issubclass(dto, JsonBody):
            self._body = self._connection_state.body = bytes(body)
            return self._body
        await self._read_aside(dto(self), body)
        # Litestar asks whether there is one, and hands it back to the reader, who has read it.
        return _READ

    async def fingerprint(self) -> bytes:
        """The body, or of one that was large its digest: two requests with the same one say the same."""
        return self._digest if self._digest is not None else await self.body()

    async def _receive(self) -> Body:
        """Before more than SMALL_BYTES of it are held, the body has its room."""
        parts: list[bytes] = []
        size = 0
        stream = self.stream()
        async for part in stream:
            size += len(part)
            parts.append(part)
            if size > SMALL_BYTES:
                return await self._receive_large(b"".join(parts), stream)
        return b"".join(parts)

    async def _receive_large(self, begun: bytes, stream: AsyncIterator[bytes]) -> bytearray:
        """Each part is put into its place as it comes: to join a large body in the end takes long, and twice the memory."""
        size = self.content_length or self.route_handler.resolve_request_max_body_size() or len(begun)
        self.scope["state"].setdefault(AT_END, []).append(await self._bodies.make_room(self._owner, size))
        body = bytearray(begun)
        async for part in stream:
            body += part
        return body

    async def _read_aside(self, dto: JsonBody, body: Body) -> None:
        def read() -> tuple[Any]:
            self._digest = hashlib.sha256(body).digest()
            return (dto.read(body),)

        self.read_before = await self._bodies.aside(self._owner, read)

    @property
    def _bodies(self) -> LargeBodies:
        return self.app.state.large_bodies  # type: ignore[no-any-return]

    @property
    def _owner(self) -> str:
        """Whose share it is: the organization's, or the address's while nobody has said who is calling."""
        actor = self.scope.get("auth")
        return str(actor.organization_id) if isinstance(actor, Actor) else caller_address(self)


def caller_address(connection: AnyConnection) -> str:
    """Where it came from; behind a trusted proxy, where that says it came from. Empty on a socket without addresses."""
    return connection.client.host if connection.client else ""
