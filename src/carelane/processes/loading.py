"""The supervisor's side of the loader: it starts it, asks it for children, and hears of their ends."""

import asyncio
import os
import signal
import socket
import sys
from contextlib import suppress
from typing import Final

from carelane.processes.loader import FORKS, LOADER, NUMBER, STARTER

# How long the end of what was killed may take to be told: then the loader hangs, and goes too.
_TOLD_SECONDS = 5.0


class Loader:
    """One process, started with the first child, and again when it is gone."""

    def __init__(self, fds: list[int], environment: dict[str, str]) -> None:
        self._fds = fds
        self._environment = environment
        self._process: asyncio.subprocess.Process | None = None
        self._requests: socket.socket | None = None
        self._starting = asyncio.Lock()

    async def start(self, kind: str, fds: list[int]) -> "Forked":
        """Asks for a child that gets copies of `fds`. While the code is being loaded it waits there."""
        async with self._starting:
            if self._process is None or self._process.returncode is not None:
                await self._launch()
        ours, theirs = socket.socketpair()
        with theirs, suppress(OSError):
            # Where the loader has just died nothing is written, and the child ends before it began.
            socket.send_fds(self._open_requests(), [kind.encode()], [theirs.fileno(), *fds])
        reader, writer = await asyncio.open_unix_connection(sock=ours)
        return Forked(self, reader, writer)

    async def stop(self) -> None:
        """Its children have been told already."""
        async with self._starting:
            self.terminate()
            self._close()
            if self._process is not None:
                await self._process.wait()

    def terminate(self) -> None:
        """Also while it loads: there is nothing that it would have to finish. Its children end as SIGTERM ends them."""
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        """For one that hangs."""
        self._send(signal.SIGKILL)

    def _send(self, number: int) -> None:
        """Not `Process.terminate`: it asks first whether the process has ended, and takes that answer away from asyncio's own
        watcher, which then warns of a process that it does not know."""
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self._process.pid, number)

    async def _launch(self) -> None:
        self._close()
        self._requests, theirs = socket.socketpair()
        fds = [theirs.fileno(), *self._fds]
        kind = LOADER if FORKS else STARTER
        with theirs:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", "carelane.processes.child", kind, *map(str, fds)),
                env=self._environment,
                pass_fds=fds,
                stdin=asyncio.subprocess.DEVNULL,
                start_new_session=True,
            )

    def _open_requests(self) -> socket.socket:
        assert self._requests is not None
        return self._requests

    def _close(self) -> None:
        if self._requests is not None:
            self._requests.close()


class Forked:
    """A child of the loader: what `asyncio.subprocess.Process` is for a child of our own."""

    pid: int | None = None
    # None also when the loader was gone before it could tell.
    exit_code: int | None = None

    def __init__(self, loader: Loader, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._loader: Final = loader
        self._reader: Final = reader
        self._writer: Final = writer
        self._ended = asyncio.Event()

    async def watch(self) -> None:
        """Until it has ended."""
        with suppress(asyncio.IncompleteReadError, OSError):
            self.pid = await self._read_number()
            self.exit_code = await self._read_number()
        self._writer.close()
        self._ended.set()

    async def stop(self, seconds: float) -> None:
        """Asks it to end, and kills it after `seconds`."""
        if self.pid is None:
            # The code is being loaded still, or the loader is about to fork it: either way nothing has begun that would be lost.
            self._loader.terminate()
        self._send(signal.SIGTERM)
        try:
            await asyncio.wait_for(self._ended.wait(), seconds)
        except TimeoutError:
            await self.kill()

    async def kill(self) -> None:
        self._send(signal.SIGKILL)
        try:
            await asyncio.wait_for(self._ended.wait(), _TOLD_SECONDS)
        except TimeoutError:
            self._loader.kill()

    def _send(self, number: int) -> None:
        if self.pid is not None and not self._ended.is_set():
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    async def _read_number(self) -> int:
        (number,) = NUMBER.unpack(await self._reader.readexactly(NUMBER.size))
        return int(number)
