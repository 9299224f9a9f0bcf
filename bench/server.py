"""The real `carelane serve` in a folder of its own, its demo data, and what its processes use."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
import psutil  # type: ignore[import-untyped]

from carelane.kit.embedded_postgres import EmbeddedPostgres

STOP_SECONDS = 30


class Clinic(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The part of `carelane demo-data --json` that is needed here."""

    organization_id: str
    tenant: str
    link_name: str
    api_key: str
    product_id: str
    bundle_id: str
    patient_id: str
    creator_id: str
    location_id: str

    @property
    def headers(self) -> dict[str, str]:
        """Opens the care dialect and the billing dialect."""
        return {"cv-api-key": self.api_key, "API-KEY": self.api_key, "TENANT": self.tenant}


class Server(msgspec.Struct, frozen=True, kw_only=True):
    url: str
    data_dir: Path
    process: subprocess.Popen[str]
    database: EmbeddedPostgres
    clinic: Clinic
    seconds_to_first_200: float

    def servers(self) -> list[psutil.Process]:
        """The processes that answer requests: not their parent, not the worker."""
        return self._children("server")

    def workers(self) -> list[psutil.Process]:
        return self._children("worker")

    def _children(self, kind: str) -> list[psutil.Process]:
        children = psutil.Process(self.process.pid).children(recursive=True)
        return [child for child in children if child.cmdline()[4:5] == [kind]]

    def databases(self) -> list[psutil.Process]:
        """All processes of the database."""
        assert self.database.pid is not None
        postmaster = psutil.Process(self.database.pid)
        return [postmaster, *postmaster.children(recursive=True)]


@contextmanager
def running(data_dir: Path, *options: str, **settings: str) -> Iterator[Server]:
    """Starts `carelane serve --workers 2` on `data_dir`, with the demo data, and stops it at the end.

    `settings` are its environment, without CARELANE_.
    """
    started = time.monotonic()
    process = start(data_dir, "--workers", "2", *options, **settings)
    try:
        url = wait_until_ready(process)
        seconds = time.monotonic() - started
        yield Server(
            url=url,
            data_dir=data_dir,
            process=process,
            database=EmbeddedPostgres(data_dir),
            clinic=_demo_data(data_dir),
            seconds_to_first_200=seconds,
        )
    finally:
        stop(process)


def start(data_dir: Path, *options: str, **settings: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "carelane", "serve", "--port", "0", "--data-dir", str(data_dir), *options]
    with (data_dir.parent / f"{data_dir.name}.log").open("a") as log:
        return subprocess.Popen(command, env=environment(settings), stdout=subprocess.PIPE, stderr=log, text=True)


def environment(settings: dict[str, str]) -> dict[str, str]:
    """Of a process of ours: what is set here for Carelane does not count, only `settings`."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("CARELANE_")}
    return others | {f"CARELANE_{name}": value for name, value in settings.items()}


def wait_until_ready(process: subprocess.Popen[str]) -> str:
    """The server's address, once it has answered a request of ours with 200."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("Carelane is ready on "):
            url = line.split()[-1]
            with urllib.request.urlopen(f"{url}/health/ready") as answer:
                assert answer.status == 200
            return url
    raise RuntimeError("carelane serve ended before it was ready")


def stop(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    process.wait(STOP_SECONDS)


def megabytes(processes: list[psutil.Process]) -> list[tuple[float, float]]:
    """Resident and proportional set size of each, in MB. What processes share counts whole in the first only."""
    sizes = [process.memory_full_info() for process in processes]
    return [(size.rss / 1e6, getattr(size, "pss", size.uss) / 1e6) for size in sizes]


class CpuClock:
    """User and system time that processes use from now on. One that comes or goes meanwhile is not counted."""

    def __init__(self, processes: list[psutil.Process]) -> None:
        self._processes = processes
        self._started = _cpu_seconds(processes)

    def seconds(self) -> float:
        now = _cpu_seconds(self._processes)
        return sum(now[pid] - self._started[pid] for pid in now if pid in self._started)


def _cpu_seconds(processes: list[psutil.Process]) -> dict[int, float]:
    seconds = {}
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            seconds[process.pid] = sum(process.cpu_times()[:2])
    return seconds


def _demo_data(data_dir: Path) -> Clinic:
    command = [sys.executable, "-m", "carelane", "demo-data", "--json", "--data-dir", str(data_dir)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return msgspec.json.decode(printed, type=Clinic)
