"""The list of charges and their table: filters, order, pages."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from tests.charges.conftest import named
from tests.charges.money import Till
from tests.factories.charges import line, make_charge
from tests.factories.rows import insert_row, update_row


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture(scope="module")
async def charges(client, services, till, till_id, second_patient):
    """Three charges by name, of three days."""
    here = (services, till_id)
    branch = await insert_row(*here, "locations", **named(till_id, "loc_2"), name="Branch", timezone="UTC")
    wanted = {
        "old": (300, at("2026-03-01T12:00"), {"description": "Winter PEELING", "external_id": "inv-1"}),
        "mid": (200, at("2026-03-02T03:00"), {"patient_id": second_patient, "location_id": branch}),
        "new": (100, at("2026-03-03T12:00"), {"description": "spring", "location_id": UUID(till.location_id)}),
    }
    made = {}
    for name, (cents, created_at, values) in wanted.items():
        sold = line("Tablets", cents, product_id=UUID(till.item_id))
        made[name] = await make_charge(services, till, sold, **values)
        await update_row(*here, "charges", made[name], created_at=created_at)
    await (await Till.open(client, services, till)).pay(made["mid"], 200, patient_id=second_patient)
    return {str(charge_id): name for name, charge_id in made.items()}


@pytest.fixture
def found(ask, charges):
    async def names(path, **params):
        response = await ask(path, **params)
        assert response.status_code == 200, response.text
        rows = response.json() if path == "list" else response.json()["data"]
        return [charges[row["id"]] for row in rows]

    return names


@pytest.mark.parametrize(
    ("params", "names"),
    [
        ({}, ["new", "mid", "old"]),
        ({"patient_id": "pat_2"}, ["mid"]),
        ({"patient_id": "pat_9"}, []),
        ({"status": "OUTSTANDING"}, ["new", "old"]),
        ({"status": "PAID", "patient_id": "pat_2"}, ["mid"]),
    ],
)
async def test_the_list_shows_the_newest_first(found, params, names):
    assert await found("list", **params) == names


@pytest.mark.parametrize(
    ("params", "names"),
    [
        ({}, ["new", "mid", "old"]),
        ({"patient_id": "pat_2"}, ["mid"]),
        ({"name": "iris q"}, ["mid"]),
        ({"name": "%"}, []),
        ({"total": [100, 200]}, ["new", "mid"]),
        ({"total_outstanding": [0, 100]}, ["new", "mid"]),
        ({"status": ["PAID", "VOID"]}, ["mid"]),
        ({"status": ["PAID", "OUTSTANDING"], "total": [300, 300]}, ["old"]),
        ({"charge_external_id": "inv-1"}, ["old"]),
        ({"patient_external_id": "chart-9"}, ["mid"]),
        ({"location_id": "loc_2"}, ["mid"]),
        ({"location_ids": ["loc_2", "loc_3"]}, ["mid"]),
        ({"location_ids": ["loc_3"], "location_id": "loc_2"}, []),
        ({"description": "peel"}, ["old"]),
        ({"description": "R"}, ["new", "old"]),
        ({"description": "r", "total": [0, 100]}, ["new"]),
        ({"description": "r", "id": "chg_1"}, []),
        ({"description": "summer"}, []),
        ({"created_date": "2026-03-02"}, ["mid"]),
        ({"created_date": "2026-03-01", "tz": "America/New_York"}, ["mid", "old"]),
        ({"created_date": "2026-03-02T02:00:00Z", "tz": "America/New_York"}, ["mid", "old"]),
        ({"created_date": ["2026-03-01", "2026-03-02"]}, ["mid", "old"]),
        ({"created_date": ["2026-03-02T03:00:00Z", "2026-03-03T12:00:00Z"]}, ["new", "mid"]),
        ({"created_date": ["2026-03-02T03:00:00.000001", "2026-03-03T11:59:59"]}, []),
        # 03:00 in London and 22:00 the day before in New York: moments without an offset are the caller's zone's.
        ({"created_date": ["2026-03-01T22:00:00"] * 2, "tz": "America/New_York"}, ["mid"]),
        ({"created_date": ["2026-03-02T03:00:00"] * 2, "tz": "America/New_York"}, []),
        ({"created_date": ["2026-03-02T03:00:00"] * 2}, ["mid"]),
        ({"created_date": ["2026-03-02T03:00:00Z"] * 2, "tz": "America/New_York"}, ["mid"]),
        ({"created_date": "2026-03-02T02:00:00", "tz": "America/New_York"}, []),
        ({"created_date": "2026-03-01T23:00:00", "tz": "America/New_York"}, ["mid", "old"]),
        ({"payment_date": "2026-03-02"}, []),
        ({"sort_by": "total"}, ["old", "mid", "new"]),
        ({"sort_by": "created_date", "sort_direction": "asc"}, ["old", "mid", "new"]),
        ({"sort_by": "total_outstanding", "sort_direction": "asc"}, ["mid", "new", "old"]),
        ({"sort_by": "status", "total": [200, 300]}, ["mid", "old"]),
        ({"sort_by": "name", "sort_direction": "asc", "total": [200, 300]}, ["mid", "old"]),
    ],
)
async def test_the_table_shows_what_was_asked_for(found, params, names):
    assert await found("table", **params) == names


async def test_one_charge_of_the_table(ask, charges):
    old = next(charge_id for charge_id, name in charges.items() if name == "old")
    shown = (await ask("table", id=old)).json()
    assert shown["total"] == 1
    [row] = shown["data"]
    assert row == {
        "id": old, "total": 300, "totalOutstanding": 300, "description": "Winter PEELING", "status": "OUTSTANDING",
        "patient": row["patient"], "ruleSetId": None, "externalCreatedDate": None,
        "createdDate": "2026-03-01T12:00:00Z", "externalId": "inv-1", "creator": None, "adjustments": [],
        "payments": [], "plannedPayments": [], "comment": None, "items": row["items"], "locationId": None, "tips": [],
    }  # fmt: skip
    assert row["items"][0]["item"]["name"] == "Tablets"


async def test_pages_hold_all_and_each_once(ask, charges):
    pages = [(await ask("table", page=page, per_page=2)).json() for page in (1, 2, 3)]
    assert [[charges[row["id"]] for row in page["data"]] for page in pages] == [["new", "mid"], ["old"], []]
    assert {page["total"] for page in pages} == {3}


async def test_everything_wrong_with_a_query_is_told(ask):
    wrong = await ask("table", page=-1, per_page="x", sort_by="size", sort_direction="up", status=["PAID", "OWED"])
    assert wrong.status_code == 422
    assert {tuple(problem["loc"][:2]) for problem in wrong.json()["detail"]} == {
        ("query", name) for name in ("page", "per_page", "sort_by", "sort_direction", "status")
    }
    wrong = await ask("table", total=[1], total_outstanding=[2, 1])
    assert [problem["loc"][1] for problem in wrong.json()["detail"]] == ["total", "total_outstanding"]
    assert (await ask("list", status="OWED")).json()["detail"][0]["loc"] == ["query", "status"]


@pytest.mark.parametrize(
    "values", [["soon"], ["2026-13-01"], ["2026-03-02", "2026-03-01"], ["2026-03-01"] * 3, ["9999-12-31"], ["20260301"]]
)
async def test_a_time_that_cannot_be_read_is_told(ask, values):
    wrong = await ask("table", created_date=values, payment_date=values, tz="Nowhere/Land")
    assert wrong.status_code == 422
    assert [problem["loc"] for problem in wrong.json()["detail"]] == [
        ["query", name] for name in ("tz", "created_date", "payment_date")
    ]
