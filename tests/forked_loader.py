"""The loader of a server that was forked itself. The supervisor starts it as a program, which would import for a second what this
process has imported already: the first time a process takes its place that was forked before the supervisor had anything.

What it does is the program's own: `carelane.processes.child`, with the same arguments, environment and descriptors. Of a server
that is started as a program itself, in tests/processes, so is the loader.
"""

import asyncio
import fcntl
import os
import socket
import sys
import threading
from contextlib import suppress
from typing import Any

import msgspec

from carelane.processes import child

_MOST_BYTES = 1 << 20
_MOST_FDS = 8
# Beyond all that the supervisor has opened.
_FREE_FD = 500


class _Launch(msgspec.Struct, frozen=True):
    command: tuple[str, ...]
    environment: dict[str, str]
    fds: list[int]


def prepare() -> None:
    """Before a supervisor begins, in its process."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    pid = os.fork()
    if pid == 0:
        ours.close()
        _become(theirs)
    theirs.close()
    start_program, waiting = asyncio.create_subprocess_exec, [_Waiting(pid, ours)]

    async def start(*command: str, env: dict[str, str], pass_fds: list[int], **more: Any) -> Any:
        if waiting:
            return waiting.pop().launch(_Launch(command, env, pass_fds))
        return await start_program(*command, env=env, pass_fds=pass_fds, **more)

    asyncio.create_subprocess_exec = start


class _Waiting:
    def __init__(self, pid: int, requests: socket.socket) -> None:
        self._pid = pid
        self._requests = requests

    def launch(self, launch: _Launch) -> "_Launched":
        with self._requests:
            socket.send_fds(self._requests, [msgspec.json.encode(launch)], launch.fds)
        return _Launched(self._pid)


class _Launched:
    """What the supervisor uses of `asyncio.subprocess.Process`."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._loop = asyncio.get_running_loop()
        self._ended = asyncio.Event()
        threading.Thread(target=self._reap, daemon=True).start()

    async def wait(self) -> int | None:
        await self._ended.wait()
        return self.returncode

    def _reap(self) -> None:
        _, status = os.waitpid(self.pid, 0)
        # The loop may be closed by then.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._end, os.waitstatus_to_exitcode(status))

    def _end(self, code: int) -> None:
        self.returncode = code
        self._ended.set()


def _become(requests: socket.socket) -> None:
    """In the process that waits. Without a request the supervisor is gone."""
    message, fds, _, _ = socket.recv_fds(requests, _MOST_BYTES, _MOST_FDS)
    requests.close()
    if not message:
        sys.exit()
    launch = msgspec.json.decode(message, type=_Launch)
    os.setsid()
    # First out of the way, for one may stand where another belongs.
    moved = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, _FREE_FD) for fd in fds]
    for fd in fds:
        os.close(fd)
    for fd, place in zip(moved, launch.fds, strict=True):
        os.dup2(fd, place, inheritable=False)
        os.close(fd)
    os.environ.clear()
    os.environ.update(launch.environment)
    sys.argv = list(launch.command[launch.command.index(child.__name__) :])
    child.main()
    sys.exit()
