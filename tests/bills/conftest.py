"""A till on the common server, and a server of its own with gateway, mail and text messages, for what leaves."""

import pytest
import pytest_asyncio

from tests.charges.money import Till
from tests.gateway_simulator.world import running_gateway
from tests.own_clinic import make_clinic
from tests.payment_page.patient import Patient
from tests.payment_page.world import Paying, World, running_world
from tests.payments.checking import kept_in_order


@pytest.fixture(scope="module")
async def clinic_here(services, tmp_path_factory):
    return await make_clinic(services, tmp_path_factory.mktemp("bills"))


@pytest.fixture
async def till(client, services, clinic_here):
    """A clinic whose patients pay at a desk."""
    return await Till.open(client, services, clinic_here)


@pytest.fixture
def ask(client, till):
    """A request of the till's clinic, unless other headers are given."""

    async def send(method, path, headers=None, **options):
        return await client.request(
            method, path, headers=till.clinic.billing if headers is None else headers, **options
        )

    return send


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def world(tmp_path_factory, contract):
    with running_gateway(slow=2, settle_after=0.2) as gateway:
        async with running_world(tmp_path_factory.mktemp("bills") / "data", contract, gateway) as made:
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
async def money_is_in_order(services):
    """What the file's tests did with money holds together."""
    async with kept_in_order(services, asks_gateways=False):
        yield
