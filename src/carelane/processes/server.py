"""One server process: takes connections from the socket that its parent opened."""

import gc
import socket
from collections.abc import Callable
from typing import Any

import uvicorn

from carelane.settings import Settings

# A connection on which nothing is asked is closed after this long.
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
        # Nothing here asks for the caller's address.
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=max(1, round(settings.stop_seconds)),
    )
    _relax_garbage_collector()
    # The socket is handed over whole, and not as a number, so that it is known to be TCP and gets TCP_NODELAY.
    sockets: list[Any] = [socket.socket(fileno=listening_fd)]
    uvicorn.Server(config).run(sockets=sockets)


def _relax_garbage_collector() -> None:
    """Imported objects live as long as the process, so the collector skips them; it looks at the others less often.

    A request creates thousands of objects that reference counting frees; by default the collector runs every 700.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)
