"""One server with its mail for all tests about people; a clinic of its own for each."""

import pytest_asyncio

from tests.factories.accounts import bearer, open_account
from tests.own_clinic import make_clinic
from tests.people.cast import PUBLIC_URL, House
from tests.quote_sending.world import running_world


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def world(tmp_path_factory, contract):
    async with running_world(tmp_path_factory.mktemp("people") / "data", contract, public_url=PUBLIC_URL) as made:
        yield made


@pytest_asyncio.fixture
async def house(world, tmp_path):
    clinic = await make_clinic(world.services, tmp_path, name="Harbor Health")
    admin = await open_account(world.services, clinic, "ADMIN")
    return House(world, clinic, admin, await bearer(world.services, admin.organization_id, admin.id))
