"""Instalments beside what else happens to a charge: paid otherwise, declined; and two workers at once."""

import asyncio
from datetime import timedelta
from functools import partial

import pytest
from psycopg import AsyncConnection

from carelane.kit import clock
from carelane.kit.claims import ClaimRequest
from carelane.payments.moving.trying import send_due
from carelane.payments.plans.jobs import claim, work
from tests.door import in_turn
from tests.factories.rows import update_row
from tests.payments.desk_world import paid_on_page
from tests.payments.plan_world import has_acted, received
from tests.sending.world import until

# ---------------------------------------------------------------- paid otherwise meanwhile


async def test_what_is_paid_otherwise_shortens_the_plan_from_its_end(desk, agreed_on):
    charge, plan = agreed_on
    assert (await desk.cash(charge, 5_000)).status_code == 200
    assert (await desk.owed(charge), await desk.amounts(plan)) == (("PAYMENT_PLAN", 5_000), [3_333, 1_667])
    await desk.taken(plan)
    assert (await desk.taken(plan)).amount_cents == 1_667
    assert (await desk.owed(charge), await desk.stands(plan)) == (("PAID", 0), "ENDED")


@pytest.mark.parametrize(("cents", "left"), [(6_000, [3_333, 667]), (7_000, [3_000])])
async def test_what_is_owed_again_is_taken_as_it_was_agreed(desk, agreed_on, cents, left):
    charge, plan = agreed_on
    paid = await desk.cash(charge, cents)
    assert await desk.amounts(plan) == left
    assert (await desk.ask("DELETE", f"/billing/payment/{paid.json()['id']}")).status_code == 200
    assert (await desk.owed(charge), await desk.amounts(plan)) == (("PAYMENT_PLAN", 10_000), [3_333, 3_333, 3_334])
    assert [status for _, status in await desk.shown(charge)] == ["SCHEDULED"] * 3


async def test_a_tip_is_in_no_instalment_beyond_what_was_agreed(desk, till, agreed_on):
    charge, plan = agreed_on
    tip = {"chargeId": charge, "amount": 1_500, "providerId": f"{till.manager.id}"}
    await desk.good("POST", "/billing/tips/create", tip)
    assert (await desk.owed(charge), await desk.amounts(plan)) == (("PAYMENT_PLAN", 11_500), [3_333, 3_333, 3_334])
    await till.require_agreement()
    # The end of the plan has room, once something was paid otherwise.
    assert (await desk.cash(charge, 4_000)).status_code == 200
    assert await desk.amounts(plan) == [3_333, 3_333, 834]
    body = {"chargeId": charge, "amount": 5_000, "reason": "Counted again"}
    await desk.good("POST", "/billing/adjustment/create", body)
    assert (await desk.owed(charge), await desk.amounts(plan)) == (("PAYMENT_PLAN", 12_500), [3_333, 3_333, 3_334])
    for _ in range(3):
        await desk.taken(plan)
    assert (received(till), await desk.stands(plan)) == (10_000, "ENDED")
    assert await desk.owed(charge) == ("OUTSTANDING", 2_500)


@pytest.mark.parametrize("cents", [10_000, 8_000])
async def test_what_the_page_took_while_an_instalment_was_charged_is_not_taken_twice(desk, till, agreed_on, cents):
    """All of the instalment goes back, or what of it was not owed any more; one that went back is not COMPLETED."""
    charge, plan = agreed_on
    payment = await desk.begun(plan)
    task = await till.take(payment)
    due = await task.next_step()
    assert due is not None
    await paid_on_page(till, charge, cents)
    await send_due(task, due)
    payment = await till.run(payment)
    assert (payment.captured_cents, payment.refunded_cents) == (3_333, 3_333 if cents == 10_000 else 1_333)
    assert (await desk.owed(charge), await desk.stands(plan)) == (("PAID", 0), "ENDED")
    [first, *others] = await desk.shown(charge)
    assert first == (3_333, "CANCELLED" if cents == 10_000 else "COMPLETED")
    assert {status for _, status in others} == {"CANCELLED"}


async def test_what_is_paid_in_full_ends_the_plan(desk, till, agreed_on):
    charge, plan = agreed_on
    assert (await desk.cash(charge, 10_000)).status_code == 200
    assert (await desk.stands(plan), await desk.amounts(plan)) == ("ENDED", [])
    assert [status for _, status in await desk.shown(charge)] == ["CANCELLED"] * 3
    await desk.look(plan)
    assert till.intents() == []


async def test_an_instalment_that_was_begun_takes_no_more_than_is_left(desk, till, agreed_on):
    charge, plan = agreed_on
    payment = await desk.begun(plan)
    assert (await desk.cash(charge, 8_000)).status_code == 200
    assert (await till.run(payment)).status == "CANCELED"
    assert await desk.amounts(plan) == [2_000]
    assert (await desk.taken(plan)).amount_cents == 2_000
    assert (received(till), await desk.owed(charge)) == (2_000, ("PAID", 0))


async def test_an_instalment_that_was_begun_is_withdrawn_when_nothing_is_left(desk, till, agreed_on):
    charge, plan = agreed_on
    payment = await desk.begun(plan)
    assert (await desk.cash(charge, 10_000)).status_code == 200
    await desk.look(plan)
    assert (await till.run(payment)).status == "CANCELED"
    assert till.intents() == []


async def test_nobody_pays_in_cash_what_the_card_is_charged_for(desk, till, agreed_on, slowly):
    charge, plan = agreed_on
    payment = await desk.begun(plan)
    step = asyncio.create_task(till.step(payment))
    await until(partial(has_acted, till))
    busy = await desk.cash(charge, 10_000)
    assert (busy.status_code, "being taken" in busy.json()["detail"]) == (409, True)
    await step
    assert await desk.owed(charge) == ("PAYMENT_PLAN", 6_667)
    assert (await desk.cash(charge, 6_667)).status_code == 200
    assert (await desk.owed(charge), await desk.stands(plan)) == (("PAID", 0), "ENDED")


@pytest.mark.parametrize("_number", range(4))
async def test_card_and_cash_at_once(desk, till, agreed_on, _number):
    """Whoever locks the charge first: nothing is paid twice."""
    charge, plan = agreed_on
    payment = await desk.begun(plan)
    paid, _ = await asyncio.gather(desk.cash(charge, 10_000), till.step(payment))
    assert paid.status_code in {200, 409}
    if paid.status_code == 200:
        await desk.look(plan)
        await till.run(payment)
    cash = 10_000 if paid.status_code == 200 else 0
    assert received(till) + cash == (10_000 if cash else 3_333)
    assert (await till.balances()).get("credit", 0) == 0


@pytest.mark.parametrize("is_card_first", [True, False])
async def test_whoever_comes_to_the_charge_first_is_paid(desk, till, agreed_on, is_card_first):
    """Both wait for the charge, in this order; nothing is paid twice."""
    charge, plan = agreed_on
    payment = await desk.begun(plan)
    acts = [partial(till.step, payment), partial(desk.cash, charge, 10_000)]
    async with await AsyncConnection.connect(till.owner_url) as held, held.transaction():
        await held.execute("SELECT FROM charges WHERE id = %s FOR UPDATE", (charge,))
        waiting = []
        for act in acts if is_card_first else reversed(acts):
            waiting.append(asyncio.create_task(act()))
            await until(partial(has_waiting, till, len(waiting)))
    done = await asyncio.gather(*waiting)
    stepped, paid = done if is_card_first else reversed(done)
    if is_card_first:
        assert (stepped.status, paid.status_code, received(till)) == ("PAID", 409, 3_333)
        return
    assert (paid.status_code, received(till)) == (200, 0)
    await desk.look(plan)
    assert ((await till.run(payment)).status, till.intents()) == ("CANCELED", [])


async def test_an_instalment_of_one_charge_and_cash_for_another_do_not_wait_in_a_ring(desk, till):
    """The plan is what both want once they have their charges."""
    first, second = await desk.charge(6_000), await desk.charge(4_000)
    plan = await desk.plan(await desk.card(), first, second)
    payment = await desk.begun(plan)
    till.fail("payment_intents.create", "lost_answer")
    payment = await till.step(payment)
    assert (str(payment.charge_id), received(till)) == (first, 3_333)
    seen = await (await till.gateway()).fetch_intent(till.intents()[0]["id"])
    acts = [till.hear(payment, seen), desk.cash(second, 1_000)]
    settled, paid = await in_turn(till.owner_url, "payment_plans", plan, *acts)
    assert (settled.status, paid.status_code) == ("PAID", 200), paid.text
    assert [await desk.owed(one) for one in (first, second)] == [("PAYMENT_PLAN", 2_667), ("PAYMENT_PLAN", 3_000)]
    assert await desk.amounts(plan) == [3_333, 2_334]


async def test_a_card_for_charges_of_a_plan_and_one_that_is_owed_again_do_not_wait_in_a_ring(desk, till):
    first, second = await desk.charge(6_000), await desk.charge(4_000)
    plan, cash = await desk.plan(await desk.card(), first, second), await desk.cash(second, 1_000)
    till.fail("payment_intents.create", "lost_answer")
    config = await desk.config(first, second)
    payment = await desk.payment(await desk.paid(await desk.card("pm_card_mastercard"), config, "PROCESSING"))
    seen = await (await till.gateway()).fetch_intent(till.intents()[0]["id"])
    back = desk.ask("DELETE", f"/billing/payment/{cash.json()['id']}")
    settled, archived = await in_turn(till.owner_url, "payment_plans", plan, till.hear(payment, seen), back)
    assert (settled.status, archived.status_code) == ("PAID", 200), archived.text
    assert await desk.owed(first) == ("PAID", 0)


async def has_waiting(till, count):
    """Whether so many wait for a lock."""
    async with await AsyncConnection.connect(till.owner_url) as conn:
        [(found,)] = await (await conn.execute("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted")).fetchall()
    return found >= count


async def test_the_desks_card_and_an_instalment_are_not_charged_at_once(desk, till, agreed_on):
    charge, plan = agreed_on
    card, config = await desk.card(), await desk.config(charge)
    till.fail("payment_intents.create", "lost_before")
    await desk.paid(card, config, "PROCESSING")
    payment = await till.step(await desk.begun(plan))
    assert (payment.stage, till.intents()) == ("DUE", [])
    assert payment.next_step_at > clock.now() + timedelta(seconds=30)
    answer = await desk.pay(card, await desk.config(charge))
    assert answer.status_code == 409


# ---------------------------------------------------------------- one at a time


async def test_two_workers_at_once_take_one_instalment_once(desk, till, agreed_on):
    _, plan = agreed_on
    await desk.come_due(plan)
    requests = [
        ClaimRequest(limit=200, claim_id=one, lease_seconds=60, organization_ids=[], share_keys=[])
        for one in (till.organization_id, till.account_id)
    ]
    found = await asyncio.gather(*(claim(till.services, request) for request in requests))
    assert sum(due.id == plan for some in found for due in some) == 1
    first, second = await desk.claimed(plan), await desk.claimed(plan)
    await asyncio.gather(work(till.services, first), work(till.services, second), work(till.services, second))
    assert len(await till.ask("SELECT id FROM payments")) == 1
    payment = await desk.open(plan)
    await asyncio.gather(till.step(payment), till.step(payment))
    await till.run(payment)
    assert received(till) == 3_333


async def test_the_next_does_not_begin_while_one_is_open(desk, till, agreed_on):
    charge, plan = agreed_on
    till.fail("payment_intents.create", "insufficient_funds")
    payment = await till.run(await desk.begun(plan))
    assert (payment.stage, payment.failure) == ("DUE", "DECLINED")
    assert payment.next_step_at > clock.now() + timedelta(hours=20)
    await desk.come_due(plan)
    await desk.look(plan)
    assert (await desk.open(plan)).id == payment.id
    # A day later.
    await update_row(till.services, till.organization_id, "payments", payment.id, next_step_at=clock.now())
    await desk.owner(
        "UPDATE payment_attempts SET settled_at = settled_at - interval '2 days' WHERE payment_id = %s", payment.id
    )
    assert (await till.run(payment)).status == "PAID"
    assert (await desk.taken(plan)).status == "PAID"
    assert await desk.owed(charge) == ("PAYMENT_PLAN", 3_334)


async def test_a_card_that_is_lost_asks_for_another_which_the_plan_goes_on_with(desk, till, agreed_on):
    charge, plan = agreed_on
    till.fail("payment_intents.create", "lost_card")
    payment = await till.run(await desk.begun(plan))
    assert payment.stage == "NEEDS_CARD"
    assert (await desk.shown(charge))[0] == (3_333, "FAILED")
    await desk.come_due(plan)
    await desk.look(plan)
    assert (await desk.open(plan)).id == payment.id
    payment = await till.run(await till.give_card(payment, till.saved_card("pm_card_mastercard")))
    assert payment.status == "PAID"
    following = await desk.taken(plan)
    assert following.method_id == payment.method_id
