"""The desk against a real worker and a real pharmacy: nothing is sent beside what is canceled, and nothing twice."""

import asyncio
import random
from collections.abc import AsyncIterator

import httpx
import pytest

from carelane.kit import clock
from carelane.kit.embedded_postgres import EmbeddedPostgres
from carelane.services import open_services
from carelane.settings import read_settings
from tests.desk.counter import Counter, open_counter
from tests.factories.rows import update_row
from tests.inbox.calling import SECRET
from tests.pharmacies.simulator import running_simulator
from tests.server import prepared, running_server

HURRIED = {
    "allowed_networks": "127.0.0.0/8",
    "pharmacy_timeout_seconds": "1",
    "pharmacy_ask_seconds": "1.5",
    "pharmacy_poll_seconds": "1",
    "pharmacy_retry_seconds": "0.3",
    "webhook_timeout_seconds": "3",
    "claim_lease_seconds": "4",
}
PATIENCE_SECONDS = 40
RACES = 24


@pytest.fixture(scope="module")
async def street(tmp_path_factory) -> AsyncIterator[tuple[Counter, str]]:
    """A counter, and the pharmacy that its orders go to."""
    folder = tmp_path_factory.mktemp("street")
    with (
        running_simulator(secret=SECRET.decode()) as pharmacy_url,
        running_server(prepared(folder / "data"), **HURRIED, pharmacy_simulator_url=pharmacy_url) as server,
    ):
        database_url = EmbeddedPostgres(server.data_dir).application_url
        settings = read_settings({}, data_dir=server.data_dir, database_url=database_url)
        async with open_services(settings) as services, httpx.AsyncClient(base_url=server.url, timeout=30) as client:
            yield await open_counter(client, services, folder, adapter="simulator", url=None), pharmacy_url


async def received(pharmacy_url: str, stands: dict[str, str]) -> tuple[int, list[str]]:
    """How often the pharmacy got the order, and where it has it."""
    async with httpx.AsyncClient() as http:
        told = (await http.get(f"{pharmacy_url}/_simulator/orders/{stands['externalId']}")).json()
    return told["receivedCount"], [order["status"] for order in told["orders"]]


async def wait_for(counter: Counter, order_id: object, *wanted: str) -> dict[str, str]:
    for _ in range(PATIENCE_SECONDS * 10):
        stands = await counter.stands(order_id)
        if stands["status"] in wanted:
            return stands
        await asyncio.sleep(0.1)
    raise AssertionError(f"not {wanted} in time: {stands}")


async def place(counter: Counter) -> object:
    """An order that is due now, and that the pharmacy would accept and then leave alone."""
    return await counter.order(scenario="hold", next_step_at=clock.now())


async def test_cancel_against_send_with_many_orders_at_once(street):
    counter, pharmacy_url = street
    orders = [await counter.order(scenario="hold") for _ in range(RACES)]

    async def race(number, order_id):
        await update_row(counter.services, counter.organization_id, "orders", order_id, next_step_at=clock.now())
        # The first are wanted back before the worker can look at them, the last while it hands them over, or just after.
        await asyncio.sleep(number * random.uniform(0.05, 0.2))
        return await counter.act(order_id, "cancel", {"reason": "changed my mind"})

    answers = await asyncio.gather(*(race(number, order_id) for number, order_id in enumerate(orders)))
    for order_id, answer in zip(orders, answers, strict=True):
        stands = await wait_for(counter, order_id, "CANCELED")
        if answer.status_code == 200:
            assert await received(pharmacy_url, stands) == (0, [])
        else:
            assert answer.status_code == 202
            assert await received(pharmacy_url, stands) in [(1, ["CANCELED"]), (0, [])]


async def test_what_the_pharmacy_has_is_canceled_there(street):
    counter, pharmacy_url = street
    order_id = await place(counter)
    await wait_for(counter, order_id, "ACCEPTED")
    assert (await counter.act(order_id, "cancel", {"reason": "wrong dose"})).status_code == 202
    stands = await wait_for(counter, order_id, "CANCELED")
    assert await received(pharmacy_url, stands) == (1, ["CANCELED"])


async def test_what_was_given_up_but_arrived_is_found_and_not_sent_again(street):
    counter, pharmacy_url = street
    order_id = await place(counter)
    await wait_for(counter, order_id, "ACCEPTED")
    lost = {"status": "NEEDS_ATTENTION", "next_step_at": None, "sending_began_at": clock.now()}
    await update_row(counter.services, counter.organization_id, "orders", order_id, **lost)
    assert (await counter.act(order_id, "send")).status_code == 200
    stands = await wait_for(counter, order_id, "ACCEPTED")
    assert await received(pharmacy_url, stands) == (1, ["ACCEPTED"])


async def test_a_replacement_reaches_the_pharmacy_as_an_order_of_its_own(street):
    counter, pharmacy_url = street
    order_id = await place(counter)
    await wait_for(counter, order_id, "ACCEPTED")
    await counter.act(order_id, "cancel", {"reason": "wrong address"})
    old = await wait_for(counter, order_id, "CANCELED")
    answer = await counter.act(order_id, "replace", {"reason": "right address"})
    fresh = await wait_for(counter, answer.json()["id"], "ACCEPTED")
    assert await received(pharmacy_url, old) == (1, ["CANCELED"])
    assert await received(pharmacy_url, fresh) == (1, ["ACCEPTED"])


async def test_a_test_order_goes_on_as_its_story_says(street):
    counter, pharmacy_url = street
    order_id = await place(counter)
    case_id = (await counter.stands(order_id))["caseId"]
    await update_row(counter.services, counter.organization_id, "cases", case_id, is_test=True)
    await wait_for(counter, order_id, "ACCEPTED")

    async def tell(**story):
        path = f"/api/staff/orders/{order_id}/story"
        return await counter.client.post(path, headers=counter.manager, json=story)

    shipped = await tell(story="SHIP")
    assert shipped.status_code == 200, shipped.text
    assert shipped.json()["story"] == "SHIP"
    stands = await wait_for(counter, order_id, "SHIPPED")
    assert (await tell(story="DELIVER", isSilent=True)).status_code == 200
    assert await received(pharmacy_url, stands) == (1, ["DELIVERED"])
    # Nobody told us: asking finds it out.
    await wait_for(counter, order_id, "DELIVERED")
    over = await tell(story="SHIP")
    assert (over.status_code, "come to an end" in over.text) == (422, True)
