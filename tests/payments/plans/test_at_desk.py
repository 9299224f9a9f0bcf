"""A plan that begins at the desk: its first payment is made while somebody waits, and the rest follows from the same card."""

import asyncio
from functools import partial
from uuid import UUID

import pytest

from tests.factories.rows import insert_row
from tests.factories.seen import hear
from tests.payments.desk_world import PAYIN
from tests.payments.plan_world import PLANNED, has_acted, terms
from tests.sending.world import until

PLAN_PAYIN = "/billing/payment-plan/payin-config"
PLANS = "SELECT id, status, next_at FROM payment_plans"
TOLD = "SELECT type FROM events WHERE target_id = %s AND type LIKE '%%PAYMENT_%%' ORDER BY type"


def agreed(*charges, **more):
    """1,000 now, and 9,000 in three instalments."""
    return {
        "charges": [{"id": one} for one in charges],
        "paymentMedium": "POS",
        "paymentPlan": terms(initialAmount=1_000, installmentAmount=3_000) | more,
    }


async def written(desk, *charges, path=PLAN_PAYIN, **more):
    return (await desk.good("POST", path, agreed(*charges, **more)))["payinConfigId"]


async def the_plan(till):
    [(plan, status, next_at)] = await till.ask(PLANS)
    return plan, status, next_at


def problems(answer):
    assert answer.status_code == 422, answer.text
    return {".".join(str(step) for step in one["loc"][1:]): one["msg"] for one in answer.json()["detail"]}


@pytest.mark.parametrize("path", [PLAN_PAYIN, PAYIN])
async def test_the_first_is_taken_at_once_and_the_rest_on_its_days(desk, till, path):
    charge, card = await desk.charge(10_000), await desk.card()
    config = await written(desk, charge, path=path)
    assert await till.ask(PLANS) == []
    answer = await desk.paid(card, config)
    assert (answer["amount"], await desk.owed(charge)) == (1_000, ("PAYMENT_PLAN", 9_000))
    assert (await desk.paid(card, config))["payinId"] == answer["payinId"]
    plan, status, next_at = await the_plan(till)
    assert (status, next_at is not None) == ("RUNNING", True)
    assert await desk.shown(charge) == [(1_000, "COMPLETED"), *[(3_000, "SCHEDULED")] * 3]
    table = (await desk.good("GET", "/billing/payment/table"))["items"]["data"]
    assert [(one["amount"], one["isPaymentPlan"]) for one in table] == [(1_000, True)]
    told = {kind for (kind,) in await till.ask(TOLD, UUID(answer["payinId"]))}
    assert {"PAYMENT_COMPLETED", "PLANNED_PAYMENT_SUCCEEDED"} <= told
    for _ in range(3):
        await desk.taken(plan)
    assert (await desk.owed(charge), await desk.stands(plan)) == (("PAID", 0), "ENDED")
    assert sorted(one["amount_received"] for one in till.intents()) == [1_000, 3_000, 3_000, 3_000]


async def test_a_card_that_says_no_leaves_no_plan(desk, till):
    charge, card = await desk.charge(10_000), await desk.card()
    till.fail("payment_intents.create", "insufficient_funds")
    answer = await desk.paid(card, await written(desk, charge), "FAILED")
    plan, status, _ = await the_plan(till)
    assert (status, await desk.amounts(plan), await desk.owed(charge)) == ("CANCELED", [], ("OUTSTANDING", 10_000))
    assert "PLANNED_PAYMENT_FAILED" in {kind for (kind,) in await till.ask(TOLD, UUID(answer["payinId"]))}
    assert (await till.run(await desk.payment(answer))).status == "CANCELED"
    await desk.paid(await desk.card("pm_card_mastercard"), await written(desk, charge))
    assert await desk.owed(charge) == ("PAYMENT_PLAN", 9_000)


@pytest.mark.parametrize(("fault", "is_taken"), [("lost_answer", True), ("server_error", False)])
async def test_while_nobody_knows_the_plan_waits(desk, till, fault, is_taken):
    charge, card = await desk.charge(10_000), await desk.card()
    till.fail("payment_intents.create", fault)
    answer = await desk.paid(card, await written(desk, charge), "PROCESSING")
    plan, status, next_at = await the_plan(till)
    assert (status, next_at, await desk.owed(charge)) == ("RUNNING", None, ("PAYMENT_PLAN", 10_000))
    await desk.come_due(plan)
    await desk.look(plan)
    assert [one for _, _, one, _ in await till.ask(PLANNED, plan)] == [UUID(answer["payinId"]), None, None, None]
    payment = await till.run(await till.step(await desk.payment(answer)))
    _, status, next_at = await the_plan(till)
    if is_taken:
        assert (payment.status, status, next_at is not None) == ("PAID", "RUNNING", True)
        assert await desk.owed(charge) == ("PAYMENT_PLAN", 9_000)
    else:
        assert (payment.status, status, next_at) == ("CANCELED", "CANCELED", None)
        assert await desk.owed(charge) == ("OUTSTANDING", 10_000)


@pytest.mark.parametrize("initial", [2_000, 6_000])
async def test_a_plan_for_two_charges_whatever_the_first_payment_reaches(desk, till, initial):
    first, second, card = await desk.charge(4_000), await desk.charge(6_000), await desk.card()
    each = (10_000 - initial) // 2
    more = {"initialAmount": initial, "installments": 2, "installmentAmount": each, "chargeIds": [second, first]}
    await desk.paid(card, await written(desk, first, second, **more))
    plan, _, _ = await the_plan(till)
    assert await desk.amounts(plan) == [each, each]
    left = (
        [("PAYMENT_PLAN", 2_000), ("PAYMENT_PLAN", 6_000)]
        if initial == 2_000
        else [("PAID", 0), ("PAYMENT_PLAN", 4_000)]
    )
    assert [await desk.owed(one) for one in (first, second)] == left
    for _ in range(2):
        await desk.taken(plan)
    assert [await desk.owed(one) for one in (first, second)] == [("PAID", 0)] * 2


async def test_what_was_paid_on_a_page_while_the_first_was_taken_ends_the_plan(desk, till, slowly):
    """The card's money pays nothing any more, and goes back."""
    charge, card = await desk.charge(10_000), await desk.card()
    config, here = await written(desk, charge), (till.services, till.organization_id)
    promised = {"status": "UNPAID", "stage": "WAITING", "method": "GATEWAY", "policy": "on_page"}
    money = {"amount_cents": 10_000, "currency": "USD", "is_test": True, "gateway_account_id": till.account_id}
    of = {"charge_id": UUID(charge), "patient_id": UUID(desk.patient)}
    on_page = await insert_row(*here, "payments", **promised, **money, **of)
    tap = asyncio.create_task(desk.pay(card, config))
    await until(partial(has_acted, till))
    await hear(*here, on_page, await (await till.gateway()).fetch_intent(till.intent(10_000)))
    payment = await till.run(await desk.payment((await tap).json()))
    assert (payment.status, payment.refunded_cents, (await till.now(on_page)).status) == ("REFUND", 1_000, "PAID")
    plan, status, _ = await the_plan(till)
    assert (status, await desk.amounts(plan), await desk.owed(charge)) == ("ENDED", [], ("PAID", 0))


async def test_two_taps_agree_on_one_plan(desk, till):
    charge, card = await desk.charge(10_000), await desk.card()
    config = await written(desk, charge)
    answers = await asyncio.gather(*(desk.pay(card, config) for _ in range(4)))
    assert {(one.status_code, one.json()["status"]) for one in answers} == {(200, "SUCCEEDED")}
    await the_plan(till)
    assert len(till.intents()) == 1


@pytest.mark.parametrize(
    ("wrong", "field", "says"),
    [
        ({"paymentPlan": None}, "paymentPlan", "expected a plan"),
        ({"paymentPlan": terms(installmentAmount=3_000)}, "paymentPlan.initialAmount", "expected 1 or more"),
        ({"paymentAmount": 999}, "paymentAmount", "expected 1000"),
        ({"paymentMedium": "CASH"}, "paymentMedium", "expected one of"),
        ({"paymentPlan": terms("chg_other", initialAmount=1_000)}, "paymentPlan.chargeIds", "expected none, or those"),
        (agreed(installmentAmount=2_000) | {"charges": None}, "paymentPlan.installmentAmount", "expected 3000 to 4499"),
        (agreed(initialAmount=10_001) | {"charges": None}, "paymentPlan.initialAmount", "expected at most 9997"),
        (agreed(startDate="2020-01-01") | {"charges": None}, "paymentPlan.startDate", "expected a day from"),
        (agreed(frequency="DAILY") | {"charges": None}, "paymentPlan.frequency", "WEEKLY"),
    ],
)
async def test_each_wrong_field_is_named(desk, till, wrong, field, says):
    charge = await desk.charge(10_000)
    body = agreed(charge) | {name: value for name, value in wrong.items() if name != "charges"}
    [(name, text)] = problems(await desk.ask("POST", PLAN_PAYIN, body)).items()
    assert name == field
    assert says in text
    assert await till.ask("SELECT id FROM payin_configs") == []


async def test_a_plan_that_does_not_fit_any_more_is_refused(desk, till):
    charge, other, card = await desk.charge(10_000), await desk.charge(10_000), await desk.card()
    config, second = await written(desk, charge), await written(desk, other)
    assert (await desk.cash(charge, 5_000)).status_code == 200
    await desk.plan(card, other)
    refused = [await desk.pay(card, config), await desk.pay(card, second)]
    refused.append(await desk.ask("POST", PLAN_PAYIN, agreed(other)))
    assert [one.status_code for one in refused] == [409] * 3
    assert [one.json()["detail"].split("; ")[1] for one in refused] == [
        "make a new payin config", "cancel it first", "cancel it first",
    ]  # fmt: skip
    assert till.intents() == []
    assert await desk.owed(charge) == ("OUTSTANDING", 5_000)


async def test_who_may_not(desk, till):
    body = agreed(await desk.charge(10_000))
    assert (await till.http.post(PLAN_PAYIN, json=body)).status_code == 401
    narrow = {"API-KEY": till.clinic.catalog_only_key}
    assert (await desk.ask("POST", PLAN_PAYIN, body, headers=narrow)).status_code == 403
