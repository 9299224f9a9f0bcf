"""Stripe's adapter, talking to the simulator, which keeps a world of its own for each key."""

import itertools
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from carelane.kit.http import Http
from carelane.payments.gateways.protocol import Intent
from carelane.payments.gateways.stripe.adapter import StripeGateway
from tests.gateway_simulator.world import GatewayWorld, running_gateway

SLOW_SECONDS = 2
TIMEOUT_SECONDS = 1.0
_NUMBERS = itertools.count(1)


class StripeAccount:
    """One account at the simulator: our adapter, and the world behind it."""

    def __init__(self, world: GatewayWorld, key: str, http: Http) -> None:
        self.world = world
        self.key = key
        self.organization_id = uuid4()
        self.client = world.client(key)
        self.gateway = self.adapter(http)

    def adapter(self, http: Http, key: str | None = None, url: str | None = None, **more: Any) -> StripeGateway:
        options: dict[str, Any] = {"is_test": True, "timeout_seconds": TIMEOUT_SECONDS, **more}
        return StripeGateway(http, key or self.key, self.organization_id, url=url or self.world.url, **options)

    def save_card(self, method: str = "pm_card_visa") -> tuple[str, str]:
        """A customer with a card, as a storefront would have made them."""
        customer = self.client.v1.customers.create({"email": "rosa@example.com"})
        return customer.id, self.client.v1.payment_methods.attach(method, {"customer": customer.id}).id

    async def charge(
        self,
        amount_cents: int = 4_900,
        currency: str = "USD",
        method: str = "pm_card_visa",
        attempt_id: UUID | None = None,
    ) -> Intent:
        customer_id, method_id = self.save_card(method)
        return await self.gateway.charge_off_session(
            attempt_id=attempt_id or uuid4(),
            payment_id=uuid4(),
            amount_cents=amount_cents,
            currency=currency,
            customer_id=customer_id,
            method_id=method_id,
        )

    async def hold(self, amount_cents: int = 4_900, currency: str = "USD") -> Intent:
        made = await self.gateway.create_intent(
            key=uuid4(),
            amount_cents=amount_cents,
            currency=currency,
            customer_id=self.save_card()[0],
            holds=True,
            method_types=["card"],
            metadata={},
        )
        self.client.v1.payment_intents.confirm(made.id, {"payment_method": "pm_card_visa"})
        held = await self.gateway.fetch_intent(made.id)
        assert held is not None
        return held

    def at_stripe(self, kind: str = "payment_intent") -> list[dict[str, Any]]:
        return self.world.objects(kind, self.key)


@pytest.fixture(scope="session")
def gateway_simulator() -> Iterator[GatewayWorld]:
    with running_gateway(slow=SLOW_SECONDS, settle_after=0.2) as world:
        yield world


@pytest_asyncio.fixture
async def loopback() -> AsyncIterator[Http]:
    """May reach this machine, as `services.simulator_http` may."""
    http = Http("127.0.0.0/8, ::1/128")
    yield http
    await http.close()


@pytest.fixture
def account(gateway_simulator: GatewayWorld, loopback: Http) -> StripeAccount:
    return StripeAccount(gateway_simulator, f"sk_test_adapter{next(_NUMBERS)}", loopback)
