"""Plans that are canceled, whose charges are taken back, or whose instalments come to nothing; and two plans at once."""

import asyncio
from functools import partial

import pytest

from tests.factories.rows import update_row
from tests.payments.plan_world import has_acted, received, terms
from tests.sending.world import until


async def test_cancel_leaves_what_is_under_way(desk, till, agreed_on, slowly):
    charge, plan = agreed_on
    payment = await desk.begun(plan)
    step = asyncio.create_task(till.step(payment))
    await until(partial(has_acted, till))
    assert (await desk.cancel(charge)).status_code == 200
    assert (await step).status == "PAID"
    assert await desk.owed(charge) == ("OUTSTANDING", 6_667)


async def test_cancel_withdraws_what_waits_for_a_card(desk, till, agreed_on):
    charge, plan = agreed_on
    till.fail("payment_intents.create", "lost_card")
    payment = await till.run(await desk.begun(plan))
    failed = "SELECT type FROM events WHERE target_id = %s AND type LIKE '%%FAILED' ORDER BY id"
    told = [row[0] for row in await till.ask(failed, payment.id)]
    assert told == ["PAYMENT_FAILED", "PLANNED_PAYMENT_FAILED"]
    assert (await desk.cancel(charge)).status_code == 200
    payment = await till.run(payment)
    assert (payment.status, received(till)) == ("CANCELED", 0)
    assert await desk.owed(charge) == ("OUTSTANDING", 10_000)


@pytest.mark.parametrize("fault", ["lost_card", "insufficient_funds"])
async def test_what_was_under_way_and_is_declined_is_not_tried_again(desk, till, agreed_on, fault):
    charge, plan = agreed_on
    payment = await desk.begun(plan)
    till.fail("payment_intents.create", "lost_before")
    payment = await till.step(payment)
    assert (await desk.cancel(charge)).status_code == 200
    till.fail("payment_intents.create", fault)
    payment = await till.run(payment)
    await desk.look(plan)
    payment = await till.run(payment)
    assert (payment.status, received(till)) == ("CANCELED", 0)


async def test_a_voided_charge_ends_the_plan(desk, till, agreed_on):
    charge, plan = agreed_on
    payment = await desk.begun(plan)
    url = f"/api/staff/charges/{charge}/void"
    assert (await till.http.post(url, json={"reason": "No"}, headers=till.manager.headers)).status_code == 200
    await desk.look(plan)
    assert ((await till.run(payment)).status, await desk.stands(plan)) == ("CANCELED", "ENDED")
    assert (await desk.owed(charge), till.intents()) == (("VOID", 0), [])


async def test_an_archived_charge_ends_the_plan(desk, till, agreed_on):
    charge, plan = agreed_on
    assert (await desk.ask("DELETE", f"/billing/charge/{charge}")).status_code == 200
    assert (await desk.stands(plan), await desk.amounts(plan)) == ("ENDED", [])
    assert (await desk.cancel(charge)).status_code == 409


async def test_what_is_written_off_is_not_taken(desk, till, agreed_on):
    charge, plan = agreed_on
    await desk.taken(plan)
    url = f"/api/staff/charges/{charge}/write-off"
    assert (await till.http.post(url, json={"reason": "No"}, headers=till.manager.headers)).status_code == 200
    assert (await desk.stands(plan), await desk.amounts(plan)) == ("ENDED", [])


async def test_a_refund_leaves_what_is_owed_and_so_the_plan(desk, till, agreed_on):
    charge, plan = agreed_on
    payment = await desk.taken(plan)
    await till.refund(payment, 1_000)
    await till.run(payment)
    assert (await desk.owed(charge), await desk.amounts(plan)) == (("PAYMENT_PLAN", 6_667), [3_333, 3_334])


async def test_one_of_several_charges_is_taken_back(desk, till):
    first, second = await desk.charge(6_000), await desk.charge(4_000)
    plan = await desk.plan(await desk.card(), first, second)
    payment = await desk.begun(plan)
    url = f"/api/staff/charges/{first}/void"
    assert (await till.http.post(url, json={"reason": "No"}, headers=till.manager.headers)).status_code == 200
    await till.run(payment)
    while await desk.amounts(plan):
        await desk.taken(plan)
    assert (received(till), await desk.owed(second), await desk.stands(plan)) == (4_000, ("PAID", 0), "ENDED")


async def test_an_instalment_that_came_to_nothing_is_taken_with_the_last(desk, till, agreed_on):
    _, plan = agreed_on
    payment = await desk.begun(plan)
    await update_row(till.services, till.organization_id, "payments", payment.id, wanted="RETURN")
    assert (await till.run(payment)).status == "CANCELED"
    assert await desk.amounts(plan) == [3_333, 6_667]


async def test_the_last_that_came_to_nothing_leaves_the_charge_owed(desk, till):
    charge = await desk.charge(10_000)
    plan = await desk.plan(await desk.card(), charge, installments=1, installmentAmount=10_000)
    payment = await desk.begun(plan)
    await update_row(till.services, till.organization_id, "payments", payment.id, wanted="RETURN")
    await till.run(payment)
    assert (await desk.stands(plan), await desk.owed(charge)) == ("ENDED", ("OUTSTANDING", 10_000))


async def test_two_plans_for_one_charge_at_once(desk, till):
    charge, card = await desk.charge(10_000), await desk.card()
    answers = await asyncio.gather(*(desk.ask_plan(card, terms(charge)) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]


async def test_plans_that_share_charges_do_not_wait_in_a_ring(desk, till):
    first, second, card = await desk.charge(5_000), await desk.charge(5_000), await desk.card()
    orders = [(first, second), (second, first)]
    answers = await asyncio.gather(*(desk.ask_plan(card, terms(*order)) for order in orders))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
