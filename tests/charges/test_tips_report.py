"""Tips of some days, one by one."""

from datetime import timedelta
from uuid import UUID

import pytest

from carelane.charges.tips_report import reads
from carelane.charges.tips_report.schemas import TipPeriod
from carelane.kit import clock
from carelane.kit.auth import system_actor
from carelane.kit.errors import InvalidRequestError
from tests.factories.charges import line, make_charge
from tests.factories.rows import insert_row, update_row
from tests.factories.staff import hire
from tests.own_clinic import make_clinic

REPORT = "/billing/tips/export/detailed"


@pytest.fixture
async def shop(services, tmp_path):
    return await make_clinic(services, tmp_path)


@pytest.fixture
def report(client, shop):
    async def ask(headers=None, **params):
        today = clock.now().date().isoformat()
        query = {"start_date": today, "end_date": today, "timezone": "UTC"} | params
        own = shop.billing if headers is None else headers
        return await client.get(REPORT, params={k: v for k, v in query.items() if v is not None}, headers=own)

    return ask


@pytest.fixture
async def tess(services, shop):
    return str(await hire(services, UUID(shop.organization_id), "Tess", "Tip", role="CASEWORKER"))


@pytest.fixture
def give(client, services, shop, tess):
    """A tip on a charge of its own."""

    async def add(amount, **values):
        of = {"is_test": False, "location_id": UUID(shop.location_id)} | values
        charge_id = await make_charge(services, shop, line("Visit", 900, product_id=UUID(shop.item_id)), **of)
        body = {"chargeId": str(charge_id), "amount": amount, "providerId": tess}
        answer = await client.post("/billing/tips/create", json=body, headers=shop.billing)
        assert answer.status_code == 200, answer.text
        return str(charge_id), answer.json()["id"]

    return add


async def test_each_tip_is_told_with_whose_it_is(shop, report, give, tess):
    charge_id, tip_id = await give(150)
    (row,) = (await report()).json()
    assert row["locationName"]
    assert {name: row[name] for name in row if name != "locationName"} == {
        "id": tip_id, "date": clock.now().date().isoformat(), "chargeId": charge_id, "chargeStatus": "OUTSTANDING",
        "locationId": shop.location_id, "providerId": tess, "providerName": "Tess Tip", "amount": 150, "currency": "USD",
    }  # fmt: skip


async def test_what_is_gone_or_a_test_is_left_out(client, services, shop, report, give):
    kept, _ = await give(10)
    _, removed = await give(20)
    assert (await client.delete(f"/billing/tips/{removed}", headers=shop.billing)).status_code == 200
    archived, _ = await give(30)
    assert (await client.delete(f"/billing/charge/{archived}", headers=shop.billing)).status_code == 200
    await give(40, is_test=True)
    assert [one["chargeId"] for one in (await report()).json()] == [kept]


async def test_days_and_places_narrow(services, shop, report, give):
    here = (services, UUID(shop.organization_id))
    _, old = await give(10)
    await update_row(*here, "charge_tips", UUID(old), created_at=clock.now() - timedelta(days=3))
    annex = await insert_row(*here, "locations", name="Annex")
    _, there = await give(20, location_id=annex)
    _, nowhere = await give(30, location_id=None)
    assert [one["id"] for one in (await report()).json()] == [there, nowhere]
    first = (clock.now() - timedelta(days=3)).date().isoformat()
    assert [one["id"] for one in (await report(start_date=first)).json()] == [old, there, nowhere]
    assert [one["id"] for one in (await report(location_ids=str(annex))).json()] == [there]
    assert [one["id"] for one in (await report(start_date=first, location_ids=shop.location_id)).json()] == [old]
    assert (await report(location_ids="loc_none")).json() == []


async def test_too_many_are_refused(services, shop, give, monkeypatch):
    monkeypatch.setattr(reads, "MAX_TIPS", 1)
    for cents in (1, 2):
        await give(cents)
    actor, now = system_actor(UUID(shop.organization_id)), clock.now()
    period = TipPeriod(begins_at=now - timedelta(hours=1), ends_at=now, timezone="UTC", location_ids=None)
    with pytest.raises(InvalidRequestError, match="more than 1 tips"):
        await reads.list_tips(services, actor, period)


@pytest.mark.parametrize(
    ("params", "where"),
    [
        ({"start_date": None}, "start_date"),
        ({"end_date": None}, "end_date"),
        ({"timezone": None}, "timezone"),
        ({"start_date": "yesterday"}, "start_date"),
        ({"end_date": "2020-01-01"}, "end_date"),
        ({"start_date": "2020-01-01"}, "end_date"),
        ({"timezone": "Mars/Base"}, "timezone"),
    ],
)
async def test_what_cannot_be_read_is_named(report, params, where):
    answer = await report(**params)
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["query", where]


async def test_who_may_read_it(services, shop, report, give, tmp_path):
    await give(10)
    assert (await report(headers={})).status_code == 401
    assert (await report(headers=shop.billing | {"API-KEY": "wrong"})).status_code == 401
    assert (await report(headers=shop.billing | {"API-KEY": shop.catalog_only_key})).status_code == 403
    other = await make_clinic(services, tmp_path)
    assert (await report(headers=other.billing)).json() == []
