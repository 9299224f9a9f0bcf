"""A clinic with a desk of its own, and another one."""

import pytest
import pytest_asyncio

from tests.charges.money import Till
from tests.own_clinic import make_clinic
from tests.payments.checking import kept_in_order
from tests.till.desk import Desk


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(client, services, tmp_path_factory):
    """A desk, with a gateway that nobody is behind."""
    clinic = await make_clinic(services, tmp_path_factory.mktemp("desk"))
    return Desk(client=client, services=services, clinic=clinic, till=await Till.open(client, services, clinic))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stranger(client, services, tmp_path_factory):
    """Another clinic, for which this one's records are not there."""
    clinic = await make_clinic(services, tmp_path_factory.mktemp("stranger"))
    return Desk(client=client, services=services, clinic=clinic, till=await Till.open(client, services, clinic))


@pytest_asyncio.fixture(loop_scope="session")
async def patient(desk):
    """One who owes nothing yet."""
    return await desk.patient()


@pytest_asyncio.fixture(autouse=True, scope="module", loop_scope="session")
async def money_is_in_order(services):
    """What the file's tests did with money holds together."""
    async with kept_in_order(services, asks_gateways=False):
        yield


@pytest.fixture
def read_only(desk):
    """A key that may look and no more."""
    return {"API-KEY": desk.clinic.catalog_only_key, "TENANT": desk.clinic.tenant}
