"""Every test of the portal has a clinic of its own, and a patient of it."""

import pytest_asyncio

from tests.own_clinic import make_clinic
from tests.portal.cast import enroll


@pytest_asyncio.fixture
async def own(services, tmp_path):
    return await make_clinic(services, tmp_path)


@pytest_asyncio.fixture
async def person(services, own):
    return await enroll(services, own)
