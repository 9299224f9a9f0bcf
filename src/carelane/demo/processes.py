"""What the demo runs beside itself: the server with its database and worker, and the services that stand in for others'."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from carelane.kit.errors import MendableError

START_SECONDS = 120
STOP_SECONDS = 60
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class DemoError(MendableError):
    """A process of the demo did not start."""


class Stopped(SystemExit):
    """Told to stop: whatever was started is stopped on the way out, and the exit code says by which signal."""


def stop_in_order() -> None:
    """From here on any of SIGNALS raises Stopped, at whatever point we are; further ones cannot cut short what is done then."""

    def stop(number: int, _frame: object) -> None:
        ignore_signals()
        raise Stopped(128 + number)

    # Who asked beforehand that a hang-up is ignored (nohup) means it.
    heeded = [each for each in SIGNALS if each != signal.SIGHUP or signal.getsignal(each) is not signal.SIG_IGN]
    for each in heeded:
        signal.signal(each, stop)


def ignore_signals() -> None:
    """Until the process has ended: whoever tells us to stop while we are stopping already cannot leave half of it."""
    for each in SIGNALS:
        signal.signal(each, signal.SIG_IGN)


@contextmanager
def server(data_dir: Path, pharmacy_url: str, texts_url: str, gateway_url: str) -> Iterator[str]:
    """A server on a free port, stopped again at the end of the block; yields its URL."""
    # Links to quotes name the port, so it is chosen before the server starts.
    port = _free_port()
    settings = {
        # The demo's own receiver and pharmacy are on this machine.
        "CARELANE_ALLOWED_NETWORKS": "127.0.0.0/8",
        "CARELANE_PHARMACY_SIMULATOR_URL": pharmacy_url,
        "CARELANE_SMS_SIMULATOR_URL": texts_url,
        "CARELANE_GATEWAY_SIMULATOR_URL": gateway_url,
        "CARELANE_PUBLIC_URL": f"http://127.0.0.1:{port}",
    }
    command = ["serve", "--host", "127.0.0.1", "--port", str(port), "--data-dir", str(data_dir)]
    with _running(command, "Carelane is ready on ", data_dir / "server.log", settings) as url:
        yield url


@contextmanager
def pharmacy_simulator(data_dir: Path) -> Iterator[str]:
    """The pharmacy in the box, on a free port; yields its URL."""
    command = ["pharmacy-simulator", "--port", "0"]
    with _running(command, "The pharmacy simulator is ready on ", data_dir / "pharmacy.log", {}) as url:
        yield url


@contextmanager
def sms_simulator(data_dir: Path) -> Iterator[str]:
    """The provider of text messages in the box, on a free port; yields its URL."""
    with _running(["sms-simulator", "--port", "0"], "The SMS simulator is ready on ", data_dir / "sms.log", {}) as url:
        yield url


@contextmanager
def gateway_simulator(data_dir: Path) -> Iterator[str]:
    """The payment gateway in the box, on a free port; yields its URL."""
    command = ["gateway-simulator", "--port", "0"]
    with _running(command, "The gateway simulator is ready on ", data_dir / "gateway.log", {}) as url:
        yield url


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


@contextmanager
def _running(arguments: list[str], ready: str, log: Path, settings: dict[str, str]) -> Iterator[str]:
    with (
        log.open("w") as errors,
        subprocess.Popen(  # noqa: S603 - our own command
            [*_carelane(), *arguments],
            env=os.environ | settings,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,
        ) as process,
    ):
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line.startswith(ready):
                raise DemoError(f"carelane {arguments[0]} did not start:\n{log.read_text()[-2000:]}")
            yield line.removeprefix(ready).strip()
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)


def demo_data(data_dir: Path, gateway_url: str) -> dict[str, Any]:
    """What `carelane demo-data --json` prints."""
    done = command(["demo-data", "--json"], data_dir, gateway_url)
    if done.returncode != 0:
        raise DemoError(f"no demo data: {done.stderr[-2000:]}")
    made: dict[str, Any] = json.loads(done.stdout)
    return made


def command(arguments: list[str], data_dir: Path, gateway_url: str) -> subprocess.CompletedProcess[str]:
    """Another command of ours, on the same installation, beside its server."""
    return subprocess.run(  # noqa: S603 - our own command
        [*_carelane(), *arguments, "--data-dir", str(data_dir)],
        env=os.environ | {"CARELANE_GATEWAY_SIMULATOR_URL": gateway_url},
        capture_output=True,
        text=True,
        check=False,
        timeout=START_SECONDS,
    )


def _carelane() -> list[str]:
    return [sys.executable, "-P", "-m", "carelane"]
