"""Events of payments that are not here yet: they stay, they are seen, and they act when the payment appears."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

from carelane.kit.auth import system_actor
from carelane.payments.inbox.actions import remove_old, wake_unmatched
from tests.cases.dynamic_bodies import dynamic_body
from tests.payments.inbox.calling import event_about

ROW = "SELECT status, due_at IS NOT NULL FROM gateway_events WHERE event_id = %s"
PAYMENT = "SELECT status, captured_cents FROM payments WHERE id = %s"
AGED = "UPDATE gateway_events SET received_at = now() - %s::interval, due_at = now() WHERE event_id = %s"


_TOLD = {"payment_intent.amount_capturable_updated", "payment_intent.succeeded"}


async def unmatched(caller, intent_id):
    """An event of an intent that nobody here knows, once that was found out."""
    event = next(each for each in caller.told(intent_id) if each["type"] in _TOLD)
    assert (await caller.tell(event)).json() == {"status": "kept"}
    await caller.until(ROW, event["id"], wanted=[("UNMATCHED", True)])
    return event


async def wake(caller, object_id):
    async with caller.services.db.transaction(system_actor(caller.organization_id)) as conn:
        await wake_unmatched(conn, caller.organization_id, object_id)


async def age(caller, event, by):
    async with caller.services.db.transaction(system_actor(caller.organization_id)) as conn:
        await conn.execute(AGED, (by, event["id"]))


async def test_a_hold_that_was_told_of_before_its_case_exists(caller):
    hold = caller.intent(capture_method="manual")
    event = await unmatched(caller, hold.id)
    assert event["type"] == "payment_intent.amount_capturable_updated"
    payment_id = await caller.payment(hold.id, policy="hold")
    await wake(caller, hold.id)
    await caller.until(ROW, event["id"], wanted=[("APPLIED", False)])
    intents = "SELECT gateway_id, status, capturable_cents FROM payment_intents WHERE payment_id = %s"
    assert await caller.rows(intents, payment_id) == [(hold.id, "requires_capture", 4_900)]


async def test_money_that_was_taken_before_its_case_exists(caller):
    intent = caller.intent()
    event = await unmatched(caller, intent.id)
    payment_id = await caller.payment(intent.id)
    await wake(caller, intent.id)
    await caller.until(ROW, event["id"], wanted=[("APPLIED", False)])
    assert await caller.rows(PAYMENT, payment_id) == [("PAID", 4_900)]


async def test_waking_another_object_wakes_nothing(caller):
    event = await unmatched(caller, caller.intent().id)
    await wake(caller, "pi_another")
    await wake(caller, "")
    (row,) = await caller.rows(
        "SELECT due_at > now() + interval '30 seconds' FROM gateway_events WHERE event_id = %s", event["id"]
    )
    assert row == (True,)


async def test_a_payment_that_nobody_woke_for_is_found_by_the_slow_look(caller):
    intent = caller.intent()
    event = await unmatched(caller, intent.id)
    payment_id = await caller.payment(intent.id)
    await age(caller, event, "2 hours")
    await caller.until(PAYMENT, payment_id, wanted=[("PAID", 4_900)])


async def test_after_three_days_it_is_left_to_staff_and_can_still_be_matched(caller):
    intent = caller.intent()
    event = await unmatched(caller, intent.id)
    await age(caller, event, "73 hours")
    await caller.until(ROW, event["id"], wanted=[("UNMATCHED", False)])
    payment_id = await caller.payment(intent.id)
    await wake(caller, intent.id)
    await caller.until(PAYMENT, payment_id, wanted=[("PAID", 4_900)])


async def test_waits_grow_with_age(caller):
    event = await unmatched(caller, caller.intent().id)
    due = "SELECT round(extract(epoch FROM due_at - now()) / 60), tries FROM gateway_events WHERE event_id = %s"
    for by, minutes in [("30 seconds", 1), ("20 minutes", 20), ("40 hours", 180)]:
        ((_, before),) = await caller.rows(due, event["id"])
        await age(caller, event, by)
        await caller.until(due, event["id"], wanted=[(minutes, before + 1)])


async def test_a_payment_and_its_event_at_once_always_meet(caller):
    """The case is written while the event is being looked at: whoever comes second sees the other."""

    async def write(intent_id, waits):
        await asyncio.sleep(waits)
        case_id, patient_id = await caller.case()
        actor, payment_id = system_actor(caller.organization_id), uuid4()
        async with caller.services.db.transaction(actor) as conn:
            await conn.execute(
                "INSERT INTO payments (organization_id, id, case_id, patient_id, reference_id, gateway_account_id, method, policy,"
                " stage, status, amount_cents, currency, is_test)"
                " VALUES (%s, %s, %s, %s, %s, %s, 'GATEWAY', 'charge_on_approval', 'WAITING', 'UNPAID', 4900, 'USD', true)",
                (caller.organization_id, payment_id, case_id, patient_id, intent_id, caller.account_id),
            )
            await wake_unmatched(conn, caller.organization_id, intent_id)
            # So long that the event is looked at before the payment can be seen.
            await (await conn.execute("SELECT pg_sleep(%s)", (0.4,))).fetchone()
        return payment_id

    intents = [caller.intent().id for _ in range(6)]
    events = [caller.told(intent_id)[-1] for intent_id in intents]
    written = await asyncio.gather(
        *(write(intent_id, place * 0.05) for place, intent_id in enumerate(intents)),
        *(caller.tell(event) for event in events),
    )
    for payment_id in written[: len(intents)]:
        assert isinstance(payment_id, UUID)
        await caller.until(PAYMENT, payment_id, wanted=[("PAID", 4_900)])


async def test_an_object_that_the_gateway_does_not_know_stays(caller):
    event = event_about("pi_made_up")
    await caller.tell(event)
    await caller.until(ROW, event["id"], wanted=[("UNMATCHED", True)])


async def test_kinds_that_change_no_payment_are_kept_and_ignored(caller):
    for kind, more in [
        ("customer", {}),
        ("payout", {"type": "payout.paid"}),
        ("balance", {"type": "balance.available"}),
    ]:
        event = event_about(f"x_{uuid4().hex}", kind, **more)
        assert (await caller.tell(event)).json() == {"status": "kept"}
        status = "SELECT status, failure FROM gateway_events WHERE event_id = %s"
        assert await caller.rows(status, event["id"]) == [("IGNORED", "changes no payment")]


async def test_old_events_are_forgotten_and_the_unmatched_later(caller):
    settled, waiting = event_about("cus_1", "customer"), event_about("pi_old")
    for event in (settled, waiting):
        await caller.tell(event)
    await caller.until(ROW, waiting["id"], wanted=[("UNMATCHED", True)])
    await age(caller, settled, "91 days")
    await age(caller, waiting, "91 days")
    actor = system_actor(caller.organization_id)
    async with caller.services.db.transaction(actor) as conn:
        await conn.execute("UPDATE gateway_events SET due_at = NULL WHERE event_id = %s", (settled["id"],))
    await caller.until(ROW, waiting["id"], wanted=[("UNMATCHED", False)])
    await remove_old(caller.services, caller.organization_id)
    assert await caller.rows(ROW, settled["id"]) == []
    assert await caller.rows(ROW, waiting["id"]) == [("UNMATCHED", False)]
    await age(caller, waiting, str(timedelta(days=401)))
    await caller.until(ROW, waiting["id"], wanted=[("UNMATCHED", False)])
    await remove_old(caller.services, caller.organization_id)
    assert await caller.rows(ROW, waiting["id"]) == []


async def test_a_hold_that_was_told_of_before_a_form_brings_its_payment(caller):
    hold = caller.intent(capture_method="manual")
    event = await unmatched(caller, hold.id)
    async with caller.services.db.transaction(system_actor(caller.organization_id)) as conn:
        await conn.execute("UPDATE organizations SET payment_policy = 'hold' WHERE id = %s", (caller.organization_id,))
    url, headers = "/api/v1/dynamic-case", caller.clinic.key
    created = await caller.client.post(url, json=dynamic_body(isTest=True), headers=headers)
    form = dynamic_body(
        isTest=True, caseId=created.json()["data"]["caseId"], paymentAmount=49, stripePaymentIntentId=hold.id
    )
    answer = await caller.client.post(url, json=form, headers=headers)
    assert answer.status_code == 200, answer.text
    await caller.until(ROW, event["id"], wanted=[("APPLIED", False)])
