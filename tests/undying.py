"""A worker or a server that is there again as soon as it died, for tests that kill it at many points.

The supervisor lets what dies again and again wait for up to five seconds, as it should, and a fresh Python imports for longer
than most of these tests take. Here a process that has imported everything already is forked for each life.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from socket import socket
from typing import Any

from carelane.app import create_app
from carelane.kit import failpoints, logs
from carelane.kit.embedded_postgres import EmbeddedPostgres
from carelane.processes import server as server_process
from carelane.processes import sockets, worker
from carelane.settings import Settings, read_settings
from tests.forked import CONTEXT
from tests.server import STOP_SECONDS, RunningServer

LOOK_SECONDS = 0.2


@contextmanager
def undying_worker(server: RunningServer, failpoint: Path) -> Iterator[None]:
    """Beside a server without one, with the same settings."""
    with _again_and_again(server, failpoint, partial(worker.main, _settings(server, public_url=server.url))):
        yield


@contextmanager
def undying_server(server: RunningServer, failpoint: Path, port: int) -> Iterator[str]:
    """Beside another that has the database and the worker, with the same settings. Yields its URL."""
    settings = _settings(server, port=port)
    with (
        sockets.open_sockets(settings) as (listener,),
        _again_and_again(server, failpoint, partial(_serve, settings, listener)),
    ):
        yield f"http://127.0.0.1:{port}"


def _settings(server: RunningServer, **more: Any) -> Settings:
    given = {name: value for name, value in server.settings.items() if name != "failpoint"}
    database_url = EmbeddedPostgres(server.data_dir).application_url
    return read_settings({}, data_dir=server.data_dir, **({"database_url": database_url, "workers": 1} | more | given))


def _serve(settings: Settings, listener: socket) -> None:
    logs.configure("server")
    _, heartbeat = os.pipe()
    os.set_blocking(heartbeat, False)
    server_process.run(partial(create_app, settings), settings, listener.detach(), heartbeat)


@contextmanager
def _again_and_again(server: RunningServer, failpoint: Path, live: Callable[[], None]) -> Iterator[None]:
    lives = _Lives(live, failpoint, server.data_dir.parent / f"{server.data_dir.name}.log")
    try:
        yield
    finally:
        lives.end()


class _Lives(threading.Thread):
    """One after the other, until told to end."""

    def __init__(self, live: Callable[[], None], failpoint: Path, log: Path) -> None:
        super().__init__()
        self._arguments = (live, failpoint, log)
        self._is_ending = threading.Event()
        self._begin()
        self.start()

    def run(self) -> None:
        while True:
            self._process.join()
            if self._is_ending.is_set():
                return
            self._begin()

    def end(self) -> None:
        self._is_ending.set()
        deadline = time.monotonic() + STOP_SECONDS
        while self.is_alive():
            assert time.monotonic() < deadline, "it did not stop"
            # Again, for it may have been born a moment ago.
            self._process.terminate()
            self.join(LOOK_SECONDS)

    def _begin(self) -> None:
        self._process = CONTEXT.Process(target=_live, args=self._arguments, daemon=True)
        self._process.start()


def _live(live: Callable[[], None], failpoint: Path, log: Path) -> None:
    """In the process of its own."""
    os.environ[failpoints.VARIABLE] = str(failpoint)
    with log.open("a") as file:
        os.dup2(file.fileno(), 2)
    live()
