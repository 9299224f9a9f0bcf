"""Two clinics with one item, one package, one patient, one location and one creator each."""

from pathlib import Path

import pytest
import pytest_asyncio

from carelane.services import Services
from tests.cast import Clinic
from tests.own_clinic import make_clinic


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def own(services: Services, tmp_path_factory: pytest.TempPathFactory) -> Clinic:
    """The clinic whose carts these are."""
    return await make_clinic(services, _folder(tmp_path_factory))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stranger(services: Services, tmp_path_factory: pytest.TempPathFactory) -> Clinic:
    """Another clinic, whose records must be as if they were not there."""
    return await make_clinic(services, _folder(tmp_path_factory))


def _folder(factory: pytest.TempPathFactory) -> Path:
    return factory.mktemp("clinic")
