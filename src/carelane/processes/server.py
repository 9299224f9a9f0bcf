"""One server process: takes connections from the socket that its parent opened."""

import ctypes
import gc
import socket
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import uvicorn

from carelane.kit import logs
from carelane.kit.addresses import read_networks
from carelane.processes.connections import GuardedProtocol
from carelane.processes.door import Door
from carelane.processes.heartbeat import beat
from carelane.settings import Settings

# A connection on which nothing is asked is closed after this long.
KEEP_ALIVE_SECONDS = 75
# How long another thread, such as the one that reads large bodies, keeps a request waiting that is due.
SWITCH_SECONDS = 0.001
# Memory in blocks from this size on goes back to the system when it is let go.
_MMAP_THRESHOLD = -3
_GIVEN_BACK_BYTES = 262_144


def run(app_factory: Callable[[], Any], settings: Settings, listening_fd: int, heartbeat: int) -> None:
    """Serves until SIGTERM; then the requests in hand get `settings.stop_seconds` to finish."""
    logs.configure("server")

    async def beat_once() -> None:
        beat(heartbeat)

    protocol: Any = partial(GuardedProtocol, Door(settings))
    config = uvicorn.Config(
        app_factory,
        factory=True,
        loop="uvloop",
        http=protocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        # The caller is who the proxies in front say it is, and nobody else's word is taken.
        proxy_headers=True,
        forwarded_allow_ips=[str(network) for network in read_networks(settings.trusted_proxies)],
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        callback_notify=beat_once,
        timeout_notify=0,
        timeout_graceful_shutdown=max(1, round(settings.stop_seconds)),
    )
    _relax_garbage_collector()
    _give_memory_back()
    sys.setswitchinterval(SWITCH_SECONDS)
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


def _give_memory_back() -> None:
    """glibc keeps ever larger blocks for later use once one of their size was let go: after one upload, all of them."""
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt is not None:
            mallopt(_MMAP_THRESHOLD, _GIVEN_BACK_BYTES)
