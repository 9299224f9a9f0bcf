"""The desk that agrees on plans, and a plan that runs."""

import pytest

from tests.payments.plan_world import PlanDesk


@pytest.fixture
def desk(till):
    return PlanDesk(till)


@pytest.fixture(autouse=True)
async def agreed(till):
    yield
    await till.require_agreement()


@pytest.fixture
async def agreed_on(desk):
    """10,000 in three instalments."""
    charge = await desk.charge(10_000)
    return charge, await desk.plan(await desk.card(), charge)


@pytest.fixture
def slowly(till):
    """The gateway acts, and answers a while later."""
    till.bank.set(slowSeconds=0.8)
    till.fail("payment_intents.create", "slow")
    yield
    till.bank.set(slowSeconds=2)
