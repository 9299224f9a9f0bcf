"""One server without a worker and one gateway for the folder: its tests take the worker's steps one by one."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import pytest_asyncio

from carelane.kit.embedded_postgres import EmbeddedPostgres
from carelane.services import Services, open_services
from carelane.settings import read_settings
from tests.gateway_simulator.world import GatewayWorld, running_gateway
from tests.payments.world import Till, open_till
from tests.server import RunningServer, prepared, running_server

session = pytest_asyncio.fixture(scope="session", loop_scope="session")


@pytest.fixture(scope="session")
def bank() -> Iterator[GatewayWorld]:
    with running_gateway() as gateway:
        gateway.set(slowSeconds=2)
        yield gateway


@pytest.fixture(scope="session")
def counter(bank: GatewayWorld, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    folder = tmp_path_factory.mktemp("counter") / "data"
    with running_server(prepared(folder), "--no-worker", gateway_simulator_url=bank.url) as running:
        yield running


@session
async def hands(counter: RunningServer, bank: GatewayWorld) -> AsyncIterator[Services]:
    """What a worker would have open."""
    settings = read_settings(
        {},
        data_dir=counter.data_dir,
        database_url=EmbeddedPostgres(counter.data_dir).application_url,
        gateway_simulator_url=bank.url,
        gateway_timeout_seconds=1.0,
        payment_retry_seconds=0.05,
    )
    async with open_services(settings) as opened:
        yield opened


@pytest_asyncio.fixture
async def open_books(
    counter: RunningServer, bank: GatewayWorld, hands: Services, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Till]:
    """A clinic of the test's own."""
    async with httpx.AsyncClient(base_url=counter.url, timeout=30) as http:
        yield await open_till(hands, http, bank, tmp_path_factory.mktemp("till"))


@pytest_asyncio.fixture
async def till(open_books: Till) -> AsyncIterator[Till]:
    """The same, whose books and gateway agree when the test has ended."""
    yield open_books
    await open_books.require_agreement()
