"""The sockets that server processes accept connections on. The supervisor opens and keeps them: a caller who connects while
a process restarts waits a moment, and is not refused.
"""

import errno
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from carelane.kit.errors import MendableError
from carelane.settings import Settings

BACKLOG = 2048
# The processes of a supervisor that was killed release the port within moments.
_BIND_AGAIN_SECONDS = 2.0
# On Linux the kernel distributes new connections evenly among the sockets of a port. With one socket for all, whichever
# process is awake takes nearly all of them: 15 of 16 that were opened at once, measured.
_ONE_EACH = sys.platform == "linux"

_Address = tuple[socket.AddressFamily, Any]


class CannotServeError(MendableError):
    """The server cannot start; the message says why and what would help."""


@contextmanager
def open_sockets(settings: Settings) -> Iterator[list[socket.socket]]:
    """One listening socket for each server process. Raises CannotServeError."""
    with ExitStack() as stack:
        try:
            family, address = _find_address(settings)
            sockets = [stack.enter_context(_open(family, address))]
            while len(sockets) < settings.workers:
                more = _open(family, sockets[0].getsockname()) if _ONE_EACH else sockets[0].dup()
                sockets.append(stack.enter_context(more))
        except (OSError, UnicodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "no name that can be looked up"
            raise CannotServeError(
                f"cannot listen on {settings.host}:{settings.port} ({why}); choose with --host and --port, or CARELANE_HOST and "
                "CARELANE_PORT"
            ) from None
        yield sockets


def _find_address(settings: Settings) -> _Address:
    """Family and address, free at this moment: sockets that share a port would silently join another server's."""
    family, _, _, _, address = socket.getaddrinfo(
        settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    deadline = time.monotonic() + _BIND_AGAIN_SECONDS
    while True:
        try:
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return family, address


def _open(family: socket.AddressFamily, address: Any) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if _ONE_EACH:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener
