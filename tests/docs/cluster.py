"""An empty PostgreSQL with passwords and a TCP port, as somebody else would run it; nothing of Carelane's is in it."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Any

from carelane.kit.embedded_postgres import _give_system_user_access, bin_folder

PASSWORD = "superuser-password"
_SYSTEM_USER = "pgserver"


@contextmanager
def empty_cluster() -> Iterator[str]:
    """Yields `host:port`. The superuser is `postgres`, with PASSWORD."""
    # Not in pytest's folder: another run of pytest would take away the system user's way through it.
    with TemporaryDirectory(prefix="carelane-cluster-") as name:
        folder = Path(name)
        (folder / "password").write_text(PASSWORD)
        if os.geteuid() == 0:
            # PostgreSQL does not run as root.
            _give_system_user_access(folder / "data")
            shutil.chown(folder, _SYSTEM_USER, _SYSTEM_USER)
        with _running(folder) as address:
            yield address


@contextmanager
def _running(folder: Path) -> Iterator[str]:
    data, port = folder / "data", free_port()
    password = f"--pwfile={folder / 'password'}"
    _run("initdb", "-D", data, "-U", "postgres", "--auth=scram-sha-256", password, "--no-sync")
    options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories='' -c fsync=off"
    _run("pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
    try:
        yield f"127.0.0.1:{port}"
    finally:
        _run("pg_ctl", "-D", data, "-w", "-m", "fast", "stop")


def _run(program: str, *arguments: str | Path) -> None:
    who: dict[str, Any] = {}
    if os.geteuid() == 0:
        who = {"user": _SYSTEM_USER, "group": _SYSTEM_USER, "extra_groups": []}
    command = [str(bin_folder() / program), *map(str, arguments)]
    # Not a pipe: the server keeps it open, so it would never come to its end.
    with TemporaryFile() as output:
        done = subprocess.run(
            command, cwd="/", check=False, stdin=subprocess.DEVNULL, stdout=output, stderr=output, timeout=60, **who
        )
        output.seek(0)
        assert done.returncode == 0, output.read().decode()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
