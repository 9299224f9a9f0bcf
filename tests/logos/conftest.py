import pytest

from tests.own_clinic import make_clinic
from tests.review.people import employ


@pytest.fixture
async def own(services, tmp_path):
    """A clinic of one's own."""
    return await make_clinic(services, tmp_path)


@pytest.fixture
async def ida(services, own):
    """Its administrator."""
    return await employ(services, own, "Ida", role="ADMIN")
