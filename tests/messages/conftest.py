"""One server with its mail and text messages for all tests of the outbox; a clinic of its own for each."""

import pytest_asyncio

from carelane.services import open_services
from carelane.settings import read_settings
from tests.quote_sending.world import clinic_of, running_world
from tests.review.people import employ


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def world(tmp_path_factory, contract):
    async with running_world(tmp_path_factory.mktemp("messages") / "data", contract) as made:
        yield made


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def worker(world):
    """The services of a worker that has the mail server, for what a test does in a worker's place."""
    settings = world.services.settings
    mail = {"smtp_host": "127.0.0.1", "smtp_port": world.sink.port, "smtp_starttls": False}
    same = {"data_dir": settings.data_dir, "database_url": settings.database_url}
    async with open_services(read_settings({}, **mail, **same)) as opened:
        yield opened


@pytest_asyncio.fixture
async def own(world, tmp_path):
    clinic, _ = await clinic_of(world.services, tmp_path)
    return clinic


@pytest_asyncio.fixture
async def admin(world, own):
    return (await employ(world.services, own, "Ada", role="ADMIN")).headers
