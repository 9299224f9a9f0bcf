"""Reports: what is counted, by what; that money agrees with the ledger, figures with their rows, and counting again changes nothing."""

import asyncio
import csv
import io
from datetime import UTC, datetime
from uuid import UUID

import pytest

from carelane.figures.reports.jobs import make_reports_of
from carelane.figures.reports.rows import queries as row_queries
from carelane.figures.reports.rows.reads import list_rows
from carelane.figures.reports.schemas import RowsQuery
from carelane.kit.auth import Actor, system_actor
from carelane.processes.schedule import TIMED_JOBS
from tests.charges.money import Till
from tests.factories.charges import line, make_charge
from tests.factories.decisions import decide
from tests.factories.orders import place_order
from tests.factories.rows import insert_row, update_row
from tests.figures.conftest import at
from tests.review.people import employ

URL = "/api/staff/reports"
OCTOBER, NOVEMBER = "2026-10", "2026-11"
_INCOME = """
SELECT coalesce(sum(CASE WHEN a.id = p.credit_id THEN p.amount_cents ELSE -p.amount_cents END), 0)::bigint
FROM ledger_postings p JOIN ledger_accounts a ON a.organization_id = p.organization_id AND a.id IN (p.credit_id, p.debit_id)
WHERE p.organization_id = %s AND a.code IN ('revenue', 'discounts') AND NOT p.is_test AND p.currency = 'USD'
"""
_RETURNED = """
SELECT coalesce(sum(CASE WHEN a.id = p.credit_id THEN p.amount_cents ELSE -p.amount_cents END), 0)::bigint
FROM ledger_postings p JOIN ledger_accounts a ON a.organization_id = p.organization_id AND a.id IN (p.credit_id, p.debit_id)
WHERE p.organization_id = %s AND a.code IN ('gateway', 'cash', 'external') AND p.act = 'REFUND' AND NOT p.is_test AND p.currency = 'USD'
"""


@pytest.fixture
def count_all(services, here):
    async def run():
        await make_reports_of(services, UUID(here.organization_id))

    return run


@pytest.fixture
def report(client, admin):
    async def ask(path="", status=200, person=None, **query):
        sent = {name.rstrip("_"): value for name, value in query.items()}
        answer = await client.get(f"{URL}{path}", params=sent, headers=(person or admin).headers)
        assert answer.status_code == status, answer.text
        return answer.json() if "json" in answer.headers["content-type"] else answer.text

    return ask


@pytest.fixture
def decided(services, here, clinician):
    async def run(case_id, when, is_approved=True):
        product = {"product_id": UUID(here.product_id), "is_approved": is_approved}
        await decide(services, UUID(here.organization_id), case_id, clinician.id, created_at=at(when), **product)

    return run


async def until_now(report, by, person=None):
    now = datetime.now(UTC)
    return await report(by=by, from_=f"{now.year - 1}-{now.month:02d}", to=f"{now.year}-{now.month:02d}", person=person)


async def test_cases_decisions_and_orders(services, here, came, decided, count_all, report, clinician):
    """Of the first location's time zone, New York: what came at three in the morning of November 1, UTC, came in October."""
    first = await came("11-01 03:00")
    second = await came("11-02 10:00")
    third = await came("11-02 11:00")
    await came("11-02 12:00", is_test=True)
    await decided(first, "11-02 10:00")
    await decided(second, "11-02 10:30")
    await decided(third, "11-02 12:00", is_approved=False)
    organization_id = UUID(here.organization_id)
    await place_order(services, organization_id, second, created_at=at("11-03 10:00"))
    await place_order(services, organization_id, second, created_at=at("11-03 10:00"), is_test=True)
    await count_all()
    found = await report(from_=OCTOBER, to=NOVEMBER)
    assert (found["timezone"], found["currency"]) == ("America/New_York", "USD")
    assert [
        (line["key"], line["cases"], line["decisions"], line["approved"], line["orders"]) for line in found["lines"]
    ] == [
        (NOVEMBER, 2, 3, 2, 1),
        (OCTOBER, 1, 0, 0, 0),
    ]
    november, total = found["lines"][0], found["total"]
    assert november["approvalRate"] == pytest.approx(2 / 3)
    assert (november["medianSeconds"], total["medianSeconds"]) == (3_600, 3_600)
    assert november["p90Seconds"] == 31 * 3_600
    assert (total["cases"], total["decisions"]) == (3, 3)
    (product,) = (await report(by="product", from_=OCTOBER, to=NOVEMBER))["lines"]
    assert (product["key"], product["cases"], product["decisions"], product["orders"]) == (here.product_id, 3, 3, 1)
    assert product["name"]
    (person,) = (await report(by="person", from_=OCTOBER, to=NOVEMBER))["lines"]
    assert (person["key"], person["name"], person["cases"]) == (str(clinician.id), "Cora Berg", None)
    assert (person["decisions"], person["approved"], person["orders"]) == (3, 2, 1)
    (state,) = (await report(by="state", from_=OCTOBER, to=NOVEMBER))["lines"]
    assert (state["key"], state["cases"], state["decisions"], state["orders"]) == ("NY", 3, 3, 1)


async def _sell(services, client, here, clinician):
    """A charge with a discount that is paid and half refunded, one that is voided, one of a test, one in another currency."""
    till, product = await Till.open(client, services, here), UUID(here.product_id)
    other = await insert_row(services, till.id, "products", name="Cream", price_cents=500, currency="USD")
    tablets = line("Tablets", 10_000, tax_cents=900, product_id=product)
    sold = await make_charge(
        services,
        here,
        tablets,
        line("Cream", 2_000, product_id=other),
        discount_cents=1_200,
        is_test=False,
        creator_id=clinician.id,
    )
    payment_id, intent_id = await till.pay(sold, 11_700)
    await till.refund(payment_id, intent_id, 5_850)
    voided = await make_charge(services, here, tablets, is_test=False)
    assert (await till.ask(voided, "void")).status_code == 200
    await make_charge(services, here, tablets, is_test=False)
    await make_charge(services, here, tablets, is_test=True)
    await make_charge(services, here, tablets, is_test=False, currency="EUR")
    return till, other


async def test_money_agrees_with_the_ledger(services, client, here, clinician, count_all, report):
    till, other = await _sell(services, client, here, clinician)
    await count_all()
    ((income,),) = await till.rows(_INCOME, till.id)
    ((returned,),) = await till.rows(_RETURNED, till.id)
    assert (income, returned) == (15_400, 5_850)
    for by in ("month", "product", "person", "state"):
        found = await until_now(report, by)
        assert (found["total"]["revenueCents"], found["total"]["refundsCents"]) == (income, returned), by
        assert sum(line["revenueCents"] for line in found["lines"]) == income, by
        assert sum(line["refundsCents"] for line in found["lines"]) == returned, by
    of = {line["key"]: line for line in (await until_now(report, "product"))["lines"]}
    assert of[here.product_id]["revenueCents"] == 15_000
    assert of[str(other)]["revenueCents"] == 1_000
    assert of["DISCOUNTS"]["revenueCents"] == -600
    persons = {line["key"]: line["revenueCents"] for line in (await until_now(report, "person"))["lines"]}
    assert persons == {str(clinician.id): 5_400, None: 10_000}


async def test_a_figure_is_the_number_of_its_rows(services, client, here, came, decided, clinician, count_all, report):
    await _sell(services, client, here, clinician)
    for hour in (8, 9):
        await decided(await came(f"11-02 {hour:02d}:00"), f"11-02 {hour + 1:02d}:00", is_approved=hour == 8)
    case_id = await came("11-02 11:00")
    await decided(case_id, "11-02 12:00")
    await place_order(services, UUID(here.organization_id), case_id, created_at=at("11-03 10:00"))
    await count_all()
    for by in ("month", "product", "person", "state"):
        found = await until_now(report, by)
        for line_ in found["lines"]:
            key = {"key": line_["key"]} if line_["key"] and by != "month" else {}
            span = (
                {"from_": line_["key"], "to": line_["key"]}
                if by == "month"
                else {"from_": found["from"], "to": found["to"]}
            )
            for measure in ("cases", "decisions", "orders"):
                rows = await report("/rows", measure=measure, by=by, **key, **span)
                assert len(rows["rows"]) == (line_[measure] or 0), (by, line_["key"], measure)
                assert rows["next"] is None
            for measure, name in (("revenue", "revenueCents"), ("refunds", "refundsCents")):
                rows = await report("/rows", measure=measure, by=by, **key, **span)
                assert sum(row["amountCents"] for row in rows["rows"]) == line_[name], (by, line_["key"], measure)


async def test_rows_page_by_page(here, came, services, report, monkeypatch):
    cases = [await came(f"11-02 {hour:02d}:00") for hour in (8, 9, 10)]
    whole = await report("/rows", measure="cases", from_=NOVEMBER, to=NOVEMBER)
    assert [row["recordId"] for row in whole["rows"]] == [str(case_id) for case_id in reversed(cases)]
    first = await report("/rows", measure="cases", from_=NOVEMBER, to=NOVEMBER, limit=2)
    second = await report("/rows", measure="cases", from_=NOVEMBER, to=NOVEMBER, limit=2, after=first["next"])
    assert [*first["rows"], *second["rows"]] == whole["rows"]
    assert second["next"] is None
    # Of what few are, much is looked through, a part at a time.
    monkeypatch.setattr(row_queries, "_MOST_LOOKED_THROUGH", 2)
    reader = Actor(UUID(here.organization_id), "staff", scopes=frozenset({"reports:read"}))
    query = RowsQuery(measure="cases", by="state", key="AK", first=NOVEMBER, last=NOVEMBER)
    part = await list_rows(services, reader, query)
    assert part.rows == []
    assert part.next is not None


async def test_counting_again_changes_nothing(services, client, here, came, decided, clinician, count_all, report):
    await _sell(services, client, here, clinician)
    await decided(await came("11-02 08:00"), "11-02 09:00")
    await asyncio.gather(*(count_all() for _ in range(3)))
    first = await until_now(report, "product")
    await came("11-02 08:30")
    await TIMED_JOBS["make_reports"].run(services)
    second = await until_now(report, "product")
    assert second["total"]["cases"] == first["total"]["cases"] + 1
    assert second["total"]["revenueCents"] == first["total"]["revenueCents"]
    # Another time zone: all is counted anew, and nothing twice.
    await update_row(services, UUID(here.organization_id), "locations", UUID(here.location_id), timezone="Asia/Tokyo")
    await count_all()
    third = await until_now(report, "product")
    assert third["timezone"] == "Asia/Tokyo"
    assert (third["lines"], third["total"]) == (second["lines"], second["total"])


async def test_another_currency_counts_all_anew(services, client, here, clinician, count_all, report):
    await _sell(services, client, here, clinician)
    await count_all()
    first, organization_id = await until_now(report, "product"), UUID(here.organization_id)
    async with services.db.transaction(system_actor(organization_id)) as conn:
        # Nothing that was seen before is looked at again.
        await conn.execute("UPDATE report_marks SET seen_at = now() + interval '1 hour'")
    await update_row(services, organization_id, "organizations", organization_id, currency="EUR")
    assert (await until_now(report, "product"))["currency"] == "USD"
    await count_all()
    second = await until_now(report, "product")
    assert (first["currency"], second["currency"]) == ("USD", "EUR")
    assert (first["total"]["revenueCents"], second["total"]["revenueCents"]) == (15_400, 10_000)


async def test_the_decisions_and_orders_of_a_changed_case_are_counted_anew(
    services, here, came, decided, count_all, report
):
    case_id, organization_id = await came("11-02 08:00"), UUID(here.organization_id)
    await decided(case_id, "11-04 10:00")
    await place_order(services, organization_id, case_id, created_at=at("11-05 10:00"))
    await count_all()
    async with services.db.transaction(system_actor(organization_id)) as conn:
        # Cases follow.
        await conn.execute("UPDATE patients SET state = 'CA' WHERE organization_id = %s", (organization_id,))
    await count_all()
    (state,) = (await report(by="state", from_=NOVEMBER, to=NOVEMBER))["lines"]
    assert [state[name] for name in ("key", "cases", "decisions", "orders")] == ["CA", 1, 1, 1]


async def test_as_csv(services, here, came, count_all, report):
    await update_row(services, UUID(here.organization_id), "products", UUID(here.product_id), name="=1+1")
    await came("11-02 08:00")
    await count_all()
    rows = list(csv.DictReader(io.StringIO(await report("/export.csv", by="product", from_=NOVEMBER, to=NOVEMBER))))
    assert [(row["key"], row["name"], row["cases"]) for row in rows] == [
        (here.product_id, "'=1+1", "1"),
        ("total", "", "1"),
    ]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"by": "moon"}, "by"),
        ({"from_": "2026-13"}, "from"),
        ({"to": "soon"}, "to"),
        ({"from_": "2020-01", "to": "2026-01"}, "from"),
        ({"from_": "2026-02", "to": "2026-01"}, "from"),
    ],
)
async def test_a_bad_question(report, query, field):
    for path, more in (("", {}), ("/export.csv", {}), ("/rows", {"measure": "cases"})):
        answer = await report(path, 400, **query, **more)
        assert field in {error["field"] for error in answer["errors"]}


async def test_bad_rows(report):
    for query, field in (({"measure": "moons"}, "measure"), ({"measure": "cases", "after": "x"}, "after")):
        answer = await report("/rows", 400, **query)
        assert field in {error["field"] for error in answer["errors"]}


async def test_who_may(services, client, here, elsewhere, came, clinician, count_all, report):
    await came("11-02 08:00")
    await count_all()
    stranger = await employ(services, elsewhere, "Sten", role="ADMIN")
    for path, query in (("", {}), ("/export.csv", {}), ("/rows", {"measure": "cases"})):
        assert (await client.get(f"{URL}{path}", params=query)).status_code == 401
        await report(path, 403, person=clinician, **query)
    assert (await report(person=stranger))["total"]["cases"] == 0
    assert (await report("/rows", measure="cases", person=stranger))["rows"] == []
