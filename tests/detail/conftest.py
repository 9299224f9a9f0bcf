"""These cases belong to Juniper Care: it assigns nobody by itself, so nothing moves while a test looks."""

from uuid import UUID

import pytest

from tests.cast import Clinic
from tests.detail.asking import create_case


@pytest.fixture(scope="session")
def juniper(other_clinic: Clinic) -> Clinic:
    return other_clinic


@pytest.fixture(scope="session")
def harbor(clinic: Clinic) -> Clinic:
    """The other side: it must see nothing of Juniper's."""
    return clinic


@pytest.fixture(scope="session")
def organization_id(juniper: Clinic) -> UUID:
    return UUID(juniper.organization_id)


@pytest.fixture
async def case_id(client, juniper) -> UUID:
    """A case as small as they come, created over HTTP."""
    return await create_case(client, juniper)
