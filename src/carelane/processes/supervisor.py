"""`carelane serve`: one parent that runs the database, the server processes and the worker, and keeps them running.

    supervisor ─┬─ PostgreSQL (embedded; it outlives a killed supervisor and is attached to by the next)
                └─ loader ─┬─ N server processes, on listening sockets that the supervisor keeps open
                           └─ worker

Told to stop, it lets the servers finish the requests in hand, then stops the worker, then the database.
"""

import asyncio
import os
import shutil
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec
import structlog

from carelane.kit import failpoints, logs
from carelane.kit.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError
from carelane.kit.errors import UNWRITABLE
from carelane.kit.keyring import find_master_key
from carelane.processes import database, installation, lifeline, master_key, sockets
from carelane.processes.child import GRACE_SECONDS, OWN_URL
from carelane.processes.children import Child
from carelane.processes.loader import SERVER, WORKER
from carelane.processes.loading import Loader
from carelane.processes.sockets import CannotServeError
from carelane.settings import PREFIX, Settings

READY_SECONDS = 60.0
# prometheus-client's own name for it: where each process keeps its counters.
METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_POLL_SECONDS = 0.05
_DATABASE_POLL_SECONDS = 0.25
_MAX_STARTS_BEFORE_READY = 4

log = structlog.get_logger()


def serve(settings: Settings, *, with_worker: bool) -> None:
    """Runs until SIGTERM, SIGINT or SIGHUP. Raises CannotServeError, and the database's own errors, before it is ready."""
    logs.configure("supervisor")
    with ExitStack() as stack:
        stack.enter_context(installation.locked(settings.data_dir, "choose another folder with --data-dir"))
        # A key that cannot be read is found before anything starts.
        find_master_key(settings.data_dir, settings.master_key)
        run_folder = stack.enter_context(_run_folder(settings))
        listeners = stack.enter_context(sockets.open_sockets(settings))
        server = database.embedded(settings)
        if server is not None:
            stack.enter_context(installation.announced(settings.data_dir))
        try:
            asyncio.run(_Supervisor(settings, server, listeners, run_folder, with_worker).run())
        finally:
            if server is not None:
                server.stop()


class _Supervisor:
    def __init__(
        self,
        settings: Settings,
        server: EmbeddedPostgres | None,
        listeners: list[socket.socket],
        run_folder: Path,
        with_worker: bool,
    ) -> None:
        self._settings = settings
        self._database = server
        self._address = listeners[0].getsockname()[:2]
        self._stop = asyncio.Event()
        self._alive, self._lifeline = lifeline.make()
        self._gate, self._gate_keeper = os.pipe()
        host, port = self._address
        environment = _environment(settings, server, run_folder) | {OWN_URL: f"http://{_in_url(host)}:{port}"}
        self._loader = Loader([self._alive, self._gate], environment)
        self._servers = [
            Child(f"server {number}", SERVER, [listener.fileno()], self._loader, run_folder)
            for number, listener in enumerate(listeners, start=1)
        ]
        self._workers = [Child("worker", WORKER, [], self._loader, run_folder)] if with_worker else []
        self._keepers: list[asyncio.Task[None]] = []

    async def run(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, self._stop.set)
        try:
            self._start(self._servers)
            await asyncio.to_thread(self._prepare_database)
            os.close(self._gate_keeper)
            self._keepers.append(asyncio.create_task(self._watch_database()))
            await self._say_when_ready()
            # Only now: until the servers answer, they have the machine to themselves.
            if not self._stop.is_set():
                self._start(self._workers)
            await self._stop.wait()
        finally:
            await self._stop_children()
            await self._loader.stop()
            for keeper in self._keepers:
                keeper.cancel()
            await asyncio.gather(*self._keepers, return_exceptions=True)

    def _start(self, children: list[Child]) -> None:
        self._keepers += [asyncio.create_task(child.keep_running()) for child in children]

    def _prepare_database(self) -> None:
        """Also the key: a new one is made before the processes could race for it."""
        if self._database is not None:
            database.prepare_embedded(self._database)
            url = self._database.application_url
        else:
            database.require_ready(self._settings)
            url = self._settings.database_url or ""
        master_key.settle(self._settings, url, creates=True)

    async def _say_when_ready(self) -> None:
        host, port = self._address
        deadline = asyncio.get_running_loop().time() + READY_SECONDS
        while not self._stop.is_set():
            if await _answers(host, port):
                sys.stdout.write(f"Carelane is ready on http://{_in_url(host)}:{port}\n")
                sys.stdout.flush()
                return
            late = asyncio.get_running_loop().time() > deadline
            if late or min(child.starts for child in self._servers) > _MAX_STARTS_BEFORE_READY:
                raise CannotServeError("the server processes did not become ready; what they printed above says why")
            await asyncio.sleep(_POLL_SECONDS)

    async def _stop_children(self) -> None:
        seconds = self._settings.stop_seconds + GRACE_SECONDS
        await asyncio.gather(*(child.stop(seconds) for child in self._servers))
        await asyncio.gather(*(child.stop(seconds) for child in self._workers))

    async def _watch_database(self) -> None:
        while self._database is not None:
            await asyncio.sleep(_DATABASE_POLL_SECONDS)
            if self._database.pid is not None:
                continue
            log.warning("database_gone")
            try:
                await asyncio.to_thread(self._database.start)
            except EmbeddedPostgresError as error:
                log.error("database_start_failed", error=str(error))


def _environment(settings: Settings, server: EmbeddedPostgres | None, run_folder: Path) -> dict[str, str]:
    """What the children get: the settings as they are now, the application's database role and never the owner's."""
    given = msgspec.structs.replace(
        settings,
        data_dir=settings.data_dir.resolve(),
        database_url=server.application_url if server is not None else settings.database_url,
        database_owner_url=None,
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    for name, value in msgspec.structs.asdict(given).items():
        if value is not None:
            environment[PREFIX + name.upper()] = str(value)
    if failpoints.VARIABLE in os.environ:
        environment[failpoints.VARIABLE] = os.environ[failpoints.VARIABLE]
    return environment | {METRICS_FOLDER: str(run_folder)}


@contextmanager
def _run_folder(settings: Settings) -> Iterator[Path]:
    """Where the processes of this run keep their counters; emptied at each start, so that nothing old is counted."""
    folder = settings.data_dir / "run"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        yield folder.resolve()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _answers(host: str, port: int) -> bool:
    """Whether GET /health/ready answers 200, or that all is well but the document store: care goes on without it."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - not bound here
    try:
        reader, writer = await asyncio.wait_for(asyncio.open_connection(reachable, port), 1)
        writer.write(b"GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answer = await asyncio.wait_for(reader.read(), 2)
        writer.close()
    except (OSError, TimeoutError):
        return False
    return b" 200 " in answer.partition(b"\r\n")[0] or UNWRITABLE.encode() in answer


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
