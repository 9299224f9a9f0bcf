"""One clinic with accounts for test and for live money, a server of its own, and the gateway's simulator."""

from collections.abc import AsyncIterator, Iterator
from uuid import UUID

import pytest
import pytest_asyncio

from carelane.kit.auth import system_actor
from carelane.payments.reconciling.actions import read_events
from tests.contract import CheckedClient, Contract
from tests.factories.gateways import add_account
from tests.gateway_simulator.world import GatewayWorld, running_gateway
from tests.own_clinic import make_clinic
from tests.payments.checking import require_order
from tests.payments.inbox.calling import LIVE_SECRET, OLD_SECRET, TEST_SECRET, Caller
from tests.payments.serving import services_of
from tests.server import RunningServer, prepared, running_server

KEY, LIVE_KEY = "sk_test_inbox", "sk_live_inbox"


@pytest.fixture(scope="module")
def gateway() -> Iterator[GatewayWorld]:
    with running_gateway() as world:
        yield world


@pytest.fixture(scope="module")
def paying_server(tmp_path_factory: pytest.TempPathFactory, gateway: GatewayWorld) -> Iterator[RunningServer]:
    folder = prepared(tmp_path_factory.mktemp("paying") / "data")
    with running_server(folder, gateway_simulator_url=gateway.url, claim_lease_seconds="4") as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def caller(
    tmp_path_factory: pytest.TempPathFactory, paying_server: RunningServer, gateway: GatewayWorld, contract: Contract
) -> AsyncIterator[Caller]:
    async with (
        services_of(paying_server) as services,
        CheckedClient(contract, base_url=paying_server.url, timeout=30) as client,
    ):
        clinic = await make_clinic(services, tmp_path_factory.mktemp("clinic"))
        organization_id = UUID(clinic.organization_id)
        account_id = await add_account(
            services, organization_id, KEY, webhook_secret=TEST_SECRET, previous_secret=OLD_SECRET
        )
        live_id = await add_account(services, organization_id, LIVE_KEY, webhook_secret=LIVE_SECRET, is_test=False)
        yield Caller(paying_server, client, services, gateway, clinic, KEY, account_id, live_id)


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def money_is_in_order(caller: Caller) -> AsyncIterator[None]:
    """Once the reconciler has told what the test kept from us, such as fees that are known later."""
    yield
    caller.gateway.settle()
    await read_events(caller.services, system_actor(caller.organization_id), caller.account_id)
    await require_order(caller.services)
