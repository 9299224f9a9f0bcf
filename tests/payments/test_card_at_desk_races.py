"""Card payments at the desk when something goes wrong or comes at once: lost answers, news before the answer, two taps, a void."""

import asyncio
from uuid import uuid4

import pytest

from carelane.kit.claims import Lease, now_seconds
from carelane.payments.moving.jobs import take_step
from carelane.payments.moving.task import PaymentTask
from carelane.payments.plans.at_desk.actions import _agree
from carelane.payments.terminal.charging.actions import _begin
from tests.payments.desk_world import FrontDesk, paid_on_page
from tests.payments.news import apply, kept, tell
from tests.sending.world import until


@pytest.fixture
def desk(till):
    return FrontDesk(till)


@pytest.fixture
async def owed(desk):
    return await desk.charge(), await desk.card()


@pytest.fixture
def slowly(till):
    """The gateway acts, and answers a while later."""
    till.bank.set(slowSeconds=0.8)
    till.fail("payment_intents.create", "slow")
    yield
    till.bank.set(slowSeconds=2)


def succeeded(till):
    return [one for one in till.intents() if one["status"] == "succeeded"]


@pytest.mark.parametrize("fault", ["lost_answer", "lost_before", "server_error_after", "conflict"])
async def test_an_answer_that_is_lost_is_looked_up(desk, till, owed, fault):
    charge, card = owed
    till.fail("payment_intents.create", fault)
    config = await desk.config(charge)
    answer = await desk.paid(card, config, "PROCESSING")
    again = await desk.paid(card, config, "PROCESSING")
    assert again["payinId"] == answer["payinId"]
    busy = await desk.pay(card, await desk.config(charge))
    assert (busy.status_code, "being taken" in busy.json()["detail"]) == (409, True)
    payment = await till.run(await till.step(await desk.payment(answer)))
    assert (payment.status, len(succeeded(till))) == ("PAID", 1)
    assert await desk.owed(charge) == ("PAID", 0)
    await desk.paid(card, config)


async def test_what_the_gateway_never_did_leaves_the_charge_owed(desk, till, owed):
    """It answers this key with its own error each time; nobody is at the desk for another try."""
    charge, card = owed
    till.fail("payment_intents.create", "server_error")
    config = await desk.config(charge)
    payment = await till.step(await desk.payment(await desk.paid(card, config, "PROCESSING")))
    payment = await till.run(payment)
    assert (payment.status, payment.stage, till.intents()) == ("CANCELED", "DONE", [])
    assert await desk.owed(charge) == ("OUTSTANDING", 10_000)
    await desk.paid(card, config, "FAILED")
    await desk.paid(card, await desk.config(charge))


async def test_a_card_that_said_no_and_gave_the_money_after_all_has_paid(desk, till, owed):
    """The charge is owed still: it is done, and waits for nobody's decision."""
    charge, card = owed
    till.fail("payment_intents.create", "insufficient_funds")
    payment = await till.run(await desk.payment(await desk.paid(card, await desk.config(charge), "FAILED")))
    payment = await till.run(await till.hear(payment, await (await till.gateway()).fetch_intent(till.intent(10_000))))
    assert (payment.status, payment.stage, payment.wanted) == ("PAID", "DONE", "TAKE")
    assert await desk.owed(charge) == ("PAID", 0)
    await till.require_agreement()


async def test_the_news_comes_before_the_answer(desk, till, owed, slowly):
    charge, card = owed
    config = await desk.config(charge)
    tap = asyncio.create_task(desk.pay(card, config))

    async def has_acted():
        return bool(succeeded(till))

    await until(has_acted)
    for event in till.bank.objects("event", till.key):
        if event["type"].startswith("payment_intent."):
            await tell(till, event)
    for event_id in await kept(till):
        await apply(till, event_id)
    assert await desk.owed(charge) == ("PAID", 0)
    assert (await tap).json()["status"] == "SUCCEEDED"
    assert (await desk.posted())["CAPTURE"] == 10_000


async def test_a_double_tap_charges_once(desk, till, owed):
    charge, card = owed
    config = await desk.config(charge)
    answers = await asyncio.gather(*(desk.pay(card, config) for _ in range(6)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["payinId"] for answer in answers}) == 1
    assert {answer.json()["status"] for answer in answers} == {"SUCCEEDED"}
    assert len(till.intents()) == 1
    assert (await desk.posted())["CAPTURE"] == 10_000


async def test_two_configs_of_one_charge_at_once_take_it_once(desk, till, owed, slowly):
    charge, card = owed
    configs = [await desk.config(charge) for _ in range(4)]
    answers = await asyncio.gather(*(desk.pay(card, config) for config in configs))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert len(till.intents()) == 1
    assert await desk.owed(charge) == ("PAID", 0)


async def test_configs_that_share_charges_do_not_wait_in_a_ring(desk, till, owed):
    first, card = owed
    second = await desk.charge()
    configs = [await desk.config(first, second), await desk.config(second, first)]
    answers = await asyncio.gather(*(desk.pay(card, config) for config in configs))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert [await desk.owed(one) for one in (first, second)] == [("PAID", 0)] * 2


async def test_nobody_takes_the_charge_back_while_a_card_is_charged(desk, till, owed, slowly):
    charge, card = owed
    tap = asyncio.create_task(desk.pay(card, await desk.config(charge)))

    async def has_acted():
        return bool(succeeded(till))

    await until(has_acted)
    url = f"/api/staff/charges/{charge}/void"
    void = await till.http.post(url, json={"reason": "Mistake"}, headers=till.manager.headers)
    archive = await desk.ask("DELETE", f"/billing/charge/{charge}")
    assert void.status_code == 409
    assert archive.status_code == 409
    assert (await tap).json()["status"] == "SUCCEEDED"
    assert await desk.owed(charge) == ("PAID", 0)


async def test_of_charging_and_taking_back_at_once_one_is_done(desk, till, owed):
    charge, card = owed
    config = await desk.config(charge)
    url = f"/api/staff/charges/{charge}/void"
    paid, void = await asyncio.gather(
        desk.pay(card, config), till.http.post(url, json={"reason": "Mistake"}, headers=till.manager.headers)
    )
    assert sorted((paid.status_code, void.status_code)) == [200, 409]
    assert await desk.owed(charge) == (("PAID", 0) if paid.status_code == 200 else ("VOID", 0))
    assert len(till.intents()) == (1 if paid.status_code == 200 else 0)


async def test_what_a_server_left_undone_a_worker_does(desk, till, owed):
    """It ended between the commit of the payment and the call: whoever has the payment next charges the card, once."""
    charge, card = owed
    config = await desk.config(charge)
    begun = await _begin(till.services, till.actor, card, config, _agree)
    assert begun.lease is not None
    assert till.intents() == []
    assert (await _begin(till.services, till.actor, card, config, _agree)).lease is None
    payment = await till.step(await till.now(begun.payment_id))
    assert (payment.status, len(succeeded(till))) == ("PAID", 1)
    assert (await desk.paid(card, config))["payinId"] == str(payment.id)
    assert await desk.owed(charge) == ("PAID", 0)


async def test_no_worker_has_it_while_the_desk_does(desk, till, owed):
    """The claim that the desk holds is not another's, who finds nothing to do."""
    charge, card = owed
    begun = await _begin(till.services, till.actor, card, await desk.config(charge), _agree)
    stranger = PaymentTask(services=till.services, lease=Lease(begun.lease.item, uuid4(), now_seconds() + 60))
    await take_step(stranger)
    assert till.intents() == []
    await take_step(PaymentTask(services=till.services, lease=begun.lease))
    assert await desk.owed(charge) == ("PAID", 0)


async def test_what_a_charge_did_not_need_any_more_is_given_back_once(desk, till):
    """Of two charges one is paid on its page while the card is charged for both: that share goes back by itself, the rest as staff say."""
    first, second, card = await desk.charge(), await desk.charge(), await desk.card()
    till.fail("payment_intents.create", "lost_answer")
    answer = await desk.paid(card, await desk.config(first, second), "PROCESSING")
    await paid_on_page(till, second, 10_000)
    payment = await till.run(await till.step(await desk.payment(answer)))
    assert (payment.status, payment.captured_cents, payment.refunded_cents) == ("PAID", 20_000, 10_000)
    assert [await desk.owed(one) for one in (first, second)] == [("PAID", 0), ("PAID", 0)]
    back = {"paymentId": answer["payinId"], "providerId": till.clinic.creator_id, "reason": "OTHER"}
    to_credit = back | {"destination": "PATIENT_CREDIT"}
    refused = await desk.ask("POST", "/billing/payment/refund", to_credit | {"amount": 10_001})
    assert (refused.status_code, refused.json()["detail"][0]["loc"]) == (422, ["body", "amount"])
    assert (await desk.ask("POST", "/billing/payment/refund", to_credit | {"amount": 4_000})).status_code == 200
    assert (await desk.ask("POST", "/billing/payment/refund", to_credit | {"amount": 6_000})).status_code == 200
    assert [await desk.owed(one) for one in (first, second)] == [("REFUNDED", 0), ("PAID", 0)]
    assert (await desk.ask("POST", "/billing/payment/refund", back | {"amount": 1})).status_code == 409
    payment = await till.run(await desk.payment(answer))
    assert (payment.refunded_cents, [one["amount"] for one in till.refunds()]) == (20_000, [10_000])


async def test_nobody_pays_in_cash_while_a_card_is_about_to_be_charged(desk, till, owed):
    """The payment is written down, and its try is not yet."""
    charge, card = owed
    begun = await _begin(till.services, till.actor, card, await desk.config(charge), _agree)
    row = (await desk.good("GET", "/billing/charge/table", params={"id": charge}))["data"][0]
    refused = await desk.ask("POST", "/billing/payment/cash/create", row)
    assert (refused.status_code, "being taken" in refused.json()["detail"]) == (409, True)
    await take_step(PaymentTask(services=till.services, lease=begun.lease))
    assert await desk.owed(charge) == ("PAID", 0)
