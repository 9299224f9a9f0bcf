"""One server with its gateway, its mail and its text messages for all tests of the page; a clinic of its own for each."""

import pytest_asyncio

from tests.gateway_simulator.world import running_gateway
from tests.payment_page.patient import Patient
from tests.payment_page.world import Paying, World, running_world
from tests.payments.checking import kept_in_order


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def world(tmp_path_factory, contract):
    with running_gateway(slow=2, settle_after=0.2) as gateway:
        async with running_world(tmp_path_factory.mktemp("paying") / "data", contract, gateway) as made:
            yield made


@pytest_asyncio.fixture
async def paying(world: World, tmp_path) -> Paying:
    return await world.clinic(tmp_path)


@pytest_asyncio.fixture
async def patient(world: World):
    made = Patient(world)
    yield made
    await made.client.aclose()


@pytest_asyncio.fixture(autouse=True, scope="module", loop_scope="session")
async def money_is_in_order(world):
    """What the file's tests did with money holds together."""
    async with kept_in_order(world.services):
        yield
