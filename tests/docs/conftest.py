"""A server of the documents' own, without a worker: what it answers depends on nothing but the page's own requests."""

from collections.abc import AsyncIterator, Iterator

import msgspec
import pytest
import pytest_asyncio

from carelane.kit.embedded_postgres import EmbeddedPostgres
from carelane.services import Services, open_services
from carelane.settings import read_settings
from tests.cast import Clinic
from tests.contract import CheckedClient, Contract
from tests.server import RunningServer, demo_data, prepared, running_server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    folder = prepared(tmp_path_factory.mktemp("docs") / "data")
    # The network of documentation's addresses: a webhook endpoint may name one, and nothing is sent without a worker.
    with running_server(folder, "--no-worker", "--workers", "1", allowed_networks="203.0.113.0/24") as running:
        yield running


@pytest.fixture(scope="session")
def demo(server: RunningServer) -> dict[str, object]:
    return demo_data(server.data_dir)


@pytest.fixture(scope="session")
def clinic(demo: dict[str, object]) -> Clinic:
    return msgspec.convert(demo, Clinic)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def client(server: RunningServer, contract: Contract) -> AsyncIterator[CheckedClient]:
    async with CheckedClient(contract, base_url=server.url, timeout=30) as checked:
        yield checked


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def services(server: RunningServer) -> AsyncIterator[Services]:
    settings = read_settings(
        {}, data_dir=server.data_dir, database_url=EmbeddedPostgres(server.data_dir).application_url
    )
    async with open_services(settings) as opened:
        yield opened
