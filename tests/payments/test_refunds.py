"""Money that goes back: ours and the dashboard's, part and all, never more than is left, and recorded either way."""

FEE = 491
SENT = ("REFUND_GRANTED", "REFUND_SENT")


async def test_a_fully_paid_payment_can_be_refunded_although_nothing_is_outstanding(till):
    payment = await till.paid()
    assert await till.ask("SELECT status, outstanding_cents FROM charges") == [("PAID", 0)]
    await till.refund(payment, 15_900)
    payment = await till.run(payment)
    assert (payment.stage, payment.status, payment.refunded_cents) == ("DONE", "REFUND", 15_900)
    assert await till.ask("SELECT status FROM charges") == [("REFUNDED",)]
    assert await till.balances() == {"gateway": -FEE, "gateway-fees": FEE}
    assert (await till.told(payment))[3:] == [*SENT, "REFUND_CREATED", "REFUND_COMPLETED"]


async def test_parts_add_up_to_the_whole_to_the_cent(till):
    payment = await till.paid()
    for cents in (1, 5_299, 10_600):
        await till.refund(payment, cents)
        payment = await till.run(payment)
        await till.require_agreement()
    assert (payment.status, payment.refunded_cents) == ("REFUND", 15_900)
    assert [one["amount"] for one in till.refunds()] == [1, 5_299, 10_600]
    assert await till.balances() == {"gateway": -FEE, "gateway-fees": FEE}


async def test_the_gateway_is_told_the_reason_that_staff_gave(till):
    payment = await till.paid()
    for cents, reason in ((1, "duplicate"), (2, None)):
        await till.refund(payment, cents, reason)
        payment = await till.run(payment)
    assert {one["amount"]: one["reason"] for one in till.refunds()} == {1: "duplicate", 2: None}


async def test_part_of_it_leaves_a_payment_paid(till):
    payment = await till.paid()
    await till.refund(payment, 900)
    payment = await till.run(payment)
    assert (payment.status, payment.refunded_cents) == ("PAID", 900)


async def test_a_refund_made_in_the_dashboard_counts_before_ours_is_sent(till):
    payment = await till.paid()
    [intent] = till.intents(payment)
    till.stripe.v1.refunds.create({"payment_intent": intent["id"], "amount": 15_000})
    refund_id = await till.refund(payment, 1_000)
    payment = await till.run(payment)
    assert payment.refunded_cents == 15_000
    assert dict(await till.ask("SELECT id, status FROM refunds"))[refund_id] == "FAILED"
    assert len(till.refunds()) == 1


async def test_a_refund_made_in_the_dashboard_is_recorded_and_told(till):
    payment = await till.paid()
    [intent] = till.intents(payment)
    made = till.stripe.v1.refunds.create({"payment_intent": intent["id"], "amount": 400})
    gateway = await till.gateway()
    for _ in range(3):
        payment = await till.hear(payment, await gateway.fetch_refund(made.id))
        payment = await till.hear(payment, await gateway.fetch_intent(intent["id"]))
    assert payment.refunded_cents == 400
    assert await till.ask("SELECT amount_cents, granted_by_staff_id FROM refunds") == [(400, None)]
    assert (await till.told(payment)).count("REFUND_COMPLETED") == 1


async def test_an_intent_that_shows_a_refund_nobody_told_of_has_it_looked_up(till):
    payment = await till.paid()
    [intent] = till.intents(payment)
    till.stripe.v1.refunds.create({"payment_intent": intent["id"], "amount": 400})
    till.stripe.v1.refunds.create({"payment_intent": intent["id"], "amount": 500})
    payment = await till.hear(payment, await (await till.gateway()).fetch_intent(intent["id"]))
    assert payment.refunded_cents == 900


async def test_a_disputed_payment_is_not_refunded(till):
    payment = await till.paid()
    [intent] = till.intents(payment)
    dispute = till.bank.dispute(intent["id"])
    refund_id = await till.refund(payment, 100)
    payment = await till.run(payment)
    assert payment.status == "IN_DISPUTE"
    [(status, failure)] = await till.ask("SELECT status, failure FROM refunds WHERE id = %s", refund_id)
    assert (status, failure) == ("FAILED", "the payment is disputed")
    assert till.refunds() == []
    till.bank.close_dispute(dispute["id"], "won")
    payment = await till.hear(payment, await (await till.gateway()).fetch_dispute(dispute["id"]))
    await till.refund(payment, 100)
    payment = await till.run(payment)
    assert (payment.status, payment.refunded_cents) == ("PAID", 100)


async def test_a_refund_whose_money_comes_back_is_none(till):
    payment = await till.paid(66_620)
    await till.refund(payment, 66_620)
    payment = await till.run(payment)
    assert payment.status == "REFUND"
    [refund] = till.refunds()
    till.bank.settle(refund["id"])
    payment = await till.hear(payment, await (await till.gateway()).fetch_refund(refund["id"]))
    assert (payment.status, payment.refunded_cents) == ("PAID", 0)
    assert await till.ask("SELECT status FROM charges") == [("PAID",)]
    told = await till.told(payment)
    assert told[3:] == [*SENT, "REFUND_CREATED", "REFUND_COMPLETED", "REFUND_FAILED"]


async def test_a_pending_refund_is_gone_from_the_books_and_completed_later(till):
    payment = await till.paid(66_619)
    await till.refund(payment, 66_619)
    payment = await till.run(payment)
    assert await till.ask("SELECT status FROM refunds") == [("SENT",)]
    assert payment.refunded_cents == 66_619
    [refund] = till.refunds()
    till.bank.settle(refund["id"])
    payment = await till.hear(payment, await (await till.gateway()).fetch_refund(refund["id"]))
    assert await till.ask("SELECT status FROM refunds") == [("SUCCEEDED",)]
    assert (await till.told(payment))[3:] == [*SENT, "REFUND_CREATED", "REFUND_COMPLETED"]


async def test_a_rejected_case_whose_refund_fails_is_left_to_a_person(till):
    payment = await till.run(await till.decide(await till.case(till.intent(66_620), 66_620), "REJECTED"))
    assert payment.status == "REFUND"
    [refund] = till.refunds()
    till.bank.settle(refund["id"])
    payment = await till.hear(payment, await (await till.gateway()).fetch_refund(refund["id"]))
    assert (payment.stage, payment.failure, payment.refunded_cents) == ("NEEDS_STAFF", "REFUND_FAILED", 0)
    assert len(till.refunds()) == 1
