"""One world for the scenarios; each test brings its own case."""

from collections.abc import Iterator

import pytest
import pytest_asyncio

from tests.payments.checking import require_order
from tests.payments.serving import services_of
from tests.scenarios.world import World, running_world


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with running_world(tmp_path_factory.mktemp("world")) as made:
        yield made


@pytest_asyncio.fixture(autouse=True, scope="module", loop_scope="session")
async def money_is_in_order(world: World):
    """What the file's scenarios did with money holds together, whatever died meanwhile."""
    yield
    async with services_of(world.server) as services:
        await require_order(services)
