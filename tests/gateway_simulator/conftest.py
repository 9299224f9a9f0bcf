"""One simulator for all tests of it, and a key of its own for each test."""

import itertools
from collections.abc import Iterator

import pytest
import stripe

from tests.gateway_simulator.world import GatewayWorld, running_gateway

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def gateway_simulator() -> Iterator[GatewayWorld]:
    with running_gateway(slow=2, settle_after=0.2) as world:
        yield world


@pytest.fixture
def key() -> str:
    return f"sk_test_case{next(_NUMBERS)}"


@pytest.fixture
def client(gateway_simulator: GatewayWorld, key: str) -> stripe.StripeClient:
    return gateway_simulator.client(key)
