"""Tips that are given with a sale: owed, paid and posted with it."""

from uuid import UUID

import pytest

from carelane.kit import clock
from tests.charges.selling import MARK, problems
from tests.charges.test_tips import owed_to
from tests.factories.rows import update_row
from tests.factories.staff import hire
from tests.own_clinic import make_clinic


@pytest.fixture
async def provider(money):
    return str(await hire(money.services, money.id, "Tess", "Tip", role="CASEWORKER"))


def sold(till, *tips, price=1_000, **more):
    total = price + sum(cents for _, cents in tips)
    body = {
        "patientId": till.patient_id,
        "totalOutstanding": total,
        "items": [{"name": "Visit", "quantity": 1, "price": price}],
    }
    return body | {"tips": [{"providerId": provider, "amount": cents} for provider, cents in tips]} | more


async def test_tips_are_owed_with_what_is_sold(sell, till, money, provider):
    before = await owed_to(money, till.creator_id), await owed_to(money, provider)
    made = await sell(sold(till, (provider, 150), (till.creator_id, 50), total=1_200))
    assert (made["total"], made["totalOutstanding"], made["status"]) == (1_200, 1_200, "OUTSTANDING")
    assert [(one["providerId"], one["amount"], one["chargeId"]) for one in made["tips"]] == [
        (provider, 150, made["id"]), (till.creator_id, 50, made["id"]),
    ]  # fmt: skip
    assert (await money.shown(made["id"]))["tips"] == made["tips"]
    assert (await owed_to(money, till.creator_id) - before[0], await owed_to(money, provider) - before[1]) == (50, 150)
    only = await sell(sold(till, (provider, 70), price=0))
    assert (only["totalOutstanding"], only["status"]) == (70, "OUTSTANDING")


async def test_nobody_who_is_gone_gets_a_tip(sell, till, money, provider):
    await update_row(money.services, money.id, "staff", UUID(provider), deactivated_at=clock.now())
    await sell(sold(till, (provider, 5)), status=404)


async def test_what_the_vendor_sends_with_a_tip_is_taken(sell, till, provider):
    tip = {"id": "tip_1", "chargeId": "chg_1", "provider": {"id": provider}, "providerId": provider, "amount": 5}
    made = await sell(sold(till, (provider, 5), tips=[tip]))
    assert made["tips"][0]["chargeId"] == made["id"]


async def test_a_sale_paid_in_cash_pays_its_tips(till, money, provider):
    query = {"payment_medium": "CASH", "amount": 1_100}
    path = "/billing/payment-terminal/charge/create-cash-settled"
    body = [sold(till, (provider, 150), id=f"tipped-{provider}")]
    answer = await money.client.post(path, json=body, params=query, headers=money.clinic.billing)
    assert answer.status_code == 200, answer.text
    shown = await money.client.get(
        "/billing/charge/table", params={"id": f"tipped-{provider}"}, headers=money.clinic.billing
    )
    (row,) = shown.json()["data"]
    assert (row["total"], row["totalOutstanding"], row["status"]) == (1_150, 50, "OUTSTANDING")


async def test_what_is_wrong_is_named(sell, till, provider):
    without = await sell(sold(till, (provider, 150), totalOutstanding=1_000), status=422)
    assert problems(without) == {
        "totalOutstanding": "expected 1150, which is what the lines come to with discounts and taxes and with the tips"
    }
    most = 9_999_999_999
    assert list(problems(await sell(sold(till, (provider, most), price=1), status=422))) == ["tips"]
    free = await sell([sold(till, price=0), sold(till, (provider, 5), price=0)], MARK, status=422)
    assert list(problems(free)) == ["1.tips"]
    unknown = await sell(sold(till, ("prov_none", 5)), status=404)
    assert "no member of staff prov_none here" in unknown["detail"]
    assert "tips" in problems(await sell(sold(till, tips=None), status=422))


async def test_a_tip_for_another_clinics_staff_is_refused(sell, till, services, tmp_path):
    other = await make_clinic(services, tmp_path)
    unknown = await sell(sold(till, (other.creator_id, 5)), status=404)
    assert f"no member of staff {other.creator_id} here" in unknown["detail"]


async def test_a_sale_with_tips_repeats_as_it_was(till, money, provider):
    headers = money.clinic.billing | {"Idempotency-Key": f"tips-{provider}"}
    path = "/billing/payment-terminal/charge/create"
    answers = [await money.client.post(path, json=sold(till, (provider, 5)), headers=headers) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert await owed_to(money, provider) == 5
