"""No order leaves before its case is paid, where the organization demands that; and it leaves as soon as it is."""

import asyncio
from datetime import timedelta
from typing import Any

import psycopg
import pytest
import pytest_asyncio

from carelane import events
from carelane.kit import clock
from carelane.kit.auth import system_actor
from carelane.orders.desk.why import OrderSummary, explain
from carelane.orders.sending import handover, queries
from carelane.orders.sending.queries import LockedOrder
from carelane.processes.dispatcher import dispatch
from carelane.services import Services
from tests.factories.payments import add_gateway, charge
from tests.factories.rows import update_row
from tests.payments.checking import kept_in_order
from tests.sending.world import World, until

WAITING = {"method": "REFERENCE", "stage": "WAITING", "status": "UNPAID"}


@pytest_asyncio.fixture(autouse=True, scope="module", loop_scope="session")
async def money_is_in_order(quiet: Services):
    """What the file's orders and payments did holds together."""
    async with kept_in_order(quiet, asks_gateways=False):
        yield


async def demand(world: World, **settings: Any) -> None:
    """The organization has a gateway, and settings of its own."""
    await add_gateway(world.services, world.organization_id, is_test=False)
    await set_up(world, **({"payment_policy": "charge_on_approval"} | settings))
    # What made the clinic is told of, so that it frees nothing later.
    await dispatched(world)


async def set_up(world: World, **settings: Any) -> None:
    if settings:
        await update_row(world.services, world.organization_id, "organizations", world.organization_id, **settings)


async def placed(world: World, *payments: dict[str, Any]) -> LockedOrder:
    """An order of a case with these payments alone."""
    # So that nobody asks the gateway about the payment that the case comes with.
    [(policy,)] = await world.ask("SELECT payment_policy FROM organizations WHERE id = %s", world.organization_id)
    await set_up(world, payment_policy="unverified")
    order = await world.place()
    await set_up(world, payment_policy=policy)
    async with world.services.db.transaction(system_actor(world.organization_id)) as conn:
        await conn.execute("DELETE FROM payments WHERE case_id = %s", (order.case_id,))
    for payment in payments:
        await charge(world.services, world.organization_id, order.case_id, payment.pop("cents", 15900), **payment)
    return await world.now(order)


async def pay(world: World, order: LockedOrder) -> None:
    """As `settle` does: status and event in one transaction that holds the case."""
    async with world.services.db.transaction(system_actor(world.organization_id)) as conn:
        await queries.lock_order(conn, world.organization_id, order.id)
        await conn.execute("UPDATE payments SET status = 'PAID', stage = 'DONE' WHERE case_id = %s", (order.case_id,))
        actor = system_actor(world.organization_id)
        row = await (await conn.execute("SELECT id FROM payments WHERE case_id = %s", (order.case_id,))).fetchone()
        assert row is not None
        await events.record(conn, events.new_event(actor, "PAYMENT_COMPLETED", order.case_id, target_id=row[0]))


async def dispatched(world: World) -> None:
    while await dispatch(world.services):
        pass


async def test_an_unpaid_order_waits_and_says_what_for(world: World):
    await demand(world)
    order = await placed(world, dict(WAITING))
    after = await world.step(order)
    assert (after.status, after.sending_began_at, after.attempts) == ("RECEIVED", None, 0)
    assert after.next_step_at is not None
    assert after.next_step_at > clock.now() + timedelta(minutes=40)
    assert world.at_pharmacy.received_count(order) == 0
    told = explain(OrderSummary(order=after, moved_at=after.created_at, is_replaced=False, last_call=None), clock.now())
    assert told.waits_for.startswith("the payment of the case, which is UNPAID: ")
    assert told.since == after.created_at
    assert told.next == "the order leaves as soon as the case is paid"
    assert [mover.how for mover in told.who_can_move_it if mover.who == "STAFF"] == ["cancel it"]


async def test_it_goes_at_once_when_the_payment_is_told_of(world: World):
    await demand(world)
    order = await world.step(await placed(world, dict(WAITING)))
    await pay(world, order)
    await dispatched(world)
    released = await world.now(order)
    assert released.next_step_at is not None
    assert released.next_step_at <= clock.now()
    assert [task.order.id for task in await world.claim()] == [order.id]
    assert (await world.step(released)).status in {"SENT", "ACCEPTED"}
    assert world.at_pharmacy.received_count(order) == 1


async def test_who_tells_twice_or_late_sends_nothing_twice(world: World):
    await demand(world)
    order = await world.step(await placed(world, dict(WAITING)))
    await pay(world, order)
    await dispatched(world)
    sent = await world.step(order)
    await pay(world, order)
    await dispatched(world)
    assert (await world.now(order)).next_step_at == sent.next_step_at
    assert world.at_pharmacy.received_count(order) == 1


async def test_the_money_that_went_back_between_look_and_handing_over_holds_it(world: World):
    """The worker claimed it while it was paid; at the door it is not any more."""
    await demand(world)
    order = await placed(world, dict(WAITING) | {"status": "PAID", "stage": "DONE"})
    task = await world.take(order)
    async with world.services.db.transaction(system_actor(world.organization_id)) as conn:
        await conn.execute("UPDATE payments SET status = 'REFUND' WHERE case_id = %s", (order.case_id,))
    await handover.send(task)
    after = await world.now(order)
    assert (after.status, after.sending_began_at) == ("RECEIVED", None)
    assert world.at_pharmacy.received_count(order) == 0


@pytest.mark.parametrize("is_paid_first", [True, False])
async def test_payment_and_look_at_the_same_moment_never_leave_it_waiting(world: World, is_paid_first: bool):
    """Both want the case's row: whoever comes second waits for it, and the order is due in either order."""
    await demand(world)
    order = await placed(world, dict(WAITING))
    task = await world.take(order)
    url = world.services.settings.database_owner_url or ""
    with psycopg.connect(url) as holder, psycopg.connect(url, autocommit=True) as looker:
        holder.execute("SELECT FROM cases WHERE id = %s FOR NO KEY UPDATE", (order.case_id,))
        acts = [pay(world, order), handover.await_payment(task)]
        running: list[asyncio.Task[None]] = []
        for act in acts if is_paid_first else reversed(acts):
            running.append(asyncio.create_task(act))

            async def all_wait(most: int = len(running)):
                row = looker.execute(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
                ).fetchone()
                return row is not None and row[0] == most

            await until(all_wait)
        holder.rollback()
        await asyncio.gather(*running)
    await dispatched(world)
    after = await world.now(order)
    assert after.next_step_at is not None
    assert after.next_step_at <= clock.now()


@pytest.mark.parametrize(
    ("payments", "waits"),
    [
        ([], False),
        ([{"cents": 0, "status": "UNPAID"}], False),
        ([{"status": "PAID"}], False),
        ([{"status": "UNPAID"}], True),
        ([{"status": "CANCELED"}], True),
        ([{"status": "IN_DISPUTE"}], True),
        ([{"status": "LOST_DISPUTE"}], True),
        ([{"status": "REFUND"}], True),
        ([{"status": "ERROR"}], True),
        ([{"status": "UNPAID"}, {"status": "PAID", "method": "EXTERNAL"}], False),
        ([{"status": "UNPAID"}, {"status": "PAID", "method": "EXTERNAL", "cents": 15899}], True),
        ([{"status": "CANCELED"}, {"status": "PAID", "method": "EXTERNAL"}], False),
        ([{"status": "REFUND"}, {"status": "PAID", "method": "EXTERNAL"}], False),
        ([{"status": "PAID"}, {"status": "UNPAID"}], True),
        ([{"status": "PAID"}, {"status": "REFUND", "method": "EXTERNAL"}], True),
        ([{"status": "PAID", "method": "EXTERNAL", "cents": 100}], False),
        ([{"status": "UNPAID", "method": "EXTERNAL", "cents": 100}], True),
        ([{"status": "REFUND", "method": "EXTERNAL", "cents": 100}], True),
        ([{"status": "PAID", "captured_cents": 15900, "refunded_cents": 100}], False),
    ],
)
async def test_what_it_waits_for(world: World, payments: list[dict[str, Any]], waits: bool):
    await demand(world)
    order = await placed(world, *[dict(payment) for payment in payments])
    assert (order.payment_wait is not None) is waits


@pytest.mark.parametrize(
    ("settings", "has_gateway", "waits"),
    [
        ({}, False, False),
        ({"payment_policy": "charge_on_approval"}, False, False),
        ({}, True, True),
        ({"payment_policy": "hold"}, True, True),
        ({"payment_policy": "unverified"}, True, False),
        ({"order_requires_payment": False}, True, False),
        ({"order_requires_payment": True}, False, True),
        ({"payment_policy": "unverified", "order_requires_payment": True}, True, True),
    ],
)
async def test_who_demands_it(world: World, settings: dict[str, Any], has_gateway: bool, waits: bool):
    await (demand(world, **settings) if has_gateway else set_up(world, **settings))
    order = await placed(world, dict(WAITING))
    assert (order.payment_wait is not None) is waits


async def test_a_gateway_for_test_money_demands_nothing_of_real_cases(world: World):
    await add_gateway(world.services, world.organization_id, is_test=True)
    await set_up(world, payment_policy="charge_on_approval")
    order = await placed(world, dict(WAITING))
    assert order.payment_wait is None
    await update_row(world.services, world.organization_id, "cases", order.case_id, is_test=True)
    assert (await world.now(order)).payment_wait is not None


async def test_an_organization_that_changes_its_mind_sets_all_free(world: World):
    await demand(world)
    order = await world.step(await placed(world, dict(WAITING)))
    await set_up(world, order_requires_payment=False)
    async with world.services.db.transaction(system_actor(world.organization_id)) as conn:
        actor = system_actor(world.organization_id)
        await events.record(
            conn, events.new_event(actor, "ORGANIZATION_CHANGED", None, target_id=world.organization_id)
        )
    await dispatched(world)
    assert [task.order.id for task in await world.claim()] == [order.id]


async def test_the_payment_of_another_case_frees_nothing(world: World):
    await demand(world)
    order, other = await placed(world, dict(WAITING)), await placed(world, dict(WAITING))
    order = await world.step(order)
    await pay(world, other)
    await dispatched(world)
    assert (await world.now(order)).next_step_at == order.next_step_at
