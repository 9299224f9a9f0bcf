"""Listing items: pages, filters, order."""

import asyncio
from uuid import UUID, uuid4

import pytest

from tests.factories.charges import line, make_charge
from tests.factories.rows import insert_row

CREATE = "/inventory/items/create"
LIST = "/inventory/items/list"
SHELF = [
    {"name": "Amber 100%", "price": 300, "category": "Skin", "brandName": "Vale", "sortOrder": 2},
    {"name": "beryl_a", "price": 100, "category": "Hair", "brandName": "Alder", "type": "SERVICE", "isPhysical": False},
    {"name": "Coral", "price": 200, "sortOrder": 1, "brandName": "Vale"},
    {"name": "Dusk", "price": 400, "isArchived": True, "brandName": "Gone"},
]


@pytest.fixture(scope="module")
async def shelf(client, counter):
    """Ids by name, of items that only this module has."""
    answers = [await client.post(CREATE, json=body, headers=counter.billing) for body in SHELF]
    return {answer.json()["name"]: answer.json()["id"] for answer in answers}


@pytest.fixture
def names(ask, shelf):
    """The names of the shelf's items that a query finds, in their order."""

    async def find(**params):
        response = await ask("GET", LIST, ids=list(shelf.values()), **params)
        assert response.status_code == 200, response.text
        shown = [item["name"] for item in response.json()["data"]]
        assert response.json()["total"] >= len(shown)
        return shown

    return find


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({}, ["Coral", "Amber 100%", "beryl_a"]),
        ({"is_archived": "false"}, ["Coral", "Amber 100%", "beryl_a"]),
        ({"is_archived": "true"}, ["Dusk"]),
        ({"name": "AMB"}, ["Amber 100%"]),
        ({"name": "%"}, ["Amber 100%"]),
        ({"name": "_"}, ["beryl_a"]),
        ({"name": "\\"}, []),
        ({"category": "Hair"}, ["beryl_a"]),
        ({"category": "hair"}, []),
        ({"price_range": [100, 200]}, ["Coral", "beryl_a"]),
        ({"is_physical": "false"}, ["beryl_a"]),
        ({"item_type": "SERVICE"}, ["beryl_a"]),
        ({"item_type": "PRODUCT", "price_range": [0, 250], "location_id": "loc_1"}, ["Coral"]),
    ],
)
async def test_filters_choose(names, params, found):
    assert await names(**params) == found


@pytest.mark.parametrize(
    ("order", "found"),
    [
        ("name", ["Amber 100%", "beryl_a", "Coral"]),
        ("price", ["beryl_a", "Coral", "Amber 100%"]),
        ("created_date", ["Amber 100%", "beryl_a", "Coral"]),
    ],
)
async def test_the_order_is_what_was_asked_for(names, order, found):
    assert await names(sort_by=order) == found
    assert await names(sort_by=order, sort_direction="desc") == found[::-1]


async def test_what_has_no_place_of_its_own_comes_last_whichever_way(names):
    assert await names(sort_by="sort_order") == ["Coral", "Amber 100%", "beryl_a"]
    assert await names(sort_by="sort_order", sort_direction="desc") == ["Amber 100%", "Coral", "beryl_a"]


async def test_what_has_no_category_comes_last_whichever_way(names):
    assert await names(sort_by="category") == ["beryl_a", "Amber 100%", "Coral"]
    assert await names(sort_by="category", sort_direction="desc") == ["Amber 100%", "beryl_a", "Coral"]


async def test_pages_hold_all_and_each_once(ask, shelf):
    pages = [
        (await ask("GET", LIST, ids=list(shelf.values()), page=page, per_page=2, sort_by="name")).json()
        for page in (1, 2, 3)
    ]
    assert [[item["name"] for item in page["data"]] for page in pages] == [["Amber 100%", "beryl_a"], ["Coral"], []]
    assert {page["total"] for page in pages} == {3}


async def test_how_often_an_item_was_sold_is_counted(ask, shelf, services, counter):
    sold = line("Coral", 200, product_id=UUID(shelf["Coral"]))
    await make_charge(services, counter, sold, sold)
    await make_charge(services, counter, sold)
    listed = (await ask("GET", LIST, ids=list(shelf.values()), sort_by="usage_count", sort_direction="desc")).json()
    assert [item["usageCount"] for item in listed["data"]] == [3, 0, 0]
    assert listed["data"][0]["name"] == "Coral"


async def test_everything_wrong_with_a_query_is_told(ask):
    response = await ask(
        "GET", LIST, page=-1, per_page=1001, sort_by="weight", is_physical="perhaps", item_type="THING"
    )
    assert response.status_code == 422
    assert {tuple(problem["loc"]) for problem in response.json()["detail"]} == {
        ("query", name) for name in ("page", "per_page", "sort_by", "is_physical", "item_type")
    }


@pytest.mark.parametrize("values", [[1], [1, 2, 3], [2, 1], [-1, 2], [0, 10**12]])
async def test_a_range_is_two_numbers_the_lower_first(ask, values):
    response = await ask("GET", LIST, price_range=values)
    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"] == ["query", "price_range"]


async def test_brand_names_are_those_of_items_that_are_sold(ask, shelf):
    brands = (await ask("GET", "/inventory/items/brand-names")).json()
    assert brands == ["Alder", "Vale"]


async def test_one_id_is_made_once_however_many_ask(ask):
    body = {"id": uuid4().hex, "name": "Once", "price": 1}
    answers = await asyncio.gather(*(ask("POST", CREATE, body) for _ in range(16)))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 15


async def test_many_who_change_the_same_items_in_any_order_all_come_through(ask, shelf, services, counter):
    taxes = [
        str(await insert_row(services, UUID(counter.organization_id), "taxes", name=f"Race {n}", percentage=n))
        for n in range(2)
    ]
    items = [shelf[name] for name in ("Amber 100%", "beryl_a", "Coral")]

    def updates(n):
        order = items if n % 2 else items[::-1]
        return {"updates": [{"itemId": one, "exemptedTaxIds": [taxes[n % 2]]} for one in order]}

    path = "/inventory/items/bulk-update-taxes"
    answers = await asyncio.gather(*(ask("POST", path, updates(n)) for n in range(24)))
    assert {answer.status_code for answer in answers} == {200}
    listed = (await ask("GET", LIST, ids=items)).json()["data"]
    # One of the two requests as a whole, never some of each.
    assert [item["exemptedTaxIds"] for item in listed] in ([[taxes[0]]] * 3, [[taxes[1]]] * 3)
