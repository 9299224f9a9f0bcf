"""What must not leave, or must not leave twice, and why."""

import asyncio

import msgspec
import psycopg

from carelane.kit import clock
from carelane.kit.auth import system_actor
from carelane.orders.queries import PRESCRIPTION
from carelane.orders.sending import handover, queries
from carelane.orders.sending.handover import NO_GLYPH
from tests.pharmacies.prescriptions import PATIENT, prescription
from tests.sending.world import World, until


async def test_what_cannot_be_printed_is_held_for_a_person_who_sees_where(world: World):
    order = await world.place()
    patient = msgspec.structs.replace(PATIENT, last_name="ꦄꦤꦶ", allergies="ᏣᎳᎩ")
    content = prescription(order_id=order.id, external_id=order.external_id, patient=patient)
    key = await world.services.keyring.data_key(world.organization_id)
    sealed = key.seal(msgspec.json.encode(content), PRESCRIPTION, order.id)
    order = await world.step(await world.change(order, sealed=sealed))
    assert (order.status, order.next_step_at) == ("NEEDS_ATTENTION", None)
    assert order.failure == f"{NO_GLYPH} patient.lastName, patient.allergies"
    assert order.sending_began_at is None
    assert world.at_pharmacy.received_count(order) == 0


async def test_an_order_that_began_anew_meanwhile_is_not_set_free_by_an_old_answer(world: World):
    """The pharmacy had no such order when it was asked; what was begun after that may be on its way to it."""
    order = await world.place(status="SENDING", sending_began_at=clock.now())
    task = await world.take(order)
    begun = clock.now()
    await world.change(order, sending_began_at=begun)
    await handover.ask(task)
    after = await world.now(order)
    assert await world.attempts(order) == [("status", "done")]
    assert (after.status, after.sending_began_at) == ("SENDING", begun)
    # Of the one that was asked about, the same answer sets it free.
    await handover.ask(await world.take(after))
    assert (await world.now(order)).sending_began_at is None


async def test_the_case_is_locked_before_the_order(world: World):
    """Whoever waits for the case holds nothing that the holder of the case will want: no two ever wait for each other."""
    order = await world.place()
    actor = system_actor(world.organization_id)
    url = world.services.settings.database_owner_url or ""

    async def lock():
        async with world.services.db.transaction(actor) as conn:
            return await queries.lock_order(conn, order.organization_id, order.id)

    with psycopg.connect(url) as holder, psycopg.connect(url) as looker:
        holder.execute("SELECT FROM cases WHERE id = %s FOR NO KEY UPDATE", (order.case_id,))
        waiting = asyncio.create_task(lock())
        looker.autocommit = True

        async def is_waiting():
            assert not waiting.done(), "it did not wait for the case"
            return looker.execute(
                "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            ).fetchone()

        await until(is_waiting)
        looker.execute("SELECT FROM orders WHERE id = %s FOR UPDATE NOWAIT", (order.id,))
        holder.rollback()
    locked = await waiting
    assert locked is not None
    assert locked.id == order.id
