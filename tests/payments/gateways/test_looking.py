"""What Stripe's adapter finds, and what it does not: by id, by attempt, in lists, and among events."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from carelane.payments.gateways.errors import OutcomeUnknownError
from carelane.payments.gateways.stripe import looking


def an_hour_ago():
    return datetime.now(UTC) - timedelta(hours=1)


async def test_what_is_not_there_is_none(account):
    gateway = account.gateway
    for fetch in (
        gateway.fetch_intent,
        gateway.fetch_setup,
        gateway.fetch_refund,
        gateway.fetch_dispute,
        gateway.fetch_checkout,
        gateway.fetch_card,
    ):
        assert await fetch("pi_nobody") is None


@pytest.mark.parametrize(
    "reference", ["", ".", "..", "pi_1/capture", "../charges", "pi_1?expand[]=x", "pi 1", "ä", "p" * 256]
)
async def test_a_reference_that_can_be_no_id_is_not_asked_for(account, reference):
    before = account.world.calls()
    assert await account.gateway.fetch_intent(reference) is None
    assert await account.gateway.fetch_setup(reference) is None
    assert await account.gateway.fetch_card(reference) is None
    assert account.world.calls() == before


async def test_another_account_and_the_other_mode_see_nothing(account, loopback):
    paid = await account.charge()
    for key in (account.key + "x", account.key.replace("test", "live")):
        assert await account.adapter(loopback, key=key).fetch_intent(paid.id) is None


async def test_an_object_of_the_other_mode_says_so(account):
    account.world.fail_next("payment_intents.create", "wrong_livemode", key=account.key)
    assert not (await account.charge()).is_test
    account.world.fail_next("setup_intents.create", "wrong_livemode", key=account.key)
    assert not (await account.gateway.create_setup(key=uuid4(), customer_id=None, metadata={})).is_test


async def test_live_money_is_no_test(account, loopback):
    key = account.key.replace("test", "live")
    gateway = account.adapter(loopback, key=key, is_test=False)
    setup = await gateway.create_setup(key=uuid4(), customer_id=None, metadata={})
    assert not gateway.is_test
    assert not setup.is_test


async def test_an_attempt_is_found_among_others_page_by_page(account, monkeypatch):
    monkeypatch.setattr(looking, "PAGE", 2)
    attempt_ids = [uuid4() for _ in range(5)]
    made = [await account.charge(attempt_id=attempt_id) for attempt_id in attempt_ids]

    for attempt_id, intent in zip(attempt_ids, made, strict=True):
        assert await account.gateway.find_intent(attempt_id, None, an_hour_ago()) == intent
        assert await account.gateway.find_intent(attempt_id, intent.customer_id, an_hour_ago()) == intent
    assert await account.gateway.find_intent(attempt_ids[0], made[1].customer_id, an_hour_ago()) is None
    assert await account.gateway.find_intent(uuid4(), None, an_hour_ago()) is None
    assert await account.gateway.find_intent(attempt_ids[0], None, datetime.now(UTC) + timedelta(hours=1)) is None
    # Our clock may be ahead of Stripe's.
    assert await account.gateway.find_intent(attempt_ids[4], None, datetime.now(UTC) + timedelta(minutes=4)) == made[4]

    assert await account.gateway.list_intents(an_hour_ago()) == made[::-1]


async def test_a_list_is_whole_or_none(account, monkeypatch):
    for _ in range(3):
        await account.charge()
    monkeypatch.setattr(looking, "MOST_LISTED", 3)
    assert len(await account.gateway.list_intents(an_hour_ago())) == 3
    monkeypatch.setattr(looking, "MOST_LISTED", 2)
    with pytest.raises(OutcomeUnknownError):
        await account.gateway.list_intents(an_hour_ago())


async def test_a_dispute_takes_money_and_fee_and_gives_them_back_when_it_is_won(account):
    paid = await account.charge()
    made = account.world.dispute(paid.id)
    dispute = await account.gateway.fetch_dispute(made["id"])

    assert (dispute.status, dispute.intent_id, dispute.currency) == ("OPEN", paid.id, "USD")
    assert (dispute.amount_cents, dispute.taken_cents, dispute.fee_cents) == (4_900, 4_900, 1_500)
    assert await account.gateway.list_disputes(paid.id) == [dispute]
    assert (await account.gateway.fetch_intent(paid.id)).is_disputed

    account.world.close_dispute(made["id"], "won")
    won = await account.gateway.fetch_dispute(made["id"])
    assert (won.status, won.taken_cents, won.amount_cents) == ("WON", 0, 4_900)


async def test_a_dispute_that_is_lost(account):
    paid = await account.charge()
    made = account.world.dispute(paid.id, amount=2_000)
    account.world.close_dispute(made["id"], "lost")
    lost = await account.gateway.fetch_dispute(made["id"])
    assert (lost.status, lost.amount_cents, lost.taken_cents, lost.fee_cents) == ("LOST", 2_000, 2_000, 1_500)


async def test_the_balance_says_what_each_line_is_about(account):
    paid = await account.charge()
    refund = await account.gateway.refund(
        attempt_id=uuid4(), intent_id=paid.id, amount_cents=900, currency="USD", reason=None
    )
    other = await account.charge()
    dispute = account.world.dispute(other.id)
    account.world.control("payouts", {"key": account.key})
    lines = await account.gateway.list_balance(an_hour_ago(), datetime.now(UTC) + timedelta(minutes=5))

    told = [(line.kind, line.amount_cents, line.fee_cents, line.intent_id) for line in lines]
    assert told[1:] == [
        ("dispute", -4_900, 1_500, other.id),
        ("charge", 4_900, 172, other.id),
        ("refund", -900, 0, paid.id),
        ("charge", 4_900, 172, paid.id),
    ]
    assert (lines[0].kind, lines[0].currency) == ("payout", "USD")
    assert [line.refund_id for line in lines] == [None, None, None, refund.id, None]
    assert [line.dispute_id for line in lines] == [None, dispute["id"], None, None, None]
    assert sum(line.net_cents for line in lines) == 0
    assert all(line.net_cents == line.amount_cents - line.fee_cents for line in lines)
    assert await account.gateway.list_balance(an_hour_ago(), an_hour_ago()) == []


async def test_events_are_read_on_from_the_last_one_the_oldest_first(account, monkeypatch):
    monkeypatch.setattr(looking, "PAGE", 2)
    for _ in range(2):
        await account.charge()
    every = await account.gateway.list_events(None, an_hour_ago())
    kept = account.at_stripe("event")

    assert [event.id for event in every] == [event["id"] for event in kept]
    assert {event.type for event in every} >= {"payment_intent.created", "payment_intent.succeeded"}
    for start in range(len(every)):
        assert await account.gateway.list_events(every[start].id, an_hour_ago()) == every[start + 1 :]
    # One that Stripe has forgotten.
    assert await account.gateway.list_events("evt_of_last_year", an_hour_ago()) == every

    monkeypatch.setattr(looking, "MOST_EVENTS", 3)
    assert await account.gateway.list_events(None, an_hour_ago()) == every[:3]
    assert await account.gateway.list_events(every[2].id, an_hour_ago()) == every[3:6]


async def test_an_event_leads_to_its_object_and_its_attempt(account):
    attempt_id = uuid4()
    paid = await account.charge(attempt_id=attempt_id)
    refund = await account.gateway.refund(
        attempt_id=uuid4(), intent_id=paid.id, amount_cents=900, currency="USD", reason=None
    )
    events = {event.type: event for event in await account.gateway.list_events(None, an_hour_ago())}

    paid_event = events["payment_intent.succeeded"]
    assert (paid_event.object_kind, paid_event.object_id, paid_event.intent_id) == ("intent", paid.id, paid.id)
    assert (paid_event.attempt_id, paid_event.is_test) == (attempt_id, True)
    refunded = events["refund.created"]
    assert (refunded.object_kind, refunded.object_id, refunded.intent_id) == ("refund", refund.id, paid.id)
    assert (events["charge.succeeded"].object_kind, events["charge.succeeded"].intent_id) == ("charge", paid.id)
