"""A door between the server and its database that counts how often the server has to wait for an answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

_CHUNK_BYTES = 65_536
# The messages Sync and Flush: whoever sends one waits for an answer. What is longer than a chunk is answered in part before its end is here.
_ENDS = (b"S\0\0\0\4", b"H\0\0\0\4")


class WireTap:
    """`round_trips` grows by one each time bytes go to the database after it answered all that was asked before.

    `pieces` counts how often bytes went to the database at all.
    """

    def __init__(self, database_socket: Path) -> None:
        self.round_trips = 0
        self.pieces = 0
        self._database_socket = database_socket
        self._tasks: set[asyncio.Task[None]] = set()

    async def connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back_reader, back_writer = await asyncio.open_unix_connection(str(self._database_socket))
        last = ["database"]
        for source, sink, name in ((reader, back_writer, "server"), (back_reader, writer, "database")):
            task = asyncio.create_task(self._pass_on(source, sink, name, last))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass_on(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, name: str, last: list[str]
    ) -> None:
        while chunk := await source.read(_CHUNK_BYTES):
            self.pieces += name == "server"
            if name == "server":
                self.round_trips += last[0] == "database"
                last[0] = "server" if chunk.endswith(_ENDS) else "more to come"
            elif last[0] == "server":
                last[0] = "database"
            sink.write(chunk)
            await sink.drain()
        sink.close()


@asynccontextmanager
async def tapped(database_socket: Path, folder: Path) -> AsyncIterator[WireTap]:
    """Listens in `folder` under the name PostgreSQL's clients expect."""
    tap = WireTap(database_socket)
    server = await asyncio.start_unix_server(tap.connect, str(folder / database_socket.name))
    try:
        yield tap
    finally:
        server.close()
