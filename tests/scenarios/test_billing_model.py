"""Random carts, quotes and charges over HTTP, beside a model that says what each request must come to."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.own_clinic import make_clinic
from tests.scenarios.billing_machine import Billing

TAXES = [{"name": "Sales", "percentage": "8.265"}, {"name": "Items", "percentage": 1, "scope": "PRODUCTS_ONLY"}]


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
