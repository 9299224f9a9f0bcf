"""What happens at once, forced: answer and webhook in five orders, two workers, approval and cancellation. Whoever comes second is
there already while the first acts.
"""

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from msgspec.structs import replace

from carelane.kit import clock
from carelane.payments.moving import refunding, trying
from carelane.payments.moving.jobs import take_step
from tests.door import closed, in_turn
from tests.payments.news import apply, kept, tell
from tests.payments.test_faults import MOVES
from tests.sending.world import until

KINDS = {
    "CHARGE": "payment_intents.create",
    "CAPTURE": "payment_intents.capture",
    "RELEASE": "payment_intents.cancel",
    "REFUND": "refunds.create",
}
ORDERS = ("answer first", "webhook first", "both at once", "twice each", "the older after the newer")
TRIES = "SELECT kind, status FROM payment_attempts WHERE payment_id = %s ORDER BY created_at"
POSTINGS = "SELECT act, sum(amount_cents)::bigint FROM ledger_postings WHERE act IN ('CAPTURE', 'REFUND') GROUP BY act ORDER BY act"
PATIENT = 10.0


async def prepared(till, kind):
    """A payment whose next step is of the kind, and how it will end."""
    prepare, status = MOVES[KINDS[kind]]
    return await prepare(till), status


def unhurried(till):
    """A worker that waits for an answer for as long as it takes."""
    services = till.services
    return replace(services, settings=replace(services.settings, gateway_timeout_seconds=PATIENT))


@asynccontextmanager
async def under_way(till, payment, kind):
    """A worker waits for the gateway's answer, and the gateway has acted."""
    heard = len(till.bank.objects("event", till.key))
    till.bank.set(slowSeconds=0.6)
    till.fail(KINDS[kind], "slow")
    worker = asyncio.create_task(take_step(await till.take(payment, unhurried(till))))

    async def has_acted():
        return len(till.bank.objects("event", till.key)) > heard

    try:
        await until(has_acted)
        yield worker
        await worker
    finally:
        till.bank.set(slowSeconds=2)


async def require_once(till, payment, kind, status):
    """At the gateway, in payments, in the ledger, and told."""
    payment = await till.now(payment)
    assert (payment.stage, payment.status) == ("DONE", status)
    tries = [one for one in await till.ask(TRIES, payment.id) if one[0] == kind]
    assert tries == [(kind, "SUCCEEDED")]
    [intent] = till.intents()
    assert intent["status"] == ("canceled" if kind == "RELEASE" else "succeeded")
    given = [15_900] if kind == "REFUND" else []
    assert [one["amount"] for one in till.refunds()] == given
    taken = {} if kind == "RELEASE" else {"CAPTURE": 15_900}
    assert dict(await till.ask(POSTINGS)) == taken | ({"REFUND": 15_900} if given else {})
    assert (payment.captured_cents, payment.refunded_cents) == (sum(taken.values()), sum(given))
    told = await till.told(payment)
    assert told.count("PAYMENT_COMPLETED") == len(taken)
    assert told.count("REFUND_COMPLETED") == told.count("REFUND_CREATED") == len(given)
    await till.require_agreement()


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("kind", KINDS)
async def test_answer_and_webhook_in_any_order_have_one_end(till, kind, order):
    """The answer is on its way while the webhooks are applied; neither waits for a look at what became of the try."""
    payment, status = await prepared(till, kind)
    heard = len(till.bank.objects("event", till.key))
    gateway = await till.gateway()
    older = [await gateway.fetch_intent(one["id"]) for one in till.intents()]
    async with under_way(till, payment, kind) as worker, closed(till.owner_url, "cases", payment.case_id) as door:
        assert await till.ask(TRIES, payment.id)
        assert (await till.ask(TRIES, payment.id))[-1] == (kind, "SENT")
        for event in till.bank.objects("event", till.key)[heard:] * (1 + (order == "twice each")):
            await tell(till, event)
        news = await kept(till)
        assert news
        if order == "answer first":
            await door.until(1)
            webhooks = [asyncio.create_task(apply(till, news[-1]))]
        elif order == "both at once":
            webhooks = [asyncio.create_task(apply(till, one)) for one in news]
        else:
            webhooks = [asyncio.create_task(apply(till, news[-1]))]
            await door.until(1)
        # Neither has ended, and each is at the row.
        await door.until(1 + len(webhooks))
        assert not any(one.done() for one in (worker, *webhooks))
        door.open()
        await asyncio.gather(worker, *webhooks)
    await require_once(till, payment, kind, status)
    for event_id in await kept(till):
        await apply(till, event_id)
    if order == "the older after the newer":
        for seen in older:
            await till.hear(payment, seen)
    if order == "twice each":
        await till.hear(payment, await gateway.fetch_intent(till.intents()[0]["id"]))
    assert await till.ask("SELECT FROM gateway_events WHERE status NOT IN ('APPLIED', 'IGNORED')") == []
    await require_once(till, payment, kind, status)
    assert len(till.bank.objects("event", till.key)) > heard


@pytest.mark.parametrize("kind", ["CHARGE", "CAPTURE", "RELEASE"])
async def test_two_workers_that_have_the_same_payment_make_one_call(till, kind):
    """Both were given it under one claim, and wait for its row at once."""
    payment, status = await prepared(till, kind)
    tasks = [await till.take(payment, unhurried(till))] * 2
    calls = till.bank.calls().get(KINDS[kind], 0)
    due = await in_turn(till.owner_url, "cases", payment.case_id, *(task.next_step() for task in tasks))
    assert [one.step.act if one else None for one in due] == [kind, None]
    await trying.send_due(tasks[0], due[0])
    assert till.bank.calls()[KINDS[kind]] == calls + 1
    await require_once(till, payment, kind, status)


@pytest.mark.parametrize("is_at_once", [False, True])
async def test_a_worker_whose_call_was_sent_again_meanwhile_takes_the_money_once(till, is_at_once):
    """It stood still between the row of its try and the call; the next one looked, found nothing, and sent it again."""
    payment, status = await prepared(till, "CHARGE")
    first = await till.take(payment, unhurried(till))
    begun = await first.next_step()
    second = await till.take(payment, unhurried(till))
    calls = till.bank.calls()[KINDS["CHARGE"]]
    with clock.moved(timedelta(seconds=1)):
        acts = [take_step(second), trying.send_due(first, begun)]
        if is_at_once:
            await asyncio.gather(*acts)
        else:
            for act in acts:
                await act
        payment = await till.run(payment)
    assert till.bank.calls()[KINDS["CHARGE"]] - calls >= (1 if is_at_once else 2)
    await require_once(till, payment, "CHARGE", status)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_worker_that_looks_while_the_call_of_another_is_under_way(till, kind):
    """The first one's lease ran out while it waited for the answer; the second one finds what was done."""
    payment, status = await prepared(till, kind)
    async with under_way(till, payment, kind) as worker:
        with clock.moved(timedelta(seconds=1)):
            second = await till.take(payment)
            assert (await second.next_step()).step.act == "LOOK_UP"
            await take_step(second)
        assert not worker.done()
        assert (await till.ask(TRIES, payment.id))[-1] == (kind, "SUCCEEDED")
    await require_once(till, payment, kind, status)


async def test_two_refunds_and_two_workers_never_exceed_what_is_left(till):
    """Both have looked at what is left before either asks the gateway."""
    payment = await till.paid()
    first, second = await till.refund(payment, 10_000), await till.refund_anyway(payment, 10_000)
    tasks = []
    for _ in range(2):
        task = await till.take(payment)
        tasks.append((task, await task.next_step()))
    assert [due.step.id for _, due in tasks] == [first, first]
    await in_turn(till.owner_url, "cases", payment.case_id, *(refunding.send(task, due) for task, due in tasks))
    assert [one for one in await till.ask(TRIES, payment.id) if one[0] == "REFUND"] == [("REFUND", "SUCCEEDED")]
    payment = await till.run(payment)
    ended = await till.ask("SELECT id, status, failure FROM refunds ORDER BY granted_at")
    assert ended == [(first, "SUCCEEDED", None), (second, "FAILED", refunding.TOO_MUCH)]
    assert [one["amount"] for one in till.refunds()] == [10_000]
    assert (payment.status, payment.refunded_cents) == ("PAID", 10_000)
    told = await till.told(payment)
    assert [told.count(one) for one in ("REFUND_COMPLETED", "REFUND_FAILED")] == [1, 1]


async def test_a_refund_made_in_the_dashboard_between_look_and_call_leaves_ours_undone(till):
    """What was left had been read just before; the gateway says no, and what it gave back is recorded."""
    payment = await till.paid()
    refund_id = await till.refund(payment, 10_000)
    [intent] = till.intents(payment)
    task = await till.take(payment, unhurried(till))
    till.fail("payment_intents.retrieve", "slow")
    till.bank.set(slowSeconds=0.6)
    reads = till.bank.calls().get("payment_intents.retrieve", 0)
    worker = asyncio.create_task(take_step(task))

    async def has_looked():
        return till.bank.calls().get("payment_intents.retrieve", 0) > reads

    await until(has_looked)
    till.stripe.v1.refunds.create({"payment_intent": intent["id"], "amount": 15_000})
    assert not worker.done()
    await worker
    till.bank.set(slowSeconds=2)
    assert [one[1] for one in await till.ask(TRIES, payment.id)] == ["SUCCEEDED", "FAILED"]
    payment = await till.run(payment)
    assert await till.ask("SELECT status FROM refunds WHERE id = %s", refund_id) == [("FAILED",)]
    assert (payment.refunded_cents, [one["amount"] for one in till.refunds()]) == (15_000, [15_000])


async def test_a_double_tap_on_approve_makes_one_payment(till):
    payment = await till.case(till.saved_card())
    await till.desk(payment).done(till.clinician, "start")
    taps = [till.desk(payment).act(till.clinician, "decide", till.approval()) for _ in range(3)]
    answers = await in_turn(till.owner_url, "cases", payment.case_id, *taps)
    assert [one.status_code for one in answers] == [200, 409, 409]
    payment = await till.run(payment)
    await require_once(till, payment, "CHARGE", "PAID")
    assert await till.ask("SELECT status FROM charges") == [("PAID",)]


@pytest.mark.parametrize("first", ["approval", "cancellation"])
async def test_approval_and_cancellation_at_once_leave_nothing_charged(till, first):
    payment = await till.case(till.held())
    await till.desk(payment).done(till.clinician, "start")
    body = {"action": "CHANGE_CASE_STATUS", "status": "CLOSE"}
    acts = [
        till.desk(payment).act(till.clinician, "decide", till.approval()),
        till.http.post(f"/api/v1/cases/{payment.case_id}", json=body, headers=till.clinic.key),
    ]
    acts = acts if first == "approval" else acts[::-1]
    answers = await in_turn(till.owner_url, "cases", payment.case_id, *acts)
    assert [one.status_code for one in answers] == [200, 200 if first == "approval" else 409]
    payment = await till.run(payment)
    await require_once(till, payment, "RELEASE", "CANCELED")
    charges = [] if first == "cancellation" else [("VOID",)]
    assert await till.ask("SELECT status FROM charges") == charges


async def test_a_cancellation_while_the_charge_is_under_way_gives_it_back(till):
    payment, _ = await prepared(till, "CHARGE")
    async with under_way(till, payment, "CHARGE") as worker:
        payment = await till.close(payment)
        assert not worker.done()
        assert await till.ask(TRIES, payment.id) == [("CHARGE", "SENT")]
    payment = await till.now(payment)
    assert (payment.stage, payment.captured_cents) == ("RELEASING", 15_900)
    payment = await till.run(payment)
    assert (payment.stage, payment.status) == ("DONE", "REFUND")
    assert [one["amount"] for one in till.refunds()] == [15_900]
    assert await till.ask("SELECT status FROM charges") == [("REFUNDED",)]
