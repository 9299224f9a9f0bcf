"""A database of its own without a worker, two clinics in it, and a connection as the tables' owner, whom no row is hidden from."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import pytest_asyncio

from carelane.kit.embedded_postgres import EmbeddedPostgres
from carelane.processes.database import ready_database
from carelane.services import Services, open_services
from carelane.settings import read_settings
from tests.retention.world import Clinic

Conn = psycopg.AsyncConnection[Any]


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def services(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Services]:
    settings = read_settings({}, data_dir=tmp_path_factory.mktemp("retention") / "data")
    with ready_database(settings, creates_key=True) as ready:
        async with open_services(ready) as opened:
            yield opened


@pytest.fixture(scope="package")
def owner_url(services: Services) -> str:
    return EmbeddedPostgres(services.settings.data_dir).owner_url


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def owner(owner_url: str) -> AsyncIterator[Conn]:
    async with await psycopg.AsyncConnection.connect(owner_url, autocommit=True) as conn:
        yield conn


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def here(services: Services, owner: Conn, tmp_path_factory: pytest.TempPathFactory) -> Clinic:
    return await Clinic.opened(services, owner, tmp_path_factory.mktemp("here"))


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def there(services: Services, owner: Conn, tmp_path_factory: pytest.TempPathFactory) -> Clinic:
    """Another clinic in the same database."""
    return await Clinic.opened(services, owner, Path(tmp_path_factory.mktemp("there")))


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def _nothing_left(owner: Conn, here: Clinic, there: Clinic) -> None:
    """Of the tests before."""
    await owner.execute(
        "TRUNCATE webhook_attempts, webhook_deliveries, order_attempts, pharmacy_callbacks, notifications, quote_messages, "
        "messages, idempotency_keys, timed_jobs, carts, cart_lines, quotes CASCADE"
    )
