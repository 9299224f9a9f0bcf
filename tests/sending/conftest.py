"""A database of its own without a worker, so that each test takes the steps itself; and a pharmacy that does as it is told."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import msgspec
import psycopg
import pytest
import pytest_asyncio

from carelane.processes.database import ready_database
from carelane.services import Services, open_services
from carelane.settings import Settings, read_settings
from tests.own_clinic import make_clinic
from tests.pharmacies.simulator import running_simulator
from tests.sending.world import AtPharmacy, World

SECRET = "shared by clinic and pharmacy"
# Everything is as in production, but for the waits.
HURRIED = {
    "allowed_networks": "127.0.0.0/8",
    "pharmacy_timeout_seconds": 1.5,
    "webhook_timeout_seconds": 1.5,
    "pharmacy_ask_seconds": 0.0,
    "pharmacy_poll_seconds": 0.2,
    "pharmacy_retry_seconds": 0.05,
    "pharmacy_attempts": 4,
    "claim_lease_seconds": 4.0,
    "transmit_seconds": 0.02,
}


@pytest.fixture(scope="package")
def simulator_url() -> Iterator[str]:
    """A pharmacy that says nothing by itself: nobody gives it an address to call back."""
    with running_simulator(secret=SECRET, accept_after=0, ship_after=600, deliver_after=600, slow=3) as url:
        yield url


@pytest.fixture(scope="package")
def quiet_settings(tmp_path_factory: pytest.TempPathFactory, simulator_url: str) -> Iterator[Settings]:
    folder = tmp_path_factory.mktemp("sending") / "data"
    settings = read_settings({}, data_dir=folder, pharmacy_simulator_url=simulator_url, **HURRIED)
    with ready_database(settings, creates_key=True) as ready:
        yield ready


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def quiet(quiet_settings: Settings) -> AsyncIterator[Services]:
    async with open_services(quiet_settings) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def world(quiet: Services, simulator_url: str, tmp_path: Path) -> World:
    """A clinic of this test alone, with a pharmacy. No order of an earlier test is due any more."""
    with psycopg.connect(quiet.settings.database_owner_url or "") as conn:
        conn.execute("UPDATE orders SET next_step_at = NULL")
    clinic = await make_clinic(quiet, tmp_path)
    at_pharmacy = AtPharmacy(simulator_url)
    at_pharmacy.reset()
    return await World.opened(quiet, clinic, SECRET, at_pharmacy)


def with_settings(services: Services, **values: object) -> Services:
    """The same services under other settings."""
    return msgspec.structs.replace(services, settings=msgspec.structs.replace(services.settings, **values))
