"""What was sold and what tax was raised, by day and place."""

import csv
import io
from uuid import UUID

import pytest

from carelane.kit import clock
from tests.charges.money import Till
from tests.factories.charges import line, make_charge
from tests.factories.rows import insert_row, update_row
from tests.own_clinic import make_clinic

REPORT = "/billing/sales-tax-report/export"


@pytest.fixture
async def shop(services, tmp_path):
    """A clinic that sold nothing yet."""
    return await make_clinic(services, tmp_path)


@pytest.fixture
def report(client, shop):
    async def ask(headers=None, path=REPORT, **params):
        today = clock.now().date().isoformat()
        query = {"start_date": today, "end_date": today, "timezone": "UTC"} | params
        own = shop.billing if headers is None else headers
        return await client.get(path, params={k: v for k, v in query.items() if v is not None}, headers=own)

    return ask


def visit(shop, cents):
    return line("Visit", cents, product_id=UUID(shop.item_id))


def zeros():
    return dict.fromkeys(("serviceTaxable", "giftTaxable", "mbrTaxable", "serviceTax", "giftTax", "mbrTax"), 0)


async def sell(services, shop, *lines, **values):
    return await make_charge(services, shop, *lines, is_test=False, location_id=UUID(shop.location_id), **values)


async def test_sales_are_told_by_day_and_place(services, shop, report):
    location = UUID(shop.location_id)
    other = await insert_row(services, UUID(shop.organization_id), "locations", name="Annex")
    await update_row(services, UUID(shop.organization_id), "locations", location, name="Main")
    taxed = line("Tablets", 10_000, tax_cents=900, product_id=UUID(shop.item_id))
    # Ten percent off the whole: of what is taxable 9,000 are left, of what is not 1,800.
    await sell(services, shop, taxed, visit(shop, 2_000), discount_cents=1_200)
    await make_charge(services, shop, visit(shop, 700), is_test=False, location_id=other)
    await make_charge(services, shop, visit(shop, 500), is_test=False)
    day = clock.now().date().isoformat()
    assert (await report()).json() == [
        {"date": day, "locationName": name, "retailTaxable": base, "totalTaxable": base, "retailTax": tax, "totalTax": tax,
         "exempt": sales - base, "grossSales": sales} | zeros()
        for name, sales, base, tax in (("Annex", 700, 0, 0), ("Main", 10_800, 9_000, 900), ("No location", 500, 0, 0))
    ]  # fmt: skip
    (only,) = (await report(location_ids=str(other))).json()
    assert only["locationName"] == "Annex"
    assert (await report(location_ids="nowhere")).json() == []


async def test_money_of_tests_and_of_other_currencies_is_left_out(services, shop, report):
    await make_charge(services, shop, visit(shop, 700), is_test=True)
    await make_charge(services, shop, visit(shop, 700), is_test=False, currency="EUR")
    assert (await report()).json() == []


async def test_what_is_taken_back_is_taken_off(services, shop, report, client):
    till = await Till.open(client, services, shop)
    taxed = line("Tablets", 10_000, tax_cents=1_000, product_id=UUID(shop.item_id))
    charge_id = await sell(services, shop, taxed)
    payment_id, intent_id = await till.pay(charge_id, 11_000)
    await till.refund(payment_id, intent_id, 5_500)
    (row,) = (await report()).json()
    assert (row["grossSales"], row["totalTaxable"], row["totalTax"], row["exempt"]) == (5_000, 5_000, 500, 0)
    voided = await sell(services, shop, taxed)
    assert (await till.ask(voided, "void")).status_code == 200
    assert (await report()).json() == [row]


async def test_days_are_those_of_the_time_zone(services, shop, report):
    charge_id = await sell(services, shop, visit(shop, 700))
    async with services.db.reading(UUID(shop.organization_id)) as conn:
        cursor = await conn.execute("SELECT happened_at FROM ledger_postings WHERE charge_id = %s", (charge_id,))
        ((at,),) = await cursor.fetchall()
    for zone, shift in (("Pacific/Kiritimati", 14), ("Etc/GMT+12", -12)):
        hours = (at.hour + shift) // 24
        day = at.date().fromordinal(at.date().toordinal() + hours).isoformat()
        (row,) = (await report(start_date=day, end_date=day, timezone=zone)).json()
        assert row["date"] == day


async def test_the_same_as_csv(services, shop, report):
    await update_row(services, UUID(shop.organization_id), "locations", UUID(shop.location_id), name='=Main, "A"')
    await sell(services, shop, line("Tablets", 10_000, tax_cents=900, product_id=UUID(shop.item_id)))
    (row,) = (await report()).json()
    answer = await report(path=f"{REPORT}.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    (told,) = csv.DictReader(io.StringIO(answer.text))
    assert told == {name: str(value) for name, value in row.items()} | {"locationName": '\'=Main, "A"'}


@pytest.mark.parametrize(
    ("params", "where"),
    [
        ({"start_date": None}, "start_date"),
        ({"end_date": None}, "end_date"),
        ({"timezone": None}, "timezone"),
        ({"start_date": "yesterday"}, "start_date"),
        ({"end_date": "2020-01-01"}, "end_date"),
        ({"start_date": "2020-01-01"}, "end_date"),
        ({"start_date": "0001-01-01", "end_date": "0001-01-01"}, "start_date"),
        ({"start_date": "9999-12-31", "end_date": "9999-12-31"}, "start_date"),
        ({"timezone": "Mars/Base"}, "timezone"),
        ({"timezone": "../etc/passwd"}, "timezone"),
    ],
)
async def test_what_cannot_be_read_is_named(report, params, where):
    answer = await report(**params)
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["query", where]


async def test_who_may_read_it(services, client, shop, report, tmp_path):
    assert (await report(headers={})).status_code == 401
    assert (await report(headers=shop.billing | {"API-KEY": "wrong"})).status_code == 401
    limited = shop.billing | {"API-KEY": shop.catalog_only_key}
    assert (await report(headers=limited)).status_code == 403
    await sell(services, shop, visit(shop, 700))
    other = await make_clinic(services, tmp_path)
    assert (await report(headers=other.billing)).json() == []
