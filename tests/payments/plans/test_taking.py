"""Payment plans: instalments that add up to the cent, each taken on its day, one at a time."""

from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from carelane.kit import clock
from carelane.payments.invariants.reads import check_money
from carelane.payments.plans.rows import day_of
from carelane.webhooks.billing.data.queries import list_records
from carelane.webhooks.billing.data.views import show_record
from tests.factories.rows import insert_row
from tests.payments.plan_world import PLANNED, PlanDesk, terms
from tests.payments.world import open_till


async def test_three_instalments_are_taken_on_their_days(desk, till):
    charge, card = await desk.charge(10_000), await desk.card()
    start = clock.now().date() + timedelta(days=3)
    answer = await desk.ask_plan(card, terms(charge, startDate=f"{start}"))
    assert answer.status_code == 200, answer.text
    made = answer.json()
    assert made == {
        "id": made["id"], "initialAmount": 0, "chargeIds": [charge], "frequency": "WEEKLY", "installments": 3,
        "installmentAmount": 3_333, "locationId": None, "startDate": f"{start}", "paymentMethodId": card,
    }  # fmt: skip
    plan = UUID(made["id"])
    assert await desk.owed(charge) == ("PAYMENT_PLAN", 10_000)
    assert await desk.amounts(plan) == [3_333, 3_333, 3_334]
    days = await till.ask("SELECT due_on, due_at FROM planned_payments ORDER BY number")
    assert [day for day, _ in days] == [start + timedelta(days=7 * number) for number in range(3)]
    assert all((at.hour, at.date()) == (9, day) for day, at in days)
    # Nothing happens before its day.
    await desk.look(plan)
    assert till.intents() == []
    first = await desk.taken(plan)
    assert (first.policy, first.amount_cents, str(first.charge_id)) == ("instalment", 3_333, charge)
    assert await desk.owed(charge) == ("PAYMENT_PLAN", 6_667)
    assert await desk.shown(charge) == [(3_333, "COMPLETED"), (3_333, "SCHEDULED"), (3_334, "SCHEDULED")]
    await desk.taken(plan)
    await desk.taken(plan)
    assert await desk.owed(charge) == ("PAID", 0)
    assert [one["amount_received"] for one in reversed(till.intents())] in (
        [3_333, 3_333, 3_334],
        [3_334, 3_333, 3_333],
    )
    assert (await desk.stands(plan), await desk.amounts(plan)) == ("ENDED", [])
    assert {status for _, status in await desk.shown(charge)} == {"COMPLETED"}
    paid = (await desk.good("GET", f"/billing/charge/get/{charge}"))["payments"]
    assert {one["payment"]["paymentMedium"] for one in paid} == {"PAYMENT_PLAN"}
    moved = await till.ask(
        "SELECT value_before, value_after FROM events WHERE type = 'CHARGE_STATUS_CHANGED' ORDER BY id"
    )
    assert moved == [("OUTSTANDING", "PAYMENT_PLAN"), ("PAYMENT_PLAN", "PAID")]
    # Each is told of as a payment and as an instalment, in one transaction.
    told = await till.ask(
        "SELECT target_id, array_agg(type ORDER BY type), count(DISTINCT xmin::text) FROM events"
        " WHERE type IN ('PAYMENT_COMPLETED', 'PLANNED_PAYMENT_SUCCEEDED') GROUP BY target_id"
    )
    assert len(told) == 3
    assert {(tuple(kinds), count) for _, kinds, count in told} == {
        (("PAYMENT_COMPLETED", "PLANNED_PAYMENT_SUCCEEDED"), 1)
    }
    async with till.services.db.reading(till.organization_id) as conn:
        found = await list_records(conn, till.organization_id, "planned", [first.id])
    shown = show_record(await till.services.keyring.data_key(till.organization_id), "planned", found[first.id])
    assert (shown["amount"], shown["status"], shown["payment"]["id"]) == (3_333, "COMPLETED", f"{first.id}")
    assert shown["payment"]["status"] == "SUCCEEDED"


async def test_the_timeline_says_what_is_to_come(desk):
    charge, card = await desk.charge(10_000), await desk.card()
    plan = await desk.plan(card, charge)
    await desk.taken(plan)
    entries = await desk.good("GET", f"/billing/charge/timeline?charge_id={charge}")
    shown = [(one["type"], one["amount"], one["status"]) for one in entries]
    assert sorted(shown[1:]) == [
        ("PAYMENT", 3_333, "SUCCEEDED"),
        ("SCHEDULED_PAYMENT", 3_333, "SCHEDULED"),
        ("SCHEDULED_PAYMENT", 3_334, "SCHEDULED"),
    ]


async def test_the_initial_amount_is_taken_at_once(desk):
    charge, card = await desk.charge(10_000), await desk.card()
    plan = await desk.plan(card, charge, initialAmount=1_000, installmentAmount=3_000)
    assert await desk.amounts(plan) == [1_000, 3_000, 3_000, 3_000]
    await desk.look(plan)
    payment = await desk.till.run(await desk.open(plan))
    assert (payment.status, payment.amount_cents) == ("PAID", 1_000)
    assert await desk.owed(charge) == ("PAYMENT_PLAN", 9_000)


async def test_charges_are_made_with_the_plan_and_paid_one_after_the_other(desk, till):
    old, card = await desk.charge(1_500), await desk.card()
    line = {"name": "Tablets", "quantity": 1, "price": 2_500}
    new = {"id": "sale-7", "patientId": desk.patient, "totalOutstanding": 2_500, "items": [line]}
    answer = await desk.ask_plan(card, terms(old, "sale-7", installments=2, installmentAmount=2_000), [new])
    assert answer.status_code == 200, answer.text
    assert sorted(answer.json()["chargeIds"]) == sorted([old, "sale-7"])
    plan = UUID(answer.json()["id"])
    await desk.taken(plan)
    assert sum([(await desk.owed(one))[1] for one in (old, "sale-7")]) == 2_000
    await desk.taken(plan)
    assert [await desk.owed(one) for one in (old, "sale-7")] == [("PAID", 0)] * 2
    assert (await till.balances()).get("credit", 0) == 0


@pytest.mark.parametrize(("currency", "price", "each", "count"), [("JPY", 1_000, 333, 3), ("KWD", 10_010, 5_010, 2)])
async def test_yen_and_dinars_add_up(till, tmp_path, currency, price, each, count):
    other = PlanDesk(await open_till(till.services, till.http, till.bank, tmp_path, currency=currency))
    charge, card = await other.charge(price), await other.card()
    plan = await other.plan(card, charge, installments=count, installmentAmount=each)
    while await other.amounts(plan):
        await other.taken(plan)
    assert await other.owed(charge) == ("PAID", 0)
    assert sum(one["amount_received"] for one in other.till.intents()) == price
    await other.till.require_agreement()


@pytest.mark.parametrize(
    ("start", "frequency", "days"),
    [
        (date(2026, 1, 31), "MONTHLY", [(1, 31), (2, 28), (3, 31), (4, 30)]),
        (date(2026, 2, 28), "MONTHLY", [(2, 28), (3, 31), (4, 30), (5, 31)]),
        (date(2027, 12, 30), "MONTHLY", [(12, 30), (1, 30), (2, 29), (3, 30)]),
        (date(2026, 12, 25), "BIWEEKLY", [(12, 25), (1, 8), (1, 22), (2, 5)]),
    ],
)
def test_a_months_last_day_stays_the_last(start, frequency, days):
    found = [day_of(start, frequency, number) for number in range(4)]
    assert [(day.month, day.day) for day in found] == days


async def test_days_are_those_of_the_place(desk, till):
    charge, card = await desk.charge(9_999), await desk.card()
    zone = "Pacific/Auckland"
    place = await insert_row(till.services, till.organization_id, "locations", name="Far", timezone=zone)
    start = datetime.now(ZoneInfo(zone)).date() + timedelta(days=2)
    plan = await desk.plan(card, charge, locationId=f"{place}", startDate=f"{start}")
    [(at,)] = await till.ask("SELECT due_at FROM planned_payments WHERE plan_id = %s AND number = 1", plan)
    local = at.astimezone(ZoneInfo(zone))
    assert (local.date(), local.hour) == (start, 9)


async def test_the_same_key_makes_one_plan(desk, till):
    charge, card = await desk.charge(10_000), await desk.card()
    key = {"Idempotency-Key": "a-plan-of-three"}
    first, again = [await desk.ask_plan(card, terms(charge), headers=key) for _ in range(2)]
    assert (first.status_code, first.json()) == (200, again.json())
    assert len(await till.ask("SELECT id FROM payment_plans")) == 1


async def test_cancel_ends_what_is_not_taken(desk, till):
    charge, card = await desk.charge(10_000), await desk.card()
    plan = await desk.plan(card, charge)
    await desk.taken(plan)
    answer = await desk.cancel(charge)
    assert (answer.status_code, answer.json()) == (200, True)
    assert await desk.owed(charge) == ("OUTSTANDING", 6_667)
    assert await desk.shown(charge) == [(3_333, "COMPLETED"), (3_333, "CANCELLED"), (3_334, "CANCELLED")]
    await desk.look(plan)
    assert len(till.intents()) == 1
    again = await desk.cancel(charge)
    assert (again.status_code, again.json()["detail"]) == (409, "the payment plan is over")
    assert len(await till.ask(PLANNED, plan)) == 3
    # Another can be agreed on.
    await desk.plan(card, charge, installments=2, installmentAmount=3_333)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE planned_payments SET amount_cents = amount_cents {} 1 WHERE plan_id = %s AND number = 3",
        "UPDATE payment_plans SET installments = installments {} 1 WHERE id = %s",
    ],
)
async def test_a_cent_and_an_instalment_too_many_are_found(desk, till, statement):
    plan = await desk.plan(await desk.card(), await desk.charge(10_000))
    await desk.taken(plan)
    await till.require_agreement()
    for there, back in (("+", "-"), ("-", "+")):
        await desk.owner(statement.format(there), plan)
        assert {one.record for one in await check_money(till.services, till.actor)} == {"payment plan"}
        await desk.owner(statement.format(back), plan)
