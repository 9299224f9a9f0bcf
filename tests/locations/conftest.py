import pytest

from tests.own_clinic import make_clinic


@pytest.fixture
async def office(services, tmp_path):
    """A clinic of one's own, with one location, Main Street."""
    return await make_clinic(services, tmp_path)
