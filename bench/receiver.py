"""A webhook receiver that does next to nothing: `python -m bench.receiver` prints its URL, and answers 204 to everything."""

import asyncio
import sys
from typing import cast

import uvloop

_END_OF_HEAD = b"\r\n\r\n"
_ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"


class _Answering(asyncio.Protocol):
    """Counts bytes and reads nothing. Requests come one after the other and say how long their bodies are."""

    def __init__(self) -> None:
        self._head = b""
        self._left = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        if self._left > 0:
            self._body(len(data))
            return
        self._head += data
        end = self._head.find(_END_OF_HEAD)
        if end < 0:
            return
        beyond = len(self._head) - end - len(_END_OF_HEAD)
        self._left, self._head = _length(self._head[:end]), b""
        self._body(beyond)

    def _body(self, size: int) -> None:
        self._left -= size
        if self._left <= 0:
            self._transport.write(_ANSWER)


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Answering, "127.0.0.1", 0)
    sys.stdout.write(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve())
