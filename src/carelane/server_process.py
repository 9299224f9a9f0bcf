"""One server process: takes connections from the socket that its parent opened."""

import socket
from collections.abc import Callable
from typing import Any

import uvicorn

from carelane.settings import Settings

# A client that keeps a connection open without asking anything is let go after this long.
KEEP_ALIVE_SECONDS = 75


def run(app_factory: Callable[[], Any], settings: Settings, listening_fd: int) -> None:
    """Serves until SIGTERM; then the requests in hand get `settings.stop_seconds` to finish."""
    config = uvicorn.Config(
        app_factory,
        factory=True,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=max(1, round(settings.stop_seconds)),
    )
    # The socket is handed over whole, and not as a number, so that it is known to be TCP and gets TCP_NODELAY.
    sockets: list[Any] = [socket.socket(fileno=listening_fd)]
    uvicorn.Server(config).run(sockets=sockets)
