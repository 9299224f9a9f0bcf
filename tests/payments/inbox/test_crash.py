"""kill -9 between keeping an event, the answer, and applying it: it is applied once, whatever dies where."""

from uuid import UUID

import httpx
import pytest

from carelane.kit.auth import system_actor
from tests.contract import CheckedClient
from tests.factories.gateways import add_account
from tests.gateway_simulator.world import running_gateway
from tests.own_clinic import make_clinic
from tests.payments.checking import require_order
from tests.payments.inbox.calling import TEST_SECRET, Caller
from tests.payments.reconciling.reading import read_all
from tests.payments.serving import services_of
from tests.processes.waiting import until
from tests.server import prepared, running_server
from tests.undying import undying_worker

KEY = "sk_test_crash"
PAYMENT = "SELECT status, captured_cents FROM payments WHERE id = %s"
ONCE = """
SELECT (SELECT count(*) FROM events WHERE target_id = y.id AND type = 'PAYMENT_COMPLETED'),
  (SELECT count(*) FROM ledger_postings p JOIN payment_intents i ON i.id = p.source_id WHERE i.payment_id = y.id AND p.act = 'CAPTURE')
FROM payments y WHERE y.id = %s
"""
OPEN = "SELECT count(*) FROM gateway_events WHERE status = 'RECEIVED'"


@pytest.fixture(autouse=True)
async def money_is_in_order():
    """Each test's world is gone before the fixture of the folder could look."""


@pytest.fixture(scope="module")
async def world(tmp_path_factory, contract):
    """A server and a worker that die where the file says, and are there again."""
    folder = tmp_path_factory.mktemp("crash")
    armed = folder / "armed"
    with (
        running_gateway() as gateway,
        running_server(
            prepared(folder / "data"),
            "--no-worker",
            failpoint=str(armed),
            gateway_simulator_url=gateway.url,
            claim_lease_seconds="1",
        ) as server,
        undying_worker(server, armed),
    ):
        async with services_of(server) as services, CheckedClient(contract, base_url=server.url, timeout=30) as client:
            clinic = await make_clinic(services, folder)
            account_id = await add_account(services, UUID(clinic.organization_id), KEY, webhook_secret=TEST_SECRET)
            yield Caller(server, client, services, gateway, clinic, KEY, account_id, account_id), armed


def is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health/ready", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.parametrize(
    "point",
    [
        "gateway_event.kept",
        "gateway_event.claimed",
        "gateway_event.fetched",
        "payment.locked",
        "payment.posted",
        "payment.recorded",
        "payment.settled",
        "gateway_event.settled",
        "gateway_event.applied",
    ],
)
async def test_whatever_dies_where_the_event_is_applied_once(world, point):
    caller, armed = world
    intent = caller.intent(capture_method="automatic")
    payment_id = await caller.payment(intent.id)
    (event,) = [each for each in caller.told(intent.id) if each["type"] == "payment_intent.succeeded"]
    armed.write_text(point)
    try:
        await caller.tell(event)
    except httpx.TransportError:
        # It died before it could answer: the gateway sends it again.
        until(lambda: is_ready(caller.server.url), 30)
        assert (await caller.tell(event)).json() == {"status": "duplicate"}
    until(lambda: not armed.exists(), 20)
    await caller.until(PAYMENT, payment_id, wanted=[("PAID", 4_900)])
    await caller.until(OPEN, wanted=[(0,)])
    assert await caller.rows(ONCE, payment_id) == [(1, 1)]
    await read_all(caller.services)
    await require_order(caller.services, [caller.organization_id])


async def test_whoever_dies_while_events_are_read_reads_them_again(world):
    """The worker's hourly look at what no webhook told: its cursor moves with what it keeps, or not at all."""
    caller, armed = world
    intent = caller.intent(capture_method="automatic")
    payment_id = await caller.payment(intent.id)
    armed.write_text("gateway_events.read")
    async with caller.services.db.transaction(system_actor(caller.organization_id)) as conn:
        await conn.execute("UPDATE timed_jobs SET due_at = now() WHERE name = 'read_gateway_events'")
    await caller.until(PAYMENT, payment_id, wanted=[("PAID", 4_900)])
    assert not armed.exists(), "nobody came by"
    await caller.until(OPEN, wanted=[(0,)])
    assert await caller.rows(ONCE, payment_id) == [(1, 1)]
    await require_order(caller.services, [caller.organization_id])
