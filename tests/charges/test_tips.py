"""Tips: owed with a charge, paid and given back with it, and what the clinic owes a member of staff."""

import asyncio

import pytest

from carelane.ledger.schemas import AccountRef, Books
from tests.charges.money import Till
from tests.door import closed
from tests.factories.staff import hire
from tests.ledger.balances import balance_of

TIPS = "/billing/tips"


@pytest.fixture
async def provider(money):
    return await hire(money.services, money.id, "Tess", "Tip", role="CASEWORKER")


def give(money, charge_id, provider, amount=1_500, headers=None, **more):
    body = {"chargeId": str(charge_id), "amount": amount, "providerId": str(provider)} | more
    own = money.clinic.billing if headers is None else headers
    return money.client.post(f"{TIPS}/create", json=body, headers=own)


def ask(money, method, tip_id, headers=None, **options):
    own = money.clinic.billing if headers is None else headers
    return money.client.request(method, f"{TIPS}/{tip_id}", headers=own, **options)


async def owed_to(money, provider, is_test=False):
    async with money.services.db.reading(money.id) as conn:
        return -await balance_of(conn, money.id, AccountRef("tips", provider), Books("USD", is_test))


async def test_a_tip_is_owed_with_its_charge(money, provider):
    charge_id = await money.charge()
    given = await give(money, charge_id, provider)
    assert given.status_code == 200
    tip = given.json()
    assert (tip["chargeId"], tip["amount"], tip["providerId"], tip["provider"]["firstName"]) == (
        str(charge_id), 1_500, str(provider), "Tess",
    )  # fmt: skip
    assert (await ask(money, "GET", tip["id"])).json() == tip
    shown = await money.shown(charge_id)
    assert (shown["total"], shown["totalOutstanding"], shown["tips"]) == (11_500, 11_500, [tip])
    table = await money.client.get("/billing/charge/table", params={"id": str(charge_id)}, headers=money.clinic.billing)
    (row,) = table.json()["data"]
    assert (row["total"], row["totalOutstanding"], row["tips"]) == (11_500, 11_500, [tip])
    (made, *_) = await money.timeline(charge_id=charge_id)
    assert (made["amount"], made["tips"]) == (11_500, [tip])
    assert await owed_to(money, provider) == 1_500


async def test_a_tip_is_paid_and_given_back_with_its_charge(money, provider):
    charge_id = await money.charge()
    await give(money, charge_id, provider)
    payment_id, intent_id = await money.pay(charge_id, 11_500)
    assert (await money.shown(charge_id))["status"] == "PAID"
    # The tip is three parts in twenty-three of what was paid.
    await money.refund(payment_id, intent_id, 2_300)
    assert await owed_to(money, provider) == 1_200
    assert await money.refund(payment_id, intent_id, 9_200) == "REFUNDED"
    assert await owed_to(money, provider) == 0


async def test_a_tip_is_changed_while_it_is_outstanding(money, provider):
    other = await hire(money.services, money.id, "Otto", "Tip", role="CASEWORKER")
    charge_id = await money.charge()
    tip = (await give(money, charge_id, provider)).json()
    raised = await ask(money, "PUT", tip["id"], json={"providerId": str(provider), "amount": 2_000})
    assert (raised.status_code, raised.json()["amount"]) == (200, 2_000)
    moved = await ask(money, "PUT", tip["id"], json={"provider_id": str(other)})
    assert (moved.json()["amount"], moved.json()["provider"]["firstName"]) == (2_000, "Otto")
    back = await ask(money, "PUT", tip["id"], json={"providerId": str(provider), "amount": 700})
    assert back.status_code == 200
    assert (await owed_to(money, provider), await owed_to(money, other)) == (700, 0)
    assert (await money.shown(charge_id))["totalOutstanding"] == 10_700
    assert (await ask(money, "DELETE", tip["id"])).json() is True
    assert (await money.shown(charge_id))["total"] == 10_000
    assert await owed_to(money, provider) == 0
    for method in ("GET", "DELETE"):
        assert (await ask(money, method, tip["id"])).status_code == 404


async def test_what_was_paid_of_a_tip_stays(money, provider):
    charge_id = await money.charge()
    tip = (await give(money, charge_id, provider)).json()
    payment_id, intent_id = await money.pay(charge_id, 11_000)
    low = await ask(money, "PUT", tip["id"], json={"providerId": str(provider), "amount": 999})
    assert (low.status_code, low.json()["detail"][0]["loc"]) == (422, ["body", "amount"])
    assert low.json()["detail"][0]["msg"] == "expected 1000 or more; no more than 500 of it is outstanding"
    assert (await ask(money, "DELETE", tip["id"])).status_code == 422
    (gone,) = (await ask(money, "DELETE", tip["id"])).json()["detail"]
    words = "expected a tip of which nothing was paid; no more than 500 of it is outstanding"
    assert (gone["loc"], gone["msg"]) == (["path", "tip_id"], words)
    assert (await ask(money, "PUT", tip["id"], json={"providerId": str(provider), "amount": 1_000})).status_code == 200
    assert (await money.shown(charge_id))["status"] == "PAID"
    await money.refund(payment_id, intent_id, 1_100)
    other = await hire(money.services, money.id, "Otto", "Tip", role="CASEWORKER")
    assert (await ask(money, "PUT", tip["id"], json={"providerId": str(other)})).status_code == 409


@pytest.mark.parametrize("method", ["DELETE", "PUT"])
async def test_where_nothing_is_left_without_the_tip_no_card_is_charged_for_it(money, provider, method):
    charge_id = await money.charge()
    tip = (await give(money, charge_id, provider)).json()
    await money.pay(charge_id, 10_000 if method == "DELETE" else 10_500)
    left = 1_500 if method == "DELETE" else 1_000
    payment_id, _ = await money.pay(charge_id, 0, amount=left, status="UNPAID", stage="NEEDS_CARD", wanted="TAKE")
    body = {} if method == "DELETE" else {"json": {"providerId": str(provider), "amount": 500}}
    assert (await ask(money, method, tip["id"], **body)).status_code == 200
    assert (await money.shown(charge_id))["status"] == "PAID"
    assert await money.rows("SELECT wanted FROM payments WHERE id = %s", payment_id) == [("RETURN",)]


async def test_nobody_owes_the_tip_of_a_charge_that_is_void(money, provider):
    charge_id = await money.charge()
    tip = (await give(money, charge_id, provider)).json()
    assert (await money.ask(charge_id, "void")).status_code == 200
    assert await owed_to(money, provider) == 0
    assert (await money.sums(charge_id)).outstanding_cents == 0
    assert (await ask(money, "DELETE", tip["id"])).status_code == 409
    assert (await give(money, charge_id, provider)).status_code == 409
    other = await money.charge()
    tip = (await give(money, other, provider)).json()
    gone = await money.client.delete(f"/billing/charge/{other}", headers=money.clinic.billing)
    assert gone.status_code == 200
    assert (await ask(money, "GET", tip["id"])).status_code == 404
    assert await owed_to(money, provider) == 0


async def test_two_that_take_back_a_tip_at_once_take_it_back_once(money, provider, owner_url):
    charge_id = await money.charge()
    tip = (await give(money, charge_id, provider)).json()
    async with closed(owner_url, "charges", charge_id) as door:
        both = [asyncio.create_task(ask(money, "DELETE", tip["id"])) for _ in range(2)]
        await door.until(2)
        door.open()
        answers = await asyncio.gather(*both)
    assert sorted(answer.status_code for answer in answers) == [200, 404]
    assert (await money.sums(charge_id)).outstanding_cents == 10_000


async def test_the_same_request_gives_one_tip(money, provider):
    charge_id = await money.charge()
    headers = money.clinic.billing | {"Idempotency-Key": f"tip-{charge_id}"}
    first, second = [await give(money, charge_id, provider, headers=headers) for _ in range(2)]
    assert first.json() == second.json()
    assert len((await money.shown(charge_id))["tips"]) == 1


@pytest.mark.parametrize(
    ("change", "status", "where"),
    [
        ({"amount": 0}, 422, "amount"),
        ({"amount": -5}, 422, "amount"),
        ({"amount": 1.5}, 422, "amount"),
        ({"amount": 10**15}, 422, "amount"),
        ({"amount": None}, 422, "amount"),
        ({"chargeId": None}, 422, "chargeId"),
        ({"providerId": ""}, 422, "providerId"),
        ({"providerId": "nobody"}, 404, None),
        ({"chargeId": "nothing"}, 404, None),
    ],
)
async def test_what_is_wrong_is_named(money, provider, change, status, where):
    answer = await give(money, await money.charge(), provider, **change)
    assert answer.status_code == status
    if where:
        assert answer.json()["detail"][0]["loc"] == ["body", where]


async def test_doors(money: Till, provider, other_clinic):
    charge_id = await money.charge()
    tip = (await give(money, charge_id, provider)).json()
    body = {"providerId": str(provider), "amount": 100}
    wrong = money.clinic.billing | {"API-KEY": "cvk_wrong"}
    limited = money.clinic.billing | {"API-KEY": money.clinic.catalog_only_key}
    for headers, status in (({}, 401), (wrong, 401), (limited, 403), (other_clinic.billing, 404)):
        assert (await give(money, charge_id, provider, headers=headers)).status_code == status
        assert (await ask(money, "GET", tip["id"], headers=headers)).status_code == status
        assert (await ask(money, "PUT", tip["id"], headers=headers, json=body)).status_code == status
        assert (await ask(money, "DELETE", tip["id"], headers=headers)).status_code == status
    assert (await ask(money, "GET", tip["id"])).json() == tip


async def test_what_a_patient_spent_counts_tips_and_adjustments(money, provider):
    """All that was paid, and never what is not: tips, adjustments and what was written off are in what is outstanding too."""

    async def spent(**query):
        own = {"id": str(money.patient_id)} | query
        answer = await money.client.get("/user/patient/table", params=own, headers=money.clinic.billing)
        (row,) = answer.json()["data"]
        return row["totalSpent"]

    before = await spent()
    charge_id = await money.charge()
    tip = (await give(money, charge_id, provider)).json()
    assert await spent() == before
    for amount in (2_500, -1_500):
        body = {"chargeId": str(charge_id), "amount": amount, "reason": "Counted again"}
        answer = await money.client.post("/billing/adjustment/create", json=body, headers=money.clinic.billing)
        assert answer.status_code == 200
    assert await spent() == before
    assert (await ask(money, "PUT", tip["id"], json={"providerId": str(provider), "amount": 1_000})).status_code == 200
    await money.pay(charge_id, 12_000)
    assert ((await money.shown(charge_id))["status"], await spent()) == ("PAID", before + 12_000)
    assert await spent(sort_by="total_spent", sort_direction="desc") == before + 12_000
    other = await money.charge()
    await money.pay(other, 4_000)
    assert (await money.ask(other, "write-off")).status_code == 200
    body = {"chargeId": str(other), "amount": 10, "reason": "Counted again"}
    await money.client.post("/billing/adjustment/create", json=body, headers=money.clinic.billing)
    assert (await money.shown(other))["status"] == "OUTSTANDING"
    assert await spent() == before + 16_000
