"""What stands beside the server while orders and webhooks are measured: the pharmacy simulator and a fast receiver."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import msgspec
import psutil  # type: ignore[import-untyped]
import psycopg

from bench import sample, server
from bench.server import CpuClock, Server
from carelane.kit.ids import uuid7
from carelane.webhooks import signing
from carelane.webhooks.queries import SECRET

# Longer than any run: what comes after ACCEPTED would mix in.
NEVER_SECONDS = 86_400
# No act of the bench records this event: what an endpoint that wants only it gets, the bench has made itself.
UNUSED_EVENT = "REOPEN_CASE"


class Outside(msgspec.Struct, frozen=True):
    server: Server
    simulator: subprocess.Popen[str]
    receiver: subprocess.Popen[str]
    receiver_url: str

    def clocks(self) -> dict[str, CpuClock]:
        return {
            "worker": CpuClock(self.server.workers()),
            "servers": CpuClock(self.server.servers()),
            "database": CpuClock(self.server.databases()),
            "simulator": CpuClock([psutil.Process(self.simulator.pid)]),
            "receiver": CpuClock([psutil.Process(self.receiver.pid)]),
            "bench": CpuClock([psutil.Process()]),
        }


@contextmanager
def running(data_dir: Path) -> Iterator[Outside]:
    """The server with its worker, the simulator and the receiver, each a process; the sample cases are there."""
    pace = ["--ship-after", str(NEVER_SECONDS), "--deliver-after", str(NEVER_SECONDS)]
    simulator_command = ["carelane", "pharmacy-simulator", "--port", "0", *pace]
    with process(simulator_command) as (simulator, pharmacy_line), process(["bench.receiver"]) as (receiver, url):
        settings = {"ALLOWED_NETWORKS": "127.0.0.0/8", "PHARMACY_SIMULATOR_URL": pharmacy_line.split()[-1]}
        with server.running(data_dir, **settings) as running_server:
            sample.insert(running_server)
            yield Outside(running_server, simulator, receiver, url)


@contextmanager
def process(arguments: list[str]) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process, and the line that it prints when it is ready."""
    process = subprocess.Popen([sys.executable, "-m", *arguments], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        line = process.stdout.readline().strip()
        if not line:
            raise RuntimeError(f"{arguments[0]} ended before it was ready")
        yield process, line
    finally:
        server.stop(process)
        process.stdout.close()


def add_endpoint(outside: Outside, name: str, payload: str, events: list[str]) -> UUID:
    """A webhook endpoint on the fast receiver. No events: all of them."""
    endpoint_id, organization_id = uuid7(), UUID(outside.server.clinic.organization_id)
    with psycopg.connect(outside.server.database.owner_url) as conn:
        key = sample.data_key(conn, outside.server)
        secret = key.seal(signing.new_secret().encode(), SECRET, endpoint_id)
        conn.execute(
            "INSERT INTO webhook_endpoints (organization_id, id, name, url, events, payload, secret_sealed)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s)",
            (organization_id, endpoint_id, name, outside.receiver_url, events, payload, secret),
        )
    return endpoint_id


def switch_off(outside: Outside, endpoint_id: UUID) -> None:
    with psycopg.connect(outside.server.database.owner_url) as conn:
        conn.execute("UPDATE webhook_endpoints SET disabled_at = now() WHERE id = %s", (endpoint_id,))
