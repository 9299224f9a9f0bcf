"""wrk: 16 connections that ask as fast as they are answered, and what the server used meanwhile."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec

from bench.server import CpuClock, Server

CONNECTIONS = 16
THREADS = 2
_SCRIPTS = Path(__file__).parent / "wrk"


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """What wrk is told to send: a path, and a script with its arguments."""

    path: str
    script: str = "same.lua"
    arguments: list[str] = []
    # Without any credential.
    is_public: bool = False


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """One measurement. CPU is user and system time of all processes of its kind."""

    seconds: float
    requests: int
    errors: int
    p50_milliseconds: float
    p95_milliseconds: float
    p99_milliseconds: float
    server_cpu_seconds: float
    database_cpu_seconds: float

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds


def ensure_wrk() -> bool:
    """Whether wrk can be run; as root on Debian it is installed first."""
    if shutil.which("wrk") is None and os.geteuid() == 0 and shutil.which("apt-get") is not None:
        sys.stderr.write("Installing wrk with apt-get ...\n")
        for arguments in (["update"], ["install", "-y", "--no-install-recommends", "wrk"]):
            subprocess.run(["apt-get", "-qq", *arguments], check=False, stdout=subprocess.DEVNULL)
    return shutil.which("wrk") is not None


def run(server: Server, load: Load, seconds: float, first_number: int) -> Answered:
    """Scripts whose requests must all be different count from `first_number`."""
    servers, databases = CpuClock(server.servers()), CpuClock(server.databases())
    printed = _wrk(server, load, seconds, first_number)
    result = next(line for line in printed.splitlines() if line.startswith("RESULT "))
    requests, microseconds, p50, p95, p99, errors = (int(word) for word in result.split()[1:])
    return Answered(
        seconds=microseconds / 1e6,
        requests=requests,
        errors=errors,
        p50_milliseconds=p50 / 1e3,
        p95_milliseconds=p95 / 1e3,
        p99_milliseconds=p99 / 1e3,
        server_cpu_seconds=servers.seconds(),
        database_cpu_seconds=databases.seconds(),
    )


def _wrk(server: Server, load: Load, seconds: float, first_number: int) -> str:
    command = ["wrk", "-t", str(THREADS), "-c", str(CONNECTIONS), "-d", f"{max(1, round(seconds))}s"]
    command += ["-s", str(_SCRIPTS / load.script)]
    headers = {} if load.is_public else server.clinic.headers
    for name, text in headers.items():
        command += ["-H", f"{name}: {text}"]
    command += [server.url + load.path, "--", *load.arguments]
    environment = os.environ | {"BENCH_DONE": str(_SCRIPTS / "done.lua"), "BENCH_FIRST": str(first_number)}
    return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout
