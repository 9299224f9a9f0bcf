"""What the supervisor keeps running: server processes and the worker, each started again whenever it ends."""

import asyncio
from pathlib import Path

import structlog
from prometheus_client import multiprocess

from carelane.processes.heartbeat import Heartbeat
from carelane.processes.loading import Forked, Loader

_FIRST_WAIT_SECONDS = 0.1
_MAX_WAIT_SECONDS = 5.0
# A child that ran this long was healthy: the next one starts at once.
_HEALTHY_SECONDS = 10.0

log = structlog.get_logger()


class Child:
    """One process that is restarted whenever it ends, until told to stop. `run_folder` has its counters."""

    def __init__(self, name: str, kind: str, fds: list[int], loader: Loader, run_folder: Path) -> None:
        self.name = name
        self.starts = 0
        self._kind = kind
        self._fds = fds
        self._loader = loader
        self._run_folder = run_folder
        self._process: Forked | None = None
        self._stopping = False

    async def keep_running(self) -> None:
        wait_seconds = _FIRST_WAIT_SECONDS
        while not self._stopping:
            ran_seconds, exit_code = await self._run_once()
            if self._stopping:
                return
            log.warning("child_ended", name=self.name, seconds=round(ran_seconds, 1), exit_code=exit_code)
            wait_seconds = _FIRST_WAIT_SECONDS if ran_seconds > _HEALTHY_SECONDS else wait_seconds * 2
            await asyncio.sleep(min(wait_seconds, _MAX_WAIT_SECONDS))

    async def stop(self, seconds: float) -> None:
        """Asks the process to end, and kills it after `seconds`."""
        self._stopping = True
        if self._process is not None:
            await self._process.stop(seconds)

    async def _run_once(self) -> tuple[float, int | None]:
        """How many seconds it ran, and how it ended."""
        started = asyncio.get_running_loop().time()
        self.starts += 1
        heartbeat = Heartbeat()
        process = self._process = await self._loader.start(self._kind, [heartbeat.child_end, *self._fds])
        heartbeat.let_child_hold()
        listening = asyncio.create_task(self._end_when_silent(process, heartbeat))
        await process.watch()
        listening.cancel()
        heartbeat.close()
        if process.pid is not None:
            # What it had in flight is in flight no more.
            multiprocess.mark_process_dead(process.pid, str(self._run_folder))  # type: ignore[no-untyped-call]
        return asyncio.get_running_loop().time() - started, process.exit_code

    async def _end_when_silent(self, process: Forked, heartbeat: Heartbeat) -> None:
        """By force: who does not answer its event loop answers no signal either. One that is told to stop is left to `stop`."""
        await heartbeat.until_silent()
        if not self._stopping:
            log.error("child_hung", name=self.name, pid=process.pid)
            await process.kill()
