"""What is wrong on our side: a person learns of it in words, and nobody else's orders stand still for it."""

import psycopg
import pytest

from carelane.kit import clock
from carelane.orders.sending.task import NO_ADDRESS
from tests.own_clinic import make_clinic
from tests.sending.conftest import SECRET, with_settings
from tests.sending.world import World

BEGUN = {"status": "SENDING", "sending_began_at": clock.now()}


async def test_orders_that_cannot_be_read_do_not_keep_other_clinics_orders_from_going(world: World, tmp_path):
    """Whatever got into a row: the loop goes on, and takes it up again and again without harm."""
    other = await World.opened(world.services, await make_clinic(world.services, tmp_path), SECRET, world.at_pharmacy)
    bad = await world.place(next_step_at=clock.now())
    good = await other.place(next_step_at=clock.now())
    with psycopg.connect(world.services.settings.database_owner_url or "") as conn:
        conn.execute("UPDATE orders SET estimated_delivery_at = 'infinity' WHERE id = %s", (bad.id,))
    tasks = await world.claim()
    assert [task.order.id for task in tasks] == [good.id]
    with psycopg.connect(world.services.settings.database_owner_url or "") as conn:
        conn.execute("UPDATE orders SET estimated_delivery_at = NULL WHERE id = %s", (bad.id,))
    assert (await world.now(bad)).next_step_at is not None


@pytest.mark.parametrize("values", [{}, BEGUN], ids=["to be sent", "to be asked about"])
async def test_a_pharmacy_without_an_address_is_named_as_the_reason(world: World, values):
    nowhere = with_settings(world.services, pharmacy_simulator_url=None)
    order = await world.place(**values)
    for _ in range(nowhere.settings.pharmacy_attempts):
        order = await world.step(order, nowhere)
    assert (order.status, order.failure, order.next_step_at) == ("NEEDS_ATTENTION", NO_ADDRESS, None)
    assert (order.sending_began_at is None) == (not values)
    assert world.at_pharmacy.received_count(order) == 0


async def test_an_order_under_way_waits_for_the_address_to_come_back(world: World):
    nowhere = with_settings(world.services, pharmacy_simulator_url=None)
    order = await world.step(await world.place("hold"))
    for _ in range(nowhere.settings.pharmacy_attempts + 1):
        order = await world.step(order, nowhere)
    assert (order.status, order.failure) == ("SENT", NO_ADDRESS)
    assert order.next_step_at is not None
    order = await world.step(order)
    assert order.failure is None
