"""Random carts, quotes and charges over HTTP, beside a model that says what each request must come to."""

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.own_clinic import make_clinic
from tests.payments.checking import kept_in_order
from tests.scenarios.billing_machine import Billing

TAXES = [{"name": "Sales", "percentage": "8.265"}, {"name": "Items", "percentage": 1, "scope": "PRODUCTS_ONLY"}]


@pytest_asyncio.fixture(autouse=True, scope="module", loop_scope="session")
async def money_is_in_order(services):
    """The model's clinics are on the server that tests share, which has no world around it."""
    async with kept_in_order(services):
        yield


@pytest.fixture
async def seller(services, tmp_path):
    return await make_clinic(services, tmp_path, parts={"taxes": TAXES}, requestsPerMinute=1_000_000)


def test_the_server_agrees_with_the_model(server, seller):
    run_state_machine_as_test(
        lambda: Billing(server.url, seller),
        settings=settings(
            max_examples=30,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
