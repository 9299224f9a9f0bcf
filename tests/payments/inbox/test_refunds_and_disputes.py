"""Refunds and disputes find their payment through the intent, whoever made them, and whatever was told first."""

from tests.factories.rows import update_row

REFUNDS = "SELECT status, amount_cents FROM refunds WHERE payment_id = %s ORDER BY granted_at, id"
DISPUTES = "SELECT status, amount_cents FROM disputes WHERE payment_id = %s"
PAYMENT = "SELECT status, captured_cents, refunded_cents, disputed_cents FROM payments WHERE id = %s"
COUNT = "SELECT count(*) FROM events WHERE type = %s AND (target_id = %s OR target_id IN (SELECT id FROM refunds WHERE payment_id = %s))"


async def paid(caller, **more):
    """A payment that came with money of the storefront's, and nothing told yet."""
    intent = caller.intent(**more)
    return await caller.payment(intent.id), intent


async def tell_all(caller, *object_ids, reverse=False):
    events = caller.told(*object_ids)
    for event in reversed(events) if reverse else events:
        assert (await caller.tell(event)).status_code == 200


async def told(caller, kind, payment_id):
    ((count,),) = await caller.rows(COUNT, kind, payment_id, payment_id)
    return count


async def test_a_refund_made_in_the_dashboard(caller):
    payment_id, intent = await paid(caller)
    caller.api.v1.refunds.create({"payment_intent": intent.id, "amount": 1_500})
    await tell_all(caller, intent.id)
    await caller.until(REFUNDS, payment_id, wanted=[("SUCCEEDED", 1_500)])
    await caller.until(PAYMENT, payment_id, wanted=[("PAID", 4_900, 1_500, 0)])
    assert await told(caller, "REFUND_COMPLETED", payment_id) == 1


async def test_a_refund_that_is_told_before_its_capture(caller):
    payment_id, intent = await paid(caller)
    caller.api.v1.refunds.create({"payment_intent": intent.id})
    await tell_all(caller, intent.id, reverse=True)
    await caller.until(PAYMENT, payment_id, wanted=[("REFUND", 4_900, 4_900, 0)])
    assert await told(caller, "REFUND_COMPLETED", payment_id) == 1
    assert await told(caller, "PAYMENT_COMPLETED", payment_id) == 1


async def test_two_refunds_and_everything_told_twice_at_once(caller):
    payment_id, intent = await paid(caller)
    for amount in (1_000, 2_000):
        caller.api.v1.refunds.create({"payment_intent": intent.id, "amount": amount})
    for reverse in (True, False):
        await tell_all(caller, intent.id, reverse=reverse)
    await caller.until(PAYMENT, payment_id, wanted=[("PAID", 4_900, 3_000, 0)])
    await caller.until(
        "SELECT amount_cents FROM refunds WHERE payment_id = %s AND status = 'SUCCEEDED' ORDER BY 1", payment_id,
        wanted=[(1_000,), (2_000,)],
    )  # fmt: skip
    assert await told(caller, "REFUND_COMPLETED", payment_id) == 2


async def test_a_dispute_opens_and_is_won(caller):
    payment_id, intent = await paid(caller)
    await tell_all(caller, intent.id)
    dispute = caller.gateway.dispute(intent.id)
    await tell_all(caller, dispute["id"])
    await caller.until(DISPUTES, payment_id, wanted=[("OPEN", 4_900)])
    await caller.until(PAYMENT, payment_id, wanted=[("IN_DISPUTE", 4_900, 0, 4_900)])
    caller.gateway.close_dispute(dispute["id"], "won")
    await tell_all(caller, dispute["id"])
    await caller.until(PAYMENT, payment_id, wanted=[("PAID", 4_900, 0, 0)])
    assert [await told(caller, kind, payment_id) for kind in ("DISPUTE_OPENED", "DISPUTE_CLOSED")] == [1, 1]


async def test_a_dispute_that_was_lost_before_anything_was_told(caller):
    payment_id, intent = await paid(caller)
    dispute = caller.gateway.dispute(intent.id, amount=2_000)
    caller.gateway.close_dispute(dispute["id"], "lost")
    await tell_all(caller, intent.id, dispute["id"], reverse=True)
    await caller.until(PAYMENT, payment_id, wanted=[("LOST_DISPUTE", 4_900, 0, 2_000)])
    assert [await told(caller, kind, payment_id) for kind in ("DISPUTE_OPENED", "DISPUTE_CLOSED")] == [1, 1]


async def test_a_refund_of_a_payment_that_is_not_here_waits_like_its_intent(caller):
    intent = caller.intent()
    refund = caller.api.v1.refunds.create({"payment_intent": intent.id, "amount": 900})
    (event,) = [each for each in caller.told(refund.id) if each["type"] == "refund.created"]
    await caller.tell(event)
    row = "SELECT status, intent_id FROM gateway_events WHERE event_id = %s"
    await caller.until(row, event["id"], wanted=[("UNMATCHED", intent.id)])
    payment_id = await caller.payment(intent.id)
    ((event_id,),) = await caller.rows("SELECT id FROM gateway_events WHERE event_id = %s", event["id"])
    await update_row(caller.services, caller.organization_id, "gateway_events", event_id, due_at="now")
    await caller.until(PAYMENT, payment_id, wanted=[("PAID", 4_900, 900, 0)])
