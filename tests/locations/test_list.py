"""GET /admin/locations/list: pages, sorting and what may be looked for."""

import pytest

from tests.locations.test_locations import URL, problems, save

PLACES = [
    {"id": "loc_a", "name": "Alder", "city": "Bath", "state": "ME"},
    {"id": "loc_b", "name": "birch", "city": "South Bath", "state": "NY", "isVirtual": True},
    {"id": "loc_c", "name": "Cedar 100%", "state": "me"},
]


@pytest.fixture
async def places(client, office):
    await client.delete(f"{URL}/delete/{office.location_id}", headers=office.billing)
    for place in PLACES:
        await save(client, office, **place)


async def listed(client, office, **query):
    answer = await client.get(f"{URL}/list", params=query, headers=office.billing)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert list(body) == ["data", "total"]
    return [location["id"].removeprefix("loc_") for location in body["data"]], body["total"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"name": "IRC"}, "b"),
        ({"name": "%"}, "c"),
        ({"name": "none"}, ""),
        ({"city": "bath", "sort_by": "city"}, "ab"),
        ({"state": "ME", "sort_by": "created_date"}, "ac"),
        ({"state": "M"}, ""),
        ({"is_virtual": "true"}, "b"),
        ({"is_virtual": "false", "sort_by": "created_date"}, "ac"),
        ({"location_id": "loc_b"}, "b"),
        ({"location_id": "loc_b", "name": "Alder"}, ""),
        ({"location_id": "loc_unknown"}, ""),
    ],
)
async def test_filters_leave_what_they_name(client, office, places, query, expected):
    assert await listed(client, office, **query) == (list(expected), len(expected))


@pytest.mark.parametrize(
    ("sort_by", "ascending", "descending"),
    [
        ("created_date", "abc", "cba"),
        ("updated_date", "abc", "cba"),
        ("city", "abc", "bac"),
    ],
)
async def test_sorting_goes_both_ways_and_what_has_no_value_comes_last(
    client, office, places, sort_by, ascending, descending
):
    assert (await listed(client, office, sort_by=sort_by))[0] == list(ascending)
    assert (await listed(client, office, sort_by=sort_by, sort_direction="desc"))[0] == list(descending)


async def test_pages_hold_every_location_once_and_the_total_counts_all(client, office, places):
    pages = [await listed(client, office, per_page=2, page=page, sort_by="created_date") for page in (1, 2, 3)]
    assert pages == [(["a", "b"], 3), (["c"], 3), ([], 3)]


async def test_all_that_is_wrong_with_a_query_is_listed(client, office):
    query = {"page": -1, "per_page": 1001, "sort_by": "colour", "sort_direction": "up", "is_virtual": "maybe"}
    answer = await client.get(f"{URL}/list", params=query, headers=office.billing)
    assert set(problems(answer)) == {("query", name) for name in query}
