"""One server with its mail and text messages for all tests of sending; a clinic of its own for each."""

import pytest_asyncio

from tests.quote_sending.world import clinic_of, running_world


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def world(tmp_path_factory, contract):
    async with running_world(tmp_path_factory.mktemp("sending") / "data", contract) as made:
        yield made


@pytest_asyncio.fixture
async def own(world, tmp_path):
    clinic, _ = await clinic_of(world.services, tmp_path)
    return clinic
