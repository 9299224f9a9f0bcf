"""From an organization to its gateway: the keys of the file, the simulator of the settings, and nobody else's account."""

import itertools
from uuid import uuid4

import msgspec
import pytest

from carelane.payments.accounts.access import AccountNotFoundError, open_account, open_gateway
from carelane.payments.gateways.errors import GatewayBusyError
from tests.organizations.conftest import OwnFile

_NUMBERS = itertools.count(1)


@pytest.fixture
def simulated(services, gateway_simulator):
    """As with CARELANE_GATEWAY_SIMULATOR_URL, with a slash at its end as people write it."""
    settings = msgspec.structs.replace(services.settings, gateway_simulator_url=gateway_simulator.url + "/")
    return msgspec.structs.replace(services, settings=settings)


async def paid_clinic(services, path, key):
    file = OwnFile(services, path)
    file.content["payments"] = {"gateways": {"stripe": {"test": {"secretKey": key}}}}
    await file.apply()
    return await file.organization_id()


async def test_the_key_of_the_file_opens_the_simulator_on_loopback(simulated, gateway_simulator, tmp_path):
    key = f"sk_test_opening{next(_NUMBERS)}"
    organization_id = await paid_clinic(simulated, tmp_path / "one.yaml", key)

    account_id, gateway = await open_gateway(simulated, organization_id, is_test=True)
    made = await gateway.create_setup(key=uuid4(), customer_id=None, metadata={})
    same = await open_account(simulated, organization_id, account_id)
    assert await same.fetch_setup(made.id) == made
    [kept] = gateway_simulator.objects("setup_intent", key)
    assert kept["metadata"] == {"carelane_organization": str(organization_id)}


async def test_an_account_belongs_to_its_organization(simulated, tmp_path):
    first = await paid_clinic(simulated, tmp_path / "one.yaml", f"sk_test_opening{next(_NUMBERS)}")
    other = await paid_clinic(simulated, tmp_path / "two.yaml", f"sk_test_opening{next(_NUMBERS)}")
    account_id, _ = await open_gateway(simulated, first, is_test=True)

    with pytest.raises(AccountNotFoundError):
        await open_account(simulated, other, account_id)
    with pytest.raises(AccountNotFoundError):
        await open_account(simulated, first, uuid4())
    assert await open_gateway(simulated, first, is_test=False) is None


async def test_without_the_setting_loopback_stays_closed(services, gateway_simulator, tmp_path):
    """Only what the setting names may be there: the public client refuses the very same address."""
    organization_id = await paid_clinic(services, tmp_path / "one.yaml", f"sk_test_opening{next(_NUMBERS)}")
    closed = msgspec.structs.replace(
        services,
        settings=msgspec.structs.replace(services.settings, gateway_simulator_url=gateway_simulator.url),
        simulator_http=services.http,
    )
    _, gateway = await open_gateway(closed, organization_id, is_test=True)
    with pytest.raises(GatewayBusyError, match="no public address"):
        await gateway.fetch_setup("seti_1")
