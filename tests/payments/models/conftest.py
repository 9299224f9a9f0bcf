"""A server without a worker, a gateway whose amounts mean nothing, and one clock for the gateway and the worker's hands."""

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from carelane.kit.embedded_postgres import EmbeddedPostgres
from carelane.services import open_services
from carelane.settings import read_settings
from tests.gateway_simulator.world import GatewayWorld, running_gateway
from tests.payment_page.world import free_port
from tests.payments.models.stand import Stand, run_on
from tests.server import RunningServer, prepared, running_server


@pytest.fixture(scope="package")
def quiet_bank() -> Iterator[GatewayWorld]:
    with running_gateway() as gateway:
        gateway.set(amountFaults=False, slowSeconds=2)
        yield gateway


@pytest.fixture(scope="package")
def desk(quiet_bank: GatewayWorld, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    folder, port = prepared(tmp_path_factory.mktemp("models") / "data"), free_port()
    settings = {"gateway_simulator_url": quiet_bank.url, "public_url": f"http://127.0.0.1:{port}"}
    with running_server(folder, "--no-worker", "--port", str(port), **settings) as running:
        yield running


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def open_stand(
    desk: RunningServer, quiet_bank: GatewayWorld, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[], Stand]:
    """A new clinic whenever it is called, in a test that is not async."""
    settings = read_settings(
        {}, data_dir=desk.data_dir, database_url=EmbeddedPostgres(desk.data_dir).application_url,
        gateway_simulator_url=quiet_bank.url, gateway_timeout_seconds=1.0, payment_retry_seconds=0.05,
    )  # fmt: skip
    folder: Path = tmp_path_factory.mktemp("stands")
    wait = run_on()
    async with (
        open_services(settings) as services,
        httpx.AsyncClient(base_url=desk.url, timeout=30) as http,
    ):
        yield lambda: Stand(wait, services, http, quiet_bank, folder)
