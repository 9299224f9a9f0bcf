"""What an organization's policy makes of the same card: kept and charged, held and captured, or nothing at all."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
import pytest_asyncio

from carelane.kit import clock
from tests.payments.world import Till, open_till


@pytest_asyncio.fixture
async def open_policy(counter, bank, hands, tmp_path_factory) -> AsyncIterator:
    """A clinic with the policy; books and gateway of each agree when the test has ended."""
    opened: list[Till] = []
    async with httpx.AsyncClient(base_url=counter.url, timeout=30) as http:

        async def open_one(policy: str) -> Till:
            opened.append(await open_till(hands, http, bank, tmp_path_factory.mktemp("policy"), policy))
            return opened[-1]

        yield open_one
        for till in opened:
            await till.require_agreement()


@pytest_asyncio.fixture
async def holding(open_policy) -> Till:
    return await open_policy("hold")


async def tries(till, payment):
    return [(one.kind, one.status) for one in (await till.standing(payment)).attempts]


@pytest.mark.parametrize(
    ("policy", "before", "after"),
    [
        ("charge_on_approval", [], [("CHARGE", "SUCCEEDED")]),
        ("hold", [("HOLD", "SUCCEEDED")], [("HOLD", "SUCCEEDED"), ("CAPTURE", "SUCCEEDED")]),
        ("unverified", [], []),
    ],
)
async def test_a_saved_card_under_each_policy(open_policy, policy, before, after):
    till = await open_policy(policy)
    payment = await till.run(await till.case(till.saved_card()))
    assert await tries(till, payment) == before
    assert [one["status"] for one in till.intents(payment)] == ["requires_capture"] * len(before)
    assert (payment.policy, payment.status, payment.captured_cents) == (policy, "UNPAID", 0)
    payment = await till.run(await till.decide(payment))
    assert await tries(till, payment) == after
    assert payment.status == ("UNPAID" if policy == "unverified" else "PAID")
    assert len(till.intents(payment)) == bool(after)


async def test_what_is_held_of_a_saved_card_is_released_when_the_case_is_rejected(holding):
    payment = await holding.run(await holding.case(holding.saved_card()))
    payment = await holding.run(await holding.decide(payment, "REJECTED"))
    assert (payment.stage, payment.status) == ("DONE", "CANCELED")
    assert [one["status"] for one in holding.intents(payment)] == ["canceled"]


async def test_a_hold_that_nobody_decides_on_is_released_and_the_card_charged_after_the_approval(holding):
    payment = await holding.run(await holding.case(holding.saved_card()))
    [intent] = (await holding.standing(payment)).intents
    with clock.moved(intent.hold_ends_at - timedelta(hours=6) - clock.now() + timedelta(seconds=1)):
        payment = await holding.run(payment)
        assert (payment.policy, payment.stage, payment.next_step_at) == ("charge_on_approval", "WAITING", None)
    payment = await holding.run(await holding.decide(payment))
    assert payment.status == "PAID"
    ended = [("CHARGE", "SUCCEEDED"), ("HOLD", "SUCCEEDED"), ("RELEASE", "SUCCEEDED")]
    assert sorted(await tries(holding, payment)) == ended


async def test_a_card_that_holds_nothing_is_asked_about_before_anybody_decides(holding):
    payment = await holding.run(await holding.case(holding.saved_card("pm_card_chargeCustomerFail")))
    assert (payment.stage, payment.failure, payment.policy) == ("NEEDS_CARD", "DECLINED", "hold")
    payment = await holding.run(await holding.give_card(payment, holding.saved_card()))
    assert (payment.stage, payment.failure, payment.policy) == ("WAITING", None, "hold")
    assert sorted(one["status"] for one in holding.intents(payment)) == ["canceled", "requires_capture"]
    assert (await holding.run(await holding.decide(payment))).captured_cents == payment.amount_cents


async def test_a_hold_that_the_bank_wants_confirmed_waits_for_the_patient_and_is_captured(holding):
    holding.fail("payment_intents.create", "authentication_required")
    payment = await holding.run(await holding.case(holding.saved_card()))
    assert (payment.stage, payment.failure) == ("NEEDS_PATIENT", "NOT_CONFIRMED")
    [intent] = holding.intents(payment)
    holding.stripe.v1.payment_intents.confirm(intent["id"], {"payment_method": "pm_card_visa"})
    payment = await holding.hear(payment, await (await holding.gateway()).fetch_intent(intent["id"]))
    assert (payment.stage, payment.policy, payment.captured_cents) == ("WAITING", "hold", 0)
    assert (await holding.run(await holding.decide(payment))).status == "PAID"


async def test_a_hold_whose_answer_is_lost_is_looked_up_and_made_once(holding):
    holding.fail("payment_intents.create", "lost_answer")
    payment = await holding.run(await holding.case(holding.saved_card()))
    assert (await tries(holding, payment), len(holding.intents(payment))) == ([("HOLD", "SUCCEEDED")], 1)


async def test_an_approval_that_comes_before_the_hold_charges_the_card(holding):
    payment = await holding.run(await holding.decide(await holding.case(holding.saved_card())))
    assert (await tries(holding, payment), payment.status) == ([("CHARGE", "SUCCEEDED")], "PAID")


async def test_a_case_without_a_card_holds_as_soon_as_there_is_one(holding):
    payment = await holding.case(None)
    assert (payment.policy, payment.next_step_at) == ("hold", None)
    payment = await holding.run(await holding.give_card(payment, holding.saved_card()))
    assert await tries(holding, payment) == [("HOLD", "SUCCEEDED")]


@pytest.mark.parametrize("policy", ["charge_on_approval", "hold"])
async def test_a_storefronts_own_hold_is_captured_under_either_policy(open_policy, policy):
    till = await open_policy(policy)
    payment = await till.run(await till.case(till.held()))
    assert (payment.policy, await tries(till, payment)) == ("hold", [])
    payment = await till.run(await till.decide(payment))
    assert (payment.status, await tries(till, payment)) == ("PAID", [("CAPTURE", "SUCCEEDED")])
    assert till.intents(payment) == []


async def test_what_a_storefront_captured_itself_is_not_held_again(holding):
    payment = await holding.run(await holding.case(holding.intent()))
    assert (payment.status, await tries(holding, payment)) == ("PAID", [])
