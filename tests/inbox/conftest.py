"""One pharmacy of the first clinic for each test module."""

import pytest

from tests.inbox.calling import PharmacyCaller, open_pharmacy


@pytest.fixture(scope="module")
async def pharmacy(client, services, clinic) -> PharmacyCaller:
    return await open_pharmacy(client, services, clinic)
