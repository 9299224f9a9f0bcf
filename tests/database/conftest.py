"""A server of these tests' own: its database is taken away again and again."""

from collections.abc import AsyncIterator, Iterator
from uuid import UUID

import pytest
import pytest_asyncio

from carelane.kit.embedded_postgres import EmbeddedPostgres
from carelane.services import Services, open_services
from carelane.settings import read_settings
from tests.cast import Clinic
from tests.contract import CheckedClient, Contract
from tests.factories.staff import hire
from tests.own_clinic import make_clinic
from tests.server import RunningServer, prepared, running_server


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    folder = prepared(tmp_path_factory.mktemp("database") / "data")
    with running_server(folder, "--workers", "1", credential_cache_seconds="600") as running:
        yield running


@pytest.fixture(scope="package")
def database(server: RunningServer) -> EmbeddedPostgres:
    return EmbeddedPostgres(server.data_dir)


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def services(server: RunningServer, database: EmbeddedPostgres) -> AsyncIterator[Services]:
    settings = read_settings({}, data_dir=server.data_dir, database_url=database.application_url)
    async with open_services(settings) as opened:
        yield opened


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def client(server: RunningServer, contract: Contract) -> AsyncIterator[CheckedClient]:
    async with CheckedClient(contract, base_url=server.url, timeout=30) as checked:
        yield checked


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def clinic(services: Services, tmp_path_factory: pytest.TempPathFactory) -> Clinic:
    """Its cases are assigned in turn, so that the worker has something to do for each."""
    made = await make_clinic(services, tmp_path_factory.mktemp("clinic"), assignmentPolicy="round_robin")
    await hire(services, UUID(made.organization_id), "Rota", "Member", takes_cases=True)
    return made
