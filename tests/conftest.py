"""One real server for the whole run, in a folder of its own, with the two demo clinics."""

from collections.abc import AsyncIterator, Iterator

import msgspec
import pytest
import pytest_asyncio

from carelane.kit.embedded_postgres import EmbeddedPostgres
from carelane.services import Services, open_services
from carelane.settings import read_settings
from tests.browser import Chromium, running_chromium
from tests.cast import Clinic
from tests.contract import CheckedClient, Contract, the_contract
from tests.order import pytest_collection, pytest_collection_modifyitems, pytest_sessionfinish
from tests.server import RunningServer, demo_data, prepared, running_server
from tests.tls import share_context

__all__ = ["pytest_collection", "pytest_collection_modifyitems", "pytest_sessionfinish"]

share_context()


@pytest.fixture(scope="session")
def contract() -> Contract:
    return the_contract()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """Nobody listens where its orders go: they are tried once, and not again and again for as long as the run takes."""
    folder = prepared(tmp_path_factory.mktemp("server") / "data")
    with running_server(folder, pharmacy_retry_seconds="3600") as running:
        yield running


@pytest.fixture(scope="session")
def demo(server: RunningServer) -> dict[str, object]:
    return demo_data(server.data_dir)


@pytest.fixture(scope="session")
def clinic(demo: dict[str, object]) -> Clinic:
    """Harbor Health: the clinic of the seeds' examples."""
    return msgspec.convert(demo, Clinic)


@pytest.fixture(scope="session")
def other_clinic(demo: dict[str, object]) -> Clinic:
    """Juniper Care: the clinic that must never see anything of the first."""
    return msgspec.convert(demo["other"], Clinic)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def client(server: RunningServer, contract: Contract) -> AsyncIterator[CheckedClient]:
    """A caller without credentials; each request brings its own headers."""
    async with CheckedClient(contract, base_url=server.url, timeout=30) as checked:
        yield checked


@pytest.fixture(scope="session")
def owner_url(server: RunningServer) -> str:
    """The database as the role that owns the tables, which no row-level security binds."""
    return EmbeddedPostgres(server.data_dir).owner_url


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def services(server: RunningServer) -> AsyncIterator[Services]:
    """The same database, keys and files as the server's, for what no route does yet."""
    embedded = {"database_url": EmbeddedPostgres(server.data_dir).application_url}
    pooled = {name: value for name, value in server.settings.items() if name.startswith("database_")}
    settings = read_settings({}, data_dir=server.data_dir, **(embedded | pooled))
    async with open_services(settings) as opened:
        yield opened


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Chromium]:
    """Started once, by the first test that looks at a page."""
    async with running_chromium() as running:
        yield running
