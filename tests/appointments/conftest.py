"""One clinic for all tests of the calendar, unless a test makes one of its own; each test has patients of its own."""

import pytest_asyncio

from tests.appointments.cast import Storefront, clinic_of, clinician


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def shop(client, services, tmp_path_factory) -> Storefront:
    folder = tmp_path_factory.mktemp("calendar")
    staff = clinician("Ada", "NY", meetingLink="https://meet.example/ada"), clinician("Bo", "CA", "NY")
    return Storefront(client, await clinic_of(services, folder, *staff))


@pytest_asyncio.fixture
async def own(client, services, tmp_path) -> Storefront:
    """A clinic with one clinician, for tests that would be in the way of others."""
    return Storefront(client, await clinic_of(services, tmp_path, clinician("Ada", "NY")))
