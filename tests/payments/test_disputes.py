"""Disputes: funds and fee leave at once, come back when it is won, and are written off when it is lost."""

import pytest

FEE = 491


async def disputed(till):
    payment = await till.paid()
    [intent] = till.intents(payment)
    dispute = till.bank.dispute(intent["id"])
    gateway = await till.gateway()
    payment = await till.hear(payment, await gateway.fetch_dispute(dispute["id"]))
    assert (payment.status, payment.disputed_cents) == ("IN_DISPUTE", 15_900)
    return payment, gateway, dispute["id"]


async def test_a_dispute_takes_funds_and_fee(till):
    payment, _, _ = await disputed(till)
    balances = await till.balances()
    assert balances["disputes"] == 15_900
    assert balances["gateway"] == -balances["gateway-fees"]
    assert balances["gateway-fees"] > FEE
    assert (await till.told(payment))[3:] == ["DISPUTE_OPENED"]


@pytest.mark.parametrize(("outcome", "status"), [("won", "PAID"), ("lost", "LOST_DISPUTE")])
async def test_a_dispute_ends_once_whatever_is_told_how_often(till, outcome, status):
    payment, gateway, dispute_id = await disputed(till)
    opened = await gateway.fetch_dispute(dispute_id)
    till.bank.close_dispute(dispute_id, outcome)
    closed = await gateway.fetch_dispute(dispute_id)
    for seen in (closed, opened, closed, opened):
        payment = await till.hear(payment, seen)
        assert payment.status == status
    balances = await till.balances()
    assert balances.get("disputes", 0) == 0
    assert balances.get("write-offs", 0) == (15_900 if outcome == "lost" else 0)
    assert (await till.told(payment))[3:] == ["DISPUTE_OPENED", "DISPUTE_CLOSED"]


@pytest.mark.parametrize("outcome", ["won", "lost"])
async def test_a_dispute_that_is_heard_of_when_it_is_over_is_recorded_the_same(till, outcome):
    payment = await till.paid()
    [intent] = till.intents(payment)
    dispute = till.bank.dispute(intent["id"])
    till.bank.close_dispute(dispute["id"], outcome)
    payment = await till.hear(payment, await (await till.gateway()).fetch_intent(intent["id"]))
    assert payment.status == ("PAID" if outcome == "won" else "LOST_DISPUTE")


async def test_a_dispute_of_money_that_was_not_yet_owed_takes_the_credit(till):
    payment = await till.case(till.intent())
    dispute = till.bank.dispute(till.intents()[0]["id"])
    till.bank.close_dispute(dispute["id"], "lost")
    payment = await till.hear(payment, await (await till.gateway()).fetch_dispute(dispute["id"]))
    assert payment.status == "LOST_DISPUTE"
    assert (await till.balances()).get("credit", 0) == 0
