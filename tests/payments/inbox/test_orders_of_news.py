"""The answer to our own call and the gateway's events, in every order: the same end, and each thing told once."""

import asyncio
from uuid import UUID

import pytest

from carelane.kit import clock
from carelane.kit.auth import system_actor
from carelane.payments.accounts.access import open_account
from carelane.payments.settling.settle import settle
from tests.factories.rows import insert_row

ENDED = """
SELECT y.status, y.stage, y.captured_cents, a.status, i.status, i.captured_cents, (
  SELECT count(*) FROM events e WHERE e.target_id = y.id AND e.type = 'PAYMENT_COMPLETED'), (
  SELECT array_agg(p.act || ' ' || p.amount_cents ORDER BY p.act) FROM ledger_postings p WHERE p.source_id = i.id)
FROM payments y JOIN payment_attempts a ON a.payment_id = y.id JOIN payment_intents i ON i.payment_id = y.id
WHERE y.id = %s
"""
GOOD = [("PAID", "DONE", 4_900, "SUCCEEDED", "succeeded", 4_900, 1, ["CAPTURE 4900", "FEE 172"])]
OPEN = "SELECT count(*) FROM gateway_events WHERE event_id = ANY(%s) AND status IN ('RECEIVED', 'UNMATCHED')"


class Charged:
    """A card that was charged for an approved case; the answer is not written down yet, and nothing was told."""

    def __init__(self, caller, payment_id, attempt_id, answer):
        self.caller, self.payment_id, self.attempt_id, self.answer = caller, payment_id, attempt_id, answer
        self.events = caller.told(answer.id)
        assert len(self.events) >= 3, self.events

    async def settle(self):
        services, actor = self.caller.services, system_actor(self.caller.organization_id)
        await settle(services, actor, self.payment_id, self.answer, self.attempt_id)

    async def tell(self, events):
        for event in events:
            assert (await self.caller.tell(event)).status_code == 200
        await self.caller.until(OPEN, [event["id"] for event in events], wanted=[(0,)])

    async def require_good_end(self):
        await self.caller.until(ENDED, self.payment_id, wanted=GOOD)


@pytest.fixture
async def charged(caller) -> Charged:
    payment_id = await caller.approved()
    ((customer_id, method_id),) = await caller.rows(
        "SELECT customer_id, method_id FROM payments WHERE id = %s", payment_id
    )
    attempt_id: UUID = await insert_row(
        caller.services,
        caller.organization_id,
        "payment_attempts",
        payment_id=payment_id,
        kind="CHARGE",
        gateway_account_id=caller.account_id,
        amount_cents=4_900,
        currency="USD",
        status="SENT",
        sends=1,
        sent_at=clock.now(),
    )
    gateway = await open_account(caller.services, caller.organization_id, caller.account_id)
    answer = await gateway.charge_off_session(
        attempt_id=attempt_id,
        payment_id=payment_id,
        amount_cents=4_900,
        currency="USD",
        customer_id=customer_id,
        method_id=method_id,
    )
    return Charged(caller, payment_id, attempt_id, answer)


async def test_the_answer_first(charged):
    await charged.settle()
    await charged.tell(charged.events)
    await charged.require_good_end()


async def test_the_webhook_first(charged):
    await charged.tell(charged.events)
    await charged.require_good_end()
    await charged.settle()
    await charged.require_good_end()


async def test_both_at_once(charged):
    await asyncio.gather(charged.settle(), *(charged.tell([event]) for event in charged.events), charged.settle())
    await charged.require_good_end()


async def test_everything_twice(charged):
    for _ in range(2):
        await charged.settle()
        await charged.tell(charged.events)
    await charged.require_good_end()


async def test_everything_reversed(charged):
    await charged.tell(charged.events[::-1])
    await charged.settle()
    await charged.require_good_end()


async def test_only_the_last_of_the_events(charged):
    await charged.tell(charged.events[-1:])
    await charged.require_good_end()


async def test_no_answer_and_no_webhook_but_one_of_the_charge(charged):
    of_charge = [event for event in charged.events if event["type"].startswith("charge.")]
    await charged.tell(of_charge)
    await charged.require_good_end()


async def test_many_of_one_event_at_once(charged):
    event = charged.events[-1]
    answers = await asyncio.gather(*(charged.caller.tell(event) for _ in range(10)))
    assert sorted(answer.json()["status"] for answer in answers) == [*["duplicate"] * 9, "kept"]
    await charged.require_good_end()


async def test_times_of_events_decide_nothing(charged):
    """They have whole seconds, and clocks differ: the newest says it is the oldest."""
    events = [event | {"created": 4_000_000_000 - place} for place, event in enumerate(charged.events)]
    await charged.tell(events)
    await charged.require_good_end()
