"""Every test of the page has a clinic of its own, and a browser that knows nothing yet."""

import pytest_asyncio

from tests.payments.checking import kept_in_order
from tests.quote_page.cast import Reader, clinic_of


@pytest_asyncio.fixture
async def own(services, tmp_path):
    return await clinic_of(services, tmp_path)


@pytest_asyncio.fixture
async def reader(server, services):
    made = Reader(server.url, services)
    yield made
    await made.client.aclose()


@pytest_asyncio.fixture(autouse=True, scope="module", loop_scope="session")
async def money_is_in_order(services):
    """What the file's tests did with money holds together."""
    async with kept_in_order(services, asks_gateways=False):
        yield
