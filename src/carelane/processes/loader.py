"""The process that servers and worker are forked from: it loads the code once, and they share the memory of it.

    supervisor ── loader ─┬─ server processes
                          └─ worker

When it forks it has no thread, no event loop and no connection: only code, the settings, and what is made of both. It is a
program of its own because the supervisor has all that, and may know the owner of the tables. The supervisor asks over a Unix
socket: a kind, and with it the file descriptors that the child gets. The first stays here: on it the loader tells the
child's process id, and later its exit code.

Where forks without a new program are not safe (macOS: system libraries have threads of their own) it loads nothing, and each
child begins as a program.
"""

import ctypes
import os
import select
import signal
import socket
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from carelane.processes import lifeline

FORKS = sys.platform == "linux"
# What it is started as: one that loads, or one that does not.
LOADER, STARTER = "loader", "starter"
# What it starts. As long as `loader`, so that a child can take that name off its command line, and a request is one read.
SERVER, WORKER = "server", "worker"
KIND_BYTES = 6
NUMBER = struct.Struct("!i")
_MAX_FDS = 8


def become(requests_fd: int, parent_fds: list[int], begin: Callable[[str, list[int]], None]) -> tuple[str, list[int]]:
    """Forks for each request until the supervisor is gone. Returns in the children, what they are and their descriptors.

    Those are `parent_fds`, the pipe on which a child sees that the loader is gone, and those that came with the request.
    `begin` is called in the child before; it need not return.
    """
    kind, fds = _Loader(socket.socket(fileno=requests_fd), parent_fds).run()
    begin(kind, fds)
    return kind, fds


class _Loader:
    def __init__(self, requests: socket.socket, parent_fds: list[int]) -> None:
        self._requests = requests
        self._alive, self._lifeline = lifeline.make()
        self._given = [*parent_fds, self._alive]
        # By the process id of a child: where its end is told.
        self._tellers: dict[int, int] = {}
        self._wakes, self._woken = socket.socketpair()
        for end in (self._wakes, self._woken):
            end.setblocking(False)
        # Without a handler the system would not tell of a child's end.
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wakes.fileno())

    def run(self) -> tuple[str, list[int]]:
        while True:
            ready, _, _ = select.select([self._requests, self._woken], [], [])
            if self._woken in ready:
                self._woken.recv(4096)
                self._tell_ends()
            if self._requests in ready:
                kind, fds, _, _ = socket.recv_fds(self._requests, KIND_BYTES, _MAX_FDS)
                if not kind:
                    # The supervisor is gone; the children see it themselves.
                    sys.exit()
                if self._fork(*fds):
                    return kind.decode(), [*self._given, *fds[1:]]

    def _fork(self, teller: int, *child_fds: int) -> bool:
        """True in the child. Where the system has no room for another process, the teller ends without a word: the supervisor
        tries again later, and the children that are there go on."""
        pid: int | None = None
        with suppress(OSError):
            pid = os.fork()
        if pid == 0:
            self._leave()
            os.close(teller)
            return True
        for fd in child_fds:
            os.close(fd)
        if pid is None:
            os.close(teller)
            return False
        self._tellers[pid] = teller
        _tell(teller, pid)
        return False

    def _leave(self) -> None:
        """In the child: nothing of the loader's is left. A session of its own keeps Ctrl-C at the terminal from it."""
        os.setsid()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for end in (self._requests, self._wakes, self._woken):
            end.close()
        for fd in (self._lifeline, *self._tellers.values()):
            os.close(fd)

    def _tell_ends(self) -> None:
        for pid, teller in list(self._tellers.items()):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                _tell(teller, os.waitstatus_to_exitcode(status))
                os.close(self._tellers.pop(pid))


def _tell(teller: int, number: int) -> None:
    with suppress(OSError):
        os.write(teller, NUMBER.pack(number))


def show_as(kind: str) -> None:
    """In a forked child: `ps` shows what it is, and not that it was the loader. Where that cannot be done, it does not."""
    with suppress(OSError, ValueError, IndexError):
        fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
        # Fields 48 and 49 of proc(5), counted here from the third: where the command line begins and ends.
        start, end = int(fields[45]), int(fields[46])
        place = ctypes.string_at(start, end - start).index(f"\0{LOADER}\0".encode())
        ctypes.memmove(start + place + 1, kind.encode(), KIND_BYTES)


def become_program(kind: str, fds: list[int]) -> None:
    """In a child that shares no code: starts as what it is."""
    for fd in fds:
        os.set_inheritable(fd, True)
    os.execv(sys.executable, [sys.executable, "-P", "-m", "carelane.processes.child", kind, *map(str, fds)])  # noqa: S606
