"""One server that speaks with the gateway's simulator, for all tests of intake."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests.contract import Contract
from tests.gateway_simulator.world import GatewayWorld, running_gateway
from tests.payments.checking import kept_in_order
from tests.payments.intake.world import Paid, World, running_world
from tests.server import prepared


@pytest.fixture(scope="session")
def intake_gateway() -> Iterator[GatewayWorld]:
    with running_gateway(slow=0.6, settle_after=0.3) as world:
        yield world


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def world(
    tmp_path_factory: pytest.TempPathFactory, intake_gateway: GatewayWorld, contract: Contract
) -> AsyncIterator[World]:
    folder = prepared(tmp_path_factory.mktemp("intake") / "data")
    async with running_world(folder, contract, intake_gateway, gateway_timeout_seconds="5") as running:
        yield running


@pytest.fixture
async def paid(world: World, tmp_path) -> Paid:
    """Pays on approval, with an account for test money."""
    return await world.clinic(tmp_path)


@pytest_asyncio.fixture(autouse=True, scope="module", loop_scope="session")
async def money_is_in_order(world: World):
    """What the file's tests did with money holds together. Some leave with the gateway what a person must look at."""
    async with kept_in_order(world.services, asks_gateways=False):
        yield
