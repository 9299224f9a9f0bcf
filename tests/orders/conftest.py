"""Two clinics of these tests' own, one for each validation profile."""

import pytest

from tests.orders.shop import Shop, open_shop
from tests.own_clinic import make_clinic


@pytest.fixture(scope="module")
async def shop(client, services, tmp_path_factory) -> Shop:
    clinic = await make_clinic(services, tmp_path_factory.mktemp("shop"))
    return await open_shop(client, services, clinic)


@pytest.fixture(scope="module")
async def strict_shop(client, services, tmp_path_factory) -> Shop:
    clinic = await make_clinic(services, tmp_path_factory.mktemp("strict"), validationProfile="strict")
    return await open_shop(client, services, clinic)


@pytest.fixture
async def case_id(shop):
    return await shop.approved_case()


@pytest.fixture
async def strict_case_id(strict_shop):
    return await strict_shop.approved_case()


@pytest.fixture(params=["compat", "strict"])
def any_shop(request, shop, strict_shop):
    return shop if request.param == "compat" else strict_shop
